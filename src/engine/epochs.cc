#include "engine/epochs.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/chat_lines.h"
#include "engine/devices.h"
#include "engine/fanout.h"
#include "engine/healing.h"
#include "engine/history.h"
#include "engine/inbox.h"
#include "engine/intents.h"
#include "engine/judge.h"
#include "engine/log_entry.h"
#include "engine/log_move.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/receipts.h"
#include "engine/returning.h"
#include "mls/errors.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// Those who leave in one epoch.
constexpr size_t kProposalsMax = 64;

Bytes past_key(const Chat& chat, uint64_t epoch) {
  return record_key(RecordKind::kPastEpoch, chat.record.chat.view(), epoch);
}

void drop_oldest_past(Machine& m, Chat& chat) {
  m.journal.erase(past_key(chat, chat.retired.begin()->first));
  chat.retired.erase(chat.retired.begin());
  chat.past.drop_oldest();
}

// Whose the leaves of the present epoch are, and at which homes.
std::vector<FormerLeaf> leaves_of(const Chat& chat) {
  std::vector<FormerLeaf> out;
  for (const auto& [account, member] : chat.members) {
    for (const LeafRecord& leaf : member.record.leaves) out.push_back({leaf.leaf, account, leaf.home});
  }
  return out;
}

// Whose leaves this commit took away or brought to another home, for messages of the epoch before.
std::vector<FormerLeaf> former_leaves(std::vector<FormerLeaf> before, const Chat& chat) {
  std::erase_if(before, [&](const FormerLeaf& each) {
    const auto now = chat.owners.find(each.leaf);
    return now != chat.owners.end() && now->second == each.account && home_now(chat, each.leaf) == each.home;
  });
  return before;
}

// Somebody was removed: from here on other tokens and keys hold, which he cannot derive.
Status begin_base(Chat& chat) {
  ChatKeys keys = TRY(derive_chat_keys(*chat.group));
  chat.record.log.key.value = TRY(derive_log_key(*chat.group));
  chat.record.previous.insert(chat.record.previous.begin(), std::exchange(chat.record.keys, std::move(keys)));
  if (chat.record.previous.size() > kPreviousBasesMax) chat.record.previous.pop_back();
  chat.record.token_wanted = true;
  for (auto& [account, member] : chat.members) {
    member.token = 0;
    member.refused = 0;
  }
  return {};
}

void drop_staged(Machine& m, Chat& chat) {
  if (chat.staged) m.journal.erase(record_key(RecordKind::kStaged, chat.record.chat.view()));
  chat.staged.reset();
  chat.successor.reset();
  chat.staged_stored = false;
}

void retire(Machine& m, Chat& chat, const mls::Group* successor) {
  const uint64_t old = chat.group->epoch();
  PastEpochRecord past{m.wall().ms, {}, {}};
  past.place = epoch_place(*chat.group);
  past.own_place = own_place_in(*chat.group).value_or(ByteArray<32>{});
  chat.past.retire(std::move(*chat.group), successor);
  chat.retired[old] = std::move(past);
  chat.sweep_at = std::min(chat.sweep_at, m.now + kPastEpochLifetime);
  while (chat.retired.size() > kPastEpochsMax) drop_oldest_past(m, chat);
  m.put_changes(chat, chat.past.take_changes());
  chat.void_attempts = 0;
  chat.record.called_off.clear();
  chat.blocked_until = {};
  chat.told_blocked = false;
}

