#pragma once
// What a chat holds in memory of what people say and do, beside history, index and outbox.

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "engine/content_records.h"

namespace godwit::engine {

/// Messages of one chat whose ids and states are in memory: what comes again is recognised among the last so many. A
/// message comes again when an answer was lost or an epoch ended, so close to its first coming; thousands are ample. What is
/// done to older ones is looked up.
constexpr size_t kIndexWindow = 4096;
/// Versions of one message that are kept beside the first; and bytes of all of them but the newest.
constexpr size_t kEditsMax = 32;
constexpr size_t kEditBytesMax = 256 * 1024;
/// Reactions that one person may have on a message, the newest by their order. Each has places of his own, so that nobody's are pushed
/// out by those of others: a message has at most so many for each account of the group.
constexpr size_t kReactionsOfOneMax = 8;
/// Votes of one person on a poll that count, the first by their order: which of them is his last before the close is known when the
/// close comes, and that can be after them all. To keep the newest instead would let those after the close push out the one before.
constexpr size_t kVotesOfOneMax = 64;
/// What waits for messages that have not come: of one chat, and of one author in it. The oldest gives way.
constexpr size_t kWaitingMax = 256;
constexpr size_t kWaitingOfOneMax = 64;
/// Own contents beside the history that can be said again when somebody asks for them.
constexpr size_t kSaidMax = 256;
/// Receipts and the like whose ids are in memory: they come again on another way soon, or not at all.
constexpr size_t kHeardMax = 256;
/// Messages that wait for their time in one chat.
constexpr size_t kScheduledMax = 100;
/// Typing is told so often at most, and shown so long if no more is heard.
constexpr Duration kTypingInterval = seconds(4);

/// A message as it stands: what was said, where, and what has become of it.
struct Held {
  uint64_t position = 0;
  HistoryRecord history;
  IndexRecord index;
  StateRecord state;
};

/// Written for later on another own device.
struct ScheduledElsewhere {
  Bytes key;  ///< Of its field.
  ScheduledRecord record;
};

/// See above.
struct Talk {
  TalkRecord record;
  ChatSettingsRecord settings;
  std::map<uint64_t, StateRecord> states;     ///< By position, of what is in the index; those that have one.
  std::map<uint64_t, WaitingRecord> waiting;  ///< By number.
  std::vector<MessageId> said;                ///< The oldest first.
  std::vector<SaidEdit> said_edits;
  std::map<uint64_t, ScheduledRecord> scheduled;
  std::map<uint64_t, ScheduledElsewhere>
      elsewhere;  ///< What other own devices have written for later; out of the fields.
  uint64_t newest_position = 0;
  std::optional<HistoryRecord> newest;  ///< The last by its order.

  std::set<ByteArray<32>> speakers;  ///< Devices whose record was written since the program started.

  // Under way, never stored.
  std::deque<MessageId>
      heard;  ///< What has come that is not in the history, the newest kHeardMax: it is not asked for again.
  std::deque<std::function<void()>> late;  ///< Work on messages that are read from the disk, one at a time.
  bool late_busy = false;
  std::set<uint64_t> changed;  ///< Positions of messages that have changed and whose change has not been told.
  Instant expires_at{};        ///< When the next message may disappear; 0: look.
  bool expiring = false;
  Instant typing_told{};
  bool typing_now = false;     ///< As it was told.
  bool typing_futile = false;  ///< Nobody was there to hear it; until something comes.
};

}  // namespace godwit::engine
