#pragma once
// An account at a mail provider, as data.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::net {

/// What a mail program has to know about an account. The password is wiped when it ends; copies are copies.
struct MailAccount {
  /// user@domain. "user+@domain" says that the provider delivers user+anything@domain to it: then every letter gets a sender of its own.
  std::string address;
  std::string smtp;      ///< smtps://host[:465], or smtp://host[:587] with STARTTLS, which must be there
  std::string imap;      ///< imaps://host[:993], or imap://host[:143] with STARTTLS, which must be there
  std::string user;      ///< empty: the address
  std::string password;  ///< often one made for a program

  MailAccount() = default;
  /// All five; the same as setting them.
  MailAccount(std::string address_, std::string smtp_, std::string imap_, std::string user_, std::string password_);
  MailAccount(const MailAccount&) = default;
  MailAccount& operator=(const MailAccount&) = default;
  ~MailAccount();
};

/// Where a provider takes or keeps letters.
struct MailServer {
  std::string host;
  uint16_t port = 0;
  bool starttls = false;  ///< begins in clear, and goes no further without STARTTLS
};
/// What such a server is for.
enum class MailService : uint8_t { kSmtp, kImap };

/// True for user@domain of plain characters without quotes, comments or blanks, at most 254 bytes (RFC 5321 §4.5.3.1.3).
bool is_mail_address(std::string_view text);
/// Reads one of the URLs above. kBadMailAccount: it is none.
Result<MailServer> parse_mail_server(std::string_view url, MailService service);
/// kBadMailAccount: a part is missing or malformed, or has control characters.
Status check_mail_account(const MailAccount& account);

/// The address without the mark.
std::string plain_mail_address(const MailAccount& account);
/// The address for one letter: with `random_word` after a '+', if the account says that this is possible.
std::string sender_address(const MailAccount& account, const std::string& random_word);

}  // namespace godwit::net