// The new epoch takes over; the old one is kept for messages that are still under way. `changes` are the successor's; with
// `rebase` somebody was removed; `seen` is what its commit was.
void adopt(Machine& m, Chat& chat, mls::Group successor, const mls::StateChanges& changes, bool rebase,
           const CommitSeen& seen) {
  const uint64_t old = chat.group->epoch();
  auto leaves = leaves_of(chat);
  const auto settings = chat.settings;
  retire(m, chat, &successor);
  chat.group = std::move(successor);
  m.put_changes(chat, changes);
  const MemberChanges members = sync_members(m, chat);
  if (const auto former = chat.retired.find(old); former != chat.retired.end()) {
    former->second.removed = former_leaves(std::move(leaves), chat);
    if (settings != chat.settings) former->second.settings = settings;
    m.journal.put(past_key(chat, old), former->second);
  }
  if (rebase) {
    if (const Status begun = begin_base(chat); !begun) return m.stop(begun.error());
  }
  drop_staged(m, chat);
  end_return(m, chat.record.chat);
  chat.leaving.clear();
  chat.commit_leaving_at = kNever;
  outbox_epoch_ended(m, chat);
  if (!members.left.empty()) forget_recipients(m, chat);
  m.put(chat);
  note_commit(m, chat, seen, settings, members);  // before what was said in the new epoch
  take_pending(m, chat);
  m.tell_then(ChatChanged{chat_info(m, chat)});
  tell_members(m, chat, members);
  for (const AccountId& account : members.readdressed) say_again_since_parting(m, chat, &account);
}

// Proposals that an entry carries go into a copy of the group: should the entry be void, they have never been.
Result<mls::Processed> process_entry(Machine& m, Chat& chat, const LogBody& body) {
  const auto judge = [&chat](const mls::CommitReport& commit) { return judge_commit(chat, commit); };
  if (body.proposals.empty()) return chat.group->process(body.commit, m.wall(), {}, judge);
  REQUIRE(body.proposals.size() <= kProposalsMax, kBadLogEntry, "an entry has so many proposals at most");
  mls::Group copy = chat.group->clone();
  for (const Bytes& proposal : body.proposals) {
    const auto taken = copy.process(proposal, m.wall());
    const bool own = !taken && taken.error().code == mls::kOwnMessage;  // it was proposed here
    const auto* stored = taken ? std::get_if<mls::ProposalStored>(&*taken) : nullptr;
    REQUIRE(own || (stored != nullptr && stored->type == mls::ProposalType::kSelfRemove), kBadLogEntry,
            "members propose nothing but to leave");
  }
  return copy.process(body.commit, m.wall(), {}, judge);
}

// A void entry: the slot reopens as the next attempt, on both sides alike.
bool skip(Machine& m, Chat& chat) {
  ++chat.void_attempts;
  m.touch(chat);
  return true;
}

// A commit that did not hold. What every member sees to be wrong makes it void; what only this device cannot open may be
// the other side's next epoch, so this chat's log stands still, and nothing else does. Of the ratchets nothing is this
// device's own here: no entry that fails has used up a key.
bool on_bad_commit(Machine& m, Chat& chat, ErrorCode code, ByteView commit) {
  const auto& called_off = chat.record.called_off;
  const bool ours = std::ranges::find(called_off, crypto::sha256(commit), &CalledOffRecord::commit) != called_off.end();
  if (code == mls::kOwnMessage && !ours) {
    // It is signed by us, under a key that we have not used.
    block_commits(m, chat, {kProfileRolledBack, "the log holds a commit of ours that this profile has never made"});
    return false;
  }
  // One that we have called off, and that somebody has put there all the same: all others follow it, and bring us back.
  if (code == mls::kOwnMessage || code == mls::kCannotFollow || code == mls::kUnknownPsk) {
    block_commits(m, chat, {kChatStuck, "a commit in the log has a part for this device that opens"});
    want_return(m, chat);
    return false;
  }
  return skip(m, chat);
}

// Another device of ours has left the group: so do we, also if we have not heard it from that device. One that was removed
// speaks for nobody.
bool has_left_elsewhere(const Machine& m, const std::vector<mls::Member>& leavers) {
  return std::ranges::any_of(leavers, [&](const mls::Member& leaf) {
    return equal(leaf.identity, m.self->record.account.view()) && own_list(m).has(leaf.signature_key);
  });
}

