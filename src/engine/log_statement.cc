#include "engine/log_statement.h"

#include <algorithm>

#include "engine/log_watch.h"
#include "engine/members.h"
#include "wire/home_link.h"

namespace godwit::engine {
namespace {

template <typename T>
Bytes signed_part(std::string_view label, const T& said) {
  Bytes out = to_bytes(as_bytes(label));
  const Bytes all = codec::encoded(said);
  append(out, ByteView(all).first(all.size() - said.signature.size()));
  return out;
}

Bytes signed_part(const LogMove& move) { return signed_part("godwit log move 1", move); }
Bytes signed_part(const LogAsked& asked) { return signed_part("godwit log asked 1", asked); }

template <typename T>
void sign_it(const Machine& m, T& said) {
  said.device = m.self->device.public_key;
  said.signature = m.self->device.sign(signed_part(said));
}

}  // namespace

void sign(const Machine& m, LogMove& move) { sign_it(m, move); }

void sign(const Machine& m, LogAsked& asked) { sign_it(m, asked); }

Result<AccountId> asker_of(const Chat& chat, const LogAsked& asked) {
  REQUIRE(asked.version == 1 && asked.chat == chat.record.chat, kBadLogMove, "one asks for the log of one's chat");
  const auto account = account_of_device(chat, asked.device);
  REQUIRE(account.has_value(), kBadLogMove, "members ask");
  TRY(crypto::ed25519_verify(asked.device, signed_part(asked), asked.signature));
  return *account;
}

LogMove signed_move(const Machine& m, const Chat& chat, const wire::LogId& from, const wire::HomeAddress& home,
                    const wire::LogId& log) {
  LogMove move{1, chat.record.chat, from, home, log, chat.group->epoch(), epoch_place(*chat.group), {}, {}};
  sign(m, move);
  return move;
}

std::optional<AccountId> account_of_device(const Chat& chat, const ByteArray<32>& device) {
  for (const auto& [leaf, account] : chat.owners) {
    const auto member = chat.group->member({leaf});
    if (!member || member->signature_key != device) continue;
    // A device that was taken off its account's list speaks for nobody, also while its leaf is still there.
    const Member* owner = find_member(chat, account);
    const auto list = owner == nullptr ? Result<DeviceList>(Error{kBadLogMove, "members move the log"})
                                       : DeviceList::validate(account, owner->record.devices);
    return list && list->has(device) ? std::optional(account) : std::nullopt;
  }
  return std::nullopt;
}

bool may_move(const Chat& chat, const AccountId& account) {
  const Role role = role_of(chat, account);
  return chat.record.kind == ChatKind::kDirect ? role != Role::kNone : role >= Role::kAdmin;
}

Result<LogMove> read_move(const Chat& chat, ByteView encoded) {
  auto move = TRY(codec::decoded<LogMove>(encoded));
  REQUIRE(move.version == 1 && move.chat == chat.record.chat, kBadLogMove, "a move is of its chat");
  TRY(wire::check_home_address(move.home));
  TRY(crypto::ed25519_verify(move.device, signed_part(move), move.signature));
  return move;
}

Result<LogMove> open_move(const Chat& chat, ByteView encoded) {
  auto move = TRY(read_move(chat, encoded));
  const auto account = account_of_device(chat, move.device);
  REQUIRE(account && may_move(chat, *account), kBadLogMove, "admins move the log");
  return move;
}

bool is_known(const ChatRecord& record, const wire::LogId& from, const wire::LogId& log) {
  return std::ranges::any_of(record.moves, [&](const Bytes& each) {
    const auto known = codec::decoded<LogMove>(each);
    return known && known->from == from && known->log == log;
  });
}

std::optional<size_t> place_among(const ChatRecord& record, const LogMove& move) {
  if (is_known(record, move.from, move.log)) return std::nullopt;
  if (move.from == record.log.log) return record.moves.size();
  for (size_t i = record.moves.size(); i-- > 0;) {
    const auto known = codec::decoded<LogMove>(record.moves[i]);
    if (known && known->from == move.from) return is_better(move, *known) ? std::optional(i) : std::nullopt;
  }
  return std::nullopt;
}

bool keep_told(Chat& chat, const LogMove& move, Bytes encoded) {
  auto& told = chat.record.moves_told;
  const auto device_of = [](const Bytes& each) {
    const auto known = codec::decoded<LogMove>(each);
    return known ? known->device : ByteArray<32>{};
  };
  // The oldest of those of which there are too many.
  const auto bound = [&told](size_t most, const auto& is_one) {
    const auto count = static_cast<size_t>(std::ranges::count_if(told, is_one));
    if (count > most) told.erase(std::ranges::find_if(told, is_one));
  };
  told.push_back(std::move(encoded));
  const auto signer = account_of_device(chat, move.device);
  if (!signer) {
    bound(kMovesKept, [&](const Bytes& each) { return !account_of_device(chat, device_of(each)); });
    return false;
  }
  bound(kMovesKept, [&](const Bytes& each) { return device_of(each) == move.device; });
  if (told.size() > kMovesToldMax) {
    const auto less = std::ranges::find_if(told, [&](const Bytes& each) {
      const auto account = account_of_device(chat, device_of(each));
      return !account || !may_move(chat, *account);
    });
    told.erase(less == told.end() ? told.begin() : less);
  }
  return may_move(chat, *signer);
}

bool is_passed(const ChatRecord& record, const wire::LogId& log) {
  return std::ranges::any_of(record.moves, [&](const Bytes& each) {
    const auto known = codec::decoded<LogMove>(each);
    return known && (known->from == log || known->log == log);
  });
}

bool is_unread(const Chat& chat) {
  if (chat.record.moves.empty()) return false;
  const auto last = codec::decoded<LogMove>(chat.record.moves.back());
  return last && chat.group->epoch() < last->epoch;
}

Status keep_told_moves(Chat& chat, const Chat* known, LogMoves moves) {
  REQUIRE(moves.size() <= kMovesKept, kBadContent, "a log has moved so often at most");
  wire::LogId at = chat.record.log.log;
  size_t fresh = 0;  // the first that we do not know
  for (size_t i = moves.size(); i-- > 0;) {
    const LogMove move = TRY(read_move(chat, moves[i]));
    REQUIRE(move.log == at, kBadContent, "each move goes on from the one before, and the last one leads to the log");
    REQUIRE(move.epoch <= chat.group->epoch(), kBadContent, "a log has moved in an epoch that was before");
    if (known != nullptr && move.log == known->record.log.log) fresh = i + 1;
    at = move.from;
  }
  if (known != nullptr && chat.record.log.log == known->record.log.log) fresh = moves.size();
  moves.erase(moves.begin(), moves.begin() + static_cast<ptrdiff_t>(fresh));
  if (known != nullptr) moves.insert(moves.begin(), known->record.moves.begin(), known->record.moves.end());
  while (moves.size() > kMovesKept) moves.erase(moves.begin());
  chat.record.moves = std::move(moves);
  return {};
}

Status check_moved(const Machine& m, const Chat& known, const LogLocation& log, const LogMoves& moves) {
  const bool refuses_unread = is_unread(known) && known.record.silence.refused_ms != 0;
  REQUIRE(known.record.silence.times > 0 || is_refused_for_long(m, known) || refuses_unread, kBadContent,
          "who comes back finds the log where it was, unless that is gone");
  wire::LogId at = known.record.log.log;
  for (const Bytes& each : moves) {
    const auto move = open_move(known, each);
    if (!move || move->from != at) continue;
    at = move->log;
    if (at == log.log && move->home.key == log.home.key) return {};
  }
  return Error{kBadContent, "who comes back finds the log where it was, or where admins have moved it"};
}

}  // namespace godwit::engine
