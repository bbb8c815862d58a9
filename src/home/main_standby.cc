// A home that waits for its store on NATS: another one has it, or too few of the servers answer. Meanwhile it is a front of the one that has it.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "crypto/random_sources.h"
#include "home/main_front.h"
#include "home/main_log.h"
#include "home/main_questions.h"
#include "home/main_store.h"
#include "store/errors.h"

namespace godwit::home {
namespace {

// For the last bytes of a front's sessions to leave.
constexpr Duration kLastBytes = milliseconds(300);
// Between two tries; one that waits for another home's lease takes seconds by itself.
constexpr auto kTryAgain = std::chrono::milliseconds(250);

// Holds the name of the stream that a home on this folder has had: should that be gone one day, none begins with an empty one.
constexpr const char* kHadStore = "nats_stream";

bool has_had_store(const Place& place, const Config& config) {
  const auto noted = read_file(place.file(kHadStore));
  return noted && *noted == nats_options(place, config).place.name;
}

Status note_store(const Place& place, const Config& config) {
  if (has_had_store(place, config)) return {};
  return write_file(place.file(kHadStore), nats_options(place, config).place.name, true);
}

// Tries on a thread of its own, since every try waits for servers.
class Standby {
 public:
  Standby(const Place& place, const Config& config, const Keys& keys, net::EventLoop& loop, bool was_active)
      : place_(place), config_(config), keys_(keys), loop_(loop), was_active_(was_active) {}

  Result<std::unique_ptr<store::HomeStore>> wait();

 private:
  void try_until_open();
  bool may_pass(const Error& error) const;
  void stands_by(const Error& error);
  void signalled(net::Signal signal);
  void tell_state();

  const Place& place_;
  const Config& config_;
  const Keys& keys_;
  net::EventLoop& loop_;
  const bool was_active_;
  std::optional<Error> waits_for_;      // what was said last
  std::unique_ptr<ServedFront> front_;  // once it stands by
  bool ends_ = false;
  std::atomic<bool> gives_up_{false};
  Result<std::unique_ptr<store::HomeStore>> opened_ =
      std::unique_ptr<store::HomeStore>();  // of the thread, until it has ended
};

Result<std::unique_ptr<store::HomeStore>> Standby::wait() {
  loop_.on_signal([this](net::Signal signal) { signalled(signal); });
  std::thread tries([this] { try_until_open(); });
  loop_.run();
  // Whoever takes over listens itself; whose sessions end here come again.
  const bool served = front_ != nullptr;
  front_.reset();
  tries.join();
  if (ends_ && served) loop_.run_until([] { return false; }, kLastBytes);
  // Whoever runs the loop next takes the signals before.
  if (ends_) return std::unique_ptr<store::HomeStore>();
  if (!opened_) return std::move(opened_);
  if (const Status noted = note_store(place_, config_); !noted) return noted.error();
  if (waits_for_) say(LogLevel::kInfo, "took_over");
  return std::move(opened_);
}

// What is wrong with a cluster that this home knows to be fit, or that it has waited for, is a server that is just being started.
bool Standby::may_pass(const Error& error) const {
  if (error.code == store::kLocked || error.code == store::kUnavailable) return true;
  if (error.code == store::kCorrupted || error.code == store::kNewerVersion || error.code == store::kDiskFull)
    return false;
  return was_active_ || waits_for_.has_value();
}

void Standby::try_until_open() {
  store::NatsOptions options = nats_options(place_, config_);
  options.gives_up = [this] { return gives_up_.load(); };
  options.makes = !was_active_ && !has_had_store(place_, config_);
  crypto::SystemRandom random;
  while (!gives_up_) {
    auto opened = store::open_nats(options, random);
    bool over = opened.has_value();
    if (!over && !gives_up_) {
      std::atomic<bool> said{false};
      const Error error = opened.error();
      if (error.code == store::kLocked) options.makes = false;  // another has it, so it is there
      const bool posted = loop_.poster().post([&] {
        over = !may_pass(error);
        if (!over) stands_by(error);
        said = true;
        said.notify_one();
      });
      if (posted) said.wait(false);
    }
    if (over) {
      opened_ = std::move(opened);
      break;
    }
    std::this_thread::sleep_for(kTryAgain);
  }
  loop_.post([this] { loop_.stop(); });
}

void Standby::stands_by(const Error& error) {
  if (waits_for_ && waits_for_->code == error.code) return;
  waits_for_ = error;
  (void)write_running(place_, {::getpid(), 0});  // who cannot be told asks in vain
  say(error.code == store::kLocked ? LogLevel::kInfo : LogLevel::kWarning, "standby", error);
  if (!front_ && !ends_) front_ = std::make_unique<ServedFront>(loop_, place_, config_, keys_);
}

void Standby::signalled(net::Signal signal) {
  if (signal == net::Signal::kReload) {
    if (front_) front_->reload();
    return tell_state();
  }
  if (std::exchange(ends_, true) || !front_) {
    gives_up_ = true;
  } else {
    front_->end_gently([this] { gives_up_ = true; });
  }
}

void Standby::tell_state() {
  std::string text("version: ");
  text.append(kVersion).append("\nstandby: yes\n");
  if (waits_for_) text.append("waits_because: ").append(waits_for_->code.name).append("\n");
  if (front_) text += front_->print_state();
  while (const auto asked = take_question(place_, "status")) {
    if (!answer_question(place_, "status", asked->asker, text))
      say(LogLevel::kWarning, "answer_not_written", {{"question", std::string("status")}});
  }
}

}  // namespace

Result<std::unique_ptr<store::HomeStore>> open_or_stand_by(const Place& place, const Config& config, const Keys& keys,
                                                           net::EventLoop& loop, bool was_active) {
  if (!is_store_away(config)) return open_store(place, config);
  return Standby(place, config, keys, loop, was_active).wait();
}

}  // namespace godwit::home
