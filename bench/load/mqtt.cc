#include "bench/load/mqtt.h"

#include "base/assert.h"

namespace godwit::bench::load::mqtt {
namespace {

void add_number(Bytes& out, size_t number) {
  out.push_back(static_cast<uint8_t>(number >> 8));
  out.push_back(static_cast<uint8_t>(number));
}

void add_text(Bytes& out, std::string_view text) {
  add_number(out, text.size());
  append(out, as_bytes(text));
}

// The fixed header (§2.2) before the rest.
Bytes framed(uint8_t first, ByteView body) {
  Bytes out{first};
  size_t left = body.size();
  do {
    const auto low = static_cast<uint8_t>(left & 127);
    left >>= 7;
    out.push_back(left > 0 ? low | 128 : low);
  } while (left > 0);
  append(out, body);
  return out;
}

}  // namespace

Bytes connect(std::string_view client) {
  Bytes body;
  add_text(body, "MQTT");
  body.push_back(4);      // the version
  body.push_back(0);      // no clean session, no name and password
  add_number(body, 120);  // keep alive, in seconds
  add_text(body, client);
  return framed(0x10, body);
}

Bytes subscribe(uint16_t id, std::string_view topic) {
  Bytes body;
  add_number(body, id);
  add_text(body, topic);
  body.push_back(1);
  return framed(0x82, body);
}

Bytes publish(uint16_t id, std::string_view topic, ByteView payload) {
  Bytes body;
  add_text(body, topic);
  add_number(body, id);
  append(body, payload);
  return framed(0x32, body);
}

Bytes acknowledge(uint16_t id) {
  Bytes body;
  add_number(body, id);
  return framed(0x40, body);
}

Bytes disconnect() { return framed(0xe0, {}); }

bool next_packet(ByteView& bytes, Packet& packet) {
  size_t size = 0;
  size_t at = 1;
  for (int shift = 0;; shift += 7, ++at) {
    if (at >= bytes.size()) return false;
    size |= static_cast<size_t>(bytes[at] & 127) << shift;
    if ((bytes[at] & 128) == 0) break;
  }
  ++at;
  if (bytes.size() - at < size) return false;
  packet = {static_cast<Kind>(bytes[0] >> 4), static_cast<uint8_t>(bytes[0] & 15), bytes.subspan(at, size)};
  bytes = bytes.subspan(at + size);
  return true;
}

ByteView open_publish(const Packet& packet, uint16_t& id) {
  ASSERT((packet.flags & 6) == 2 && packet.body.size() >= 4);
  const size_t topic = size_t{packet.body[0]} << 8 | packet.body[1];
  ASSERT(packet.body.size() >= topic + 4);
  id = static_cast<uint16_t>(packet.body[topic + 2] << 8 | packet.body[topic + 3]);
  return packet.body.subspan(topic + 4);
}

}  // namespace godwit::bench::load::mqtt
