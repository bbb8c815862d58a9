#pragma once
// Messages as people and programs see them, and what is told about them.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "engine/call_notices.h"
#include "engine/content_bodies.h"
#include "engine/ids.h"
#include "engine/kept_notices.h"
#include "engine/roles.h"

namespace godwit::engine {

/// How far a message of one's own has come.
enum class Delivery : uint8_t {
  kQueued = 1,     ///< safe on this device's disk
  kSent = 2,       ///< the receiver's home has it on its disk
  kDelivered = 3,  ///< the receiver's device has it on its disk
  kRead = 4,       ///< the receiver has looked at it
  kExpired = 5,    ///< it lay at the home for 30 days: send it again if it still matters
  kFailed = 6,     ///< the receiver's address refuses it: he has cut this chat off; or its file could not be sent
};

/// What a message is.
enum class MessageKind : uint8_t {
  kText = 1,
  kFile = 2,  ///< also pictures, videos, voice notes and stickers: FileInfo says which
  kLocation = 3,
  kContact = 4,
  kPoll = 5,
  kSettings = 6,  ///< somebody has changed what holds for the chat
  kNewer = 7,     ///< made by a newer version: it is kept, and this one cannot show it
  kLine = 8,      ///< nobody has said it: a quiet line about what was done to the group, or a call
};

/// What a quiet line tells.
enum class LineKind : uint8_t {
  kMade = 1,      ///< `by` has made the group
  kAdded = 2,     ///< `by` has let `account` in
  kJoined = 3,    ///< `account` came by a link
  kRemoved = 4,   ///< `by` has removed `account`
  kLeft = 5,      ///< `account` has left
  kRole = 6,      ///< `by` has given `account` the role `role`
  kRenamed = 7,   ///< `by` calls the group `text`, and no more `before`
  kWriters = 8,   ///< `by` has set who writes: `on`: admins alone
  kSlowMode = 9,  ///< `by` has set the pause between two messages to `seconds`
  kApproval = 10,  ///< `by` has set whether who comes by a link waits for an admin: `on`
  kNamed = 11,     ///< `account` calls himself `name`, and no more `before`
  kLogMoved = 12,  ///< the group goes on at the home `text`, as `by` says
  kBack = 13,      ///< `account` had lost the thread, and is back
  kCall = 14,      ///< in a chat of two: `by` has called, and `call` says what came of it
};
/// Such a line. Names are those of then.
struct LineInfo {
  LineKind what = LineKind::kMade;
  std::optional<AccountId> by{};  ///< who has done it, if that is known
  std::string by_name{};
  bool by_own = false;                 ///< one's own account has done it
  std::optional<AccountId> account{};  ///< whom it is about
  std::string name{};
  bool own = false;  ///< it is about one's own account
  std::optional<Role> role{};
  std::string text{};
  std::string before{};
  std::optional<uint32_t> seconds{};  ///< 0: off
  std::optional<bool> on{};
  std::optional<CallLine> call{};
};

/// What a file is for.
enum class MediaKind : uint8_t { kFile = 0, kPicture = 1, kVideo = 2, kVoice = 3, kSticker = 4, kStickerPack = 5 };

/// What is known of a picture, video, voice note, sticker or pack of stickers. The engine takes what the host gives it.
struct MediaInfo {
  MediaKind kind = MediaKind::kFile;
  uint32_t width = 0;  ///< 0: not known
  uint32_t height = 0;
  uint32_t duration_ms = 0;
  Bytes waveform{};     ///< of a voice note: at most kWaveformSizeMax loudnesses in equal steps, 0 to 255
  Bytes thumbnail{};    ///< a small picture: JPEG, at most kThumbnailSizeMax bytes
  std::string pack{};   ///< of a sticker: the name of its pack; of a pack: its own
  std::string emoji{};  ///< of a sticker: what it stands for
};

/// The file of a message.
struct FileInfo {
  std::string name;  ///< A name only: no folders, nothing hidden.
  std::string mime;
  uint64_t size = 0;
  bool sending = false;   ///< It is being brought to the home: the message has not gone out yet.
  bool fetching = false;  ///< It is being fetched from the home.
  MediaInfo media{};
  bool paused = false;  ///< Of one that is sent: it goes on when a person says so.
};

/// Who has given one reaction.
struct ReactionInfo {
  std::string reaction;
  uint32_t count = 0;
  bool own = false;                 ///< One of them is one's own.
  std::vector<AccountId> accounts;  ///< The first of them, at most kReactionAccountsMax.
  std::vector<std::string> names{};  ///< In a chat that is only kept: of some of them.
};
/// Accounts that are named of one reaction.
constexpr size_t kReactionAccountsMax = 32;

/// One answer to a poll.
struct PollOption {
  std::string text;
  uint32_t votes = 0;
  bool own = false;
};
/// A poll as it stands.
struct PollInfo {
  std::string question;
  std::vector<PollOption> options;
  bool multiple = false;
  std::optional<Instant> closes_at;
  bool closed = false;
  uint32_t voters = 0;
};
/// A place.
struct LocationInfo {
  int64_t latitude = 0;   ///< millionths of a degree
  int64_t longitude = 0;  ///< millionths of a degree
  uint32_t accuracy_m = 0;
  std::string name;
};
/// Somebody who is recommended.
struct ContactInfo {
  std::string name;
  std::optional<AccountId> account;
  std::string text;
};
/// That a message was taken back.
struct DeletedInfo {
  AccountId by;
  bool by_admin = false;  ///< Not by its author.
};

/// One message as shown to people.
struct Message {
  MessageId id;
  Position position;
  bool own = false;
  std::string text;                       ///< UTF-8; under a file: its caption
  Instant sent_at;                        ///< by the sender's clock
  Delivery delivery = Delivery::kQueued;  ///< of own ones only
  std::optional<FileInfo> file{};
  AccountId author{};
  std::string author_name{};  ///< as he calls himself; empty of one who has left and is no contact
  MessageKind kind = MessageKind::kText;
  uint64_t clock = 0;  ///< messages stand in the order of (clock, id), the same on every device
  std::optional<MessageId> reply_to{};
  bool forwarded = false;
  std::vector<TextSpan> spans{};
  std::vector<Mention> mentions{};
  std::vector<ReactionInfo> reactions{};
  uint32_t edits = 0;  ///< how often it was edited: ReadEdits shows how
  std::optional<DeletedInfo> deleted{};
  bool pinned = false;
  uint32_t delivered_to = 0;  ///< members whose device has it; of own ones only
  uint32_t read_by = 0;
  std::optional<Instant> expires_at{};  ///< when it disappears, if that is known
  uint32_t expire_seconds = 0;          ///< it disappears so long after it was sent or read; 0: it stays
  std::optional<PollInfo> poll{};
  std::optional<LocationInfo> location{};
  std::optional<ContactInfo> contact{};
  std::optional<uint32_t> disappear_seconds{};  ///< of kSettings: what was set
  std::optional<KeptInfo> kept{};               ///< of a chat that is only kept
  std::optional<PostRef> about{};               ///< of a text: the post of a channel that it is about
  std::optional<LinkPreview> preview{};         ///< of a text: what its sender says of a page that it leads to
  std::optional<LineInfo> line{};               ///< of kLine
};

/// What its owner has set for a chat; the others do not see it.
struct ChatSettings {
  std::optional<Instant> muted_until{};
  bool archived = false;
  bool pinned = false;
  bool marked_unread = false;
  std::string draft{};
};

// ---- answers ------------------------------------------------------------------------------------------------------

/// Of ReadMessage.
struct MessageFound {
  Message message;
};
/// One version of a text.
struct EditInfo {
  std::string text;
  Instant sent_at;
  std::vector<TextSpan> spans;
  std::vector<Mention> mentions;
};
/// Of ReadEdits: the first version, then each later one that is kept.
struct Edits {
  std::vector<EditInfo> versions;
};
/// How one member has taken a message.
struct ReceiptInfo {
  AccountId account;
  std::optional<Instant> delivered_at;  ///< when this device heard of it; none: not yet, or not known when
  std::optional<Instant> read_at;
  bool delivered = false;
  bool read = false;
};
/// Of ReadReceipts.
struct Receipts {
  std::vector<ReceiptInfo> receipts;
};
/// Of ScheduleMessage.
struct ScheduledQueued {
  uint64_t number = 0;  ///< by which it is cancelled
};
/// One message that waits for its time.
struct ScheduledInfo {
  uint64_t number = 0;
  Instant at;
  std::string text;
  std::optional<MessageId> reply_to;
};
/// Of ListScheduled, the next one first.
struct ScheduledMessages {
  std::vector<ScheduledInfo> scheduled;
};
/// Of ReadPrivacy: what others may know.
struct Privacy {
  bool read_receipts = true;
  bool typing = true;
};

// ---- notices ------------------------------------------------------------------------------------------------------

/// Something was done to a message: edited, deleted, pinned, reacted or voted to.
struct MessageChanged {
  ChatId chat;
  Message message;
};
/// A group has a new line. It is no message: nobody has said it, and nothing is to be read or answered.
struct LineAdded {
  ChatId chat;
  Message message;
};
/// A message has disappeared: nothing of it is on this device any more.
struct MessageGone {
  ChatId chat;
  MessageId id;
};
/// Somebody writes, or has stopped. What is not said again within 10 s is over.
struct Typing {
  ChatId chat;
  AccountId account;
  bool typing = false;
};

}  // namespace godwit::engine
