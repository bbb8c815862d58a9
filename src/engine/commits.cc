#include "engine/commits.h"

#include "engine/account.h"
#include "engine/chat_lines.h"
#include "engine/chat_suite.h"
#include "engine/epochs.h"
#include "engine/healing.h"
#include "engine/home_move.h"
#include "engine/inbox.h"
#include "engine/intents.h"
#include "engine/judge.h"
#include "engine/log_entry.h"
#include "engine/log_move.h"
#include "engine/log_statement.h"
#include "engine/log_watch.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/returning.h"
#include "mls/first_commit.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What our leaf is to say, if it says something else: once we are in, nobody needs the token from before.
std::optional<mls::LeafNodeUpdate> changed_leaf(const Machine& m, const Chat& chat) {
  const auto member = chat.group->member(chat.group->own_leaf());
  const bool entering = chat.record.entry_token && (!chat.record.address_ready || chat.record.token_wanted);
  mls::LeafParameters leaf = own_leaf(m, own_address(m, chat), entering ? &chat.record.entry_token->value : nullptr);
  if (!member || member->extensions == leaf.extensions) return std::nullopt;
  mls::LeafNodeUpdate update;
  update.extensions = std::move(leaf.extensions);
  return update;
}

bool has_other_owner(const GroupSettings& settings, const AccountId& than) {
  return std::ranges::any_of(settings.roles,
                             [&](const RoleEntry& each) { return each.role == Role::kOwner && each.account != than; });
}

// Who has made a proposal to leave that holds in this epoch, and with which leaf.
std::optional<std::pair<mls::LeafIndex, const Member*>> leaver_of(const Machine& m, const Chat& chat,
                                                                  ByteView proposal) {
  mls::Group trial = chat.group->clone();
  const auto tried = trial.process(proposal, m.wall());
  const auto* stored = tried ? std::get_if<mls::ProposalStored>(&*tried) : nullptr;
  if (stored == nullptr || !stored->sender) return std::nullopt;
  const auto account = chat.owners.find(stored->sender->value);
  const Member* member = account == chat.owners.end() ? nullptr : find_member(chat, account->second);
  if (member == nullptr) return std::nullopt;
  return std::pair{*stored->sender, member};
}

// Those who have proposed to leave, into the copy that commits; and out of the roles, so that nobody comes back as what he was.
// One device speaks for all of its account, so that none stays whose owner has thrown it out meanwhile; but not for this one, which
// knows better. And who would leave a group without an owner stays.
std::vector<Bytes> take_leavers(Machine& m, const Chat& chat, mls::Group& copy, Plan& plan) {
  mls::CommitRequest& request = plan.request;
  std::vector<Bytes> taken;
  if (!chat.settings || chat.leaving.empty()) return taken;
  auto settings =
      parse_group_settings(request.group_context_extensions.value_or(chat.group->group_context_extensions()));
  if (!settings || !*settings) return taken;
  std::set<uint32_t> left;
  for (const Bytes& proposal : chat.leaving) {
    const auto leaver = leaver_of(m, chat, proposal);
    if (!leaver || left.contains(leaver->first.value)) continue;
    const AccountId& account = leaver->second->record.account;
    const bool own = account == m.self->record.account;
    // Who comes back by this very commit goes by the next one.
    if (std::ranges::find(plan.joiners, account, &Plan::Joiner::account) != plan.joiners.end()) continue;
    if (!own && !has_other_owner(**settings, account)) continue;
    if (!copy.process(proposal, m.wall())) continue;
    left.insert(leaver->first.value);
    taken.push_back(proposal);
    if (own) continue;
    (*settings)->set_role(account, Role::kMember);
    for (const LeafRecord& each : leaver->second->record.leaves) {
      const bool there = std::ranges::find(request.remove, mls::LeafIndex{each.leaf}) != request.remove.end();
      if (!there) request.remove.push_back({each.leaf});
    }
  }
  std::erase_if(request.remove, [&](const mls::LeafIndex& leaf) { return left.contains(leaf.value); });
  request.pending_proposals = !taken.empty();
  if (**settings != *chat.settings) request.group_context_extensions = {group_settings_extension(**settings)};
  return taken;
}

Bytes staged_key(const Chat& chat) { return record_key(RecordKind::kStaged, chat.record.chat.view()); }

