#include "lab/censor/flow.h"

#include <utility>

#include "lab/censor/dice.h"

namespace godwit::lab {
namespace {

constexpr uint64_t kQuicPacketsMax = 10;  // a hello that needs more datagrams is no browser's

bool client_sends(const Flow& flow, const Packet& packet) { return packet.from() == flow.key.client; }

void note_hello(Flow& flow, HelloCarrier carrier, Sighting& sighting) {
  flow.has_hello = true;
  flow.carrier = carrier;
  flow.fingerprint = ja4(flow.hello, carrier);
  sighting.hello = true;
}

void read_tcp(Flow& flow, const Packet& packet, Direction direction, Sighting& sighting) {
  uint32_t& next = flow.next_sequence[direction];
  const uint32_t end = packet.sequence + packet.sequence_length();
  const bool first = flow.packets[direction] == 1;
  sighting.repeated = packet.payload_size > 0 && !first && static_cast<int32_t>(end - next) <= 0;
  if (first || static_cast<int32_t>(end - next) > 0) next = end;
  StreamHead& head = flow.head[direction];
  if (packet.has(kSyn)) head.start(packet.sequence + 1);
  const bool grown = head.add(packet.sequence, packet.payload());
  if (direction == kDown || flow.has_hello || !grown) return;
  const HelloState state = parse_tls_hello(head.bytes(), flow.hello);
  if (sighting.first_client_data) {
    sighting.hello_alone = state == HelloState::kWhole || !flow.hello.server_name.empty();
  }
  if (state == HelloState::kWhole) note_hello(flow, HelloCarrier::kTls, sighting);
}

// In a call either side may begin, long after the flow has: STUN comes first (RFC 5763 §5).
void read_dtls(Flow& flow, const Packet& packet, Sighting& sighting) {
  const bool first = flow.dtls == nullptr;
  if (first) flow.dtls = std::make_unique<DtlsHello>();
  const HelloState state = flow.dtls->add(packet.payload(), flow.hello);
  if (state == HelloState::kNone && first) flow.dtls.reset();
  if (state != HelloState::kWhole) return;
  note_hello(flow, HelloCarrier::kDtls, sighting);
  sighting.hello_alone = first;
  flow.dtls.reset();
}

void read_udp(Flow& flow, const Packet& packet, Direction direction, Sighting& sighting) {
  const ByteView payload = packet.payload();
  if (flow.has_hello) return;
  if (payload.size() > 13 && payload[0] == 22 && payload[1] == 0xfe) return read_dtls(flow, packet, sighting);
  if (direction == kDown || flow.packets[kUp] > kQuicPacketsMax || !is_quic_initial(payload)) return;
  if (!flow.quic) flow.quic = std::make_unique<QuicHello>();
  if (flow.quic->add(payload, flow.hello) != HelloState::kWhole) return;
  sighting.hello_alone = sighting.first_client_data;
  note_hello(flow, HelloCarrier::kQuic, sighting);
  flow.quic.reset();
}

/// Heads are kept until no mode can want them: enough data has passed that every first look is over.
void close_heads(Flow& flow) {
  if (flow.data_bytes[kUp] + flow.data_bytes[kDown] < 3 * StreamHead::kBytesMax) return;
  for (StreamHead& head : flow.head) head.close();
}

}  // namespace

size_t FlowTable::EndsHash::operator()(const Ends& ends) const {
  const uint64_t ports = static_cast<uint64_t>(ends.low.port) << 32 | static_cast<uint64_t>(ends.high.port) << 8;
  return mix(ends.low.address.hash() ^ mix(ends.high.address.hash() ^ ports ^ ends.protocol));
}

bool FlowTable::idle(const Flow& flow, Time now) {
  if (!flow.tcp()) return now - flow.last_seen >= kUdpIdle;
  return now - flow.last_seen >= (flow.ending ? kTcpEnding : kTcpIdle);
}

std::unique_ptr<Flow> FlowTable::make(const Packet& packet, bool crossing, bool source_inside, Time now) {
  auto flow = std::make_unique<Flow>();
  flow->id = next_id_++;
  flow->key = {packet.from(), packet.to(), packet.protocol};
  flow->crossing = crossing;
  flow->client_inside = source_inside;
  flow->started = now;
  // A flow met in its middle: a SYN-ACK or a well-known port shows the server.
  const bool from_server =
      packet.tcp() && !packet.has(kSyn) && packet.source_port < 1024 && packet.source_port < packet.destination_port;
  if (from_server || (packet.has(kSyn) && packet.has(kAck))) {
    std::swap(flow->key.client, flow->key.server);
    if (crossing) flow->client_inside = !source_inside;
  }
  return flow;
}

Flow& FlowTable::note(const Packet& packet, bool crossing, bool source_inside, Time now, Direction& direction,
                      Sighting& sighting) {
  Ends ends{packet.from(), packet.to(), packet.protocol};
  if (ends.high < ends.low) std::swap(ends.low, ends.high);
  const bool opening = packet.tcp() && packet.has(kSyn) && !packet.has(kAck);
  std::unique_ptr<Flow>& slot = flows_[ends];
  const bool reopened = slot && opening && (slot->ending || slot->initial_sequence != packet.sequence);
  if (slot && (reopened || idle(*slot, now))) ended_.push_back(std::move(slot));
  if (!slot) slot = make(packet, crossing, source_inside, now);
  Flow& flow = *slot;

  direction = client_sends(flow, packet) ? kUp : kDown;
  sighting = {};
  flow.last_seen = now;
  flow.packets[direction] += 1;
  if (opening) flow.initial_sequence = packet.sequence;
  if (direction == kDown && (!packet.tcp() || packet.has(kSyn))) flow.server_seen = true;
  if (packet.tcp() && packet.has(kFin | kRst)) flow.ending = true;
  if (packet.payload_size > 0) {
    flow.data_packets[direction] += 1;
    flow.data_bytes[direction] += packet.payload_size;
    sighting.first_client_data = direction == kUp && flow.first_payload.empty();
    if (sighting.first_client_data) flow.first_payload = to_bytes(packet.payload());
  }
  if (packet.tcp()) read_tcp(flow, packet, direction, sighting);
  if (packet.udp()) read_udp(flow, packet, direction, sighting);
  close_heads(flow);
  return flow;
}

void FlowTable::sweep(Time now) {
  for (auto place = flows_.begin(); place != flows_.end();) {
    if (idle(*place->second, now) || flows_.size() > kFlowsMax) {
      ended_.push_back(std::move(place->second));
      place = flows_.erase(place);
    } else {
      ++place;
    }
  }
}

std::vector<std::unique_ptr<Flow>> FlowTable::take_ended() { return std::exchange(ended_, {}); }

void FlowTable::end_all() {
  for (auto& [ends, flow] : flows_) ended_.push_back(std::move(flow));
  flows_.clear();
}

}  // namespace godwit::lab
