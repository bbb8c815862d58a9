#include "home/main_mail.h"

#include <algorithm>

#include "crypto/secret.h"
#include "home/main_log.h"
#include "net/errors.h"

namespace godwit::home {
namespace {

// A request that the home cannot do now, or a reply that the provider does not take now: once more after this, doubling.
constexpr Duration kAgainFirst = seconds(15);
constexpr Duration kAgainMax = minutes(10);
constexpr uint32_t kDoublingsMax = 6;
// Then the letter is given up; whoever sent it sends it anew.
constexpr uint32_t kAttemptsMax = 12;
// A limit that is reached is told once in so long.
constexpr Duration kLimitTold = hours(1);

Result<net::MailAccount> account_of(const Place& place, const MailConfig& config) {
  net::MailAccount account(config.address, config.smtp, config.imap, config.user, {});
  std::string password = TRY(read_file(place.file(config.password_file)));
  account.password = password.substr(0, password.find_first_of("\r\n"));
  crypto::wipe({reinterpret_cast<uint8_t*>(password.data()), password.size()});
  TRY(net::check_mail_account(account));
  return account;
}

}  // namespace

HomeMail::HomeMail(net::EventLoop& loop, const MailConfig& config, std::function<void(uint64_t, Bytes)> on_sealed)
    : loop_(loop),
      config_(config),
      on_sealed_(std::move(on_sealed)),
      limits_(config.answers_hour_max, config.answers_hour_one_max) {}

Result<std::unique_ptr<HomeMail>> HomeMail::create(net::EventLoop& loop, const Place& place, const Config& config,
                                                   Random& random, std::function<void(uint64_t, Bytes)> on_sealed) {
  if (config.mail.address.empty()) return std::unique_ptr<HomeMail>();
  std::unique_ptr<HomeMail> self(new HomeMail(loop, config.mail, std::move(on_sealed)));
  HomeMail* raw = self.get();
  net::MailOptions options;
  options.reach.proxy = config.mail.proxy;
  options.poll_max = std::max(config.mail.poll, seconds(1));
  options.poll_first = std::min(options.poll_first, options.poll_max);
  net::MailEvents events;
  events.on_letter = [raw](net::MailLetter letter) { raw->letter_came(std::move(letter)); };
  events.on_trouble = [raw](Error error) {
    raw->trouble(raw->in_trouble_, error, "the mailbox cannot be watched, it is tried again");
  };
  events.on_watching = [raw] {
    say(LogLevel::kInfo, "mail_watching");
    raw->in_trouble_ = false;
  };
  self->carrier_ = TRY(net::MailCarrier::create(loop, TRY(account_of(place, config.mail)), std::move(options), random,
                                                std::move(events)));
  self->carrier_->watch(true);
  return self;
}

void HomeMail::trouble(bool& told, const Error& error, const char* what) {
  if (!std::exchange(told, true)) say(LogLevel::kWarning, "mail_trouble", error, what);
}

// Never answered: what a program or a mail server has written, and what seems to come from this mailbox itself.
void HomeMail::letter_came(net::MailLetter letter) {
  const std::string& from = letter.head.from;
  if (letter.head.automatic || from.empty() || from == config_.address || letter.answers_own) {
    carrier_->finish(letter.id, true);
    return;
  }
  if (pending_.contains(letter.id)) return;  // found again, after the mailbox's numbers changed and changed back
  make_room();
  Pending& pending = pending_[letter.id];
  pending.came = ++letters_came_;
  pending.head = std::move(letter.head);
  pending.sealed = std::move(letter.attachment);
  open(letter.id);
}

// A mailbox whose numbers change is looked through anew, so letters come that wait here already, by other numbers: what
// came first gives way.
void HomeMail::make_room() {
  while (pending_.size() >= net::MailCarrier::kUnfinishedMax) {
    const auto oldest = std::min_element(pending_.begin(), pending_.end(),
                                         [](const auto& a, const auto& b) { return a.second.came < b.second.came; });
    carrier_->finish(oldest->first, false);
    pending_.erase(oldest);
  }
}

// Hands it to the home, now or when there is a new budget. Until then it keeps its place, so that soon no more are fetched
// and the mailbox keeps them.
void HomeMail::open(uint64_t letter) {
  const auto found = pending_.find(letter);
  if (found == pending_.end()) return;
  const Duration wait = limits_.take_opening(loop_.now());
  if (wait <= Duration{}) return on_sealed_(letter, found->second.sealed);
  tell_limit("more letters came than are opened in an hour; the others wait in the mailbox");
  found->second.timer = std::make_unique<net::Timer>(loop_);
  found->second.timer->set(wait, [this, letter] { open(letter); });
}

void HomeMail::tell_limit(const char* what) {
  if (loop_.now() - limit_told_ < kLimitTold) return;
  limit_told_ = loop_.now();
  say(LogLevel::kWarning, "mail_limit", {{"text", std::string(what)}});
}

void HomeMail::answer(uint64_t letter, const Result<Bytes>& reply) {
  const auto found = pending_.find(letter);
  if (found == pending_.end()) return;
  if (reply) {
    // Only what opened is counted here: junk under somebody's name must not spend what he may be answered.
    if (!limits_.take(found->second.head.from, loop_.now())) {
      tell_limit("more requests came than are answered in an hour (answers_hour_max, answers_hour_one_max); "
                 "the others are removed");
      return finish(letter);
    }
    found->second.reply = *reply;
    found->second.sealed.clear();
    found->second.attempts = 0;
    send_reply(letter);
    return;
  }
  // Not for this home, damaged, or done before: nothing of it is worth keeping, and nobody is told.
  if (reply.error().code.action != Action::kRetryLater) return finish(letter);
  again_later(letter, [this, letter] {
    const auto still = pending_.find(letter);
    if (still != pending_.end()) on_sealed_(letter, still->second.sealed);
  });
}

void HomeMail::again_later(uint64_t letter, std::function<void()> work) {
  Pending& pending = pending_.at(letter);
  if (++pending.attempts > kAttemptsMax) return finish(letter);
  const Duration pause =
      std::min(kAgainFirst * (int64_t{1} << std::min(pending.attempts - 1, kDoublingsMax)), kAgainMax);
  pending.timer = std::make_unique<net::Timer>(loop_);
  pending.timer->set(pause, std::move(work));
}

void HomeMail::send_reply(uint64_t letter) {
  const Pending& pending = pending_.at(letter);
  net::MailToSend mail{pending.head.from, pending.reply, pending.head.subject, pending.head.message_id};
  const auto sent =
      carrier_->send(std::move(mail), [this, letter](const Status& status) { reply_sent(letter, status); });
  if (!sent) reply_sent(letter, sent.error());
}

void HomeMail::reply_sent(uint64_t letter, const Status& sent) {
  if (!pending_.contains(letter)) return;
  if (sent) cannot_send_ = false;
  if (sent || sent.error().code == net::kMailRefused || sent.error().code.action == Action::kDrop)
    return finish(letter);
  trouble(cannot_send_, sent.error(), "replies cannot be sent, it is tried again");
  again_later(letter, [this, letter] {
    if (pending_.contains(letter)) send_reply(letter);
  });
}

void HomeMail::finish(uint64_t letter) {
  pending_.erase(letter);
  carrier_->finish(letter, true);
}

}  // namespace godwit::home
