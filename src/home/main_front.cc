#include "home/main_front.h"

#include <unistd.h>

#include <array>
#include <sstream>
#include <utility>

#include "home/errors.h"
#include "home/main_log.h"
#include "home/main_store.h"
#include "net/source_gate.h"

namespace godwit::home {
namespace {

// The name under which whoever has the store is found.
constexpr const char* kHasStore = "store";
// How long last packets may take to leave.
constexpr Duration kFlushMax = milliseconds(300);
// How long a front that was told to end waits for what it was asked; as main_run.cc.
constexpr Duration kDrainMax = seconds(10);
// A port that cannot be had is tried again this often.
constexpr Duration kListenAgain = seconds(1);
constexpr Duration kLimitsLook = minutes(1);

}  // namespace

std::string home_name(const Config& config) {
  std::array<char, 65> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) name[0] = '?';
  return std::string(name.data()) + ":" + std::to_string(config.port);
}

// ---- packets ------------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<FrontPackets>> FrontPackets::open(net::EventLoop& loop, const Place& place, const Config& config,
                                                         const FrontInboxId& inbox, bool has_store,
                                                         std::function<void(ByteView)> came,
                                                         std::function<void()> turn) {
  auto packets = std::unique_ptr<FrontPackets>(new FrontPackets(std::move(came), std::move(turn)));
  FrontPackets* self = packets.get();
  const auto wake = [self, alive = packets->alive_, poster = loop.poster()] {
    poster.post([self, alive] {
      if (*alive) self->take();
    });
  };
  packets->messages_ = TRY(store::NatsMessages::open(nats_options(place, config), wake));
  TRY(packets->messages_->hear(to_hex(inbox.view())));
  if (has_store) TRY(packets->messages_->hear(kHasStore));
  return packets;
}

FrontPackets::~FrontPackets() { *alive_ = false; }

void FrontPackets::take() {
  for (const Bytes& packet : messages_->take()) came_(packet);
  turn_();
}

void FrontPackets::send(const SendFrontPacket& packet) {
  messages_->send(packet.inbox ? to_hex(packet.inbox->view()) : kHasStore, packet.packet);
}

void FrontPackets::flush() { messages_->flush(kFlushMax); }

std::unique_ptr<FrontPackets> serve_fronts(net::EventLoop& loop, const Place& place, const Config& config, Home& home,
                                           std::function<void()> turn) {
  home.open_to_fronts(home_name(config));
  auto packets = FrontPackets::open(
      loop, place, config, home.front_inbox(), true, [&](ByteView packet) { home.front_packet(packet, loop.now()); },
      std::move(turn));
  if (packets) return std::move(*packets);
  say(LogLevel::kWarning, "front_trouble", packets.error(), "it serves without fronts");
  return nullptr;
}

void leave_fronts(Home& home, FrontPackets& packets, Instant now) {
  home.leave_fronts(now);
  while (auto output = home.next_output()) {
    if (const auto* packet = std::get_if<SendFrontPacket>(&*output)) packets.send(*packet);
  }
  packets.flush();
}

// ---- a front ------------------------------------------------------------------------------------------------------------

ServedFront::ServedFront(net::EventLoop& loop, const Place& place, const Config& config, const Keys& keys)
    : loop_(loop),
      place_(place),
      config_(config),
      keys_(keys),
      front_(keys.clone(), config.options.limits, random_, home_name(config)),
      deadline_(loop),
      listen_again_(loop),
      patience_(loop),
      limits_look_(loop),
      began_(loop.now()) {
  auto packets = FrontPackets::open(
      loop, place, config, front_.inbox(), false, [this](ByteView packet) { front_.packet(packet, loop_.now()); },
      [this] { turn(); });
  if (!packets) {
    say(LogLevel::kWarning, "front_trouble", packets.error());
    return;
  }
  packets_ = std::move(*packets);
  front_.start(loop_.now());
  look_at_limits();
  turn_soon();
}

// What waits for clients leaves with their pipes, which send what they have.
ServedFront::~ServedFront() {
  done_ = {};
  front_.end(loop_.now());
  while (auto output = front_.next_output()) {
    if (const auto* bytes = std::get_if<SendBytes>(&*output)) send(*bytes);
    if (const auto* packet = std::get_if<SendFrontPacket>(&*output); packet != nullptr && packets_)
      packets_->send(*packet);
  }
  if (packets_) packets_->flush();
}

net::PipeEvents ServedFront::accept(net::Arrival arrival, session::Form form) {
  const PipeId id{next_pipe_++};
  Bytes source = config_.behind_proxy ? Bytes{} : net::source_name(arrival.source);
  lines_.emplace(id, Line{std::move(arrival.pipe), {}});
  front_.pipe_opened(id, form, std::move(source), loop_.now());
  net::PipeEvents events;
  events.on_bytes = [this, id](ByteView bytes) {
    front_.pipe_bytes(id, bytes, loop_.now());
    turn_soon();
  };
  events.on_drained = [this, id] { drained(id); };
  events.on_closed = [this, id](Error) {
    lines_.erase(id);
    front_.pipe_closed(id, loop_.now());
    turn_soon();
  };
  turn_soon();  // not from inside this call: the pipe has no events yet
  return events;
}

void ServedFront::drained(PipeId id) {
  const auto line = lines_.find(id);
  if (line == lines_.end()) return;
  if (!line->second.kept.empty()) {
    if (!line->second.pipe->send(line->second.kept)) return;  // full again, or about to be closed
    line->second.kept.clear();
  }
  front_.pipe_drained(id, loop_.now());
  turn_soon();
}

