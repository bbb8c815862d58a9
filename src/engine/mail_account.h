#pragma once
// A mail account of the user, by which sealed requests travel where nothing else does. Only data: the host reads and writes
// the mail.

#include <string>

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::engine {

/// Characters in each setting of a mail account.
constexpr size_t kMailSettingMax = 256;

/// A password inside a command, which a host may copy as it does with any other; each copy is wiped at its end.
class MailPassword {
 public:
  MailPassword() = default;
  /// Of these bytes.
  MailPassword(crypto::SecretBuffer secret) : secret_(std::move(secret)) {}
  ~MailPassword() = default;
  MailPassword(MailPassword&&) = default;
  MailPassword& operator=(MailPassword&&) = default;
  MailPassword(const MailPassword& other) : secret_(other.secret_.clone()) {}
  MailPassword& operator=(const MailPassword& other) {
    if (this != &other) secret_ = other.secret_.clone();
    return *this;
  }
  /// The bytes, for whoever logs in and for sealed records.
  ByteView reveal() const { return secret_.reveal(); }

 private:
  crypto::SecretBuffer secret_;
};

/// See above.
struct MailAccount {
  std::string address;    ///< what stands in From
  std::string smtp;       ///< smtps://host[:port] or smtp://host[:port], where letters are handed in
  std::string imap;       ///< imaps://host[:port] or imap://host[:port], where they come
  std::string user;       ///< of both
  MailPassword password;  ///< of both
};

/// kBadMailAccount: a setting that is empty, too long, or not of its form.
Status check_mail_account(const MailAccount& account);

}  // namespace godwit::engine
