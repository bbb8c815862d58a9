#include "engine/log_move.h"

#include <algorithm>
#include <set>

#include "crypto/proof_of_work.h"
#include "engine/chat_lines.h"
#include "engine/chat_setup.h"
#include "engine/commits.h"
#include "engine/dead_bases.h"
#include "engine/epochs.h"
#include "engine/intents.h"
#include "engine/log_entry.h"
#include "engine/log_statement.h"
#include "engine/log_watch.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/returning.h"
#include "routes/route.h"
#include "wire/errors.h"
#include "wire/home_link.h"

namespace godwit::engine {
namespace {

// Who may have to move a log looks once in so long whether it is there, and up to so much later.
constexpr Duration kLookAfter = hours(20);
constexpr Duration kLookSpread = hours(8);

// The move that we followed and that nobody follows where this one leads: another one of the same log is better, or the log goes on
// where it was before.
std::optional<LogMove> move_given_up(const ChatRecord& record, const LogMove& move, size_t place) {
  for (size_t i = 0; i < record.moves.size(); ++i) {
    auto known = codec::decoded<LogMove>(record.moves[i]);
    if (known && (i == place || known->from == move.log)) return std::move(*known);
  }
  return std::nullopt;
}

// ---- telling others -------------------------------------------------------------------------------------------------

// How the log came to be where it is, in our own name if we may say so: who knows us as an admin may not know who moved it. Moves of
// before we came in were judged by others, and we vouch for none of them.
Bytes own_moves(const Machine& m, const Chat& chat) {
  LogMoves out = chat.record.moves;
  for (Bytes& each : out) {
    auto move = read_move(chat, each);
    if (!move || !may_move(chat, m.self->record.account) || move->epoch < chat.record.came) continue;
    sign(m, *move);
    each = codec::encoded(*move);
  }
  return codec::encoded(out);
}

void tell_moves(Machine& m, Chat& chat, const AccountId& account) {
  if (chat.record.moves.empty()) return;
  const auto [told, fresh] = chat.moves_told.try_emplace(account, m.now);
  if (!fresh && told->second + kMovesToldPause > m.now) return;
  told->second = m.now;
  queue_moved(m, chat, own_moves(m, chat), &account);
}

// To how many something was said of the log in the last hour.
size_t count_lately(const Machine& m, const Chat& chat) {
  const auto lately = [&m](const auto& entry) { return entry.second + kMovesToldPause > m.now; };
  return static_cast<size_t>(std::ranges::count_if(chat.moves_told, lately) +
                             std::ranges::count_if(chat.logs_asked, lately));
}

// ---- following ------------------------------------------------------------------------------------------------------

void end_moving(Machine& m, Chat& chat, std::optional<Error> error) {
  chat.record.moving.reset();
  chat.move_open = Attempt{};
  chat.move_work = 0;
  for (const CommandId command : std::exchange(chat.movers, {})) {
    error ? m.fail(command, *error) : m.done_then(command, Nothing{});
  }
  m.put(chat);
}

// An epoch has one commit of ours, and its entry names the log.
Status reseal_staged(Machine& m, Chat& chat, const wire::LogId& before) {
  if (!chat.staged) return {};
  const auto& key = chat.record.log.key.value;
  const LogBody body = TRY(open_log_entry(chat.staged->entry, key, before, chat.staged->epoch));
  chat.staged->entry = seal_log_entry(body, key, chat.record.log.log, chat.staged->epoch, m.random);
  m.journal.put(record_key(RecordKind::kStaged, chat.record.chat.view()), *chat.staged);
  chat.staged_stored = false;
  m.journal.then([&m, id = chat.record.chat] {
    Chat& stored = m.chats.at(id);
    if (stored.staged) stored.staged_stored = true;
    m.touch(stored);
  });
  return {};
}

// Those who had asked to come back ask again if they still have to: keys that are used though nobody needs them put a device out. And
// a welcome names the log: a commit that lets somebody in is made again.
void forget_returns(Machine& m, Chat& chat) {
  std::vector<uint64_t> over;
  for (const auto& [number, intent] : chat.intents) {
    if (intent.returns) over.push_back(number);
  }
  if (chat.staged && !chat.staged->welcomes.empty()) call_off_staged(m, chat);
  settle_intents(m, chat, over, std::nullopt);
}

// Whom commits of `epoch` and later have removed, which only the log that is gone has had: an admin removes them again.
void remove_again(Machine& m, Chat& chat, uint64_t epoch) {
  if (chat.record.kind == ChatKind::kDirect || role_of(chat, m.self->record.account) < Role::kAdmin) return;
  std::set<AccountId> gone;
  for (auto past = chat.retired.lower_bound(epoch); past != chat.retired.end(); ++past) {
    for (const FormerLeaf& leaf : past->second.removed) {
      if (find_member(chat, leaf.account) == nullptr) gone.insert(leaf.account);
    }
  }
  for (const AccountId& account : gone) {
    IntentRecord intent;
    intent.kind = IntentRecord::Kind::kRemove;
    intent.account = account;
    want_change(m, chat, std::move(intent), {});
  }
}

// Our epoch is one that the log has never had, or another one of the same number. `common` began at the last epoch that we and the
// others have had.
void go_astray(Machine& m, Chat& chat, const LogMove& common) {
  chat.record.astray = true;
  // Who came in with a commit that only the log that is gone has had is no member where it goes on, unless he was let in there as well.
  if (common.epoch < chat.record.came) {
    if (!want_return_if_in(m, chat)) return leave_chat(m, chat);
    address_anew(m, chat);
    return take_base_of(m, chat, common.epoch);
  }
  address_anew(m, chat);
  // Whom we have let in there nobody else knows.
  if (role_of(chat, m.self->record.account) >= Role::kAdmin) queue_moved(m, chat, codec::encoded(chat.record.moves));
  remove_again(m, chat, common.epoch);
  take_base_of(m, chat, common.epoch);
  want_return_from(m, chat, common.epoch, common.place);
}

// The last epoch of ours, as far as is known, at which a log has moved on the way on which it goes on now.
const LogMove& last_common(const Chat& chat, const std::vector<LogMove>& moves) {
  const LogMove* best = &*std::ranges::min_element(moves, {}, &LogMove::epoch);
  for (const LogMove& each : moves) {
    const auto past = chat.retired.find(each.epoch);
    if (past != chat.retired.end() && past->second.place == each.place && each.epoch >= best->epoch) best = &each;
  }
  return *best;
}

// Where we are on that way: in the epoch of `move`, behind it, or astray. `given_up`: what we followed before.
void find_place(Machine& m, Chat& chat, const LogMove& move, const std::optional<LogMove>& given_up) {
  const uint64_t epoch = chat.group->epoch();
  const bool was_astray = std::exchange(chat.record.astray, false);
  if (epoch == move.epoch && epoch_place(*chat.group) == move.place) {
    chat.record.dead.clear();  // ours hold after all
    return take_base_of(m, chat, epoch);
  }
  const bool went_on = given_up && epoch > given_up->epoch;
  if (!was_astray && !went_on && epoch < move.epoch) return;  // the log refuses us
  std::vector<LogMove> moves{move};
  if (given_up) moves.push_back(*given_up);
  for (const Bytes& each : chat.record.moves) {
    const auto known = codec::decoded<LogMove>(each);
    if (was_astray && known) moves.push_back(*known);
  }
  go_astray(m, chat, last_common(chat, moves));
}

std::string host_of(const wire::HomeAddress& home) {
  const auto route = routes::parse_route(home.routes.front());
  return route ? route->host : std::string{};
}

void follow(Machine& m, Chat& chat, const LogMove& move, size_t place, ByteView encoded) {
  ChatRecord& record = chat.record;
  if (record.moving) end_moving(m, chat, Error{kOvertaken, "nobody else has moved the log"});
  if (chat.log.under_way()) m.link(record.chat, record.log.home).cancel(chat.log_request);
  chat.log.succeed();
  forget_silence(m, chat);
  const wire::LogId before = record.log.log;
  const auto given_up = move_given_up(record, move, place);
  const auto last =
      record.moves.empty() ? Result<LogMove>(Error{kBadLogMove, "none"}) : codec::decoded<LogMove>(record.moves.back());
  record.log.home = move.home;
  record.log.log = move.log;
  record.moved_ms = m.wall().ms;
  record.moves.resize(place);
  record.moves.push_back(to_bytes(encoded));
  if (record.moves.size() > kMovesKept) record.moves.erase(record.moves.begin());
  chat.log_continues = chat.log_again = false;
  chat.void_attempts = 0;
  chat.blocked_until = {};
  chat.told_blocked = false;
  forget_returns(m, chat);
  end_return(m, record.chat);
  if (const Status sealed = reseal_staged(m, chat, before); !sealed) return m.stop(sealed.error());
  const AccountId by = account_of_device(chat, move.device).value_or(AccountId{});
  const int64_t parted_ms = parted_at(m, chat);
  record.parted_ms = given_up && record.parted_ms != 0 ? std::min(record.parted_ms, parted_ms) : parted_ms;
  note_log_moved(m, chat, by, host_of(move.home), move.log);
  find_place(m, chat, move, given_up);
  if (chat.group) want_log(m, chat);
  // Whom we have told to follow us is told that we were wrong.
  const bool ours = last && last->device == m.self->device.public_key && last->from == move.log;
  if (ours && chat.group) queue_moved(m, chat, codec::encoded(LogMoves{to_bytes(encoded)}));
  m.put(chat);
  m.tell_then(LogMoved{record.chat, by, host_of(move.home)});
}

void begin(Machine& m, Chat& chat, wire::HomeAddress home);
bool would_move(const Machine& m, const Chat& chat);

// We are further than the one who has moved it, and may move it as well: from our epoch, which all follow then, so that nothing is lost.
// Not for who leaves: where it goes on he may be out already, and then he would be alone at his log.
bool moves_on(Machine& m, Chat& chat, const LogMove& move) {
  const bool beyond = move.from == chat.record.log.log && chat.group->epoch() > move.epoch && !chat.record.astray &&
                      !is_unread(chat);
  if (!beyond || chat.record.leaving || !would_move(m, chat)) return false;
  if (!chat.record.moving) begin(m, chat, m.self->record.home);
  chat.record.moving->goes_on = true;
  m.put(chat);
  return true;
}

// Whether those who have not read further than the mover follow him: he was an admin in that epoch, which was one of ours, and is none now.
bool leads_others_astray(const Chat& chat, const LogMove& move, const AccountId& by) {
  const auto past = chat.retired.find(move.epoch);
  const GroupSettings* then = settings_at(chat, move.epoch);
  if (past == chat.retired.end() || past->second.place != move.place || then == nullptr) return false;
  return then->role_of(by) >= Role::kAdmin && !may_move(chat, by);
}

// The log is gone, and it is moved from our epoch as well. But not at once: a home is away for a minute and a half now and then, and no
// former admin has us move a log for that.
void move_for(Machine& m, Chat& chat, const LogMove& move, const AccountId& by) {
  if (chat.record.moving || chat.record.astray || move.from != chat.record.log.log || !would_move(m, chat)) return;
  if (leads_others_astray(chat, move, by)) chat.record.misled = true;
}

// Whether a log has moved lately, so that others may not have heard of it yet, and perhaps nobody follows where we are.
bool is_disputed(const Machine& m, const Chat& chat) {
  return !chat.record.moves.empty() && m.now < m.when(chat.record.moved_ms) + kMoveDisputed;
}

// Another than the signer may move the log.
bool has_other_mover(const Chat& chat, const LogMove& move) {
  const auto signer = account_of_device(chat, move.device);
  return std::ranges::any_of(chat.members,
                             [&](const auto& entry) { return entry.first != signer && may_move(chat, entry.first); });
}

// Whether the log that we know, which was read to its end just now, says that a move is none to follow: following it would throw us
// out on one admin's word, since it is of before we came in; or its epoch is to come, or another one than ours of that number, and the
// log has not moved for long; or it is of a log that has moved on twice since, and another who may do so can call its signer back.
bool is_refuted(const Machine& m, const Chat& chat, const LogMove& move, size_t place) {
  const uint64_t epoch = chat.group->epoch();
  const bool older = move.from != chat.record.log.log;
  if (older && place + 1 < chat.record.moves.size() && has_other_mover(chat, move)) return true;
  if (older && is_disputed(m, chat)) return false;
  if (move.epoch < chat.record.came) return true;
  if (is_disputed(m, chat)) return false;
  return move.epoch > epoch || (move.epoch == epoch && move.place != epoch_place(*chat.group));
}

// One that was told, and holds.
struct Holding {
  LogMove move;
  size_t place;
  Bytes encoded;
};

// Takes the first log of which a move holds, and of its moves the best: the log to which a worse one leads may refuse us, and then nothing
// that was told is judged for a day. False: none holds. `there`: as for judge_told.
bool follow_one(Machine& m, Chat& chat, bool there) {
  std::optional<Holding> best;
  for (const Bytes& encoded : chat.record.moves_told) {
    const auto move = open_move(chat, encoded);
    const auto place = move ? place_among(chat.record, *move) : std::nullopt;
    if (!place || (there && !chat.record.astray && is_refuted(m, chat, *move, *place))) continue;
    // A log that begins beyond our epoch goes on nowhere from an earlier one.
    if (is_unread(chat) && move->from == chat.record.log.log && move->epoch < chat.group->epoch()) continue;
    if (best && (move->from != best->move.from || !is_better(*move, best->move))) continue;
    best = Holding{*move, *place, encoded};
  }
  if (!best) return false;
  if (moves_on(m, chat, best->move)) return true;
  std::erase(chat.record.moves_told, best->encoded);
  follow(m, chat, best->move, best->place, best->encoded);
  return true;
}

// Where the log would be by now, if what was told were so.
wire::LogId end_of(const LogMoves& told, wire::LogId at) {
  for (size_t i = 0; i < told.size(); ++i) {
    const auto next = std::ranges::find_if(told, [&](const Bytes& each) {
      const auto move = codec::decoded<LogMove>(each);
      return move && move->from == at;
    });
    if (next == told.end()) break;
    at = codec::decoded<LogMove>(*next)->log;
  }
  return at;
}

// Somebody has moved the log who may not, or from where it is no more, as those know who read it: it is where it was. If others may have
// followed him all are told. `all`: what was told with it.
void call_back(Machine& m, Chat& chat, const LogMove& wrong, const AccountId& by, const LogMoves& all) {
  if (is_passed(chat.record, wrong.log)) return;  // a way back to a log that is behind us is a trap
  const bool older = wrong.from != chat.record.log.log;
  const bool refused = !older || place_among(chat.record, wrong).has_value();
  if (!refused || !may_move(chat, m.self->record.account)) return tell_moves(m, chat, by);
  const bool followed = older || leads_others_astray(chat, wrong, by);
  const bool to_all = followed && chat.called_back + kMovesToldPause <= m.now;
  const auto [told, fresh] = chat.moves_told.try_emplace(by, m.now);
  if (!to_all && !fresh && told->second + kMovesToldPause > m.now) return;
  told->second = m.now;
  if (to_all) chat.called_back = m.now;
  LogMoves back;
  const wire::LogId end = end_of(all, wrong.log);
  for (const wire::LogId& at : std::set<wire::LogId>{wrong.log, is_passed(chat.record, end) ? wrong.log : end})
    back.push_back(codec::encoded(signed_move(m, chat, at, chat.record.log.home, chat.record.log.log)));
  queue_moved(m, chat, codec::encoded(back), to_all ? nullptr : &by);
}

// What was told of the log is judged by the members as they are now. What does not hold is forgotten, unless there is another log to
// be read first; and whoever knows no better is told. `there`: the log that we know was read to its end just now.
void judge_told(Machine& m, Chat& chat, bool there) {
  if (chat.record.moves_told.empty()) return;
  if (follow_one(m, chat, there)) {
    while (chat.group && chat.record.astray && follow_one(m, chat, false)) continue;
    return;
  }
  const LogMoves all = std::exchange(chat.record.moves_told, {});
  for (const Bytes& encoded : all) {
    const auto move = read_move(chat, encoded);
    const auto by = move ? account_of_device(chat, move->device) : std::nullopt;
    const bool known = move && (is_known(chat.record, move->from, move->log) || move->log == chat.record.log.log);
    if (!by || known || *by == m.self->record.account) continue;
    if (!there) move_for(m, chat, *move, *by);
    there ? call_back(m, chat, *move, *by, all) : tell_moves(m, chat, *by);
  }
  m.put(chat);
}

// ---- moving ---------------------------------------------------------------------------------------------------------

void say_move(Machine& m, Chat& chat) {
  const MovingRecord& moving = *chat.record.moving;
  const LogMove move = signed_move(m, chat, chat.record.log.log, moving.home, moving.log);
  end_moving(m, chat, std::nullopt);
  follow(m, chat, move, chat.record.moves.size(), codec::encoded(move));
  queue_moved(m, chat, codec::encoded(chat.record.moves));
}

void on_opened(Machine& m, const ChatId& id, const wire::LogId& log, uint64_t epoch, const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !chat->group || !chat->record.moving || chat->record.moving->log != log) return;
  m.touch(*chat);
  const Outcome outcome = outcome_of(reply);
  if (wants_other_work(outcome, log, chat->move_work)) {
    chat->move_work =
        crypto::find_work(wire::kWorkLabel, log.view(), static_cast<uint8_t>(outcome.detail), chat->move_work);
    return chat->move_open.cancel();
  }
  if (!outcome.ok()) {
    // One that refuses work that is done may have us try for ever, but not fast.
    const bool by_itself = chat->movers.empty() && outcome.is(wire::kProofOfWorkRefused);
    if (outcome.error->code.action == Action::kRetryLater || by_itself) {
      return chat->move_open.fail(m.now, outcome.retry_after, m.random);
    }
    return end_moving(m, *chat, outcome.error);
  }
  chat->move_open.succeed();
  if (chat->group->epoch() != epoch) {
    return end_moving(m, *chat, Error{kOvertaken, "the epoch is the one that the new log was opened for"});
  }
  say_move(m, *chat);
}

void open_new(Machine& m, Chat& chat) {
  const auto token = log_epoch_token(*chat.group);
  if (!token) return;
  chat.move_open.start();
  const MovingRecord& moving = *chat.record.moving;
  const wire::LogOpen request{
      moving.log, chat.group->epoch(), hash_of(*token), hash_of(chat.record.keys.log_read.value), {chat.move_work}};
  m.journal.then([&m, id = chat.record.chat, home = moving.home, request] {
    m.link(id, home).submit(request, [&m, id, log = request.log, epoch = request.epoch](
                                         const Result<wire::Reply>& reply) { on_opened(m, id, log, epoch, reply); });
  });
}

void begin(Machine& m, Chat& chat, wire::HomeAddress home) {
  chat.record.moving = {std::move(home), m.random_id<wire::LogId>(), false};
  chat.log_watch = LogWatch{};  // another home is asked beside it
  // The old one is asked at once, on all ways.
  if (!chat.log.under_way()) chat.log.succeed();
  const auto way = m.courier.ways.find(LinkKey{chat.record.chat, chat.record.log.home.key});
  if (way != m.courier.ways.end() && !way->second.forward) way->second.forward_at = Instant{};
  want_log(m, chat);
  m.put(chat);
}

// Which of those who may move it we are.
int64_t rank_among_movers(const Chat& chat) {
  std::set<AccountId> before;
  for (const auto& [leaf, account] : chat.owners) {
    if (leaf == chat.group->own_leaf().value) break;
    const Member* member = find_member(chat, account);
    const bool lives_there = member == nullptr || member->record.home.key == chat.record.log.home.key;
    if (may_move(chat, account) && !lives_there) before.insert(account);
  }
  return static_cast<int64_t>(before.size());
}

bool would_move(const Machine& m, const Chat& chat) {
  return may_move(chat, m.self->record.account) && m.self->record.home.key != chat.record.log.home.key;
}

void move_by_itself(Machine& m, Chat& chat) {
  const SilenceRecord& silence = chat.record.silence;
  const bool soon = chat.record.misled && silence.times >= kLogMisledTimes;
  if ((silence.times < kLogLostTimes && !soon) || chat.record.moving || !would_move(m, chat)) return;
  // What is under keys that nobody has told us of may be anything.
  const bool behind = std::ranges::any_of(
      chat.pending, [](const auto& entry) { return entry.second.kind == PendingRecord::Kind::kMessage; });
  const Duration patience = soon ? kSilenceAgain : behind ? kLogLostAfter + kLogLostBehind : kLogLostAfter;
  const Instant due = m.when(silence.since_ms) + patience + kMoveTurn * rank_among_movers(chat);
  if (due > m.now) return void(chat.wake = std::min(chat.wake, due));
  // What others have said of it meanwhile comes first.
  if (m.queue.fetching || m.mailbox().state().connection != Connection::kConnected) return;
  begin(m, chat, m.self->record.home);
}

void ask_for_log(Machine& m, Chat& chat, const std::vector<AccountId>& others) {
  LogAsked asked{1, chat.record.chat, chat.record.log.log, {}, {}};
  sign(m, asked);
  queue_log_asked(m, chat, codec::encoded(asked), others);
}

void ask_others(Machine& m, Chat& chat) {
  SilenceRecord& silence = chat.record.silence;
  if (silence.times < 2 || chat.record.moving) return;
  const Instant due = std::max(m.when(silence.since_ms) + kLogAskAfter, m.when(silence.asked_ms) + kLogAskPause);
  if (due > m.now) return void(chat.wake = std::min(chat.wake, due));
  std::vector<AccountId> others;
  for (const auto& [account, member] : chat.members) {
    if (account != m.self->record.account && member.record.home.key != chat.record.log.home.key)
      others.push_back(account);
  }
  for (size_t i = others.size(); i > 1; --i) std::swap(others[i - 1], others[static_cast<size_t>(m.random.below(i))]);
  if (others.size() > kLogAskedAtOnce) others.resize(kLogAskedAtOnce);
  ask_for_log(m, chat, others);
  silence.asked_ms = m.wall().ms;
  m.put(chat);
}

}  // namespace

