// The fetch family: reading and acknowledging the own queue, and pushing what arrives to live sessions.

#include <algorithm>

#include "home/core.h"

namespace godwit::home {
namespace {

// What is not stored is not pushed to a session for which this much waits: it would crowd out what is.
constexpr size_t kFleetingWaitingMax = 64 * 1024;

Bytes own_queue(const DeviceBinding& device) { return queue_key(device.mailbox, device.tag); }

// The items of a page as the device sees them. Damaged ones are left out, so that they do not block those behind them.
wire::Items items_of(store::QueueItems page, Counters& counters) {
  wire::Items out;
  out.more = page.more && !page.items.empty();
  for (store::QueueItem& item : page.items) {
    auto record = decode_record<QueueItemRecord>(item.item);
    if (!record) {
      ++counters.damaged_records;
      continue;
    }
    out.items.push_back({{item.sequence}, record->alias, std::move(record->sealed)});
  }
  return out;
}

uint64_t last_sequence(const store::QueueItems& page, uint64_t otherwise) {
  return page.items.empty() ? otherwise : page.items.back().sequence;
}

}  // namespace

Core::Answer Core::handle(const Caller& caller, const wire::Fetch& request) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_TRY(mailbox, co_await own_mailbox(caller));
  if (mailbox.last_seen_day != now_.day()) tasks_.start(see_today(caller.device.mailbox));
  const Bytes queue = own_queue(caller.device);
  web_pushes_.seen(queue);
  const uint32_t bytes_max = std::min(request.bytes_max, options_.limits.fetch_bytes_max);
  CO_TRY(page, co_await storing_.read(queue, request.after.value, bytes_max, now_));
  const uint64_t last = last_sequence(page, request.after.value);
  wire::Items items = items_of(std::move(page), counters_);
  const auto session = session_states_.find(caller.session);
  if (request.live && !items.more && session != session_states_.end()) {
    Live live;
    live.cursor = last;
    if (session->second.live) live.pumping = session->second.live->pumping;
    session->second.live = std::move(live);
    live_sessions_[queue].insert(caller.session);
    web_pushes_.seen(queue);  // for what came while the page was read
    start_pump(caller.session);  // for what arrived after the page was read
  }
  co_return std::move(items);
}

Core::Answer Core::handle(const Caller& caller, const wire::Acknowledge& request) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_TRY(mailbox, co_await own_mailbox(caller));
  if (mailbox.last_seen_day != now_.day()) tasks_.start(see_today(caller.device.mailbox));
  const Bytes queue = own_queue(caller.device);
  for (bool more = true; more;) {
    CO_TRY(trimmed, co_await storing_.trim(queue, request.through.value));
    more = trimmed.more;
  }
  ++counters_.acknowledgements;
  usage_.trim(queue, request.through.value);
  const auto sessions = live_sessions_.find(queue);
  if (sessions == live_sessions_.end()) co_return wire::Done{};
  for (const SessionId id : sessions->second) {
    Live& live = *session_states_.at(id).live;
    const bool paused = live.unacknowledged >= options_.limits.push_window_bytes;
    while (!live.pushed.empty() && live.pushed.front().first <= request.through.value) {
      live.unacknowledged -= live.pushed.front().second;
      live.pushed.pop_front();
    }
    if (paused && live.unacknowledged < options_.limits.push_window_bytes) start_pump(id);
  }
  co_return wire::Done{};
}

// ---- pushing --------------------------------------------------------------------------------------------------------

// An item is durable: the usual case, that it is the next one for a session that keeps up, needs no reading.
void Core::arrived(const Bytes& queue, uint64_t sequence, const wire::Alias& alias, Bytes sealed) {
  const auto sessions = live_sessions_.find(queue);
  if (sessions == live_sessions_.end()) return;
  wire::Items items;
  items.items.push_back({{sequence}, alias, std::move(sealed)});
  for (const SessionId id : std::vector<SessionId>(sessions->second.begin(), sessions->second.end())) {
    SessionState& state = session_states_.at(id);
    Live& live = *state.live;
    const bool next = !live.pumping && !live.blocked && sequence == live.cursor + 1 &&
                      live.unacknowledged < options_.limits.push_window_bytes;
    if (next) {
      push_to(id, state, items);
    } else if (sequence > live.cursor) {
      start_pump(id);
    }
  }
}

// Pushes items that follow the session's cursor, and moves it. False: the session is too slow; pushing pauses until it has
// read some of what waits.
bool Core::push_to(SessionId id, SessionState& state, const wire::Items& items) {
  Live& live = *state.live;
  if (!sessions_.push(id, wire::encode_reply(items), SIZE_MAX)) {
    live.again = live.blocked = true;
    return false;
  }
  ++counters_.pushes;
  for (const wire::Item& item : items.items) {
    live.cursor = std::max(live.cursor, item.sequence.value);
    live.unacknowledged += item.sealed.size();
    live.pushed.emplace_back(item.sequence.value, item.sealed.size());
  }
  return true;
}

// Pushes something that is not stored. False: nobody took it.
bool Core::push_fleeting(const Bytes& queue, const wire::Item& item) {
  const auto sessions = live_sessions_.find(queue);
  if (sessions == live_sessions_.end()) return false;
  const Bytes push = wire::encode_reply(wire::Items{{item}, false});
  bool anybody = false;
  for (const SessionId id : std::vector<SessionId>(sessions->second.begin(), sessions->second.end())) {
    if (!sessions_.push(id, push, kFleetingWaitingMax)) continue;
    ++counters_.pushes;
    anybody = true;
  }
  return anybody;
}

void Core::start_pump(SessionId id) {
  Live& live = *session_states_.at(id).live;
  live.again = true;
  if (live.pumping || live.blocked) return;
  live.pumping = true;
  tasks_.start(pump(id));
}

void Core::push_possible(SessionId session, Instant now) {
  now_ = now;
  const auto found = session_states_.find(session);
  if (found == session_states_.end()) return;
  tell_behind(session, found->second);
  if (!found->second.live) return;
  Live& live = *found->second.live;
  if (std::exchange(live.blocked, false) && live.again) start_pump(session);
  run();
}

// Reads what follows the session's cursor and pushes it, until nothing is left or the client does not keep up.
Task<Status> Core::pump(SessionId id) {
  while (true) {
    auto session = session_states_.find(id);
    if (session == session_states_.end() || !session->second.live) co_return Status{};
    const bool paused = session->second.live->unacknowledged >= options_.limits.push_window_bytes;
    if (!session->second.live->again || paused) {
      session->second.live->pumping = false;
      co_return Status{};
    }
    session->second.live->again = false;
    const Bytes queue = own_queue(session->second.device);
    auto page = co_await storing_.read(queue, session->second.live->cursor, options_.limits.fetch_bytes_max, now_);
    session = session_states_.find(id);
    if (session == session_states_.end() || !session->second.live) co_return Status{};
    Live& live = *session->second.live;
    if (!page) {
      live.pumping = false;
      sessions_.close(id);  // the client resumes, and fetches when the store is well again
      co_return Status{};
    }
    const uint64_t last = last_sequence(*page, live.cursor);
    if (page->items.empty()) continue;
    wire::Items items = items_of(std::move(*page), counters_);
    items.more = false;
    // A live Fetch that was answered meanwhile has given some of them.
    std::erase_if(items.items, [&](const wire::Item& item) { return item.sequence.value <= live.cursor; });
    live.again = true;
    if (!items.items.empty() && !push_to(id, session->second, items)) {
      live.pumping = false;
      co_return Status{};
    }
    live.cursor = std::max(live.cursor, last);
  }
}

}  // namespace godwit::home
