#include "engine/epochs.h"

#include "engine/history.h"
#include "engine/inbox.h"
#include "engine/log_entry.h"
#include "engine/outbox.h"
#include "mls/errors.h"

namespace godwit::engine {
namespace {

Bytes past_key(const Chat& chat, uint64_t epoch) {
  return record_key(RecordKind::kPastEpoch, chat.record.chat.view(), epoch);
}

void drop_oldest_past(Machine& m, Chat& chat) {
  m.journal.erase(past_key(chat, chat.retired.begin()->first));
  chat.retired.erase(chat.retired.begin());
  chat.past.drop_oldest();
}

// The new epoch takes over; the old one is kept for messages that are still under way. `changes` are the successor's.
void adopt(Machine& m, Chat& chat, mls::Group successor, const mls::StateChanges& changes) {
  const uint64_t old = chat.group->epoch();
  chat.past.retire(std::move(*chat.group), &successor);
  chat.retired[old] = {m.wall().ms};
  m.journal.put(past_key(chat, old), chat.retired[old]);
  chat.sweep_at = std::min(chat.sweep_at, m.now + kPastEpochLifetime);
  while (chat.retired.size() > kPastEpochsMax) drop_oldest_past(m, chat);
  m.put_changes(chat, chat.past.take_changes());
  chat.group = std::move(successor);
  m.put_changes(chat, changes);
  chat.void_attempts = 0;
  chat.blocked_until = {};
  chat.told_blocked = false;
  if (chat.staged) m.journal.erase(record_key(RecordKind::kStaged, chat.record.chat.view()));
  chat.staged.reset();
  chat.successor.reset();
  chat.staged_stored = false;
  outbox_epoch_ended(m, chat);
  m.put(chat);
  take_pending(m, chat);
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

// What the peer's new leaf says of him.
void take_over_leaf(Chat& chat, const mls::CommitProcessed& commit) {
  for (const mls::Member& member : commit.updated) {
    if (member.leaf == chat.group->own_leaf()) continue;
    if (const auto info = validate_member(member)) {
      chat.record.peer.name = info->name;
      chat.record.peer.devices = info->devices.entries();
      if (info->home.key == chat.record.peer.home.key) chat.record.peer.home = info->home;
    }
  }
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
bool on_bad_commit(Machine& m, Chat& chat, ErrorCode code) {
  if (code == mls::kOwnMessage) {
    // It is signed by us, under a key that we have not used.
    block_commits(m, chat, {kProfileRolledBack, "the log holds a commit of ours that this profile has never made"});
    return false;
  }
  if (code == mls::kCannotFollow || code == mls::kUnknownPsk) {
    block_commits(m, chat, {kChatStuck, "a commit in the log has a part for this device that opens"});
    return false;
  }
  return skip(m, chat);
}

}  // namespace

Status judge_commit(const Chat& chat, const mls::CommitReport& commit) {
  REQUIRE(commit.added.empty() && commit.removed.empty(), kBadLogEntry, "a chat of two keeps its members");
  REQUIRE(!commit.group_context_extensions_changed, kBadLogEntry, "a chat of two keeps its context");
  REQUIRE(!commit.reinit && commit.pre_shared_keys == 0, kBadLogEntry, "a chat of two goes on, by its own secrets");
  for (const mls::Member& member : commit.updated) {
    if (member.leaf == chat.group->own_leaf()) continue;
    const MemberInfo info = TRY(validate_member(member));
    REQUIRE(info.account == chat.record.peer.account && info.alias == chat.record.peer.alias, kBadLogEntry,
            "a member stays who he is");
    const auto known = TRY(DeviceList::validate(chat.record.peer.account, chat.record.peer.devices));
    REQUIRE(info.devices.continues(known), kBadLogEntry, "a device list is only appended to");
  }
  return {};
}

void block_commits(Machine& m, Chat& chat, Error error) {
  chat.blocked_until = m.now + kBlockedRetry;
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.fail(command, error);
  if (!std::exchange(chat.told_blocked, true)) m.tell(Trouble{error});
  m.touch(chat);
}

bool apply_log_entry(Machine& m, Chat& chat, const wire::LogEntry& entry) {
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
  // Nothing but a commit may change the group: proposals are not used in a chat of two.
  const auto head = mls::peek(body->commit);
  if (!head || head->wire_format != mls::WireFormat::kPrivateMessage ||
      head->content_type != mls::ContentType::kCommit) {
    return skip(m, chat);
  }
  auto processed = chat.group->process(body->commit, m.wall(), {},
                                       [&chat](const mls::CommitReport& commit) { return judge_commit(chat, commit); });
  if (!processed) return on_bad_commit(m, chat, processed.error().code);
  auto* commit = std::get_if<mls::CommitProcessed>(&*processed);
  if (commit == nullptr || !commit->successor) return skip(m, chat);
  take_over_leaf(chat, *commit);
  const auto changes = commit->successor->take_changes();
  adopt(m, chat, std::move(*commit->successor), changes);
  return true;
}

void adopt_staged(Machine& m, Chat& chat) {
  chat.record.refreshed_ms = m.wall().ms;
  chat.record.refresh_wanted = false;
  const auto changes = std::move(chat.staged->successor);
  adopt(m, chat, std::move(*chat.successor), changes);
  queue_hint(m, chat);
  for (const CommandId command : std::exchange(chat.refreshers, {})) m.done_then(command, Nothing{});
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