ByteArray<32> epoch_place(const mls::Group& group) {
  Bytes input = to_bytes(as_bytes("godwit epoch 1"));
  append(input, group.epoch_authenticator());
  const auto digest = crypto::sha256(input);
  ByteArray<32> out{};
  std::ranges::copy(digest, out.begin());
  return out;
}

bool is_better(const LogMove& one, const LogMove& than) {
  return one.epoch != than.epoch ? one.epoch > than.epoch : one.log < than.log;
}

void move_log(Machine& m, CommandId id, const MoveLog& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (!chat->group || !chat->record.log_ready) return m.fail(id, {kNotMember, "members move the log"});
  if (!may_move(*chat, m.self->record.account)) return m.fail(id, {kNotAllowed, "admins move the log"});
  if (chat->record.astray) return m.fail(id, {kOvertaken, "who moves the log is in one of its epochs"});
  wire::HomeAddress home = m.self->record.home;
  if (command.home) {
    const auto link = wire::parse_home_link(*command.home);
    if (!link) return m.fail(id, link.error());
    home = link->home;
  }
  if (home.key == chat->record.log.home.key && chat->record.silence.refused_ms == 0) {
    return m.fail(id, {kLogIsThere, "the log goes to another home"});
  }
  if (chat->record.moving && chat->record.moving->home.key != home.key) {
    end_moving(m, *chat, Error{kOvertaken, "the log goes to one home"});
  }
  chat->movers.push_back(id);
  if (!chat->record.moving) begin(m, *chat, std::move(home));
  m.touch(*chat);
}

