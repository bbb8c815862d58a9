// What Janus says, which forwards what strangers have written: whatever it is, the rooms go on, and never have more than they may.

#include "base/assert.h"
#include "crypto/random_sources.h"
#include "home/call_rooms.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  crypto::SeededRandom random(1);
  home::CallRoomsOptions options;
  options.relay = [] { return std::optional(wire::TurnCredentials{{"turns:h"}, "u", "p", 3600}); };
  home::CallRooms rooms(options, random);
  Instant now{1'000};
  rooms.connected(now);
  rooms.heard(R"({"janus":"success","transaction":"1","data":{"id":1}})", now);
  rooms.heard(R"({"janus":"success","transaction":"2","data":{"id":2}})", now);
  ASSERT(rooms.ready());
  wire::CallRoomAsk wish;
  wish.room = rooms.open({1}, now).value();
  for (const auto verb : {wire::CallRoomVerb::kEnter, wire::CallRoomVerb::kPublish, wire::CallRoomVerb::kWatch}) {
    wish.verb = static_cast<uint8_t>(verb);
    ++wish.number;
    wish.text = to_bytes(as_bytes("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\n"));
    wish.streams = {{1, true, 1}};
    rooms.ask(home::UnitAskId{wish.number}, wish, now);
    rooms.heard(as_text({data, size}), now);
  }
  for (const auto& each : rooms.answers()) {
    if (each.said) ASSERT(wire::check_call_room_said(*each.said).has_value());
  }
  rooms.expire(now + home::kCallSeatSilent);
  ASSERT(rooms.counts().seats == 0);
  return 0;
}
