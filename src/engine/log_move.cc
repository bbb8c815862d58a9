#include "engine/log_move.h"

#include <algorithm>

#include "crypto/proof_of_work.h"
#include "engine/commits.h"
#include "engine/epochs.h"
#include "engine/intents.h"
#include "engine/log_entry.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/returning.h"
#include "wire/errors.h"
#include "wire/home_link.h"

namespace godwit::engine {
namespace {

Bytes signed_part(const LogMove& move) {
  Bytes out = to_bytes(as_bytes("godwit log move 1"));
  const Bytes all = codec::encoded(move);
  append(out, ByteView(all).first(all.size() - move.signature.size()));
  return out;
}

// Whose device it is, as the members are now.
std::optional<AccountId> account_of_device(const Chat& chat, const ByteArray<32>& device) {
  for (const auto& [leaf, account] : chat.owners) {
    const auto member = chat.group->member({leaf});
    if (member && member->signature_key == device) return account;
  }
  return std::nullopt;
}

bool may_move(const Chat& chat, const AccountId& account) {
  const Role role = role_of(chat, account);
  return chat.record.kind == ChatKind::kDirect ? role != Role::kNone : role >= Role::kAdmin;
}

// A statement of somebody who may make it.
Result<LogMove> open_move(const Chat& chat, ByteView encoded) {
  auto move = TRY(codec::decoded<LogMove>(encoded));
  REQUIRE(move.version == 1 && move.chat == chat.record.chat, kBadLogMove, "a move is of its chat");
  TRY(wire::check_home_address(move.home));
  TRY(crypto::ed25519_verify(move.device, signed_part(move), move.signature));
  const auto account = account_of_device(chat, move.device);
  REQUIRE(account && may_move(chat, *account), kBadLogMove, "admins move the log");
  return move;
}

Result<LogMove> known_move(const Bytes& encoded) { return codec::decoded<LogMove>(encoded); }

// Where in the list of moves this one belongs: behind the last one, or in the place of a worse one of the same log.
std::optional<size_t> place_among(const ChatRecord& record, const LogMove& move) {
  if (move.from == record.log.log) return record.moves.size();
  for (size_t i = 0; i < record.moves.size(); ++i) {
    const auto known = known_move(record.moves[i]);
    if (known && known->from == move.from) return is_better(move, *known) ? std::optional(i) : std::nullopt;
  }
  return std::nullopt;
}

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

// Those who had asked to come back ask again if they still have to: keys that are used though nobody needs them put a device out.
void forget_returns(Machine& m, Chat& chat) {
  std::vector<uint64_t> over;
  for (const auto& [number, intent] : chat.intents) {
    if (intent.returns) over.push_back(number);
  }
  settle_intents(m, chat, over, std::nullopt);
}

void follow(Machine& m, Chat& chat, const LogMove& move, size_t place, ByteView encoded) {
  ChatRecord& record = chat.record;
  if (chat.log.under_way()) m.link(record.chat, record.log.home).cancel(chat.log_request);
  chat.log.succeed();
  const wire::LogId before = record.log.log;
  record.log.home = move.home;
  record.log.log = move.log;
  record.moves.resize(place);
  record.moves.push_back(to_bytes(encoded));
  if (record.moves.size() > kMovesKept) record.moves.erase(record.moves.begin());
  record.log_silent_ms = 0;
  chat.log_refused = chat.log_continues = false;
  chat.void_attempts = 0;
  chat.blocked_until = {};
  chat.told_blocked = false;
  forget_returns(m, chat);
  const uint64_t epoch = chat.group->epoch();
  const bool here = epoch == move.epoch && epoch_place(*chat.group) == move.place;
  record.astray = !here && epoch >= move.epoch;
  end_return(m, record.chat);
  if (const Status sealed = reseal_staged(m, chat, before); !sealed) return m.stop(sealed.error());
  if (record.astray) want_return_from(m, chat, move.epoch, move.place);
  want_log(m, chat);
  m.put(chat);
}

void say_move(Machine& m, Chat& chat) {
  LogMove move{1, chat.record.chat, chat.record.log.log, chat.record.moving->home, chat.record.moving->log,
               chat.group->epoch(), epoch_place(*chat.group), m.self->device.public_key, {}};
  move.signature = m.self->device.sign(signed_part(move));
  const Bytes encoded = codec::encoded(move);
  follow(m, chat, move, chat.record.moves.size(), encoded);
  queue_moved(m, chat, encoded);
  end_moving(m, chat, std::nullopt);
}

void on_opened(Machine& m, const ChatId& id, const wire::LogId& log, uint64_t epoch,
               const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !chat->group || !chat->record.moving || chat->record.moving->log != log) return;
  m.touch(*chat);
  const Outcome outcome = outcome_of(reply);
  if (outcome.is(wire::kProofOfWorkRefused) && outcome.detail > 0 && outcome.detail <= kProofBitsMax) {
    chat->move_work = crypto::find_work(wire::kWorkLabel, log.view(), static_cast<uint8_t>(outcome.detail),
                                        chat->move_work);
    return chat->move_open.cancel();
  }
  if (!outcome.ok()) return chat->move_open.fail(m.now, outcome.retry_after, m.random);
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
  const wire::LogOpen request{moving.log,
                              chat.group->epoch(),
                              hash_of(*token),
                              hash_of(chat.record.keys.log_read.value),
                              {chat.move_work}};
  m.journal.then([&m, id = chat.record.chat, home = moving.home, request] {
    m.link(id, home).submit(request, [&m, id, log = request.log, epoch = request.epoch](
                                         const Result<wire::Reply>& reply) { on_opened(m, id, log, epoch, reply); });
  });
}

// Something of a later epoch has come: others are further than we are, so it is not for us to say where they go on.
bool is_behind(const Chat& chat) { return !chat.pending.empty(); }

// Which of those who may move it we are.
int64_t rank_among_movers(const Machine& m, const Chat& chat) {
  int64_t rank = 0;
  for (const auto& [leaf, account] : chat.owners) {
    if (leaf == chat.group->own_leaf().value) break;
    const Member* member = find_member(chat, account);
    rank += may_move(chat, account) && member->record.home.key != chat.record.log.home.key ? 1 : 0;
  }
  static_cast<void>(m);
  return rank;
}

void begin(Machine& m, Chat& chat, wire::HomeAddress home) {
  chat.record.moving = {std::move(home), m.random_id<wire::LogId>()};
  m.put(chat);
  m.touch(chat);
}

void move_by_itself(Machine& m, Chat& chat) {
  if (chat.record.log_silent_ms == 0 || chat.record.moving || chat.record.astray || is_behind(chat)) return;
  if (!may_move(chat, m.self->record.account) || m.self->record.home.key == chat.record.log.home.key) return;
  const Instant due = m.when(chat.record.log_silent_ms) + kLogLostAfter + kMoveTurn * rank_among_movers(m, chat);
  if (due > m.now) return void(chat.wake = std::min(chat.wake, due));
  // What others have said of it meanwhile comes first.
  if (m.fetching || m.mailbox().state().connection != Connection::kConnected) return;
  begin(m, chat, m.self->record.home);
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
  if (!chat->group) return m.fail(id, {kNotMember, "members move the log"});
  if (!may_move(*chat, m.self->record.account)) return m.fail(id, {kNotAllowed, "admins move the log"});
  if (chat->record.astray || is_behind(*chat))
    return m.fail(id, {kOvertaken, "who moves the log is in its last epoch"});
  wire::HomeAddress home = m.self->record.home;
  if (command.home) {
    const auto link = wire::parse_home_link(*command.home);
    if (!link) return m.fail(id, link.error());
    home = link->home;
  }
  chat->movers.push_back(id);
  if (!chat->record.moving) begin(m, *chat, std::move(home));
  want_log(m, *chat);
}

void take_move(Machine& m, Chat& chat, ByteView encoded) {
  const auto move = open_move(chat, encoded);
  if (!move) return;
  const auto place = place_among(chat.record, *move);
  if (!place) return;
  if (chat.record.moving) end_moving(m, chat, Error{kOvertaken, "nobody else has moved the log"});
  follow(m, chat, *move, *place, encoded);
}

Status check_moved(const Chat& known, const LogLocation& log, const std::vector<Bytes>& moves) {
  wire::LogId at = known.record.log.log;
  for (const Bytes& each : moves) {
    const auto move = open_move(known, each);
    if (!move || move->from != at) continue;
    at = move->log;
    if (at == log.log && move->home.key == log.home.key) return {};
  }
  return Error{kBadContent, "who comes back finds the log where it was, or where admins have moved it"};
}

void log_answered(Machine& m, Chat& chat) {
  chat.log_refused = false;
  if (chat.record.log_silent_ms != 0) {
    chat.record.log_silent_ms = 0;
    m.put(chat);
  }
  if (chat.record.moving && !chat.move_open.under_way())
    end_moving(m, chat, Error{kLogIsThere, "the log has gone"});
}

void log_not_there(Machine& m, Chat& chat) {
  if (chat.record.log_silent_ms != 0) return;
  chat.record.log_silent_ms = std::max<int64_t>(m.wall().ms, 1);
  m.put(chat);
}

void pump_moves(Machine& m, Chat& chat) {
  if (chat.log.under_way()) {
    const Instant silent = chat.log_asked_at + kLogAnswerMax;
    silent <= m.now ? log_not_there(m, chat) : void(chat.wake = std::min(chat.wake, silent));
  }
  move_by_itself(m, chat);
  const bool gone = chat.record.log_silent_ms != 0;
  if (chat.record.moving && gone && chat.move_open.may_start(m.now, chat.wake)) open_new(m, chat);
}

}  // namespace godwit::engine