// A commit that refreshes this leaf and the path above it (RFC 9420 §12.4), stored before it is shown to anybody. It is
// made on a copy, so that the group keeps the key that it is sealed with until the epoch ends: then a commit by another
// copy of this profile, at the same place of our ratchet, opens and shows itself. The key tells no more than the staged
// record, and seals nothing else, since an epoch has one staged commit.
Status stage_with(Machine& m, Chat& chat, std::optional<uint64_t> only, bool leavers) {
  Plan plan = plan_commit(m, chat, only);
  plan.request.padding = mls::Padding::kNone;
  for (const mls::LeafIndex leaf : stale_leaves(m, chat)) plan.request.remove.push_back(leaf);
  plan.request.leaf = changed_leaf(m, chat);
  if (has_lines(chat)) plan.request.authenticated_data = commit_note(m, chat, plan.intents);
  mls::Group copy = chat.group->clone();
  // A key seals one thing: that of a commit that was called off is used up.
  for (size_t i = 0; i < chat.record.called_off.size(); ++i)
    TRY(copy.stage_commit(mls::CommitRequest{}, m.random, m.wall()));
  const std::vector<Bytes> proposals = leavers ? take_leavers(m, chat, copy, plan) : std::vector<Bytes>{};
  auto staged = TRY(copy.stage_commit(plan.request, m.random, m.wall()));
  TRY(judge_commit(chat, staged.report));
  StagedRecord record;
  record.rebase = begins_base(staged.report);
  record.welcomes = TRY(seal_welcomes(m, chat, plan, staged));
  record.intents = plan.intents;
  record.epoch = chat.group->epoch();
  record.successor = staged.successor.take_changes();
  record.commit = std::move(staged.commit);
  record.entry = seal_log_entry({record.commit, proposals}, chat.record.log.key.value, chat.record.log.log,
                                record.epoch, m.random);
  REQUIRE(record.entry.size() <= wire::kEntrySizeMax, kNoCommit, "a commit fits an entry of the log");
  m.journal.put(staged_key(chat), record);
  chat.staged = std::move(record);
  chat.successor = std::move(staged.successor);
  chat.staged_stored = false;
  m.journal.then([&m, id = chat.record.chat, epoch = chat.staged->epoch] {
    Chat& stored = m.chats.at(id);
    if (stored.staged && stored.staged->epoch == epoch) stored.staged_stored = true;
    m.touch(stored);
  });
  return {};
}

// Those who leave do not hold up what others want, if a commit with them cannot be made.
Status stage(Machine& m, Chat& chat, std::optional<uint64_t> only = std::nullopt) {
  const Status with = stage_with(m, chat, only, true);
  return with || chat.leaving.empty() ? with : stage_with(m, chat, only, false);
}

// What is wanted cannot be done all at once: each alone, until one can be. The others are for the next commit, those that cannot be
// done fail, and take nothing else along.
void stage_one(Machine& m, Chat& chat, const std::vector<uint64_t>& intents) {
  for (const uint64_t number : intents) {
    if (!chat.intents.contains(number)) continue;
    const Status staged = stage(m, chat, number);
    if (staged) return;
    settle_intents(m, chat, {number}, staged.error());
  }
  m.touch(chat);
}

Result<wire::LogAppend> append_request(const Chat& chat) {
  wire::LogAppend request;
  request.log = chat.record.log.log;
  request.epoch = chat.staged->epoch;
  request.attempt = static_cast<uint8_t>(chat.void_attempts);
  request.epoch_token = to_token(TRY(log_epoch_token(*chat.group)));
  request.next_epoch_token_hash = hash_of(TRY(log_epoch_token(*chat.successor)));
  request.read_token_hash = hash_of(chat.record.keys.log_read.value);
  if (chat.staged->rebase) request.read_token_hash = hash_of(TRY(derive_chat_keys(*chat.successor)).log_read.value);
  request.entry = chat.staged->entry;
  return request;
}

// Another entry stands there. If it is our own after all, that is a success; else it is judged like any entry.
void on_conflict(Machine& m, Chat& chat, const wire::LogEntry& winner) {
  if (!chat.staged || chat.staged->entry != winner.entry) ++m.counters.epoch_conflicts;
  if (chat.group->epoch() == winner.epoch && chat.void_attempts == winner.attempt && apply_log_entry(m, chat, winner)) {
    return chat.log.succeed();
  }
  if (!chat.group) return;
  // A home that contradicts itself, or a log that we cannot follow: look again, not at once.
  chat.log.fail(m.now, Duration{}, m.random);
  want_log(m, chat);
}

