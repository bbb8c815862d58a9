#pragma once
// Channels of this profile, and what is under way with them. Inside engine/ only.

#include <deque>
#include <map>
#include <optional>

#include "engine/attempt.h"
#include "engine/channel_records.h"
#include "engine/transfer.h"

namespace godwit::engine {

/// What waits to go out of one own channel at most; all of it stands in the channel's record.
constexpr size_t kChannelDraftsMax = 16;
/// Entries that a new follower reads back.
constexpr uint64_t kChannelReadBack = 50;
/// Where no session lasts, or it went quiet, a channel is looked at this often.
constexpr Duration kChannelPoll = minutes(2);
/// Posts that are given at once.
constexpr uint32_t kChannelPageMax = 200;
/// Entries without content that are remembered as withheld; of more than that it is only said that they are many.
constexpr size_t kChannelBlankedMax = 1'000;
/// Unread posts of one channel that are counted.
constexpr size_t kUnreadPostsMax = 1'000;
/// Bytes of one answer.
constexpr uint32_t kChannelReadBytes = 128 * 1024;

/// The newest post that is on this device.
struct NewestPost {
  uint64_t post = 0;
  ChannelContent content;
};

/// See above.
struct Channel : Transfers {
  ChannelRecord record;
  ChannelMarkRecord mark;
  bool mark_changed = false;          ///< It is to be written.
  std::optional<NewestPost> newest;   ///< None: there is none, or it is being looked for.
  bool newest_gone = false;           ///< It was taken away: the one before it is to be looked for.
  std::optional<crypto::Ed25519KeyPair> key;  ///< Of an own one.
  bool stored = false;
  ChatId link;  ///< The chain of tickets; of this run.
  // Reading.
  Attempt reading;
  Instant read_at{};  ///< When to look again.
  bool looked = false;
  bool up_to_date = false;
  uint32_t told_withheld = 0;
  bool trimming = false;  ///< Its oldest posts are being erased.
  std::optional<CommandId> following;  ///< FollowChannel waits for what it is.
  // Writing, of an own one.
  Attempt writing;
  std::optional<CommandId> making;             ///< NewChannel
  std::deque<std::optional<CommandId>> asked;  ///< For each draft who waits; those of an earlier run are nobody's.
  std::optional<CommandId> ending;
};

/// A channel whose posts are being erased.
struct ForgottenChannel {
  ChannelRecord record;
  bool under_way = false;
  std::optional<std::pair<CommandId, FollowChannel>> then;  ///< It is followed anew once that is done.
};

/// See above. Posts are on the disk only.
struct ChannelBook {
  std::map<wire::ChannelId, Channel> all;
  std::map<wire::ChannelId, ForgottenChannel> forgotten;
};

}  // namespace godwit::engine
