#include "lab/censor/packet.h"

#include <algorithm>

#include "lab/censor/cursor.h"

namespace godwit::lab {
namespace {

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kDestinationOptions = 60;

Address address_of(ByteView bytes) {
  Address address;
  address.v6 = bytes.size() == 16;
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

/// Where the transport's header begins, and how many bytes follow; `later` for a fragment that is not the first.
struct Inner {
  size_t at = 0;
  size_t size = 0;
  bool later = false;
};

bool parse_v4(Packet& packet, Inner& inner) {
  Cursor cursor(packet.bytes);
  const size_t header = static_cast<size_t>(cursor.u8() & 15) * 4;
  cursor.take(1);
  const size_t total = cursor.u16();
  cursor.take(2);
  const uint16_t fragment = cursor.u16();
  cursor.take(1);
  packet.protocol = cursor.u8();
  cursor.take(2);
  const ByteView source = cursor.take(4);
  const ByteView destination = cursor.take(4);
  if (!cursor.ok() || header < 20 || total < header || total > packet.bytes.size()) return false;
  packet.source = address_of(source);
  packet.destination = address_of(destination);
  inner = {header, total - header, (fragment & 0x1fff) != 0};
  return true;
}

bool parse_v6(Packet& packet, Inner& inner) {
  Cursor cursor(packet.bytes);
  cursor.take(4);
  const size_t length = cursor.u16();
  uint8_t next = cursor.u8();
  cursor.take(1);
  const ByteView source = cursor.take(16);
  const ByteView destination = cursor.take(16);
  if (!cursor.ok() || length > cursor.rest().size()) return false;
  packet.source = address_of(source);
  packet.destination = address_of(destination);
  Cursor body(cursor.rest().first(length));
  while (next == kHopByHop || next == kRouting || next == kDestinationOptions || next == kFragment) {
    const bool fragment = next == kFragment;
    next = body.u8();
    const uint8_t units = body.u8();
    const ByteView rest = body.take(fragment ? 6 : 6 + static_cast<size_t>(units) * 8);
    if (!body.ok()) return false;
    if (fragment) inner.later = inner.later || ((rest[0] << 8 | rest[1]) & 0xfff8) != 0;
  }
  packet.protocol = next;
  inner.at = 40 + length - body.rest().size();
  inner.size = body.rest().size();
  return true;
}

bool parse_transport(Packet& packet, const Inner& inner) {
  const ByteView bytes = ByteView(packet.bytes).subspan(inner.at, inner.size);
  Cursor cursor(bytes);
  packet.source_port = cursor.u16();
  packet.destination_port = cursor.u16();
  size_t header = 8;
  size_t total = bytes.size();
  if (packet.protocol == kTcp) {
    packet.sequence = cursor.u32();
    packet.acknowledgement = cursor.u32();
    header = static_cast<size_t>(cursor.u8() >> 4) * 4;
    packet.flags = cursor.u8();
    cursor.take(6);
    if (header < 20) return false;
  } else {
    total = cursor.u16();
    cursor.take(2);
  }
  // A first fragment of a datagram says a length that is not all here.
  total = std::min(total, bytes.size());
  if (!cursor.ok() || total < header) return false;
  packet.has_ports = true;
  packet.payload_at = inner.at + header;
  packet.payload_size = total - header;
  return true;
}

void put(Bytes& out, uint64_t value, size_t width) {
  for (size_t i = width; i > 0; --i) out.push_back(static_cast<uint8_t>(value >> ((i - 1) * 8)));
}

void set16(Bytes& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

uint32_t sum(ByteView bytes, uint32_t start) {
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) start += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  if (bytes.size() % 2 == 1) start += static_cast<uint32_t>(bytes.back() << 8);
  return start;
}

uint16_t folded(uint32_t total) {
  while ((total >> 16) != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<uint16_t>(~total);
}

/// RFC 9293 §3.1 and RFC 8200 §8.1: the pseudo-header and the segment, whose checksum field counts as it stands.
uint16_t transport_checksum(const Address& from, const Address& to, uint8_t protocol, ByteView segment) {
  uint32_t total = protocol == kIcmp ? 0 : sum(to.view(), sum(from.view(), 0));
  if (protocol != kIcmp) total += protocol + static_cast<uint32_t>(segment.size());
  return folded(sum(segment, total));
}

/// The IP header, then `segment` with its checksum at `checksum_at` put right.
Bytes wrap(const Address& from, const Address& to, uint8_t protocol, uint8_t ttl, Bytes segment, size_t checksum_at) {
  const uint16_t checksum = transport_checksum(from, to, protocol, segment);
  set16(segment, checksum_at, checksum == 0 && protocol == kUdp ? 0xffff : checksum);
  Bytes out;
  if (from.v6) {
    put(out, 0x60000000, 4);
    put(out, segment.size(), 2);
    out.push_back(protocol);
    out.push_back(ttl);
  } else {
    put(out, 0x4500, 2);
    put(out, 20 + segment.size(), 2);
    put(out, 0x4000, 4);  // no id, don't fragment
    out.push_back(ttl);
    out.push_back(protocol);
    put(out, 0, 2);
  }
  append(out, from.view());
  append(out, to.view());
  if (!from.v6) set16(out, 10, folded(sum(ByteView(out).first(20), 0)));
  append(out, segment);
  return out;
}

}  // namespace

bool parse_packet(Bytes bytes, Packet& out) {
  Packet packet;
  packet.bytes = std::move(bytes);
  Inner inner;
  const int version = packet.bytes.empty() ? 0 : packet.bytes[0] >> 4;
  if (version == 4 ? !parse_v4(packet, inner) : version != 6 || !parse_v6(packet, inner)) return false;
  const bool transport = packet.protocol == kTcp || packet.protocol == kUdp;
  if (transport && !inner.later && !parse_transport(packet, inner)) return false;
  out = std::move(packet);
  return true;
}

Bytes build_tcp(const TcpSegment& segment, ByteView payload) {
  Bytes bytes;
  put(bytes, segment.from.port, 2);
  put(bytes, segment.to.port, 2);
  put(bytes, segment.sequence, 4);
  put(bytes, segment.acknowledgement, 4);
  bytes.push_back(5 << 4);
  bytes.push_back(segment.flags);
  put(bytes, segment.window, 2);
  put(bytes, 0, 4);
  append(bytes, payload);
  return wrap(segment.from.address, segment.to.address, kTcp, segment.ttl, std::move(bytes), 16);
}

Bytes build_udp(const Endpoint& from, const Endpoint& to, ByteView payload, uint8_t ttl) {
  Bytes bytes;
  put(bytes, from.port, 2);
  put(bytes, to.port, 2);
  put(bytes, 8 + payload.size(), 2);
  put(bytes, 0, 2);
  append(bytes, payload);
  return wrap(from.address, to.address, kUdp, ttl, std::move(bytes), 6);
}

Bytes build_echo(const Address& from, const Address& to, bool reply) {
  Bytes bytes;
  bytes.push_back(from.v6 ? (reply ? 129 : 128) : (reply ? 0 : 8));
  put(bytes, 0, 3);
  put(bytes, 0x00010001, 4);
  return wrap(from, to, from.v6 ? kIcmpV6 : kIcmp, 64, std::move(bytes), 2);
}

bool checksums_right(const Packet& packet) {
  const ByteView bytes = packet.bytes;
  size_t header = 40;
  size_t total = bytes.size();
  if (!packet.source.v6) {
    header = static_cast<size_t>(bytes[0] & 15) * 4;
    total = static_cast<size_t>(bytes[2] << 8 | bytes[3]);
    if (folded(sum(bytes.first(header), 0)) != 0) return false;
  }
  const ByteView segment = bytes.first(total).subspan(header);
  return transport_checksum(packet.source, packet.destination, packet.protocol, segment) == 0;
}

Bytes reset_to_sender(const Packet& packet) {
  TcpSegment segment{packet.to(), packet.from()};
  segment.sequence = packet.acknowledgement;
  segment.acknowledgement = packet.sequence + packet.sequence_length();
  segment.flags = kRst | kAck;
  return build_tcp(segment, {});
}

Bytes reset_to_receiver(const Packet& packet, bool after) {
  TcpSegment segment{packet.from(), packet.to()};
  segment.sequence = packet.sequence + (after ? packet.sequence_length() : 0);
  segment.acknowledgement = packet.acknowledgement;
  segment.flags = kRst | kAck;
  return build_tcp(segment, {});
}

}  // namespace godwit::lab