// Somebody has brought us back who did not know that we follow the log after all, by keys that we have given up since. The leaf that
// stands for ours is of no use to us, and is exchanged in its turn.
bool is_exchanged(const Chat& chat, const mls::CommitReport& commit) {
  const auto own = chat.group->member(chat.group->own_leaf());
  return own && std::ranges::any_of(commit.added, [&](const mls::Member& added) { return stands_for(added, *own); });
}

// Those who leave of their own will by this commit, as they are before it.
std::vector<mls::Member> leavers_of(const Chat& chat, const mls::CommitReport& commit) {
  std::vector<mls::Member> out;
  for (const mls::LeafIndex leaf : commit.self_removed) {
    if (auto member = chat.group->member(leaf)) out.push_back(std::move(*member));
  }
  return out;
}

}  // namespace

void block_commits(Machine& m, Chat& chat, Error error) {
  chat.blocked_until = m.now + kBlockedRetry;
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.fail(command, error);
  if (!std::exchange(chat.told_blocked, true)) m.tell(Trouble{error});
  m.touch(chat);
}

bool apply_log_entry(Machine& m, Chat& chat, const wire::LogEntry& entry) {
  if (!chat.group) return false;
  const uint64_t epoch = chat.group->epoch();
  if (entry.epoch < epoch) return true;
  if (entry.epoch > epoch || entry.attempt > chat.void_attempts) return false;
  if (entry.attempt < chat.void_attempts) return true;  // judged before
  const bool staged = chat.staged && chat.staged->epoch == epoch;
  const auto body = open_log_entry(entry.entry, chat.record.log.key.value, chat.record.log.log, epoch);
  if (!body) return skip(m, chat);
  if (staged && chat.staged->commit == body->commit) {
    adopt_staged(m, chat);
    return true;
  }
  const auto head = mls::peek(body->commit);
  if (!head || head->wire_format != mls::WireFormat::kPrivateMessage ||
      head->content_type != mls::ContentType::kCommit) {
    return skip(m, chat);
  }
  auto processed = process_entry(m, chat, *body);
  if (!processed) return on_bad_commit(m, chat, processed.error().code, body->commit);
  auto* commit = std::get_if<mls::CommitProcessed>(&*processed);
  if (commit == nullptr) return skip(m, chat);
  const CommitSeen seen = seen_of(chat, *commit, body->commit);
  if (has_left_elsewhere(m, leavers_of(chat, *commit))) chat.record.leaving = true;
  if (!commit->successor && is_exchanged(chat, *commit)) {
    chat.blocked_until = m.now + kBlockedRetry;
    // The key of this commit is used up: read again it does not open, which is no trouble of its own.
    chat.told_blocked = true;
    want_return(m, chat);
    return false;
  }
  if (!commit->successor) {
    leave_chat(m, chat, &seen);
    return false;
  }
  const auto changes = commit->successor->take_changes();
  adopt(m, chat, std::move(*commit->successor), changes, begins_base(*commit), seen);
  return true;
}

namespace {

// Under one token after the other, until the home takes it.
void deliver_farewell(Machine& m, const ChatId& id, const wire::HomeAddress& home,
                      std::vector<wire::Request> requests) {
  wire::Request request = std::move(requests.back());
  requests.pop_back();
  m.link(id, home).submit(std::move(request),
                          [&m, id, home, rest = std::move(requests)](const Result<wire::Reply>& reply) {
                            if (outcome_of(reply).is(wire::kAddressRefused) && !rest.empty())
                              deliver_farewell(m, id, home, rest);
                          });
}

// Word of the entry that removes them, to those who are removed: under the keys that they have, once, since it is for their own
// good only. Without it they notice when they next look into the log.
void say_farewell(Machine& m, Chat& chat, const mls::Group& successor) {
  std::set<AccountId> stay;
  for (const mls::Member& leaf : successor.members()) {
    AccountId account;
    if (AccountId::from(leaf.identity, account)) stay.insert(account);
  }
  OutboxRecord hint;
  hint.delivery = m.random_id<wire::DeliveryId>();
  hint.payload = seal_envelope({EnvelopeKind::kHint, {}, {}, chat.group->own_leaf().value},
                               chat.record.keys.envelope.value, chat.record.chat.view(), m.random);
  for (auto& [account, member] : chat.members) {
    if (stay.contains(account)) continue;
    std::vector<wire::Request> requests;
    const size_t tokens = tokens_of(chat, member.record).size();
    for (member.token = 0; member.token < tokens; ++member.token)
      requests.push_back(delivery_request(chat, hint, {&member}, time_to_live(m.random)));
    std::ranges::reverse(requests);  // the last one is tried first
    m.journal.then([&m, id = chat.record.chat, home = member.record.home, all = std::move(requests)] {
      deliver_farewell(m, id, home, all);
    });
  }
}

}  // namespace

