#include "engine/call_lines.h"

#include <algorithm>
#include <tuple>

#include "codec/members.h"
#include "crypto/hash.h"
#include "engine/chat_people.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/members.h"
#include "engine/message_view.h"

namespace godwit::engine {
namespace {

// The body of a HistoryRecord of kLine, as LineBody is; the first two members are the same.
struct CallLineBody {
  uint8_t version = 1;
  LineKind what = LineKind::kCall;
  AccountId by;
  std::string by_name;
  PastCallRecord call;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.what, self.by, self.by_name, self.call);
  }
};

MessageId line_id(const ChatId& chat, const CallId& call) {
  Bytes input = to_bytes(as_bytes("godwit call line 1"));
  append(input, chat.view());
  append(input, call.view());
  const auto digest = crypto::sha256(input);
  MessageId out;
  std::copy_n(digest.begin(), out.value.size(), out.value.begin());
  return out;
}

// `by`: of a call of a group, who began it.
CallLineBody body_of_line(const Machine& m, const Chat& chat, const PastCallRecord& call, const AccountId& by) {
  const bool group = chat.record.kind == ChatKind::kGroup;
  CallLineBody out;
  out.by = group ? by : call.outgoing ? m.self->record.account : chat.record.peer;
  out.by_name = member_name(chat, out.by);
  out.call = call;
  return out;
}

void add_line(Machine& m, Chat& chat, const PastCallRecord& call, const AccountId& by, uint64_t clock) {
  const CallLineBody body = body_of_line(m, chat, call, by);
  HistoryRecord history;
  history.id = line_id(chat.record.chat, call.call);
  if (chat.positions.contains(history.id)) return;  // another own device has handed it over
  history.sent_ms = static_cast<int64_t>(call.begun_ms);
  history.author = body.by;
  history.clock = take_clock(m, chat, clock);
  history.kind = ContentKind::kLine;
  history.body = codec::encoded(body);
  m.tell_then(LineAdded{chat.record.chat, append_message(m, chat, std::move(history))});
}

void change_line(Machine& m, Chat& chat, const PastCallRecord& call, const AccountId& by) {
  with_message(m, chat, line_id(chat.record.chat, call.call), [&m, call, by](Chat& now, Held* held) {
    if (held == nullptr || held->history.kind != ContentKind::kLine) return;
    held->history.body = codec::encoded(body_of_line(m, now, call, by));
    m.journal.put(record_key(RecordKind::kHistory, now.record.chat.view(), held->position), held->history);
    if (now.talk.newest && now.talk.newest->id == held->history.id) now.talk.newest = held->history.clone();
    m.tell_then(MessageChanged{now.record.chat, to_message(m, now, *held)});
  });
}

void put(Machine& m) { m.journal.put(record_key(RecordKind::kPastCalls), m.calls.past); }

CallLine shown(const PastCallRecord& call) {
  CallLine out;
  out.call = call.call;
  out.outgoing = call.outgoing;
  out.outcome = call.outcome;
  out.media = call.media;
  out.begun_at = Instant{static_cast<int64_t>(call.begun_ms)};
  out.duration_ms = call.duration_ms;
  return out;
}

}  // namespace

void keep_call(Machine& m, const KeepCall& call, uint64_t clock) {
  Chat* chat = m.find_chat(call.chat);
  if (chat == nullptr || chat->deleted) return;
  const PastCallRecord record{call.call,  call.chat,     call.outgoing,    call.outcome,
                              call.media, call.begun_ms, call.duration_ms, call.took_part};
  auto& calls = m.calls.past.calls;
  const auto known = std::ranges::find(calls, call.call, &PastCallRecord::call);
  if (known == calls.end()) {
    calls.push_back(record);
    if (calls.size() > kPastCallsMax) calls.erase(calls.begin());
    put(m);
    return add_line(m, *chat, record, call.by, clock);
  }
  // Whoever was in it knows better; and nobody tells of a call of somebody else.
  if (known->took_part || known->chat != call.chat || known->outgoing != call.outgoing || *known == record) return;
  *known = record;
  put(m);
  change_line(m, *chat, record, call.by);
}

void forget_calls(Machine& m, const ChatId& chat) {
  if (std::erase_if(m.calls.past.calls, [&](const auto& each) { return each.chat == chat; }) > 0) put(m);
}

std::optional<LineInfo> call_line_info(const HistoryRecord& history) {
  const auto body = codec::decoded<CallLineBody>(history.body);
  if (!body || body->version != 1 || body->what != LineKind::kCall) return std::nullopt;
  LineInfo out;
  out.what = body->what;
  out.by = body->by;
  out.by_name = body->by_name;
  out.call = shown(body->call);
  return out;
}

void list_past_calls(Machine& m, const ReadCalls& command, Calls& out) {
  std::vector<const PastCallRecord*> found;
  for (const PastCallRecord& each : m.calls.past.calls) {
    const Chat* chat = m.find_chat(each.chat);
    if (chat != nullptr && !chat->deleted && (!command.chat || *command.chat == each.chat)) found.push_back(&each);
  }
  const auto later = [](const auto* a, const auto* b) { return std::tie(b->begun_ms, a) < std::tie(a->begun_ms, b); };
  std::ranges::sort(found, later);  // of the same time: as they stand there
  const size_t count = std::min(command.count, kCallsPageMax);
  for (size_t i = command.skip; i < found.size() && out.past.size() < count; ++i) {
    const Chat& chat = m.chats.at(found[i]->chat);
    const bool group = chat.record.kind == ChatKind::kGroup;
    out.past.push_back(
        {found[i]->chat, group ? chat.record.name : member_name(chat, chat.record.peer), shown(*found[i])});
  }
  out.more = found.size() > size_t{command.skip} + out.past.size();
}

}  // namespace godwit::engine
