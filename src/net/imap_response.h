#pragma once
// What an IMAP server says (RFC 3501 §7), as far as reading one mailbox needs it. Pure: bytes in, responses out.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/mail_message.h"

namespace godwit::net {

/// One response is at most this: a whole letter and something around it.
inline constexpr size_t kImapResponseMax = kLetterBytesMax + 256 * 1024;

/// One response: a line, out of which the literals were taken.
struct ImapResponse {
  /// A literal and where in `text` it stood.
  struct Literal {
    size_t at = 0;
    std::string bytes;
  };
  std::string tag;   ///< "*", "+", or that of the command that is answered
  std::string text;  ///< what follows, without literals
  std::vector<Literal> literals;
};

/// Cuts a stream into responses.
class ImapReader {
 public:
  /// More of the stream.
  void feed(ByteView bytes);
  /// The next response; nothing: more bytes are needed. kBadImap: this is not IMAP or too large; end the connection.
  Result<std::optional<ImapResponse>> next();

 private:
  std::string buffer_;
  size_t done_ = 0;     // of buffer_
  size_t scanned_ = 0;  // of buffer_: no line ends before
  size_t size_ = 0;  // of the response in the making
  bool begun_ = false;
  ImapResponse response_;
};

/// What FETCH tells of one letter.
struct ImapFetch {
  uint32_t uid = 0;
  std::optional<uint64_t> size;     ///< RFC822.SIZE
  std::optional<std::string> body;  ///< of BODY[...], whichever was asked for
};

/// The number in "[NAME number]" of a response such as OK [UIDVALIDITY 3857529045].
std::optional<uint32_t> imap_code_number(const ImapResponse& response, std::string_view name);
/// The numbers of "SEARCH 2 84 882", in their order; nothing if it is another response.
std::optional<std::vector<uint32_t>> imap_search(const ImapResponse& response);
/// What "12 FETCH (UID 5 RFC822.SIZE 44827 BODY[] {342}...)" tells; nothing if it is another response or has no UID.
std::optional<ImapFetch> imap_fetch(const ImapResponse& response);

}  // namespace godwit::net
