#include "home/front_desk.h"

#include <algorithm>

#include "home/errors.h"
#include "home/pipes.h"
#include "session/errors.h"

namespace godwit::home {
namespace {

// How often links are kept.
constexpr Duration kTick = seconds(1);
// What a session of a front may owe: less than a session holds, so that none is overrun by what the front has not told yet.
constexpr size_t kSessionWaitingMax = session::kOutboxSizeMax / 4 * 3;
// What waits in a link beyond this home's account of it: refusals and the like, which are small.
constexpr size_t kLinkOverheadMax = size_t{16} << 20;
// A link that ends says so if no more than this is before it.
constexpr size_t kGoodbyeBehindMax = 64 * 1024;

}  // namespace

FrontDesk::FrontDesk(const Keys& keys, const Limits& limits, Random& random, SessionCore& core)
    : key_(FrontClusterKey::of(keys)), limits_(limits), random_(random), core_(core) {}

void FrontDesk::open(std::string name) {
  name_ = std::move(name);
  inbox_ = FrontInboxId{random_.bytes<FrontInboxId::kSize>()};
  open_ = true;
}

void FrontDesk::at(Instant now) {
  now_ = now;
  if (tick_at_ != kNever && tick_at_ > now + kTick) tick_at_ = now + kTick;  // the clock went back
}

// ---- links ------------------------------------------------------------------------------------------------------------

void FrontDesk::packet(ByteView packet) {
  if (!open_) return;
  if (front_packet_kind(packet) == FrontPacketKind::kHello) return greet(packet);
  const auto id = front_link_of(packet);
  const auto found = id ? links_.find(*id) : links_.end();
  if (found == links_.end()) return;
  Link& link = found->second;
  bool well = link.link.receive(packet).has_value();
  while (well) {
    auto bytes = link.link.next_message();
    if (!bytes) break;
    auto message = decode_front_message(*bytes);
    crypto::wipe(*bytes);
    well = message && take_message(link, std::move(*message));
  }
  // Whoever asks and does not read must not cost this home its memory.
  if (!well || link.link.waiting() > limits_.output_bytes_max + kLinkOverheadMax) drop(found);
}

void FrontDesk::greet(ByteView packet) {
  if (draining_) return;
  if (now_ - welcomes_since_ >= seconds(1) || now_ < welcomes_since_) {
    welcomes_since_ = now_;
    welcomes_ = 0;
  }
  if (++welcomes_ > kFrontWelcomesPerSecond || fronts() >= kFrontsMax) return;
  auto welcome = front_welcome(key_, inbox_, name_, packet, random_);
  if (!welcome) {
    const auto inbox = front_inbox_of(packet);
    if (welcome.error().code == kOtherFrontVersion && inbox) packets_.push_back({inbox, front_other_version()});
    return;
  }
  std::erase_if(unconfirmed_, [&](const FrontLinkId& id) {
    const auto found = links_.find(id);
    return found == links_.end() || found->second.link.confirmed();
  });
  if (unconfirmed_.size() >= kFrontsUnconfirmedMax) {
    links_.erase(unconfirmed_.front());  // has no sessions
    unconfirmed_.pop_front();
  }
  if (links_.empty()) tick_at_ = now_ + kTick;
  packets_.push_back({welcome->front, std::move(welcome->packet)});
  const FrontLinkId id = welcome->link.id();
  unconfirmed_.push_back(id);
  links_.emplace(id, Link{std::move(welcome->link), welcome->front, {}});
}

void FrontDesk::drop(Links::iterator found) {
  Link link = std::move(found->second);
  links_.erase(found);
  if (link.link.waiting() <= kGoodbyeBehindMax) {
    link.link.send(encode_front_message(FrontGoodbye{}));
    while (auto packet = link.link.next_packet()) packets_.push_back({link.front, std::move(*packet)});
  }
  for (const auto& [number, id] : link.sessions) forget(id);
}

std::optional<SendFrontPacket> FrontDesk::next_output() {
  if (!packets_.empty()) {
    SendFrontPacket packet = std::move(packets_.front());
    packets_.pop_front();
    return packet;
  }
  for (auto& [id, link] : links_) {
    if (auto packet = link.link.next_packet()) return SendFrontPacket{link.front, std::move(*packet)};
  }
  return std::nullopt;
}

void FrontDesk::handle_expiry() {
  if (links_.empty() || now_ < tick_at_) return;
  tick_at_ = now_ + kTick;
  for (auto at = links_.begin(); at != links_.end();) {
    const auto here = at++;
    if (!here->second.link.tick()) drop(here);
  }
}

void FrontDesk::drain() {
  draining_ = true;
  for (auto& [id, link] : links_) link.link.send(encode_front_message(FrontGoingDown{}));
}

void FrontDesk::end() {
  open_ = false;
  while (!links_.empty()) drop(links_.begin());
}

size_t FrontDesk::fronts() const {
  return static_cast<size_t>(
      std::ranges::count_if(links_, [](const auto& each) { return each.second.link.confirmed(); }));
}

// ---- what fronts say --------------------------------------------------------------------------------------------------

bool FrontDesk::take_message(Link& link, FrontMessage message) {
  return std::visit(
      [&](auto& one) {
        if constexpr (requires { this->take(link, std::move(one)); }) {
          return take(link, std::move(one));
        } else {
          return false;  // a Goodbye, or what only a home says
        }
      },
      message);
}

// The session that a front calls `number`; zero: there is none, and no room for one.
SessionId FrontDesk::session_of(Link& link, FrontSessionId number, bool makes) {
  const auto found = link.sessions.find(number);
  if (found != link.sessions.end()) return found->second;
  if (!makes || link.sessions.size() >= limits_.sessions_max) return {};
  const SessionId id{next_session_++};
  link.sessions.emplace(number, id);
  Session& session = sessions_[id];
  session.link = link.link.id();
  session.number = number;
  return id;
}

bool FrontDesk::take(Link& link, const FrontOpened& opened) {
  const SessionId id = session_of(link, opened.session, true);
  if (id == SessionId{}) {
    link.link.send(encode_front_message(FrontClose{opened.session, true}));
    return true;
  }
  Session& session = sessions_.at(id);
  if (session.opened || opened.binding.size() > 255) return false;
  session.opened = true;
  session.fixed = opened.resumed;
  core_.session_opened(id, opened.channel, opened.binding, opened.resumed, now_);
  return true;
}

bool FrontDesk::take(Link& link, const FrontRequest& request) {
  const SessionId id = session_of(link, request.session, false);
  if (id == SessionId{}) return true;  // it was told that there is no room
  Session& session = sessions_.at(id);
  if (!session.opened || request.request.size() > session::kRequestSizeMax) return false;
  if (session.closed) return true;
  ++session.in_flight;
  if (draining_) {
    refuse(id, request.stream, session::kGoingDown, kComeBackAfter);
  } else {
    core_.handle_request(id, request.stream, request.request, request.first_flight, now_);
  }
  return true;
}

bool FrontDesk::take(Link& link, const FrontClosed& closed) {
  const auto found = link.sessions.find(closed.session);
  if (found == link.sessions.end()) return true;
  const SessionId id = found->second;
  link.sessions.erase(found);
  forget(id);
  return true;
}

bool FrontDesk::take(Link& link, const FrontTicketWanted& wanted) {
  const SessionId id = session_of(link, wanted.session, true);
  if (id == SessionId{}) {
    link.link.send(encode_front_message(FrontTicketFound{wanted.session, std::nullopt}));
  } else {
    core_.take_ticket(id, wanted.ticket, now_);
  }
  return true;
}

bool FrontDesk::take(Link&, FrontTicketIssued issued) {
  issued.ticket.record.expires = now_ + issued.ticket.left;
  core_.keep_ticket(issued.ticket.record, now_);
  return true;
}

bool FrontDesk::take(Link& link, const FrontTaken& taken) {
  for (const FrontTook& took : taken.sessions) {
    const auto found = link.sessions.find(took.session);
    if (found == link.sessions.end()) continue;
    const SessionId id = found->second;
    Session& session = sessions_.at(id);
    const size_t size = std::min<size_t>(took.bytes, session.waiting);
    session.waiting -= size;
    output_waiting_ -= size;
    if (session.waiting > kPushAgainBelow || !std::exchange(session.wants_push, false)) continue;
    core_.push_possible(id, now_);
  }
  return true;
}

// ---- what the core asks -------------------------------------------------------------------------------------------------

FrontDesk::Session* FrontDesk::find(SessionId session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() || found->second.closed ? nullptr : &found->second;
}

void FrontDesk::forget(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  output_waiting_ -= found->second.waiting;
  const bool opened = found->second.opened;
  sessions_.erase(found);
  if (opened) core_.session_closed(id, now_);
}

void FrontDesk::send(const Session& session, const FrontMessage& message) {
  const auto link = links_.find(session.link);
  if (link != links_.end()) link->second.link.send(encode_front_message(message));
}

void FrontDesk::answered(Session& session) {
  session.fixed = true;
  session.in_flight -= std::min(session.in_flight, 1U);
}

void FrontDesk::add_waiting(Session& session, size_t size) {
  session.waiting += size;
  output_waiting_ += size;
}

// As Pipes::make_room(), among the sessions of fronts.
bool FrontDesk::make_room(size_t size) {
  while (output_waiting_ + size > limits_.output_bytes_max) {
    const auto most = std::ranges::max_element(
        sessions_, [](const auto& a, const auto& b) { return a.second.waiting < b.second.waiting; });
    if (most == sessions_.end() || most->second.waiting <= kOutputShare) return false;
    Session& session = most->second;
    output_waiting_ -= std::exchange(session.waiting, 0);
    ++core_.counting().sessions_cut;
    close(most->first, true);
  }
  return true;
}

void FrontDesk::reply(SessionId id, session::StreamId stream, Bytes bytes) {
  Session* session = find(id);
  if (session == nullptr) return;
  if (!make_room(bytes.size())) return refuse(id, stream, session::kOutboxFull, kOutputRetry);
  if (session->closed) return;  // cut off just now
  add_waiting(*session, bytes.size());
  answered(*session);
  send(*session, FrontReply{session->number, stream, std::move(bytes)});
}

void FrontDesk::refuse(SessionId id, session::StreamId stream, ErrorCode code, Duration retry_after) {
  Session* session = find(id);
  if (session == nullptr) return;
  answered(*session);
  send(*session, FrontRefusal{session->number, stream, code.number, static_cast<uint32_t>(retry_after.ms)});
}

bool FrontDesk::push(SessionId id, Bytes items, size_t waiting_max) {
  Session* session = find(id);
  if (session == nullptr || session->waiting > waiting_max) return false;
  if (session->waiting + items.size() > kSessionWaitingMax) {
    session->wants_push = true;
    return false;
  }
  if (!make_room(items.size())) {
    close(id, true);  // it fetches when it comes back
    return false;
  }
  if (session->closed) return false;
  add_waiting(*session, items.size());
  send(*session, FrontPush{session->number, std::move(items)});
  return true;
}

Sessions::Spare FrontDesk::push_spare(SessionId id, const Bytes& entries, size_t waiting_max) {
  Session* session = find(id);
  if (session == nullptr) return Sessions::Spare::kSlow;
  const bool full = output_waiting_ + entries.size() > limits_.output_bytes_max / 2;
  const bool slow = session->waiting > waiting_max || session->waiting + entries.size() > kSessionWaitingMax;
  if (full || slow) {
    session->wants_push = true;
    return full ? Sessions::Spare::kFull : Sessions::Spare::kSlow;
  }
  add_waiting(*session, entries.size());
  send(*session, FrontPush{session->number, entries});
  return Sessions::Spare::kTaken;
}

bool FrontDesk::bind(SessionId id, Bytes binding) {
  Session* session = find(id);
  if (session == nullptr || session->fixed || session->in_flight == 0) return false;
  session->fixed = true;
  send(*session, FrontBind{session->number, std::move(binding)});
  return true;
}

void FrontDesk::close(SessionId id, bool comes_back) {
  Session* session = find(id);
  if (session == nullptr) return;
  session->closed = true;
  send(*session, FrontClose{session->number, comes_back});
}

void FrontDesk::provide_ticket(SessionId id, std::optional<session::TicketRecord> record) {
  Session* session = find(id);
  if (session == nullptr) return;
  FrontTicketFound found{session->number, std::nullopt};
  if (record) {
    const Duration left = record->expires - now_;
    found.ticket = FrontTicket{std::move(*record), left};
  }
  send(*session, std::move(found));
}

}  // namespace godwit::home
