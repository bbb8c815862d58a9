#pragma once
// A chat as the engine holds it in memory: its records, its MLS state, and what is under way.

#include <deque>
#include <map>
#include <set>

#include "engine/attempt.h"
#include "engine/commands.h"
#include "engine/link.h"
#include "engine/records.h"
#include "engine/talk.h"
#include "engine/transfer.h"
#include "mls/past_epochs.h"

namespace godwit::engine {

/// Past epochs whose messages can still be opened, and for how long. An epoch ends with a commit of either side: in the
/// worst case both commit in turn while a message waits at a home. What is older is asked for again.
constexpr size_t kPastEpochsMax = 16;
constexpr Duration kPastEpochLifetime = days(7);
/// Messages of epochs not yet reached. A sender keeps one message on its way, so this many mean that the log does not
/// come; what is beyond is asked for again.
constexpr size_t kPendingMax = 64;
/// How often one message that cannot be opened is asked for.
constexpr uint32_t kAsksMax = 3;

/// When no commit of ours can be appended, it is tried again after this long, or by the command.
constexpr Duration kBlockedRetry = hours(1);

/// What is being delivered.
struct Sending {
  uint64_t number = 0;
  wire::DeliveryId delivery;
  RequestId request;
};

/// See above.
struct Chat {
  ChatRecord record;
  std::optional<mls::Group> group;
  mls::PastEpochs past;
  std::map<uint64_t, PastEpochRecord> retired;  ///< Those of `past`.
  std::map<uint64_t, OutboxRecord> outbox;
  std::map<uint64_t, PendingRecord> pending;
  std::optional<StagedRecord> staged;
  std::optional<mls::Group> successor;      ///< Of `staged`.
  mls::StateRecords loading;                ///< Of `group` and `past`, while the profile is read; then empty.
  std::map<uint64_t, IndexRecord> index;    ///< By position; the newest kIndexWindow.
  std::map<MessageId, uint64_t> positions;  ///< Of what is in the index.
  Talk talk;                                ///< What people say and do to what was said, beside the history itself.
  std::map<uint64_t, Upload> uploads;          ///< By position.
  std::map<uint64_t, DownloadRecord> fetched;  ///< Files that are half fetched, by position.
  std::map<uint64_t, Download> downloads;      ///< Of these, those under way; never stored.
  SharedRecord shared;

  // Under way, never stored.
  Attempt address;
  Attempt log_open;
  Attempt log;
  Attempt delivery;
  std::optional<Sending> sending;
  uint64_t log_work = 0;     ///< Nonce of the proof of work.
  bool other_token = false;  ///< The delivery goes on with the other of the two tokens.
  bool staged_stored = false;
  bool resend_loading = false;
  bool log_again = false;      ///< Somebody wants the log while it is being read: read it once more.
  bool log_continues = false;  ///< The next reading goes on after the last one's answer.
  uint32_t void_attempts = 0;  ///< Entries for this epoch that are void.
  bool told_blocked = false;
  Instant blocked_until{};            ///< No commit of ours before.
  Instant log_read_at = kNever;       ///< When to look into the log without being asked.
  std::vector<CommandId> refreshers;  ///< Commands that wait for a commit.
  std::map<MessageId, uint32_t> asked;
  Instant share_at = kNever;  ///< When the bulletin goes to the peer, if nothing else goes before.
  Attempt asking;  ///< Slower each time until something opens: who cannot read each other's asking would ask for ever.
  Instant sweep_at{};     ///< When something expires.
  Instant wake = kNever;  ///< When the chat wants to be pumped again.
};

/// The other one of the two leaves.
inline mls::LeafIndex peer_leaf(const Chat& chat) { return {chat.group->own_leaf().value ^ 1U}; }

}  // namespace godwit::engine
