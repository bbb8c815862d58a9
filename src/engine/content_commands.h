#pragma once
// What can be asked about messages.

#include <optional>
#include <string>
#include <vector>

#include "engine/content_notices.h"
#include "engine/ids.h"

namespace godwit::engine {

/// As SendText, with all that a text may have. Answered by MessageQueued. kNoSuchChat, kTooLong, kNotText, kOutboxFull,
/// kBadFormatting, kBadPreview.
struct SendMessage {
  ChatId chat;
  std::string text;
  std::optional<MessageId> reply_to{};
  std::vector<TextSpan> spans{};
  std::vector<Mention> mentions{};
  std::optional<PostRef> about{};        ///< The post of a channel that it comments on; its number is not checked.
  std::optional<LinkPreview> preview{};  ///< What the sender's program has seen there. The engine asks nobody.
};
/// One message, wherever it is in the history. Answered by MessageFound. kNoSuchChat, kNoSuchMessage.
struct ReadMessage {
  ChatId chat;
  MessageId message;
};
/// Says an own text, or what stands under an own file, otherwise; receivers see that and can read what it was before. Answered by
/// Nothing. kNoSuchChat, kNoSuchMessage, kNotYourMessage, kNotEditable, kTooLong, kNotText, kBadFormatting, kOutboxFull.
struct EditMessage {
  ChatId chat;
  MessageId message;
  std::string text;
  std::vector<TextSpan> spans{};
  std::vector<Mention> mentions{};
};
/// All versions of a text. Answered by Edits. kNoSuchChat, kNoSuchMessage.
struct ReadEdits {
  ChatId chat;
  MessageId message;
};
/// Takes a message back: for everyone (its author, or an admin, visibly), or removes it from this device only. Answered by
/// Nothing. kNoSuchChat, kNoSuchMessage, kNotYourMessage, kOutboxFull.
struct DeleteMessage {
  ChatId chat;
  MessageId message;
  bool for_everyone = false;
};
/// Gives a reaction, an emoji or a word, or takes it back. At most kReactionsOfOneMax of one person stay on a message, the newest.
/// Answered by Nothing. kNoSuchChat, kNoSuchMessage, kBadReaction, kOutboxFull.
struct React {
  ChatId chat;
  MessageId message;
  std::string reaction;
  bool remove = false;
};
/// Tells that the person writes, or has stopped; who is not connected never hears of it. Answered by Nothing. Nothing goes out if
/// that is switched off (SetPrivacy). kNoSuchChat.
struct SendTyping {
  ChatId chat;
  bool typing = true;
};
/// Sends a place. Answered by MessageQueued. kNoSuchChat, kBadLocation, kOutboxFull.
struct SendLocation {
  ChatId chat;
  int64_t latitude = 0;   ///< millionths of a degree
  int64_t longitude = 0;  ///< millionths of a degree
  uint32_t accuracy_m = 0;
  std::string name{};
};
/// Recommends somebody. Answered by MessageQueued. kNoSuchChat, kBadContact, kOutboxFull.
struct SendContact {
  ChatId chat;
  std::string name;
  std::optional<AccountId> account{};
  std::string text{};
};
/// Asks all. Answered by MessageQueued. kNoSuchChat, kBadPoll, kOutboxFull.
struct SendPoll {
  ChatId chat;
  std::string question;
  std::vector<std::string> options;
  bool multiple = false;
  std::optional<Instant> closes_at{};
};
/// Chooses options of a poll, by their numbers from 0, instead of those chosen before; none: takes the vote back. Answered by
/// Nothing. kNoSuchChat, kNoSuchMessage, kBadVote, kPollClosed, kVotesUsedUp (kVotesOfOneMax), kOutboxFull.
struct Vote {
  ChatId chat;
  MessageId message;
  std::vector<uint32_t> choices;
};
/// Ends an own poll. Answered by Nothing. kNoSuchChat, kNoSuchMessage, kNotYourMessage, kBadVote, kOutboxFull.
struct ClosePoll {
  ChatId chat;
  MessageId message;
};
/// Pins a message for all, or takes the pin away. Answered by Nothing. kNoSuchChat, kNoSuchMessage, kOutboxFull.
struct PinMessage {
  ChatId chat;
  MessageId message;
  bool pinned = true;
};
/// The pinned messages in their order, at most kHistoryPageMax. Answered by Messages. kNoSuchChat.
struct ListPinned {
  ChatId chat;
};
/// What is said in this chat from now on disappears so long after it was sent or read: 5 s to a year; 0: it stays. Everybody in the
/// chat sees that, and it holds for all. Answered by MessageQueued. kNoSuchChat, kBadTimer, kOutboxFull.
struct SetDisappearing {
  ChatId chat;
  uint32_t seconds = 0;
};
/// Says in another chat what a message says, marked as forwarded; a file is not brought up again. Answered by MessageQueued.
/// kNoSuchChat, kNoSuchMessage, kNotForwardable, kOutboxFull.
struct ForwardMessage {
  ChatId chat;
  MessageId message;
  ChatId to;
};
/// Changes what its owner has set for a chat; what is left out stays as it is. Nobody else sees it. Answered by Nothing, followed by
/// ChatChanged. kNoSuchChat, kTooLong, kNotText.
struct SetChat {
  ChatId chat;
  std::optional<Instant> muted_until{};  ///< 0: not muted
  std::optional<bool> archived{};
  std::optional<bool> pinned{};
  std::optional<bool> marked_unread{};
  std::optional<std::string> draft{};
};
/// How each member has taken an own message. Answered by Receipts. kNoSuchChat, kNoSuchMessage, kNotYourMessage.
struct ReadReceipts {
  ChatId chat;
  MessageId message;
};
/// Makes of a message of somebody else what the operator of that person's home can check: the words as they are now and as they were
/// first, and the signatures over them. Answered by MessageReported. kNoSuchChat, kNoSuchMessage, kNoProof.
struct ReportMessage {
  ChatId chat;
  MessageId message;
};
/// Keeps a text and sends it at a time, across restarts, or as soon after it as this program runs. Answered by ScheduledQueued.
/// kNoSuchChat, kTooLong, kNotText, kBadFormatting, kScheduledFull.
struct ScheduleMessage {
  ChatId chat;
  Instant at;
  std::string text;
  std::optional<MessageId> reply_to{};
  std::vector<TextSpan> spans{};
  std::vector<Mention> mentions{};
};
/// Answered by ScheduledMessages. kNoSuchChat.
struct ListScheduled {
  ChatId chat;
};
/// Forgets one. Answered by Nothing. kNoSuchChat, kNoSuchMessage.
struct CancelScheduled {
  ChatId chat;
  uint64_t number = 0;
};
/// Whether others learn that one has read something or is writing. Answered by Nothing.
struct SetPrivacy {
  bool read_receipts = true;
  bool typing = true;
};
/// Answered by Privacy.
struct ReadPrivacy {};

}  // namespace godwit::engine