void take_moves(Machine& m, Chat& chat, ByteView body) {
  const auto moves = codec::decoded<LogMoves>(body);
  if (!moves || moves->size() > kMovesKept) return;
  ChatRecord& record = chat.record;
  bool fresh = false;
  bool trusted = false;  // one of them is of somebody who may say it
  for (const Bytes& encoded : *moves) {
    const bool known = std::ranges::find(record.moves, encoded) != record.moves.end() ||
                       std::ranges::find(record.moves_told, encoded) != record.moves_told.end();
    const auto move = known ? Result<LogMove>(Error{kBadLogMove, "a move is told once"}) : read_move(chat, encoded);
    if (!move || move->log == record.log.log) continue;
    if (keep_told(chat, *move, encoded)) trusted = true;
    fresh = true;
  }
  if (!fresh) return;
  m.put(chat);
  if (record.astray) return judge_told(m, chat, false);
  if (trusted && !chat.log.under_way()) chat.log.succeed();
  want_log(m, chat);
}

void on_log_asked(Machine& m, Chat& chat, ByteView body) {
  const auto asked = codec::decoded<LogAsked>(body);
  if (!asked || asked->log == chat.record.log.log) return;
  if (const auto account = asker_of(chat, *asked)) tell_moves(m, chat, *account);
}