// The home answers, and says nothing but that we are to come again.
bool puts_off(const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  return reply && outcome.error && outcome.error->code.action == Action::kRetryLater;
}

// The answer to an append at `epoch` of `log`. Meanwhile the log may have been read, and the epoch may be over; or it is another log.
void on_appended(Machine& m, const ChatId& id, const wire::LogId& log, uint64_t epoch,
                 const Result<wire::Reply>& reply) {
  Chat& chat = m.chats.at(id);
  if (!chat.group || chat.record.log.log != log) return;
  m.touch(chat);
  // What is refused for its token is read about first.
  if (reply && !outcome_of(reply).is(wire::kLogRefused)) puts_off(reply) ? log_refused(m, chat) : log_answered(m, chat);
  if (reply) {
    if (const auto* conflict = std::get_if<wire::Conflict>(&*reply)) {
      return on_conflict(m, chat, conflict->winner);
    }
  }
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    chat.log.succeed();
    if (chat.staged && chat.staged->epoch == epoch) adopt_staged(m, chat);
    return;
  }
  chat.log.fail(m.now, outcome.retry_after, m.random);
  // The epoch's token is refused when the log is further than we are.
  if (outcome.is(wire::kLogRefused)) {
    chat.record.log_wanted = true;
  } else if (outcome.error->code.action != Action::kRetryLater) {
    block_commits(m, chat, {kLogFlooded, "the home takes another attempt at the epoch"});
  }
}

void append(Machine& m, Chat& chat) {
  const auto request = append_request(chat);
  if (!request) return m.stop({kProfileDamaged, "a staged commit opens"});
  chat.log.start();
  chat.log_request =
      m.link(chat.record.chat, chat.record.log.home)
          .submit(*request, [&m, id = chat.record.chat, log = request->log, epoch = request->epoch](
                                const Result<wire::Reply>& reply) { on_appended(m, id, log, epoch, reply); });
}

void on_log_not_read(Machine& m, Chat& chat, const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  chat.log.fail(m.now, outcome.retry_after, m.random);
  const bool put_off = puts_off(reply);
  // A log that is gone or refuses us will not be there tomorrow either; a hint will make us look again.
  if (outcome.error && outcome.error->code.action != Action::kRetryLater) {
    chat.record.log_wanted = false;
    m.put(chat);
  }
  if (!outcome.is(wire::kLogRefused) && !put_off) return reply ? log_answered(m, chat) : void();
  // It does not reach back to this epoch, or has gone; or its home has put us off, which is no log either if it goes on for long.
  log_refused(m, chat);
  if (put_off && chat.record.moving && is_refused_for_long(m, chat)) chat.record.log_wanted = false;
  if (put_off) return;
  log_refuses(m, chat);
  if (chat.group && !chat.record.log_wanted) want_return(m, chat);
}

void on_log_read(Machine& m, const ChatId& id, const wire::LogId& log, const Result<wire::Reply>& reply) {
  Chat& chat = m.chats.at(id);
  if (!chat.group || chat.record.log.log != log) return;
  m.touch(chat);
  const auto* entries = reply ? std::get_if<wire::LogEntries>(&*reply) : nullptr;
  if (entries == nullptr) return on_log_not_read(m, chat, reply);
  log_answered(m, chat);
  chat.log.succeed();
  const auto place = [&chat] { return std::pair{chat.group->epoch(), chat.void_attempts}; };
  const auto before = place();
  const uint64_t base = chat.record.keys.base;
  for (const wire::LogEntry& entry : entries->entries) {
    if (!apply_log_entry(m, chat, entry)) break;
    if (!chat.group) return;
  }
  if (!chat.group) return;
  // From a Remove on another token reads.
  chat.log_continues = (entries->more || chat.record.keys.base != base) && place() > before;
  if (chat.log_continues || std::exchange(chat.log_again, false)) return;  // read on
  chat.record.log_wanted = false;
  chat.log_seen_at = m.now;
  chat.log_read_at = m.now + kLogReadInterval + milliseconds(static_cast<int64_t>(m.random.below(kLogReadInterval.ms)));
  if (entries->entries.empty()) end_return(m, chat.record.chat);  // it is there, and we are where it is
  settle_returns(m, chat);
  give_up_pending(m, chat);
  chat.log_read_at = std::min(chat.log_read_at, next_look(m, chat));
  m.put(chat);
  log_read_through(m, chat);
}

