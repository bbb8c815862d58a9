#pragma once
// A mail account of the user, by which sealed requests travel where nothing else does. Only data: the host reads and writes
// the mail.

#include <string>

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::engine {

/// Characters in each setting of a mail account.
constexpr size_t kMailSettingMax = 256;

/// See above.
struct MailAccount {
  std::string address;            ///< what stands in From
  std::string smtp;               ///< smtps://host[:port] or smtp://host[:port], where letters are handed in
  std::string imap;               ///< imaps://host[:port] or imap://host[:port], where they come
  std::string user;               ///< of both
  crypto::SecretBuffer password;  ///< of both
  /// A second copy, asked for by name.
  MailAccount clone() const { return {address, smtp, imap, user, password.clone()}; }
};

/// kBadMailAccount: a setting that is empty, too long, or not of its form.
Status check_mail_account(const MailAccount& account);

}  // namespace godwit::engine
