#include "net/mail.h"

#include <openssl/crypto.h>

#include "net/errors.h"
#include "net/mail_watch.h"

namespace godwit::net {
namespace {

/// Hands in letters one after the other, on a thread of its own, from construction to destruction.
class MailOutbox {
 public:
  struct Parcel {
    std::string from, to;
    Bytes letter;
    std::function<void(Status)> done;  // on this thread
  };

  MailOutbox(MailAccount account, std::unique_ptr<MailCurl> curl)
      : account_(std::move(account)), curl_(std::move(curl)), thread_([this] { run(); }) {}
  ~MailOutbox() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    curl_->interrupt();
    changed_.notify_all();
    thread_.join();
  }
  MailOutbox(const MailOutbox&) = delete;
  MailOutbox& operator=(const MailOutbox&) = delete;

  Status push(Parcel parcel) {
    const std::lock_guard lock(mutex_);
    REQUIRE(parcels_.size() < MailCarrier::kLettersWaitingMax &&
                bytes_ + parcel.letter.size() <= MailCarrier::kWaitingBytesMax,
            kMailFull, "mail: letters that wait");
    bytes_ += parcel.letter.size();
    parcels_.push_back(std::move(parcel));
    changed_.notify_all();
    return {};
  }

 private:
  void run() {
    for (;;) {
      Parcel parcel;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !parcels_.empty(); });
        if (ending_) return;
        parcel = std::move(parcels_.front());
        parcels_.pop_front();
        bytes_ -= parcel.letter.size();
      }
      parcel.done(curl_->submit(account_, parcel.from, parcel.to, parcel.letter));
    }
  }

  const MailAccount account_;
  const std::unique_ptr<MailCurl> curl_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Protected by the mutex:
  std::deque<Parcel> parcels_;
  size_t bytes_ = 0;
  bool ending_ = false;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace

struct MailCarrier::State {
  State(EventLoop& loop_, MailAccount account_, MailOptions options_, LetterIds ids_, Random& random_,
        MailEvents events_)
      : loop(loop_),
        account(std::move(account_)),
        options(std::move(options_)),
        ids(ids_),
        random(random_),
        events(std::make_shared<MailEvents>(std::move(events_))) {}
  ~State() {
    if (options.own_key) OPENSSL_cleanse(options.own_key->data(), options.own_key->size());
  }

  // Gives `work` to the loop, where it is called with the events unless the carrier is gone by then. For the threads.
  template <typename Work>
  auto on_loop(Work work) {
    return [poster = loop.poster(), alive = std::weak_ptr<MailEvents>(events), work](auto... arguments) {
      poster.post([alive, work, ... kept = std::move(arguments)] {
        const auto still = alive.lock();  // also while it is called
        if (still) work(*still, kept...);
      });
    };
  }

  EventLoop& loop;
  MailAccount account;
  MailOptions options;
  LetterIds ids;
  Random& random;
  std::shared_ptr<MailEvents> events;
  std::unique_ptr<MailOutbox> outbox;
  std::unique_ptr<MailWatch> watch;
};

MailCarrier::MailCarrier(std::unique_ptr<State> state) : state_(std::move(state)) {}

MailCarrier::~MailCarrier() = default;

Result<std::unique_ptr<MailCarrier>> MailCarrier::create(EventLoop& loop, MailAccount account, MailOptions options,
                                                         Random& random, MailEvents events) {
  TRY(check_mail_account(account));
  TRY(MailCurl::create({}));  // says now, and not to every letter, that this machine has nothing left
  const LetterIds ids(options.own_key ? *options.own_key : random.bytes<32>());
  return std::unique_ptr<MailCarrier>(new MailCarrier(
      std::make_unique<State>(loop, std::move(account), std::move(options), ids, random, std::move(events))));
}

Result<std::string> MailCarrier::send(MailToSend letter, std::function<void(Status)> done) {
  State& state = *state_;
  REQUIRE(is_mail_address(letter.to), kBadMailAccount, "mail: the receiver is user@domain");
  REQUIRE(letter.attachment.size() <= kAttachmentBytesMax && letter.attachment.size() >= kAttachmentBytesMin &&
              letter.attachment.front() == kAttachmentMark,
          kBadLetter, "mail: what is sent is sealed bytes");
  if (!state.outbox) {
    state.outbox = std::make_unique<MailOutbox>(state.account, TRY(MailCurl::create(state.options.reach)));
  }
  MailOutbox::Parcel parcel;
  parcel.from = sender_address(state.account, to_hex(state.random.bytes<4>()));
  parcel.to = letter.to;
  LetterDraft draft;
  draft.from = parcel.from;
  draft.to = letter.to;
  draft.message_id = state.ids.make(std::string_view(parcel.from).substr(parcel.from.find('@') + 1), state.random);
  draft.language = state.options.language;
  draft.answered_subject = std::move(letter.answered_subject);
  draft.answered_id = std::move(letter.answered_id);
  draft.attachment = std::move(letter.attachment);
  parcel.letter = write_letter(draft, state.random, state.loop.now());
  parcel.done = state.on_loop([done = std::move(done)](MailEvents&, const Status& sent) { done(sent); });
  TRY(state.outbox->push(std::move(parcel)));
  return std::move(draft.message_id);
}

void MailCarrier::watch(bool on) {
  State& state = *state_;
  if (!on) state.watch.reset();
  if (!on || state.watch) return;
  auto curl = MailCurl::create(state.options.reach);
  if (!curl) {
    state.on_loop([error = curl.error()](MailEvents& events) {
      if (events.on_trouble) events.on_trouble(error);
    })();
    return;
  }
  WatchReports reports;
  reports.on_letter = state.on_loop([](MailEvents& events, const MailLetter& letter) { events.on_letter(letter); });
  reports.on_returned = state.on_loop([](MailEvents& events, const std::string& id) {
    if (events.on_returned) events.on_returned(id);
  });
  reports.on_trouble = state.on_loop([](MailEvents& events, const Error& error) {
    if (events.on_trouble) events.on_trouble(error);
  });
  reports.on_watching = state.on_loop([](MailEvents& events) {
    if (events.on_watching) events.on_watching();
  });
  state.watch =
      std::make_unique<MailWatch>(state.account, state.options, state.ids, std::move(*curl), std::move(reports));
}

void MailCarrier::expect() {
  if (state_->watch) state_->watch->expect();
}

void MailCarrier::finish(uint64_t letter, bool remove) {
  if (state_->watch) state_->watch->finish(letter, remove);
}

}  // namespace godwit::net
