// Packets as hosts send them, through the whole box with every kind of mode on.

#include "base/assert.h"
#include "lab/censor/censor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  using namespace godwit::lab;
  static const std::vector<Host> hosts = [] {
    Host user{"user", true, {}};
    Host world{"world", false, {}};
    Cidr block;
    for (const char* text : {"10.0.0.0/8", "fd00::/8"}) {
      if (parse_cidr(text, block)) user.addresses.blocks.push_back(block);
    }
    for (const char* text : {"0.0.0.0/0", "::/0"}) {
      if (parse_cidr(text, block)) world.addresses.blocks.push_back(block);
    }
    return std::vector<Host>{user, world};
  }();
  Censor censor({}, hosts);
  const std::string wrong =
      censor.set_modes({"dns:tcp=on,names=*", "throttle:variant=flow,protocol=all,c=90", "ech-doh", "tls-fp",
                        "siberian", "fet:p=0", "learn", "sni-rst:names=*", "curtain"},
                       Time{});
  ASSERT(wrong.empty());
  // Packets stand one behind the other, each after its length in two bytes.
  Time now{};
  while (size >= 2) {
    const size_t length = std::min<size_t>(static_cast<size_t>(data[0] << 8 | data[1]), size - 2);
    censor.on_packet(length % 2, Bytes(data + 2, data + 2 + length), now);
    data += 2 + length;
    size -= 2 + length;
    now += std::chrono::milliseconds(50);
    censor.on_time(now);
  }
  Departure departure;
  while (censor.take_departure(Time::max() - Time(1), departure)) {
    Packet packet;
    const bool whole = parse_packet(departure.bytes, packet);
    ASSERT(whole);  // what leaves is a packet
  }
  return 0;
}
