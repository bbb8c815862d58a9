#include "lab/censor/testing/wire.h"

#include <algorithm>
#include <stdexcept>

namespace godwit::lab {
namespace {

Host host(const std::string& name, bool inside, const std::vector<std::string>& blocks) {
  Host out;
  out.name = name;
  out.inside = inside;
  for (const std::string& text : blocks) {
    Cidr block;
    if (!parse_cidr(text, block)) throw std::invalid_argument(text);
    out.addresses.blocks.push_back(block);
  }
  return out;
}

Settings settings_of(uint64_t seed, double loss) {
  Settings settings;
  settings.seed = seed;
  settings.loss = loss;
  return settings;
}

}  // namespace

Address address(const std::string& text) {
  Address out;
  if (!parse_address(text, out)) throw std::invalid_argument(text);
  return out;
}

TestWire::TestWire(const std::vector<std::string>& modes, uint64_t seed, double loss)
    : censor_(std::make_unique<Censor>(
          settings_of(seed, loss),
          std::vector<Host>{host("user", true, {kUser, kUserV6, "10.0.1.0/24"}),
                            host("domestic", true, {"10.9.0.0/16"}),
                            host("server", false, {"203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"})})) {
  const std::string wrong = censor_->set_modes(modes, now_);
  if (!wrong.empty()) throw std::invalid_argument(wrong);
}

void TestWire::send(const Bytes& bytes) {
  Packet packet;
  if (!parse_packet(bytes, packet)) throw std::invalid_argument("not a packet");
  for (size_t i = 0; i < censor_->hosts().size(); ++i) {
    if (censor_->hosts()[i].addresses.contains(packet.source)) {
      censor_->on_packet(i, bytes, now_);
      return;
    }
  }
  throw std::invalid_argument("nobody has the source address");
}

void TestWire::collect() {
  Departure departure;
  while (censor_->take_departure(now_, departure)) {
    Arrival arrival{departure.due, departure.host, {}};
    if (!parse_packet(departure.bytes, arrival.packet)) throw std::invalid_argument("the wire made no packet");
    arrived_.push_back(std::move(arrival));
  }
}

void TestWire::pass(Time span) {
  const Time end = now_ + span;
  while (now_ < end) {
    now_ = std::min(end, now_ + std::chrono::milliseconds(100));
    censor_->on_time(now_);
    collect();
  }
}

std::vector<Arrival> TestWire::arrivals() {
  // The clock stands still: packets come out with the time at which they would have arrived.
  Departure departure;
  while (censor_->take_departure(Time::max() - Time(1), departure)) {
    Arrival arrival{departure.due, departure.host, {}};
    if (!parse_packet(departure.bytes, arrival.packet)) throw std::invalid_argument("the wire made no packet");
    arrived_.push_back(std::move(arrival));
  }
  return std::exchange(arrived_, {});
}

size_t TestWire::arrived_at(size_t host) {
  const std::vector<Arrival> all = arrivals();
  return static_cast<size_t>(
      std::count_if(all.begin(), all.end(), [&](const Arrival& arrival) { return arrival.host == host; }));
}

uint64_t TestWire::counter(const std::string& name, size_t mode) const {
  const auto& counters = censor_->modes().at(mode)->mode().counters();
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

namespace {

/// Sends, and parts what arrives into the packet itself and all else.
bool send_over(TestWire& wire, const Bytes& bytes, std::vector<Arrival>& others) {
  others.clear();
  wire.arrivals();
  wire.send(bytes);
  bool arrived = false;
  for (Arrival& arrival : wire.arrivals()) {
    if (!arrived && arrival.packet.bytes == bytes) {
      arrived = true;
    } else {
      others.push_back(std::move(arrival));
    }
  }
  return arrived;
}

}  // namespace

TestConnection::TestConnection(TestWire& wire, uint16_t client_port, uint16_t server_port, std::string server,
                               std::string client)
    : wire_(wire), client_{address(client), client_port}, server_{address(server), server_port} {}

bool TestConnection::send(const Bytes& packet) { return send_over(wire_, packet, others_); }

bool TestConnection::syn() {
  TcpSegment segment{client_, server_, up_next_ - 1, 0, kSyn};
  return send(build_tcp(segment, {}));
}

bool TestConnection::open() {
  if (!syn()) return false;
  TcpSegment answer{server_, client_, down_next_ - 1, up_next_, kSyn | kAck};
  if (!send(build_tcp(answer, {}))) return false;
  return send(next_up({}, kAck));
}

Bytes TestConnection::next_up(ByteView payload, uint8_t flags) {
  TcpSegment segment{client_, server_, up_next_, down_next_, flags};
  up_next_ += static_cast<uint32_t>(payload.size());
  return build_tcp(segment, payload);
}

bool TestConnection::up(ByteView payload) { return send(next_up(payload)); }

bool TestConnection::down(ByteView payload) {
  TcpSegment segment{server_, client_, down_next_, up_next_, kPsh | kAck};
  down_next_ += static_cast<uint32_t>(payload.size());
  return send(build_tcp(segment, payload));
}

size_t TestConnection::resets_to(size_t host) const {
  return static_cast<size_t>(std::count_if(others_.begin(), others_.end(), [&](const Arrival& arrival) {
    return arrival.host == host && arrival.packet.has(kRst) && checksums_right(arrival.packet);
  }));
}

TestDatagrams::TestDatagrams(TestWire& wire, uint16_t client_port, uint16_t server_port, std::string server,
                             std::string client)
    : wire_(wire), client_{address(client), client_port}, server_{address(server), server_port} {}

bool TestDatagrams::send(const Bytes& packet) { return send_over(wire_, packet, others_); }
bool TestDatagrams::up(ByteView payload) { return send(build_udp(client_, server_, payload)); }
bool TestDatagrams::down(ByteView payload) { return send(build_udp(server_, client_, payload)); }

}  // namespace godwit::lab
