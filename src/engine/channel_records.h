#pragma once
// Records of channels; records.h for the others.

#include "codec/members.h"
#include "engine/channel_content.h"
#include "engine/records.h"

namespace godwit::engine {

/// What waits to be appended to an own channel.
struct ChannelDraft {
  uint64_t number = 0;  ///< Names it, and its files that are being brought to the home.
  ChannelContent content;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.number, self.content);
  }
};

/// A channel that is followed or one's own.
struct ChannelRecord {
  uint8_t version = kRecordVersion;
  ChannelLink link;
  uint64_t read = 0;          ///< The last entry that was read.
  ByteArray<32> read_hash{};  ///< Of its header.
  ChannelContent head;        ///< The newest that was seen.
  uint64_t head_at = 0;       ///< Its sequence; 0: none yet.
  uint64_t kept_bytes =
      0;  ///< Of its posts on this device, or more: what an edit replaced counts until they are trimmed.
  std::vector<uint64_t> blanked;    ///< Entries without content that no later one has named among those that it erases.
  uint16_t trouble = 0;             ///< Number of the error for which it was given up; 0: none.
  std::optional<SecretField> seed;  ///< Ed25519, of an own one.
  bool made = false;                ///< Of an own one: its home has it.
  bool ending = false;              ///< Of an own one: to be ended.
  bool forgotten = false;           ///< Its posts are being erased, and then this.
  Bytes grant;                      ///< Of an own one that is not made yet.
  std::vector<ChannelDraft> drafts;
  uint64_t draft_next = 1;    ///< The number of the next draft.
  Bytes appending;            ///< The encoded wire::ChannelEntry of the first draft: the same bytes at every attempt.
  uint64_t next = 1;          ///< Of an own one: the sequence of its next entry.
  ByteArray<32> last_hash{};  ///< Of an own one: of its last header.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.link, self.read, self.read_hash, self.head, self.head_at, self.kept_bytes,
                          self.blanked, self.trouble, self.seed, self.made, self.ending, self.forgotten, self.grant,
                          self.drafts, self.draft_next, self.appending, self.next, self.last_hash);
  }
};

/// What its reader knows of a channel. Nobody else sees it.
struct ChannelMarkRecord {
  uint8_t version = kRecordVersion;
  bool begun = false;  ///< What was there when it was first followed was read: what comes from then on is news.
  uint64_t read = 0;   ///< Posts up to this one were seen.
  std::vector<uint64_t>
      unread;  ///< The newest kUnreadPostsMax of those behind it that are on this device, oldest first; of an own one none.
  int64_t muted_until_ms = 0;
  ChatId
      place;  ///< Under this its posts are in the index of the search; who follows it again gets another. Zeros: none yet.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.begun, self.read, self.unread, self.muted_until_ms, self.place);
  }
};

/// What its reader has set for a channel, as his devices tell each other: a field of SyncKind::kChannelSettings.
struct ChannelSettingsRecord {
  uint8_t version = kRecordVersion;
  int64_t muted_until_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.muted_until_ms);
  }
};

// A post is kept as the encoded wire::ChannelEntry that says it now, which is the post itself or its newest edit: so the
// reader's copy stays signed, and can be shown to the operator of the channel's home (channel_report.h).

}  // namespace godwit::engine
