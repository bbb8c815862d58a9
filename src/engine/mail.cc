// The user's mail account, and what the host reports of letters.

#include <algorithm>

#include "engine/courier.h"
#include "engine/machine.h"

namespace godwit::engine {
namespace {

constexpr const char* kAccountRule = "a profile has an account";

bool is_setting(const std::string& text) {
  return !text.empty() && text.size() <= kMailSettingMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_server(const std::string& url, std::string_view scheme) {
  const std::string safe = std::string(scheme) + "s://";
  const std::string plain = std::string(scheme) + "://";
  const size_t head = url.starts_with(safe) ? safe.size() : url.starts_with(plain) ? plain.size() : 0;
  return is_setting(url) && head > 0 && url.size() > head && url.find_first_of("/?#@\"\\", head) == std::string::npos;
}

CourierWay* way_of_letter(Machine& m, LetterId letter) {
  for (auto& [key, way] : m.courier.ways) {
    if (way.letter && way.letter_id == letter) return &way;
  }
  return nullptr;
}

}  // namespace

Status check_mail_account(const MailAccount& account) {
  const size_t at = account.address.find('@');
  REQUIRE(is_setting(account.address) && at != std::string::npos && at > 0 && at + 1 < account.address.size() &&
              account.address.find_first_of("<>\",;", 0) == std::string::npos,
          kBadMailAccount, "a mail address has one @ and no blanks");
  REQUIRE(is_server(account.smtp, "smtp"), kBadMailAccount, "smtps://host or smtp://host");
  REQUIRE(is_server(account.imap, "imap"), kBadMailAccount, "imaps://host or imap://host");
  REQUIRE(is_setting(account.user), kBadMailAccount, "a user of 1 to 256 printable characters");
  REQUIRE(!account.password.reveal().empty() && account.password.reveal().size() <= kMailSettingMax, kBadMailAccount,
          "a password of 1 to 256 bytes");
  return {};
}

void set_mail(Machine& m, CommandId id, const SetMail& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, kAccountRule});
  // Whoever looks into the mailbox is told of the new account.
  if (std::exchange(m.courier.watching, false)) m.effects.push_back(WatchMail{});
  m.courier.mail_trouble.reset();
  for (auto& [key, way] : m.courier.ways) {
    way.letter.reset();
    way.letter_at = Instant{};
    way.letter_pause = kLetterPause;
  }
  if (!command.account) {
    m.courier.account.reset();
    m.journal.erase(record_key(RecordKind::kMail));
    return m.done_then(id, Nothing{});
  }
  if (const Status good = check_mail_account(*command.account); !good) return m.fail(id, good.error());
  m.courier.account = *command.account;
  const MailAccount& account = *m.courier.account;
  m.journal.put(record_key(RecordKind::kMail), MailRecord{kRecordVersion,
                                                          account.address,
                                                          account.smtp,
                                                          account.imap,
                                                          account.user,
                                                          {crypto::SecretBuffer::copy_of(account.password.reveal())}});
  m.done_then(id, Nothing{});
}

void read_mail(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, kAccountRule});
  MailState state;
  if (m.courier.account) {
    const MailAccount& account = *m.courier.account;
    state = {true, account.address, account.smtp, account.imap, account.user, 0, {}, {}};
  }
  for (const auto& [key, way] : m.courier.ways) state.outstanding += way.letter ? 1U : 0U;
  state.trouble = m.courier.mail_trouble;
  state.answered_at = m.courier.mail_answered;
  m.done(id, std::move(state));
}

Status restore_mail(Machine& m, MailRecord record) {
  m.courier.account = MailAccount{std::move(record.address), std::move(record.smtp), std::move(record.imap),
                                  std::move(record.user), std::move(record.password.value)};
  return {};
}

void on_letter_sent(Machine& m, const LetterSent& event) {
  if (way_of_letter(m, event.letter) != nullptr) m.courier.mail_trouble.reset();
}

void on_letter_failed(Machine& m, const LetterFailed& event) {
  // It is sealed anew at its time, with what waits by then.
  if (way_of_letter(m, event.letter) != nullptr) m.courier.mail_trouble = event.error;
}

void on_letter_came(Machine& m, const LetterCame& event) { static_cast<void>(take_sealed_reply(m, event.bytes)); }

}  // namespace godwit::engine