void meet_other_log(Machine& m, Chat& chat, const wire::LogId& log, const AccountId& by) {
  if (by == m.self->record.account || count_lately(m, chat) >= kHintsAnsweredMax) return;
  const bool ours_goes_on = std::ranges::any_of(chat.record.moves, [&](const Bytes& each) {
    const auto known = codec::decoded<LogMove>(each);
    return known && known->from == log;
  });
  if (ours_goes_on) return tell_moves(m, chat, by);
  const auto [asked, fresh] = chat.logs_asked.try_emplace(by, m.now);
  if (!fresh && asked->second + kMovesToldPause > m.now) return;
  asked->second = m.now;
  ask_for_log(m, chat, {by});
}

void log_read_through(Machine& m, Chat& chat) {
  drop_dead_bases(m, chat);
  judge_told(m, chat, true);
}

int64_t parted_at(const Machine& m, const Chat& chat) {
  return chat.retired.empty() ? m.wall().ms : chat.retired.begin()->second.retired_ms;
}

void log_silent(Machine& m, Chat& chat) {
  chat.log_watch.silent = true;
  judge_told(m, chat, false);
  m.touch(chat);
}

void log_refuses(Machine& m, Chat& chat) {
  // One that has us move it ourselves stays among what was told.
  const auto goes_on = [&chat] { return chat.record.moving && chat.record.moving->goes_on; };
  while (chat.group && is_unread(chat) && !goes_on() && follow_one(m, chat, false)) continue;
}

