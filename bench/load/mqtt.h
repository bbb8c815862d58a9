#pragma once
// The few packets of MQTT 3.1.1 (OASIS Standard, 29 October 2014) that a load generator needs.

#include <string_view>

#include "base/bytes.h"

namespace godwit::bench::load::mqtt {

/// Kinds of packets (§2.2.1).
enum class Kind : uint8_t { kConnAck = 2, kPublish = 3, kPubAck = 4, kSubAck = 9 };

/// One packet that came.
struct Packet {
  Kind kind{};
  uint8_t flags = 0;
  ByteView body;  ///< views what was read
};

/// CONNECT (§3.1) with a session that lasts, under `client`.
Bytes connect(std::string_view client);
/// SUBSCRIBE (§3.8) at QoS 1.
Bytes subscribe(uint16_t id, std::string_view topic);
/// PUBLISH (§3.3) at QoS 1.
Bytes publish(uint16_t id, std::string_view topic, ByteView payload);
/// PUBACK (§3.4).
Bytes acknowledge(uint16_t id);
/// DISCONNECT (§3.14).
Bytes disconnect();
/// Takes one packet off the front of `bytes`; false: it is not whole yet.
bool next_packet(ByteView& bytes, Packet& packet);
/// Of a PUBLISH at QoS 1: its id, and its payload. Ends the program if it is none.
ByteView open_publish(const Packet& packet, uint16_t& id);

}  // namespace godwit::bench::load::mqtt
