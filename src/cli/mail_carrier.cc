#include "cli/mail_carrier.h"

#include <cstdlib>
#include <utility>

#include "crypto/secret.h"
#include "net/errors.h"
#include "net/mail.h"
#include "routes/proxy.h"

namespace godwit::cli {
namespace {

// The language in which a person writes (POSIX, "Environment Variables").
std::string own_language() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

bool same(const engine::MailAccount& a, const engine::MailAccount& b) {
  return a.address == b.address && a.smtp == b.smtp && a.imap == b.imap && a.user == b.user &&
         crypto::equal_constant_time(a.password.reveal(), b.password.reveal());
}

}  // namespace

MailCarrier::MailCarrier(net::EventLoop& loop, const net::DialOptions& dial, std::function<void(engine::Event)> tell,
                         std::optional<ByteArray<32>> own_key)
    : loop_(loop),
      proxy_(dial.connect.proxy ? routes::to_url(*dial.connect.proxy) : std::string()),
      tell_(std::move(tell)),
      own_key_(own_key ? *own_key : random_.bytes<32>()),
      no_carrier_{net::kBadMailAccount, "mail: an account was set"},
      linger_(loop) {}

MailCarrier::~MailCarrier() { crypto::wipe(own_key_); }

void MailCarrier::watch(std::optional<engine::MailAccount> account) {
  watching_ = account.has_value();
  if (!account) {
    linger_.set(kLinger, [this] { carrier_.reset(); });
    return;
  }
  linger_.cancel();
  if (carrier_ && account_ && same(*account, *account_)) return carrier_->expect();
  carrier_.reset();
  letters_.clear();
  account_ = *account;
  net::MailOptions options;
  options.reach.proxy = proxy_;
  options.language = own_language();
  options.own_key = own_key_;
  options.days_back = kDaysBack;
  net::MailEvents events;
  events.on_letter = [this](net::MailLetter letter) {
    carrier_->finish(letter.id, letter.answers_own);
    tell_(engine::LetterCame{std::move(letter.attachment)});
  };
  events.on_returned = [this](const std::string& id) { returned(id); };
  net::MailAccount given(account->address, account->smtp, account->imap, account->user,
                         std::string(as_text(account->password.reveal())));
  auto made = net::MailCarrier::create(loop_, std::move(given), std::move(options), random_, std::move(events));
  if (!made) {
    no_carrier_ = made.error();
    return;
  }
  carrier_ = std::move(*made);
  carrier_->watch(true);
}

void MailCarrier::send(engine::SendSealed letter) {
  const engine::LetterId id = letter.letter;
  if (!carrier_ || !watching_) return failed(id, no_carrier_);
  const auto sent = carrier_->send({letter.mail, std::move(letter.bytes), {}, {}}, [this, id](const Status& status) {
    if (!status) return tell_(engine::LetterFailed{id, status.error()});
    carrier_->expect();
    tell_(engine::LetterSent{id});
  });
  if (!sent) return failed(id, sent.error());
  if (letters_.size() >= kRememberedMax) letters_.clear();  // only a notice is lost
  letters_.insert_or_assign(*sent, id);
}

// A mail server could not deliver it.
void MailCarrier::returned(const std::string& message_id) {
  const auto found = letters_.find(message_id);
  if (found == letters_.end()) return;
  const engine::LetterId id = found->second;
  letters_.erase(found);
  tell_(engine::LetterFailed{id, {net::kMailReturned, "mail: the letter came back"}});
}

void MailCarrier::failed(engine::LetterId letter, Error error) {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_), letter, error] {
    if (!alive.expired()) tell_(engine::LetterFailed{letter, error});
  });
}

}  // namespace godwit::cli