void log_found(Machine& m, Chat& chat) {
  if (chat.record.moving && !chat.record.moving->goes_on) end_moving(m, chat, Error{kLogIsThere, "the log has gone"});
}

void stop_moving(Machine& m, Chat& chat) {
  chat.log_watch = LogWatch{};
  chat.record.moves_told.clear();
  if (chat.record.moving) end_moving(m, chat, Error{kOvertaken, "members move the log, in its last epoch"});
}

void pump_moves(Machine& m, Chat& chat) {
  if (!chat.record.log_ready || chat.record.astray) return;
  move_by_itself(m, chat);
  ask_others(m, chat);
  pump_log_watch(m, chat);
  // A refusal is of now: it was asked again for this.
  const bool refused = !chat.log.under_way() && !chat.record.log_wanted && is_refused_for_long(m, chat);
  const bool gone = chat.log_watch.silent || refused || (chat.record.moving && chat.record.moving->goes_on);
  if (chat.record.moving && gone && chat.move_open.may_start(m.now, chat.wake)) open_new(m, chat);
}

Instant next_look(Machine& m, const Chat& chat) {
  if (!would_move(m, chat)) return kNever;
  return m.now + kLookAfter + milliseconds(static_cast<int64_t>(m.random.below(static_cast<uint64_t>(kLookSpread.ms))));
}

}  // namespace godwit::engine
