#pragma once
// The local network as the engine holds it in memory: whether it is used, who answers to which name, who is connected.

#include <array>
#include <deque>
#include <map>

#include "engine/attempt.h"
#include "engine/effects.h"
#include "engine/lan_channel.h"

namespace godwit::engine {

/// A parcel that was sent and that the other one has not taken yet.
struct LanSent {
  uint64_t number = 0;  ///< In the outbox.
  wire::DeliveryId delivery;
  size_t size = 0;
};

/// One connection.
struct LanPeer {
  LanChannel channel;
  bool dialled = false;
  Instant opened;              ///< When the connection came up; nothing of it is believed yet.
  std::optional<ChatId> chat;  ///< Whose it says that it is; true once the channel is open.
  Instant used;                ///< When something was said last.

  // What goes out.
  uint64_t epoch = 0;         ///< Of the chat, when `sent_through` was counted.
  uint64_t sent_through = 0;  ///< Number in the outbox.
  size_t queued = 0;          ///< Parcels that wait for our disk.
  std::deque<LanSent> sent = {};
  size_t sent_bytes = 0;  ///< Of those in `sent`.
  Instant waits_since{};  ///< For the other one to take what is in `sent`.
  uint32_t taken = 0;     ///< Parcels that he has taken.

  // What comes in.
  uint32_t came = 0;        ///< Parcels.
  uint32_t told = 0;        ///< Parcels that he knows to be on our disk.
  size_t untold_bytes = 0;  ///< Of those in between.
};

/// The names of one chat's other side: last hour's, this one's, next hour's.
using LanNames = std::array<LanName, 3>;

/// See above.
struct LanPeers {
  bool on = false;
  std::map<LanId, LanPeer> peers;
  LanWatch told;             ///< To the host.
  uint32_t told_nearby = 0;  ///< To people.

  // Good for one hour, and while chats and their keys are the same.
  uint64_t hour = 0;
  uint64_t state = 0;  ///< Of chats and keys.
  std::map<LanName, ChatId> own;
  std::map<ChatId, LanNames> theirs;

  std::map<ChatId, Attempt> attempts;  ///< When somebody may be looked for again.
};

}  // namespace godwit::engine
