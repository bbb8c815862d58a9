#pragma once
// One IP packet as it stands on the wire: parsed, and made. Nothing here remembers anything.

#include "base/bytes.h"
#include "lab/censor/address.h"

namespace godwit::lab {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kIcmpV6 = 58;

constexpr uint8_t kFin = 1;
constexpr uint8_t kSyn = 2;
constexpr uint8_t kRst = 4;
constexpr uint8_t kPsh = 8;
constexpr uint8_t kAck = 16;

/// A packet and what its headers say.
struct Packet {
  Bytes bytes;
  Address source;
  Address destination;
  uint8_t protocol = 0;      ///< RFC 790's number, that of the last header found
  bool has_ports = false;    ///< TCP or UDP, and not a later fragment
  uint16_t source_port = 0;  ///< of TCP and UDP
  uint16_t destination_port = 0;
  uint32_t sequence = 0;  ///< TCP only, as the following
  uint32_t acknowledgement = 0;
  uint8_t flags = 0;
  size_t payload_at = 0;  ///< of TCP and UDP, within bytes
  size_t payload_size = 0;

  /// What TCP or UDP carries; lives as long as the packet.
  ByteView payload() const { return ByteView(bytes).subspan(payload_at, payload_size); }
  /// TCP with ports.
  bool tcp() const { return has_ports && protocol == kTcp; }
  /// UDP with ports.
  bool udp() const { return has_ports && protocol == kUdp; }
  /// True if any of these TCP flags is set.
  bool has(uint8_t any) const { return (flags & any) != 0; }
  /// Sender's and receiver's address and port.
  Endpoint from() const { return {source, source_port}; }
  /// See from().
  Endpoint to() const { return {destination, destination_port}; }
  /// How far this segment moves the sequence number (RFC 9293 §3.4): payload, SYN and FIN.
  uint32_t sequence_length() const {
    return static_cast<uint32_t>(payload_size) + (has(kSyn) ? 1U : 0U) + (has(kFin) ? 1U : 0U);
  }
};

/// Parses an IPv4 (RFC 791) or IPv6 (RFC 8200) packet; false if it is neither or its headers are cut.
[[nodiscard]] bool parse_packet(Bytes bytes, Packet& out);

/// The fields of a TCP segment to be made.
struct TcpSegment {
  Endpoint from;
  Endpoint to;
  uint32_t sequence = 0;
  uint32_t acknowledgement = 0;
  uint8_t flags = kAck;
  uint16_t window = 65535;
  uint8_t ttl = 64;
};

/// A whole packet with right lengths and checksums; `from` and `to` are of one family.
Bytes build_tcp(const TcpSegment& segment, ByteView payload);
/// The same for a datagram.
Bytes build_udp(const Endpoint& from, const Endpoint& to, ByteView payload, uint8_t ttl = 64);
/// An ICMP or ICMPv6 echo request (`reply` false) or reply.
Bytes build_echo(const Address& from, const Address& to, bool reply);

/// True if the IPv4 header checksum (if any) and the TCP, UDP or ICMP checksum of a packet are right.
bool checksums_right(const Packet& packet);

/// The RST+ACK that `packet`'s receiver would send back: sequence and acknowledgement fit the sender's window.
Bytes reset_to_sender(const Packet& packet);
/// The RST+ACK that `packet`'s sender would send to follow it, as its receiver accepts it. `after` moves the sequence number
/// beyond the packet's own data: true if the packet itself goes on, false if it is dropped.
Bytes reset_to_receiver(const Packet& packet, bool after);

}  // namespace godwit::lab
