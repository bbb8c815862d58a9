#include "engine/held.h"

#include <algorithm>

#include "engine/deleting.h"
#include "engine/history.h"

namespace godwit::engine {
namespace {

struct Loading {
  ChatId chat;
  std::deque<PositionRun> runs;
  std::map<uint64_t, Held> found;
  HeldHandler done;
};
using LoadingPtr = std::shared_ptr<Loading>;

using TakeRecord = std::function<Status(Held& held, ByteView bytes)>;

// Reads the records of one kind of the first run into what is found; a history record makes a new one.
void load_run(Machine& m, const LoadingPtr& loading, RecordKind kind, TakeRecord take, std::function<void()> next) {
  const PositionRun run = loading->runs.front();
  const auto count = static_cast<uint32_t>(run.last - run.first + 1);
  m.load(record_key(kind, loading->chat.view(), run.first), record_key(kind, loading->chat.view(), run.last + 1), count,
         false,
         [&m, loading, kind, take = std::move(take), next = std::move(next)](const std::vector<LoadedRecord>& records) {
           for (const LoadedRecord& record : records) {
             const uint64_t position = number_at_end(record.key);
             if (kind != RecordKind::kHistory && !loading->found.contains(position)) continue;
             const Status taken = take(loading->found[position], record.value.reveal());
             if (!taken) return m.stop(taken.error());
           }
           next();
         });
}

// What is in memory is newer than what is on the disk. False: of this one nothing is.
bool take_known(const Chat& chat, uint64_t position, Held& held) {
  const auto index = chat.index.find(position);
  if (index == chat.index.end()) return false;
  held.index = index->second;
  const auto state = chat.talk.states.find(position);
  held.state = state == chat.talk.states.end() ? StateRecord{} : state->second;
  return true;
}

void finish(Machine& m, const LoadingPtr& loading) {
  const Chat& chat = m.chats.at(loading->chat);
  for (auto& [position, held] : loading->found) {
    held.position = position;
    take_known(chat, position, held);
    // It was not understood when it came.
    if (held.index.kind == ContentKind{} && held.history.newer == 0) held.index.kind = held.history.kind;
  }
  std::erase_if(loading->found, [&](const auto& each) {
    return each.second.index.gone || is_deleted(m, chat, each.first, each.second.index);
  });
  loading->done(std::move(loading->found));
}

Status take_history(Held& held, ByteView bytes) {
  held.history = TRY(parse_history(bytes));
  return {};
}
Status take_index(Held& held, ByteView bytes) {
  auto index = codec::decoded<IndexRecord>(bytes);
  REQUIRE(index.has_value(), kProfileDamaged, "the index of a message is well-formed");
  held.index = std::move(*index);
  return {};
}
Status take_state(Held& held, ByteView bytes) {
  auto state = codec::decoded<StateRecord>(bytes);
  REQUIRE(state.has_value(), kProfileDamaged, "the state of a message is well-formed");
  held.state = std::move(*state);
  return {};
}

// True if nothing of the first run has to be read but its texts: so it is with what was said lately.
bool knows_run(const Machine& m, Loading& loading) {
  const Chat& chat = m.chats.at(loading.chat);
  const PositionRun run = loading.runs.front();
  const auto end = loading.found.upper_bound(run.last);
  return std::all_of(loading.found.lower_bound(run.first), end,
                     [&](auto& each) { return take_known(chat, each.first, each.second); });
}

void load_next(Machine& m, const LoadingPtr& loading) {
  if (loading->runs.empty()) return finish(m, loading);
  load_run(m, loading, RecordKind::kHistory, take_history, [&m, loading] {
    if (knows_run(m, *loading)) {
      loading->runs.pop_front();
      return load_next(m, loading);
    }
    load_run(m, loading, RecordKind::kIndex, take_index, [&m, loading] {
      load_run(m, loading, RecordKind::kState, take_state, [&m, loading] {
        loading->runs.pop_front();
        load_next(m, loading);
      });
    });
  });
}

void run_late(Machine& m, Chat& chat) {
  if (chat.talk.late_busy || chat.talk.late.empty()) return;
  chat.talk.late_busy = true;
  const std::function<void()> work = std::move(chat.talk.late.front());
  chat.talk.late.pop_front();
  if (!m.loaded) return work();  // nothing is on its way to the disk yet
  m.journal.then(work);
}

void load_one(Machine& m, const ChatId& id, uint64_t position, const std::function<void(Chat&, Held*)>& work) {
  load_held(m, id, {position}, [&m, id, position, work](std::map<uint64_t, Held> found) {
    const auto held = found.find(position);
    work(m.chats.at(id), held == found.end() ? nullptr : &held->second);
    late_done(m, id);
  });
}

}  // namespace

std::deque<PositionRun> runs_of(std::vector<uint64_t> positions) {
  std::sort(positions.begin(), positions.end());
  std::deque<PositionRun> out;
  for (const uint64_t each : positions) {
    if (!out.empty() && each <= out.back().last + 1) {
      out.back().last = each;
    } else {
      out.push_back({each, each});
    }
  }
  return out;
}

void load_held(Machine& m, const ChatId& chat, const std::vector<uint64_t>& positions, HeldHandler done) {
  load_next(m, std::make_shared<Loading>(Loading{chat, runs_of(positions), {}, std::move(done)}));
}

void do_late(Machine& m, Chat& chat, std::function<void()> work) {
  chat.talk.late.push_back(std::move(work));
  run_late(m, chat);
}

void late_done(Machine& m, const ChatId& id) {
  Chat& chat = m.chats.at(id);
  chat.talk.late_busy = false;
  run_late(m, chat);
}

void with_message(Machine& m, Chat& chat, const MessageId& id, std::function<void(Chat&, Held*)> work) {
  do_late(m, chat, [&m, of = chat.record.chat, id, work = std::move(work)] {
    const Chat& now = m.chats.at(of);
    const auto found = now.positions.find(id);
    if (found != now.positions.end()) return load_one(m, of, found->second, work);
    Bytes key = record_key(RecordKind::kPlace, of.view(), id.view());
    Bytes next = key;
    next.push_back(0);
    m.load(std::move(key), std::move(next), 1, false, [&m, of, work](const std::vector<LoadedRecord>& records) {
      auto place = records.empty() ? Result<PlaceRecord>(Error{kNoSuchMessage, "a message of this chat"})
                                   : codec::decoded<PlaceRecord>(records.front().value.reveal());
      if (place) return load_one(m, of, place->position, work);
      work(m.chats.at(of), nullptr);
      late_done(m, of);
    });
  });
}

Bytes order_key(const ChatId& chat, const OrderKey& at) {
  return record_key(RecordKind::kOrder, chat.view(), codec::encoded(at));
}

}  // namespace godwit::engine