void call_off_staged(Machine& m, Chat& chat) {
  if (chat.staged) {
    const auto place = chat.successor ? own_place_in(*chat.successor) : std::nullopt;
    chat.record.called_off.push_back({crypto::sha256(chat.staged->commit), place.value_or(ByteArray<32>{})});
  }
  drop_staged(m, chat);
}

void adopt_staged(Machine& m, Chat& chat) {
  chat.record.refreshed_ms = m.wall().ms;
  chat.record.refresh_wanted = false;
  const CommitSeen seen = seen_of_staged(m, chat);
  const StagedRecord staged = std::move(*chat.staged);
  if (staged.rebase) say_farewell(m, chat, *chat.successor);
  adopt(m, chat, std::move(*chat.successor), staged.successor, staged.rebase, seen);
  for (const StagedWelcome& welcome : staged.welcomes) {
    if (welcome.account != m.self->record.account) queue_welcome(m, chat, welcome.account, welcome.payload);
  }
  welcome_own_devices(m, chat, staged);
  queue_hint(m, chat);
  settle_intents(m, chat, staged.intents, std::nullopt);
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.done_then(command, Nothing{});
}

void leave_chat(Machine& m, Chat& chat, const CommitSeen* seen) {
  note_departure(m, chat, seen);
  auto leaves = leaves_of(chat);
  const uint64_t old = chat.group->epoch();
  outbox_epoch_ended(m, chat);
  retire(m, chat, nullptr);
  if (const auto former = chat.retired.find(old); former != chat.retired.end()) {
    former->second.removed = std::move(leaves);
    former->second.settings = chat.settings;
    m.journal.put(past_key(chat, old), former->second);
  }
  chat.group.reset();
  drop_staged(m, chat);
  chat.record.membership = chat.record.leaving ? Membership::kLeft : Membership::kRemoved;
  chat.record.refresh_wanted = chat.record.log_wanted = chat.record.token_wanted = false;
  chat.record.owed.clear();
  clear_outbox(m, chat);
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.fail(command, {kNotMember, "a member commits"});
  stop_moving(m, chat);
  std::vector<uint64_t> intents;
  for (const auto& [number, intent] : chat.intents) intents.push_back(number);
  settle_intents(m, chat, intents, Error{kNotMember, "members change a group"});
  m.put(chat);
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

void lose_group(Machine& m, Chat& chat) {
  keep_contents(m, chat);
  retire(m, chat, nullptr);
  chat.group.reset();
  drop_staged(m, chat);
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.done_then(command, Nothing{});  // all is new
  stop_moving(m, chat);
}

void sweep_past_epochs(Machine& m, Chat& chat) {
  while (!chat.retired.empty()) {
    const Instant ends = m.when(chat.retired.begin()->second.retired_ms) + kPastEpochLifetime;
    if (ends > m.now) {
      chat.sweep_at = std::min(chat.sweep_at, ends);
      return;
    }
    drop_oldest_past(m, chat);
    m.put_group(chat);
  }
}

}  // namespace godwit::engine
