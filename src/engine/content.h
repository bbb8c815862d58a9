#pragma once
// What a message says: the plaintext of MLS application messages (docs/protocol/chat.md, "Content").

#include "base/time.h"
#include "codec/codec.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Ids that one receipt or resend may name; more go into the next one.
constexpr size_t kContentIdsMax = 256;

/// Kinds of content; append only. Those that a version does not know it keeps sealed, for a later one.
enum class ContentKind : uint16_t {
  kText = 1,          ///< Body: UTF-8.
  kReceipt = 2,       ///< Body: Receipt.
  kResend = 3,        ///< Body: Resend.
  kHello = 4,         ///< Body: Hello.
  kBulletin = 5,      ///< Body: an encoded wire::SignedBulletin.
  kFile = 6,          ///< Body: FileBody (file_content.h).
  kKeysWanted = 40,   ///< Body: KeysWanted (group_content.h).
  kKeysOffered = 41,  ///< Body: KeysOffered.
};

/// What the receiver has on his disk, and what he has looked at.
struct Receipt {
  std::vector<MessageId> delivered;
  std::vector<MessageId> read;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.delivered, self.read);
  }
};
/// Messages that came and could not be opened: please encrypt them anew.
struct Resend {
  std::vector<MessageId> ids;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.ids);
  }
};
/// The first message of the inviter: he is in.
struct Hello {
  template <typename Self>
  static auto fields([[maybe_unused]] Self& self) {
    return std::tie();
  }
};

/// One message.
struct Content {
  uint8_t version = 1;
  MessageId id;          ///< Random; the same however often it is encrypted.
  uint64_t sent_ms = 0;  ///< By the sender's clock, since 1970.
  ContentKind kind{};
  Bytes body;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.id, self.sent_ms, self.kind, self.body);
  }
};

/// Reads a message; unknown kinds pass, with their body unread. kBadContent: drop it.
Result<Content> parse_content(ByteView plaintext);
/// The text of a kText. kBadContent: too long or not UTF-8.
Result<std::string> text_of(const Content& content);
/// The receipt of a kReceipt. kBadContent.
Result<Receipt> receipt_of(const Content& content);
/// The ids of a kResend. kBadContent.
Result<Resend> resend_of(const Content& content);

}  // namespace godwit::engine
