#pragma once
// A chat as the engine holds it in memory: its records, its MLS state, and what is under way.

#include <deque>
#include <map>
#include <set>

#include "engine/attempt.h"
#include "engine/commands.h"
#include "engine/group_settings.h"
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
/// Earlier bases whose tokens and envelopes still hold. Each is a Remove: somebody who was away for so many in a row is reached
/// when he has read the log.
constexpr size_t kPreviousBasesMax = 8;
/// How often one message that cannot be opened is asked for.
constexpr uint32_t kAsksMax = 3;

/// When no commit of ours can be appended, it is tried again after this long, or by the command.
constexpr Duration kBlockedRetry = hours(1);

/// One request that is delivering an item to members who live at one home.
struct Sending {
  uint64_t number = 0;  ///< In the outbox.
  wire::DeliveryId delivery;
  wire::HomeAddress home;
  std::vector<uint32_t> members;  ///< In the order of the request.
  RequestId request;
};

/// A member, and how far what goes to him is. Each has one item on its way at a time, so that the sender's order holds, and
/// none waits for another.
struct Member {
  MemberRecord record;
  bool sending = false;
  Attempt delivery;
  uint32_t token = 0;    ///< Which of the tokens that his home may know is used; see tokens_of.
  uint32_t refused = 0;  ///< How many in a row it has refused.
  uint64_t heard = 0;    ///< The newest base in which he has said something, since this program runs.
};

/// Finds out whether the log is silent while another home answers (log_watch.h).
struct LogWatch {
  std::optional<RequestId> probe;  ///< What the other home was asked, while it has not answered.
  wire::HomeAddress other;         ///< That home.
  Instant asked_at{};
  Instant since = kNever;  ///< From when on the other one has always answered and the log has not.
  Instant next{};          ///< When the other one is asked again.
  bool silent = false;     ///< That was long enough.
};

/// How the own address is told to the home: as the record says, made, or given a token.
enum class AddressWay : uint8_t { kByRecord, kCreate, kToken };

/// See above.
struct Chat : Transfers {
  ChatRecord record;
  Attempt next_address;             ///< At the home to which the account has moved.
  Instant log_seen_at{};            ///< When it was last read to its end, since this program runs; 0: not yet.
  Instant move_at{};                ///< When this device tells the chat of the move, if no other has.
  std::optional<mls::Group> group;  ///< None when we are not a member any more.
  std::map<AccountId, Member> members;
  std::map<uint32_t, AccountId> accounts;  ///< By number.
  std::map<uint32_t, AccountId> owners;    ///< By leaf.
  std::optional<GroupSettings> settings;   ///< Of this epoch; none in a chat of two.
  mls::PastEpochs past;
  std::map<uint64_t, PastEpochRecord> retired;  ///< Those of `past`.
  std::map<uint64_t, OutboxRecord> outbox;
  std::map<uint64_t, PendingRecord> pending;
  std::map<uint64_t, IntentRecord> intents;  ///< What is to be changed.
  std::optional<StagedRecord> staged;
  std::optional<mls::Group> successor;      ///< Of `staged`.
  mls::StateRecords loading;                ///< Of `group` and `past`, while the profile is read; then empty.
  std::map<uint64_t, IndexRecord> index;    ///< By position; the newest kIndexWindow.
  std::map<MessageId, uint64_t> positions;  ///< Of what is in the index.
  Talk talk;                                ///< What people say and do to what was said, beside the history itself.
  SharedRecord shared;

  // Under way, never stored.
  Attempt address;
  AddressWay address_way = AddressWay::kByRecord;
  Attempt log_open;
  Attempt log;
  RequestId log_request;          ///< Of `log`.
  LogWatch log_watch;                       ///< Whether it answers.
  Attempt move_open;              ///< Of the log that is about to take its place.
  uint64_t move_work = 0;         ///< Nonce of its proof of work.
  std::vector<CommandId> movers;  ///< Commands that wait for it.
  std::map<AccountId, Instant> moves_told;  ///< Who was told when where the log is.
  std::map<AccountId, Instant> logs_asked;  ///< And who was asked.
  Instant called_back{};                    ///< When all were last told that a move does not hold.
  std::vector<Bytes> leaving;            ///< Proposals of members who leave, in this epoch.
  Instant commit_leaving_at = kNever;    ///< When we commit them, if nobody else has.
  uint64_t proposed_epoch = UINT64_MAX;  ///< In which we have asked to be removed.
  Attempt encryption;                    ///< Of the next item, if the epoch takes no messages.
  std::map<uint64_t, Sending> sending;   ///< Deliveries under way.
  uint64_t last_sending = 0;
  uint64_t log_work = 0;  ///< Nonce of the proof of work.
  bool staged_stored = false;
  bool resend_loading = false;
  bool log_again = false;      ///< Somebody wants the log while it is being read: read it once more.
  bool log_continues = false;  ///< The next reading goes on after the last one's answer.
  uint32_t void_attempts = 0;  ///< Entries for this epoch that are void.
  bool told_blocked = false;
  Instant blocked_until{};           ///< No commit of ours before.
  Instant log_read_at = kNever;      ///< When to look into the log without being asked.
  Instant first_commit_at = kNever;  ///< In a large group, of who has made no commit yet (mls/first_commit.h).
  /// It has gone wholly, and is in memory only for those who come back to it with an answer: nobody sees it, nothing is written.
  bool deleted = false;
  bool name_looked = false;               ///< Whether our leaf says how we are called.
  Instant name_at = kNever;               ///< When a commit is to say it; kNever: it does.
  std::vector<CommandId> refreshers;      ///< Commands that wait for a commit.
  std::map<uint64_t, CommandId> wishers;  ///< Commands that wait for an intent.
  std::map<MessageId, uint32_t> asked;
  Instant share_at = kNever;  ///< When the bulletin goes to the peer, if nothing else goes before.
  Attempt asking;  ///< Slower each time until something opens: who cannot read each other's asking would ask for ever.
  Instant sweep_at{};     ///< When something expires.
  Instant wake = kNever;  ///< When the chat wants to be pumped again.
};

}  // namespace godwit::engine
