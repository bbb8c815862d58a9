#pragma once
// Mail servers by way of libcurl: connecting, perhaps through the user's proxy, TLS, logging in, handing in letters. The only user of curl.
// Blocks; belongs to one thread, but for interrupt() and wake().

#include <atomic>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/mail_account.h"
#include "net/mail_box.h"

namespace godwit::net {

/// After so long without a byte in either direction a connection is dead.
constexpr Duration kMailSilence = seconds(30);
/// No letter takes longer than this.
constexpr Duration kMailLetterTime = minutes(20);

/// How the servers are reached.
struct MailReach {
  std::string proxy;  ///< socks5://... or http://... (routes/proxy.h); it resolves the names; empty: none
  std::string
      ca_file;  ///< PEM file of authorities believed beside the system's; empty: what SSL_CERT_FILE names, if anything
};

/// One thread's way to mail servers.
class MailCurl {
 public:
  /// kSystem: no memory or descriptors.
  static Result<std::unique_ptr<MailCurl>> create(MailReach reach);
  ~MailCurl();
  MailCurl(const MailCurl&) = delete;
  MailCurl& operator=(const MailCurl&) = delete;

  /// Hands in a letter by SMTP. kMailLogin, kMailRefused, kMailLater, kMailNoTls, kClosedByUs (interrupted), errors of the connection.
  Status submit(const MailAccount& account, const std::string& from, const std::string& to, ByteView letter);
  /// Connects by IMAP and logs in. The same errors. The stream must not outlive this.
  Result<std::unique_ptr<MailStream>> open_imap(const MailAccount& account);
  /// Waits for `time`, or until wake() or interrupt(). May also return early for no reason.
  void sleep(Duration time);

  /// Ends a sleep() that goes on. From any thread.
  void wake();
  /// Ends everything that goes on, and makes everything that follows fail. From any thread.
  void interrupt();
  /// interrupt() was called.
  bool interrupted() const { return interrupted_; }

 private:
  struct Impl;
  class Stream;
  explicit MailCurl(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace godwit::net
