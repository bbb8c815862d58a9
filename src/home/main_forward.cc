#include "home/main_forward.h"

#include <algorithm>
#include <deque>

#include "codec/codec.h"
#include "home/main_addresses.h"
#include "routes/route.h"
#include "wire/errors.h"
#include "wire/replies.h"

namespace godwit::home {
namespace {

// Dials to one host and port, and to one address, at once, and then one in this time: whoever can name a goal must not be able to have it
// hammered from here.
constexpr uint32_t kDialBurst = 20;
constexpr Duration kDialInterval = seconds(1);
// What a home may send beside its answers (handshake, padding, keepalives), and for each answer: more ends the session.
constexpr uint64_t kBytesFree = 256 * 1024;
constexpr uint64_t kBytesPerAnswer = 512 * 1024;

Error unreachable() { return {wire::kHomeUnreachable, "home: the other home is not reached"}; }

// The routes that a home dials for others, best first.
std::vector<routes::Route> routes_of(const wire::HomeAddress& home) {
  std::vector<routes::Route> out;
  for (const std::string& uri : home.routes) {
    auto route = routes::parse_route(uri);
    if (route && route->carrier == routes::Carrier::kWss && out.size() < Forwarder::kRoutesTried) {
      out.push_back(std::move(*route));
    }
  }
  return out;
}

}  // namespace

// One home as somebody has named it: its key and the way to it.
struct Forwarder::Line {
  struct Waiting {
    ForwardId forward;
    Bytes sealed;
    Instant deadline;
    uint32_t stream = 0;
  };
  explicit Line(net::EventLoop& loop) : timer(loop) {}

  Bytes name;  // the address, encoded; empty: it takes no more requests
  wire::HomeAddress home;
  std::vector<routes::Route> routes;
  size_t next_route = 0;
  std::optional<session::ClientSession> session;
  std::unique_ptr<net::Pipe> pipe;
  bool over = false;  // the session said so
  std::deque<Waiting> waiting;
  Instant dial_end = kNever;
  Instant idle_end = kNever;
  uint64_t bytes_left = kBytesFree;
  net::Timer timer;
};

Forwarder::Forwarder(net::EventLoop& loop, Random& random, ForwarderOptions options,
                     std::function<void(ForwardId, Result<Bytes>)> done)
    : loop_(loop),
      random_(random),
      options_(options),
      done_(std::move(done)),
      resolver_(std::make_shared<net::Resolver>(loop, net::ResolverOptions{})),
      dial_rate_(kDialBurst, kDialInterval),
      address_rate_(kDialBurst, kDialInterval) {}

Forwarder::~Forwarder() = default;

void Forwarder::answer(ForwardId forward, Result<Bytes> reply) {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_), forward, reply = std::move(reply)]() mutable {
    if (!alive.expired()) done_(forward, std::move(reply));
  });
}

// The line to this address, a new one if there is none; null: no route of it can be dialled.
Forwarder::Line* Forwarder::line_for(const wire::HomeAddress& home) {
  const Bytes name = codec::encoded(home);
  for (auto& [id, line] : lines_) {
    if (line->name == name) return line.get();
  }
  if (lines_.size() >= kLinesMax) {
    // An idle one goes, else that on which somebody waits longest: homes that hang do not keep out those that answer.
    const auto waits_since = [](const Line& line) {
      return line.waiting.empty() ? Instant{} : line.waiting.front().deadline;
    };
    const auto victim = std::min_element(lines_.begin(), lines_.end(), [&](const auto& a, const auto& b) {
      return waits_since(*a.second) < waits_since(*b.second);
    });
    fail_all(victim->first);
  }
  const LineId id = next_line_++;
  auto line = std::make_unique<Line>(loop_);
  line->name = name;
  line->home = home;
  line->routes = routes_of(home);
  if (!dial(id, *line)) return nullptr;
  return lines_.emplace(id, std::move(line)).first->second.get();
}

void Forwarder::forward(ForwardSealed request) {
  Line* line = line_for(request.home);
  if (line == nullptr) return answer(request.forward, unreachable());
  const Instant now = loop_.now();
  Line::Waiting waiting{request.forward, wire::encode_request(wire::Sealed{std::move(request.sealed)}),
                        now + options_.answer_max, 0};
  const auto stream = line->session->send_request(waiting.sealed, now);
  if (!stream) return answer(request.forward, Error{wire::kTooManyRequests, "home: too many to one home"});
  waiting.stream = stream->value;
  line->waiting.push_back(std::move(waiting));
  line->bytes_left += kBytesPerAnswer;
  const auto found =
      std::find_if(lines_.begin(), lines_.end(), [&](const auto& each) { return each.second.get() == line; });
  pump(found->first);
}