void ServedFront::send(const SendBytes& output) {
  const auto line = lines_.find(output.pipe);
  if (line == lines_.end()) return;
  const Status sent = line->second.pipe->send(output.bytes);
  if (sent || sent.error().code.action == Action::kCloseSession) return;  // else on_closed comes
  line->second.kept = output.bytes;
  front_.pipe_full(output.pipe);
}

void ServedFront::act(FrontOutput output) {
  if (const auto* bytes = std::get_if<SendBytes>(&output)) send(*bytes);
  if (const auto* close = std::get_if<ClosePipe>(&output)) lines_.erase(close->pipe);
  if (const auto* packet = std::get_if<SendFrontPacket>(&output)) packets_->send(*packet);
  if (const auto* linked = std::get_if<FrontLinked>(&output)) {
    say(LogLevel::kInfo, "front_began", {{"home", linked->home}});
    wants_to_listen_ = true;
    listen();
  }
  if (std::holds_alternative<FrontLost>(output)) {
    say(LogLevel::kInfo, "front_ended");
    stop_listening();
  }
}

// A port that another one has, as where two homes are tried on one machine, is not worth ending for: it may become free.
void ServedFront::listen() {
  if (!wants_to_listen_ || listener_) return;
  auto listener = net::Listener::create(loop_, listener_options(place_, config_), [this](net::Arrival arrival) {
    return accept(std::move(arrival), session::Form::kWebSocket);
  });
  auto transports = listener ? ServedTransports::create(loop_, place_, config_,
                                                        [this](net::Arrival arrival) {
                                                          return accept(std::move(arrival), session::Form::kStream);
                                                        })
                             : Result<std::unique_ptr<ServedTransports>>(listener.error());
  if (!transports) {
    if (!std::exchange(complained_, true)) {
      say(LogLevel::kWarning, "front_trouble", transports.error(),
          "it does not listen: " + blamed_for(place_, config_, transports.error().code));
    }
    listen_again_.set(kListenAgain, [this] { listen(); });
    return;
  }
  complained_ = false;
  listener_ = std::move(*listener);
  transports_ = std::move(*transports);
  if (config_.metrics_port != 0 && !metrics_) {
    if (auto metrics = ServedMetrics::create(loop_, config_.metrics_port, [this] { return metrics_text(); }))
      metrics_ = std::move(*metrics);
  }
  if (!std::exchange(announced_, true)) announce(config_, keys_, listener_->port());
}

void ServedFront::stop_listening() {
  wants_to_listen_ = false;
  listen_again_.cancel();
  transports_.reset();
  listener_.reset();
}

void ServedFront::turn() {
  if (!packets_) return;
  while (auto output = front_.next_output()) act(std::move(*output));
  if (front_.hears_other_version() && !std::exchange(told_version_, true)) {
    say(LogLevel::kWarning, "front_trouble", Error{kOtherFrontVersion, "home: all homes of a cluster run one program"});
  }
  if (done_ && front_.idle()) loop_.post(std::exchange(done_, {}));
  deadline_.set_at(front_.next_deadline(), [this] {
    front_.handle_expiry(loop_.now());
    turn();
  });
}

void ServedFront::turn_soon() {
  if (std::exchange(turning_, true)) return;
  loop_.post([this, alive = std::weak_ptr<ServedFront*>(alive_)] {
    if (alive.expired()) return;
    turning_ = false;
    turn();
  });
}

void ServedFront::reload() {
  if (config_.behind_proxy || !listener_) return;
  if (const Status reloaded = listener_->reload_certificate(); !reloaded)
    say(LogLevel::kWarning, "certificate_not_reloaded", reloaded.error(),
        "the certificate was not read again, the old one stays in use");
}

void ServedFront::end_gently(std::function<void()> done) {
  say(LogLevel::kInfo, "draining", {{"connections", lines_.size()}});
  done_ = done;
  front_.drain(loop_.now());
  patience_.set(kDrainMax, std::move(done));
  turn_soon();
}

HomeState ServedFront::state() const {
  HomeState state;
  state.uptime = loop_.now() - began_;
  state.sessions = lines_.size();
  state.output_waiting = front_.output_waiting();
  if (listener_) state.listener = listener_->counts();
  state.home = front_.counters();
  return state;
}

std::string ServedFront::print_state() const {
  const auto home = front_.home();
  std::ostringstream out;
  out << "front: " << (listener_ ? "yes" : "no") << "\n";
  if (home) out << "front_of: " << *home << "\n";
  if (listener_) {
    const HomeState now = state();
    out << "connections: " << now.listener.open << "\n"
        << "sessions: " << now.sessions << "\n"
        << "output_waiting_bytes: " << now.output_waiting << "\n"
        << "handshakes_full: " << now.home.sessions_full << "\n"
        << "handshakes_resumed: " << now.home.sessions_resumed << "\n"
        << "requests: " << now.home.requests << "\n";
  }
  return out.str();
}

std::string ServedFront::metrics_text() const {
  MetricsState told;
  told.home = state();
  told.gauges.pipes = front_.pipes();
  told.gauges.output_waiting = front_.output_waiting();
  told.process = process_state();
  return print_metrics(told);
}

// As the home that has the store: that people were refused is told once in a while, and how often.
void ServedFront::look_at_limits() {
  HomeState now = state();
  for (const auto& [limit, times] : limits_reached(looked_, now)) {
    say(LogLevel::kWarning, "limit_reached", {{"limit", std::string(limit)}, {"times", times}});
  }
  looked_ = std::move(now);
  limits_look_.set(kLimitsLook, [this] { look_at_limits(); });
}

}  // namespace godwit::home
