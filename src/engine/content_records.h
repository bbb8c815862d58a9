#pragma once
// Records about what people say: what was done to messages, what waits, and what is set. Times are of the host's clock.

#include "codec/members.h"
#include "engine/content_bodies.h"
#include "engine/records.h"

namespace godwit::engine {

/// How one member has taken a message of ours. Of chats of more than two only: of two the index says it.
struct ReceiptState {
  AccountId account;
  int64_t delivered_ms = 0;  ///< When we heard of it.
  int64_t read_ms = 0;       ///< 0: not yet.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.delivered_ms, self.read_ms);
  }
};
/// A reaction that was given, or taken back (which is kept: what was said before it may come after it).
struct ReactionState {
  OrderKey at;
  AccountId account;
  std::string reaction;
  bool removed = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.at, self.account, self.reaction, self.removed);
  }
};
/// One edit.
struct EditState {
  OrderKey at;
  int64_t sent_ms = 0;
  std::string text;
  std::vector<ContentExtension> extensions;
  std::optional<SaidProof> proof;  ///< Of what others have said.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.at, self.sent_ms, self.text, self.extensions, self.proof);
  }
};
/// One person's vote.
struct VoteState {
  OrderKey at;
  AccountId account;
  int64_t sent_ms = 0;
  Bytes choices;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.at, self.account, self.sent_ms, self.choices);
  }
};
/// What has been done to one message. All of it is the same in whatever order it came: of each thing the last by OrderKey counts.
struct StateRecord {
  std::optional<AccountId> deleted_by;
  OrderKey deleted_at;
  std::vector<EditState> edits;          ///< In their order, at most kEditsMax.
  std::vector<ReactionState> reactions;  ///< Of each person the newest kReactionsOfOneMax.
  std::vector<VoteState> votes;          ///< Of each person the first kVotesOfOneMax.
  std::optional<OrderKey> closed_at;     ///< Of a poll: the first close.
  OrderKey pin_at;
  bool pinned = false;
  std::vector<ReceiptState> receipts;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.deleted_by, self.deleted_at, self.edits, self.reactions, self.votes, self.closed_at,
                          self.pin_at, self.pinned, self.receipts);
  }
};

/// Something done to a message that has not come, or is so old that it has to be looked up.
struct WaitingRecord {
  AccountId author;
  Role role = Role::kMember;  ///< Of the author, in the epoch of what he said.
  MessageId target;
  Bytes content;                   ///< An encoded Content.
  std::optional<SaidProof> proof;  ///< Of an edit.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.author, self.role, self.target, self.content, self.proof);
  }
};

/// What a record of kOrder and kPlace says.
struct PlaceRecord {
  uint64_t position = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.position);
  }
};

/// What holds for a chat.
struct TalkRecord {
  uint64_t clock = 0;              ///< The largest seen.
  uint32_t disappear_seconds = 0;  ///< Of what is said from now on.
  OrderKey disappear_at;           ///< Which setting that is.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.clock, self.disappear_seconds, self.disappear_at);
  }
};

/// Own contents that are not in the history, the newest ones: each has a record of kSaid.
struct SaidIdsRecord {
  std::vector<MessageId> ids;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.ids);
  }
};

/// Which of them is an edit, and of which message.
struct SaidEdit {
  MessageId id;
  MessageId target;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.target);
  }
};
/// All that are: their words go with the message.
struct SaidEditsRecord {
  std::vector<SaidEdit> edits;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.edits);
  }
};

/// What its owner has set for a chat, on this device and (later) on his others; nobody else sees it.
struct ChatSettingsRecord {
  uint8_t version = kRecordVersion;
  int64_t changed_ms = 0;  ///< The last change wins among devices.
  int64_t muted_until_ms = 0;
  bool archived = false;
  bool pinned = false;
  bool marked_unread = false;
  std::string draft;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.changed_ms, self.muted_until_ms, self.archived, self.pinned,
                          self.marked_unread, self.draft);
  }
};

/// What the owner of this profile has deleted of a chat. As long as it is not `swept`, records of it may be there that nobody is to see.
struct DeletionRecord {
  uint8_t version = 1;
  ChatId chat;
  OrderKey through;          ///< Nothing up to this comes back, whatever another own device hands over.
  uint64_t all_through = 0;  ///< Position up to which all of that goes.
  bool hidden = false;       ///< Until something is said in the chat.
  bool whole = false;        ///< The chat goes as well.
  bool kept = false;         ///< It is one that is only kept.
  bool swept = false;  ///< No record of it is left, but of `whole` some that may have been on their way to the disk.
  wire::Alias alias;   ///< Of `whole`: the address is to be given back; zeros: it is not, or not any more.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.chat, self.through, self.all_through, self.hidden, self.whole, self.kept,
                          self.swept, self.alias);
  }
};

/// What others may know.
struct PrivacyRecord {
  uint8_t version = kRecordVersion;
  bool read_receipts = true;
  bool typing = true;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.read_receipts, self.typing);
  }
};

/// A message that goes out at a time.
struct ScheduledRecord {
  uint8_t version = kRecordVersion;
  int64_t at_ms = 0;
  std::string text;
  std::vector<ContentExtension> extensions;
  std::optional<MessageId> reply_to;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.at_ms, self.text, self.extensions, self.reply_to);
  }
};

}  // namespace godwit::engine