// The next route, with a session of its own that asks for all that waits. False: none is left.
bool Forwarder::dial(LineId id, Line& line) {
  line.pipe.reset();
  line.session.reset();
  line.over = false;
  while (line.next_route < line.routes.size()) {
    const routes::Route& route = line.routes[line.next_route++];
    const std::string host = route.host + ":" + std::to_string(route.port);
    if (dial_rate_.take(to_bytes(as_bytes(host)), loop_.now()) > Duration{}) continue;
    session::ClientOptions session_options;
    session_options.home_key = line.home.key.value;
    session_options.form = session::Form::kWebSocket;
    session_options.tickets_wanted = 0;
    session_options.handshake_timeout = options_.dial_max;
    const Instant now = loop_.now();
    line.session.emplace(session::ClientSession::connect(session_options, random_, now));
    line.dial_end = now + options_.dial_max;
    line.bytes_left = kBytesFree + kBytesPerAnswer * line.waiting.size();
    for (Line::Waiting& waiting : line.waiting) {
      const auto stream = line.session->send_request(waiting.sealed, now);
      waiting.stream = stream ? stream->value : 0;
    }
    net::DialOptions options;
    if (line.home.pin) options.home_pin = line.home.pin->value;
    options.early_bytes = line.session->take_output(now);
    options.connect.resolver = resolver_;
    options.connect_timeout = options_.dial_max;
    options.connect.may_connect = [this](const routes::MappedAddress& address) {
      if (!options_.private_too && !is_strangers_goal(address)) return false;
      return address_rate_.take(counted_name(address), loop_.now()) <= Duration{};
    };
    net::PipeEvents events;
    events.on_bytes = [this, id](ByteView bytes) { bytes_came(id, bytes); };
    events.on_drained = [this, id] { pump(id); };
    events.on_closed = [this, id](Error) { pipe_closed(id); };
    auto pipe = net::dial(loop_, route, std::move(options), std::move(events));
    if (!pipe) continue;
    line.pipe = std::move(*pipe);
    return true;
  }
  return false;
}

void Forwarder::bytes_came(LineId id, ByteView bytes) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  Line& line = *found->second;
  if (bytes.size() > line.bytes_left) return fail_all(id);  // it sends more than anybody has asked for
  line.bytes_left -= bytes.size();
  static_cast<void>(line.session->receive(bytes, loop_.now()));  // an error comes as Closed, too
  pump(id);
}

// A pipe that ends before its session stands was a bad route; after that it was the home.
void Forwarder::pipe_closed(LineId id) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  Line& line = *found->second;
  const bool stood = line.dial_end == kNever;
  if (stood || line.waiting.empty() || !dial(id, line)) return fail_all(id);
  pump(id);
}

// Moves bytes and events, and sets the timer.
void Forwarder::pump(LineId id) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  Line& line = *found->second;
  while (const auto event = line.session->next_event()) hear(line, *event);
  if (line.over) {
    if (line.dial_end != kNever) return pipe_closed(id);
    return fail_all(id);
  }
  const Instant now = loop_.now();
  if (line.pipe->queued_bytes() < net::kPipeDrainedBytes) {
    const Bytes output = line.session->take_output(now);
    if (!output.empty() && !line.pipe->send(output)) return pipe_closed(id);
  }
  line.pipe->set_awaiting(!line.waiting.empty());
  if (!line.waiting.empty()) {
    line.idle_end = kNever;
  } else if (line.idle_end == kNever) {
    line.idle_end = now + options_.idle_max;
  }
  set_timer(id, line);
}

void Forwarder::hear(Line& line, const session::ClientEvent& event) {
  if (std::holds_alternative<session::ClientEstablished>(event)) line.dial_end = kNever;
  // Nobody asked for pushes: whoever sends some has nothing good in mind.
  if (std::holds_alternative<session::Closed>(event) || std::holds_alternative<session::Push>(event)) line.over = true;
  const auto* reply = std::get_if<session::Reply>(&event);
  const auto* error = std::get_if<session::StreamError>(&event);
  if (reply == nullptr && error == nullptr) return;
  const uint32_t stream = reply != nullptr ? reply->stream.value : error->stream.value;
  const auto waiting = std::find_if(line.waiting.begin(), line.waiting.end(),
                                    [&](const Line::Waiting& each) { return each.stream == stream; });
  if (waiting == line.waiting.end()) return;
  const ForwardId forward = waiting->forward;
  line.waiting.erase(waiting);
  auto decoded = reply != nullptr ? wire::decode_reply(reply->bytes) : Result<wire::Reply>(unreachable());
  if (decoded && std::holds_alternative<wire::SealedReply>(*decoded)) {
    answer(forward, std::move(std::get<wire::SealedReply>(*decoded).bytes));
  } else if (decoded && std::holds_alternative<wire::Refused>(*decoded)) {
    answer(forward, Error{wire::refusal(std::get<wire::Refused>(*decoded)), "home: the other home refuses"});
  } else {
    answer(forward, unreachable());
  }
}

void Forwarder::set_timer(LineId id, Line& line) {
  Instant next = std::min({line.session->next_deadline(), line.dial_end, line.idle_end});
  if (!line.waiting.empty()) next = std::min(next, line.waiting.front().deadline);
  line.timer.set_at(next, [this, id] { timer_rang(id); });
}

void Forwarder::timer_rang(LineId id) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  Line& line = *found->second;
  const Instant now = loop_.now();
  if (line.idle_end <= now) return fail_all(id);  // nobody needs it any more
  if (!line.waiting.empty() && line.waiting.front().deadline <= now) {
    give_up_late(line);
    if (line.waiting.empty()) return fail_all(id);  // a home that hangs
  }
  if (line.dial_end <= now) return pipe_closed(id);
  line.session->handle_expiry(now);
  pump(id);
}

// Those whose time is over are told; the others may still be answered. Nobody new is put on the line: the home may hang.
void Forwarder::give_up_late(Line& line) {
  const Instant now = loop_.now();
  line.name.clear();
  while (!line.waiting.empty() && line.waiting.front().deadline <= now) {
    const Line::Waiting& late = line.waiting.front();
    line.session->cancel(session::StreamId{late.stream});
    answer(late.forward, unreachable());
    line.waiting.pop_front();
  }
}

// The line goes; who waits is told.
void Forwarder::fail_all(LineId id) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  const std::unique_ptr<Line> line = std::move(found->second);
  lines_.erase(found);
  for (const Line::Waiting& waiting : line->waiting) answer(waiting.forward, unreachable());
}

}  // namespace godwit::home
