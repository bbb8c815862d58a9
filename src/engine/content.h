#pragma once
// What a message says: the plaintext of MLS application messages (docs/protocol/chat.md, "Content"). The bodies of what people
// say are in content_bodies.h and file_content.h.

#include "base/time.h"
#include "codec/codec.h"
#include "engine/errors.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Ids that one receipt or resend may name; more go into the next one.
constexpr size_t kContentIdsMax = 256;
/// Bytes of one encoded Content: what one delivery carries (wire::kPayloadSizeMax) less its wrapping.
constexpr size_t kContentSizeMax = 120 * 1024;
/// Extensions of one content, and the bytes of all of them together.
constexpr size_t kExtensionsMax = 16;
constexpr size_t kExtensionBytesMax = 16 * 1024;
/// Seconds after which messages may disappear: 5 s to a year.
constexpr uint32_t kDisappearSecondsMin = 5;
constexpr uint32_t kDisappearSecondsMax = 366 * 86'400;
/// How far a clock may be ahead of the largest that this device has seen in the chat, and how large the first one may be. What
/// is further ahead is ordered as if it had been said now, and moves nobody's clock: so nobody can use the numbers up.
constexpr uint64_t kClockJumpMax = uint64_t{1} << 40;
constexpr uint64_t kClockFirstMax = uint64_t{1} << 62;

/// Kinds of content; append only. An unknown one is shown as made by a newer version and kept as it came; if it is silent
/// (kSilentKinds and above), it is kept and not shown.
enum class ContentKind : uint16_t {
  kText = 1,              ///< Body: UTF-8; formatting and mentions are extensions.
  kReceipt = 2,           ///< Body: Receipt.
  kResend = 3,            ///< Body: Resend.
  kHello = 4,             ///< Body: Hello.
  kBulletin = 5,          ///< Body: an encoded wire::SignedBulletin.
  kFile = 6,              ///< Body: FileBody (file_content.h).
  kReaction = 7,          ///< Body: ReactionBody, as the other bodies below: content_bodies.h.
  kEdit = 8,              ///< Body: EditBody; with the extensions of a text.
  kDelete = 9,            ///< Body: DeleteBody.
  kLocation = 10,         ///< Body: LocationBody.
  kContact = 11,          ///< Body: ContactBody.
  kPoll = 12,             ///< Body: PollBody.
  kVote = 13,             ///< Body: VoteBody.
  kPollClose = 14,        ///< Body: PollCloseBody.
  kPin = 15,              ///< Body: PinBody.
  kSettings = 16,         ///< Body: SettingsBody.
  kKeysWanted = 0x8002,   ///< Body: KeysWanted (group_content.h).
  kKeysOffered = 0x8003,  ///< Body: KeysOffered.
  kJoinAsked = 0x8004,    ///< Body: JoinAskedBody (group_content.h): to other admins.
  kJoinSettled = 0x8005,  ///< Body: JoinSettledBody: to other admins.
  kReturnAsked = 0x8006,  ///< Body: ReturnAskedBody: in a chat of two.
  kCall = 0x8007,         ///< Body: CallBody (call_content.h). Stored by homes for a minute, by nobody else.
  kTyping = 0x8001,       ///< Body: TypingBody. Never stored.
  kLine = 0xffff,  ///< Of the history alone, never sent: LineBody (chat_lines.h). What comes as one is shown to nobody.
};
/// From here on kinds are for programs: who does not know one shows nothing.
constexpr uint16_t kSilentKinds = 0x8000;

/// What may stand beside any body; append only. Unknown ones are kept.
enum class ExtensionId : uint16_t {
  kForwarded = 1,  ///< Empty: its sender has it from somebody else.
  kSpans = 2,      ///< Of a text: TextSpan spans<V>.
  kMentions = 3,   ///< Of a text: Mention mentions<V>.
  kAboutPost = 4,  ///< Of a text: PostRef. It comments on a channel's post.
  kPreview = 5,    ///< Of a text: LinkPreview.
};
/// One of them.
struct ContentExtension {
  ExtensionId id{};
  Bytes data;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.data);
  }
  friend bool operator==(const ContentExtension&, const ContentExtension&) = default;
};

/// What the receiver has on his disk, and what he has looked at.
struct Receipt {
  std::vector<MessageId> delivered;
  std::vector<MessageId> read;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.delivered, self.read);
  }
};
/// Messages that came and could not be opened: please encrypt them anew.
struct Resend {
  std::vector<MessageId> ids;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.ids);
  }
};
/// The first message of the inviter: he is in.
struct Hello {
  template <typename Self>
  static auto fields([[maybe_unused]] Self& self) {
    return codec::members();
  }
};

/// Where something stands in the order of a chat: the same on every device, whatever the order in which things came.
struct OrderKey {
  uint64_t clock = 0;  ///< 0: before everything.
  MessageId id;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.clock, self.id);
  }
  friend auto operator<=>(const OrderKey&, const OrderKey&) = default;
};

/// One message.
struct Content {
  uint8_t version = 1;
  MessageId id;          ///< Random; the same however often it is encrypted.
  uint64_t sent_ms = 0;  ///< By the sender's clock, since 1970: for people only.
  ContentKind kind{};
  Bytes body;
  uint64_t clock = 0;  ///< 1 + the largest that the sender had seen in the chat; 0: without order.
  std::optional<MessageId> reply_to{};
  std::optional<uint32_t> expire_seconds{};  ///< It disappears so long after it was sent or read.
  std::vector<ContentExtension> extensions{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.id, self.sent_ms, self.clock, self.reply_to, self.expire_seconds,
                          self.kind, self.body, self.extensions);
  }
};

/// Reads a message; unknown kinds and extensions pass, with their bytes unread, and so do members that a later version has
/// appended. kBadContent: drop it.
Result<Content> parse_content(ByteView plaintext);
/// The text of a kText. kBadContent: too long or not UTF-8.
Result<std::string> text_of(const Content& content);
/// The receipt of a kReceipt. kBadContent.
Result<Receipt> receipt_of(const Content& content);
/// The ids of a kResend. kBadContent.
Result<Resend> resend_of(const Content& content);
/// The data of an extension, or null.
const Bytes* find_extension(const std::vector<ContentExtension>& extensions, ExtensionId id);
/// Reads the body of a known kind as a T; members that a later version has appended are left unread. kBadContent.
template <typename T>
Result<T> body_of(const Content& content) {
  codec::Reader reader(content.body);
  auto body = codec::decode<T>(reader);
  REQUIRE(body.has_value() && (content.version > 1 || reader.at_end()), kBadContent, "a body is well-formed");
  return body;
}

}  // namespace godwit::engine
