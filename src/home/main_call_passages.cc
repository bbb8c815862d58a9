#include "home/main_call_passages.h"

#include <utility>

namespace godwit::home {

bool CallPassages::are_sessions(PipeId id, ByteView bytes, Bytes& held) {
  if (const auto call = calls_.find(id); call != calls_.end()) {
    call->second->bytes_came(bytes);
    return false;
  }
  const auto found = fresh_.find(id);
  if (found == fresh_.end()) return true;
  Bytes first = found->second.first;
  append(first, bytes);
  const net::StunStart start = listener_.begins_call(first);
  if (start == net::StunStart::kMore) {
    found->second.first = std::move(first);
    return false;
  }
  Fresh begun = std::move(found->second);
  fresh_.erase(found);
  // Without a place it is what it would be if nobody relayed calls: a session that begins with nonsense.
  auto place = start == net::StunStart::kYes ? listener_.take_call_place(begun.source) : nullptr;
  if (!place) {
    held = std::move(begun.first);
    return true;
  }
  calls_[id] = listener_.pass_call(std::move(place), take_pipe_(id), first, [this, id] { closed(id); });
  return false;
}

bool CallPassages::drained(PipeId id) {
  const auto call = calls_.find(id);
  if (call == calls_.end()) return false;
  call->second->drained();
  return true;
}

bool CallPassages::closed(PipeId id) {
  fresh_.erase(id);
  return calls_.erase(id) != 0;
}

}  // namespace godwit::home
