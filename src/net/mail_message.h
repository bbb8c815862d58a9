#pragma once
// Letters that carry sealed bytes: written so that they look like anybody's, and read back after what providers do to letters. Pure.
// Form: docs/protocol/carrier-mail.md. It is no mail reader: of a letter it understands who sent it, what it answers, and one attachment.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace godwit::net {

/// A letter of more bytes is not looked at.
inline constexpr size_t kLetterBytesMax = 2 * 1024 * 1024;
/// An attachment of more is not sent: with base64 and a head it fits kLetterBytesMax.
inline constexpr size_t kAttachmentBytesMax = 1'400'000;
/// Sealed bytes begin with this (the version of sealed requests and of their replies), and are at least so many.
inline constexpr uint8_t kAttachmentMark = 1;
inline constexpr size_t kAttachmentBytesMin = 57;

/// Recognises answers to own letters by what they answer. A Message-ID of ours is 8 random bytes and 8 of their HMAC-SHA256 under the key,
/// written like a UUID: nobody else can tell it from one, or make one.
class LetterIds {
 public:
  /// Any key that only this account's programs know.
  explicit LetterIds(ByteArray<32> key) : key_(key) {}
  ~LetterIds();
  LetterIds(const LetterIds&) = default;
  LetterIds& operator=(const LetterIds&) = default;
  /// A new one: uuid@domain, without angle brackets.
  std::string make(std::string_view domain, Random& random) const;
  /// True if make() of this key has made it.
  bool is_ours(std::string_view id) const;
  /// The first of ours that stands somewhere in `text`, with its domain; empty: none does.
  std::string find_in(std::string_view text) const;

 private:
  std::string tag_of(ByteView head) const;
  ByteArray<32> key_;
};

/// What a letter to be written consists of.
struct LetterDraft {
  std::string from, to;    ///< addresses (is_mail_address)
  std::string message_id;  ///< without angle brackets
  std::string language;    ///< "ru", "de_DE.UTF-8"; one without phrases: English
  /// Of the letter that this one answers, as they came; empty: it is no answer.
  std::string answered_subject = {}, answered_id = {};
  Bytes attachment;
};
/// The letter, lines ended by CRLF, of at most 78 characters but for those with addresses and what is answered. `random` chooses phrases, the file's name and the boundary.
Bytes write_letter(const LetterDraft& draft, Random& random, Instant now);

/// What the head of a letter says.
struct LetterHead {
  std::string from;                  ///< an address; empty: none that can be answered
  std::string subject;               ///< as it came, unfolded, printable ASCII of at most 200 bytes; else empty
  std::string message_id;            ///< without angle brackets; empty: none that can be repeated
  std::vector<std::string> answers;  ///< In-Reply-To and References, without angle brackets, at most 8
  bool automatic = false;            ///< written by a program, a mailing list or a mail server: never to be answered
  bool multipart = false;            ///< only such a letter can have an attachment
  bool report = false;               ///< a mail server tells what became of a letter
};
/// Reads the head, which may be followed by anything or nothing. Never fails: what cannot be read is as if it were not there.
LetterHead read_letter_head(std::string_view text);

/// Finds sealed bytes in a letter: the first part in base64 that begins with kAttachmentMark, whatever it is called. kBadLetter: there is none, or
/// the letter breaks a bound (size, 64 KiB of head, 3 levels, 32 parts).
Result<Bytes> read_attachment(std::string_view letter);

}  // namespace godwit::net
