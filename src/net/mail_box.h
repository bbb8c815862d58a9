#pragma once
// The INBOX of an account over IMAP (RFC 3501): looks for new letters without marking them as read, and removes those that it is told to and no
// others. Blocks; belongs to one thread.

#include <memory>
#include <optional>
#include <set>

#include "base/time.h"
#include "net/imap_response.h"

namespace godwit::net {

/// A connection on which somebody has logged in.
class MailStream {
 public:
  virtual ~MailStream() = default;
  /// Sends all of it. Errors of the connection.
  virtual Status send(std::string_view text) = 0;
  /// What comes next, at least one byte. kGenericTimeout after 30 s of silence; errors of the connection.
  virtual Result<Bytes> receive() = 0;
};

/// What can be known of a letter without reading it.
struct LetterSeen {
  uint32_t uid = 0;
  uint64_t size = 0;
  LetterHead head;
};

/// An open INBOX.
class MailBox {
 public:
  /// Letters that look() tells of at once.
  static constexpr size_t kLooksMax = 50;

  /// Selects it. kBadImap, errors of the connection; after any error of this class the stream is to be thrown away.
  static Result<std::unique_ptr<MailBox>> open(std::unique_ptr<MailStream> stream);
  /// Numbers mean the same letters as long as this is the same (RFC 3501 §2.3.1.1).
  uint32_t uid_validity() const { return uid_validity_; }
  /// Letters with a UID above `after`, oldest first, kLooksMax at most; of those `since` a day, if it is given.
  Result<std::vector<LetterSeen>> look(uint32_t after, std::optional<Instant> since);
  /// The whole letter, which stays unread. kBadLetter: it is gone, or larger than kLetterBytesMax.
  Result<std::string> fetch(uint32_t uid);
  /// Removes these letters. A server that cannot remove single letters (no UIDPLUS, RFC 4315) keeps them marked as deleted while others are marked.
  Status remove(const std::set<uint32_t>& uids);

 private:
  explicit MailBox(std::unique_ptr<MailStream> stream) : stream_(std::move(stream)) {}
  // Sends a command and gives what the server says to it up to its OK.
  Result<std::vector<ImapResponse>> ask(const std::string& command);
  Result<ImapResponse> receive();
  Result<std::vector<uint32_t>> search(const std::string& what);

  std::unique_ptr<MailStream> stream_;
  ImapReader reader_;
  uint64_t commands_ = 0;
  uint32_t uid_validity_ = 0;
  bool uidplus_ = false;
};

}  // namespace godwit::net
