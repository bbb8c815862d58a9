#include "engine/dead_bases.h"

#include <algorithm>

#include "engine/log_move.h"

namespace godwit::engine {
namespace {

bool is_dead(const ChatRecord& record, const ChatKeys& keys) {
  const auto name = hash_of(keys.log_read.value);
  return std::ranges::find(record.dead, name, &DeadBaseRecord::name) != record.dead.end();
}

}  // namespace

bool is_same_base(const ChatKeys& one, const ChatKeys& other) {
  return one.base == other.base && hash_of(one.log_read.value) == hash_of(other.log_read.value);
}

void take_base_of(const Machine& m, Chat& chat, uint64_t epoch) {
  ChatRecord& record = chat.record;
  std::vector<ChatKeys> all = std::move(record.previous);
  const auto before = hash_of(record.keys.log_read.value);
  all.push_back(std::move(record.keys));
  for (const ChatKeys& each : all) {
    if (each.base > epoch && !is_dead(record, each)) record.dead.push_back({hash_of(each.log_read.value), m.wall().ms});
  }
  // Also of a smaller number: that of a branch on which we were at another time.
  std::ranges::sort(all, [&](const ChatKeys& one, const ChatKeys& than) {
    const bool holds = !is_dead(record, one);
    return holds != !is_dead(record, than) ? holds : one.base > than.base;
  });
  record.keys = std::move(all.front());
  all.erase(all.begin());
  std::erase_if(record.dead, [&all](const DeadBaseRecord& each) {
    return std::ranges::none_of(all, [&](const ChatKeys& keys) { return hash_of(keys.log_read.value) == each.name; });
  });
  record.previous = std::move(all);
  if (hash_of(record.keys.log_read.value) == before) return;
  record.token_wanted = true;
  for (auto& [account, member] : chat.members) member.token = member.refused = 0;
}

// Who was removed on our branch, or on the other one, has some of these keys for ever.
void drop_dead_bases(Machine& m, Chat& chat) {
  ChatRecord& record = chat.record;
  const size_t before = record.dead.size();
  std::erase_if(record.previous, [&](const ChatKeys& keys) {
    const auto known = std::ranges::find(record.dead, hash_of(keys.log_read.value), &DeadBaseRecord::name);
    return known != record.dead.end() && m.when(known->since_ms) + kMoveDisputed <= m.now;
  });
  std::erase_if(record.dead,
                [&](const DeadBaseRecord& each) { return m.when(each.since_ms) + kMoveDisputed <= m.now; });
  if (record.dead.size() != before) m.put(chat);
}

}  // namespace godwit::engine
