#include "engine/call_rooms.h"

#include "engine/calls.h"
#include "engine/chat_people.h"
#include "engine/group_calls.h"
#include "engine/machine.h"
#include "engine/members.h"
#include "engine/shown_name.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

template <typename Key>
bool key_of(std::string_view digits, Key& out) {
  Bytes bytes;
  return from_hex(digits, bytes) && Key::from(bytes, out);
}

// What a page may ask for, as it crosses the line; kTooLong, kBadCallRoom.
Result<wire::CallRoomAsk> request_of(const AskCallRoom& command) {
  wire::CallRoomAsk out;
  const bool keys = key_of(command.room, out.room) && key_of(command.seat, out.seat);
  REQUIRE(keys && command.number > 0, kBadCallRoom, "a room and a seat have keys of their sizes");
  REQUIRE(command.text.size() <= wire::kCallTextMax, kTooLong, "wire: kCallTextMax");
  REQUIRE(command.streams.size() <= wire::kCallStreamsMax, kBadCallRoom, "wire: kCallStreamsMax");
  out.number = command.number;
  out.verb = static_cast<uint8_t>(command.wish);
  out.text = to_bytes(as_bytes(command.text));
  for (const CallRoomStream& each : command.streams) {
    const bool fits = each.feed > 0 && each.feed <= wire::kCallFeedMax && each.layer <= wire::kCallLayerMax;
    REQUIRE(fits, kBadCallRoom, "a stream is of a feed and has three layers");
    out.streams.push_back({each.feed, each.picture, static_cast<uint8_t>(each.layer)});
  }
  return out;
}

// Of a home that may be a stranger's: what is outside its bounds is as if it had said nothing.
std::optional<CallRoomAnswer> answer_of(const Machine& m, const Result<wire::Reply>& reply,
                                        const wire::HomeAddress& home) {
  const auto* said = reply ? std::get_if<wire::CallRoomSaid>(&*reply) : nullptr;
  if (said == nullptr || !wire::check_call_room_said(*said)) return std::nullopt;
  CallRoomAnswer out;
  out.text.assign(said->text.begin(), said->text.end());
  if (!is_utf8(out.text)) return std::nullopt;
  out.feed = said->feed;
  for (const wire::CallLine& each : said->lines) out.lines.push_back({each.line, each.feed, each.picture});
  for (const wire::TurnCredentials& each : said->relays) {
    CallRelay relay = relay_of(m, home, each);
    if (!relay.urls.empty()) out.relays.push_back(std::move(relay));
  }
  return out;
}

Error refusal_of(const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  return outcome.ok() ? Error{wire::kUnavailable, "a home answers with what was asked for"} : *outcome.error;
}

}  // namespace

void open_call_room(Machine& m, CommandId id, const OpenCallRoom& command) {
  if (!m.has_account() || !is_in_group_call(m, command.call)) return m.fail(id, {kNoSuchCall, "a room is for a call"});
  const bool online = m.mailbox().state().connection == Connection::kConnected;
  if (!online) return m.fail(id, {kNotConnected, "a connection to the home"});
  m.mailbox().submit(wire::CallRoomOpen{}, [&m, id](const Result<wire::Reply>& reply) {
    const auto* room = reply ? std::get_if<wire::CallRoom>(&*reply) : nullptr;
    if (room == nullptr) return m.fail(id, refusal_of(reply));
    m.done(id, CallRoomOpened{to_hex(room->room.view())});
  });
}

void ask_call_room(Machine& m, CommandId id, const AskCallRoom& command) {
  if (!m.has_account() || !is_in_group_call(m, command.call)) return m.fail(id, {kNoSuchCall, "a room is for a call"});
  const auto request = request_of(command);
  if (!request) return m.fail(id, request.error());
  const ChatId chat_id = group_call_of(m)->going.chat;
  Chat* chat = m.find_chat(chat_id);
  const Member* member = chat == nullptr ? nullptr : find_member(*chat, command.home);
  const bool own = command.home == m.self->record.account;
  if (chat == nullptr || (!own && member == nullptr)) return m.fail(id, {kCallNotNow, "a room is at a member's home"});
  const wire::HomeAddress home = own ? m.mailbox().home() : member->record.home;
  // As deliveries go: without a name, by a session of this chat and that home, or through the own home.
  m.link(chat_id, home).submit(*request, [&m, id, home](const Result<wire::Reply>& reply) {
    auto answer = answer_of(m, reply, home);
    if (!answer) return m.fail(id, refusal_of(reply));
    m.done(id, std::move(*answer));
  });
}

}  // namespace godwit::engine
