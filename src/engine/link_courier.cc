// What a link lets others carry: its requests without an answer, and answers that came on another way.

#include "engine/link.h"

namespace godwit::engine {

bool Link::works() const {
  if (main_ && candidates_.at(*main_).ready()) return true;
  return small_works_ && policy_.is_small(world_.now);
}

std::vector<Link::Waiting> Link::waiting_requests() const {
  std::vector<Waiting> out;
  for (const auto& [id, request] : requests_) out.push_back({id, request.bytes, request.asked_at});
  return out;
}

Instant Link::waiting_since() const {
  // Ids count up, so the first is the oldest.
  return requests_.empty() ? kNever : requests_.begin()->second.asked_at;
}

void Link::answer(RequestId request, wire::Reply reply) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  if (!wire::is_among(found->second.answers, reply)) {
    found->second.asked_at = world_.now;  // who carries it is not asked again at once
    return;
  }
  world_.full_homes.note(home_.key, found->second.room, reply, world_.now);
  const ReplyHandler done = found->second.done;
  cancel(request);
  done(Result<wire::Reply>(std::move(reply)));
}

}  // namespace godwit::engine