void read_log(Machine& m, Chat& chat) {
  chat.log.start();
  chat.log_read_at = kNever;
  if (!std::exchange(chat.log_continues, false)) {
    chat.log_again = false;
    chat.void_attempts = 0;
  }
  const wire::LogRead request{chat.record.log.log, to_token(chat.record.keys.log_read.value), chat.group->epoch(),
                              kLogReadBytes, static_cast<uint8_t>(std::min(chat.void_attempts, kAttemptsEver))};
  chat.log_request = m.link(chat.record.chat, chat.record.log.home)
                         .submit(request, [&m, id = chat.record.chat, log = request.log](
                                              const Result<wire::Reply>& reply) { on_log_read(m, id, log, reply); });
}

}  // namespace

void refresh_keys(Machine& m, CommandId id, const RefreshKeys& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (!chat->group) return m.fail(id, {kNotMember, "a member commits"});
  chat->refreshers.push_back(id);
  chat->blocked_until = {};
  chat->record.refresh_wanted = true;
  m.put(*chat);
  m.touch(*chat);
}

void want_refresh_by_itself(Machine& m, Chat& chat) {
  if (!m.options.refresh_by_itself || !chat.record.ready || chat.record.refresh_wanted) return;
  const bool fresh = chat.record.refreshed_ms != 0 && m.now < m.when(chat.record.refreshed_ms) + kRefreshInterval;
  if (fresh) return;
  chat.record.refresh_wanted = true;
  m.put(chat);
  m.touch(chat);
}

void draw_own_first_commit(Machine& m, Chat& chat) {
  const bool large = chat.owners.size() > kHybridLeavesMax;
  if (!large || !m.options.refresh_by_itself || chat.record.refreshed_ms != 0) return;
  chat.first_commit_at = mls::draw_first_commit(m.now, m.random).due;
}

void want_log(Machine& m, Chat& chat) {
  if (chat.log.under_way()) chat.log_again = true;
  if (!chat.record.log_wanted) {
    chat.record.log_wanted = true;
    m.put(chat);
  }
  m.touch(chat);
}

void pump_commits(Machine& m, Chat& chat) {
  if (!chat.record.log_ready || chat.record.astray) return;
  if (chat.log_read_at <= m.now) {
    chat.log_read_at = kNever;  // the reading sets the next one
    want_log(m, chat);
  }
  if (chat.log_read_at != kNever) chat.wake = std::min(chat.wake, chat.log_read_at);
  if (chat.first_commit_at <= m.now) {
    chat.first_commit_at = kNever;
    want_refresh_by_itself(m, chat);
  }
  if (chat.first_commit_at != kNever) chat.wake = std::min(chat.wake, chat.first_commit_at);
  const bool leavers = !chat.leaving.empty() && chat.commit_leaving_at <= m.now;
  if (!chat.leaving.empty() && !leavers) chat.wake = std::min(chat.wake, chat.commit_leaving_at);
  bool commit = chat.record.refresh_wanted || chat.staged.has_value();
  commit =
      commit || (!chat.record.leaving && (has_ready_intents(chat) || leavers));  // who goes changes nothing any more
  if (commit && m.now < chat.blocked_until) {
    chat.wake = std::min(chat.wake, chat.blocked_until);
    commit = false;
  }
  // The log begins beyond our epoch, and takes nothing of it. A commit of our own would have us ask for a leaf as well that nobody has seen.
  if (!chat.staged && is_unread(chat)) commit = false;
  if ((!chat.record.log_wanted && !commit) || !chat.log.may_start(m.now, chat.wake)) return;
  if (chat.record.log_wanted) return read_log(m, chat);
  if (chat.void_attempts > kAttemptsEver) {
    return block_commits(m, chat, {kLogFlooded, "an epoch has places for attempts left"});
  }
  if (!chat.staged) {
    if (chat.record.called_off.size() >= kCalledOffMax)
      return block_commits(m, chat, {kNoCommit, "an epoch has so many commits of ours that are called off"});
    const Status staged = stage(m, chat);
    if (staged) return;
    // What is wanted for the group cannot be done, rather than that nothing can.
    std::vector<uint64_t> intents;
    for (const auto& [number, intent] : chat.intents) {
      if (intent.kind != IntentRecord::Kind::kAdd || !intent.package.empty()) intents.push_back(number);
    }
    if (intents.empty()) return block_commits(m, chat, {kNoCommit, staged.error().rule});
    return stage_one(m, chat, intents);
  }
  if (chat.staged_stored) append(m, chat);
}

}  // namespace godwit::engine
