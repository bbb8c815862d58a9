// A client's end of a session: first whatever bytes come on its pipe, then whatever an authenticated home says.
//
// The first byte chooses: 0 raw bytes after a hello, 1 raw bytes after a first flight, 2 records after a full handshake.

#include "fuzz/session_fuzz_common.h"

namespace godwit::session {
namespace {

using fuzzing::Input;
using fuzzing::Keys;
using fuzzing::Sealer;

struct World {
  World(Input& from, bool resume) : input(from), client(start(resume)) {}
  Input& input;
  Keys keys;
  Instant now;
  ClientSession client;  // last: start() uses the others

  ClientSession start(bool resume) {
    ClientOptions options;
    options.home_key = keys.identity.public_key;
    if (!resume) return ClientSession::connect(options, keys.random, now);
    Ticket ticket{TicketId{{1}}, TicketPsk::random(keys.random), SessionKind::kMailbox, Instant{1'000'000},
                  keys.identity.public_key};
    return *ClientSession::resume(options, std::move(ticket), {Bytes(100), Bytes(5000)}, keys.random, now);
  }
  void give(ByteView bytes) {
    static_cast<void>(client.receive(bytes, now));
    while (client.next_event()) {
    }
    ASSERT(client.requests_in_flight() <= kRequestsInFlightMax);
  }
  void step(Sealer& sealer) {
    switch (input.byte() % 8) {
      case 0:
        static_cast<void>(client.send_request(Bytes(size_t{input.byte()} * 500), now));
        return;
      case 1:
        now = now + milliseconds(int64_t{input.byte()} * 5000);
        return client.handle_expiry(now);
      case 2:
        static_cast<void>(client.take_output(now, size_t{input.byte()} * 256));
        return;
      case 3:
        return client.cancel(StreamId{input.byte()});
      case 4:
        give(sealer.record(input.block(kRecordPlaintextMax)));
        return sealer.rekey();
      default:
        return give(sealer.record(input.block(kRecordPlaintextMax)));
    }
  }
};

/// A true home's welcome to the client's hello; the keys it seals with.
CipherState welcome(World& world) {
  const Bytes hello = world.client.take_output({});
  const auto parsed = Hello::parse(ByteView(hello).subspan(3), false);
  ASSERT(parsed);
  auto full =
      home_full(world.keys.identity, Form::kStream, parsed->version_highest, parsed->noise, world.keys.random);
  ASSERT(full);
  Bytes message;
  write_message(message, MessageKind::kWelcome, full->second_message);
  world.give(message);
  return std::move(full->outcome.send);
}

}  // namespace
}  // namespace godwit::session

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::session;
  fuzzing::Input input(data, size);
  const uint8_t mode = input.byte() % 3;
  World world(input, mode == 1);
  if (mode != 2) {
    while (!input.empty()) {
      const godwit::ByteView bytes = input.block(5000);
      // A cookie may ask for half a second of work: right, but no way to fuzz.
      if (!bytes.empty() && bytes[0] == static_cast<uint8_t>(MessageKind::kCookie)) return 0;
      world.give(bytes);
    }
    return 0;
  }
  fuzzing::Sealer sealer(welcome(world));
  ASSERT(world.client.established());
  for (int steps = 0; steps < 400 && !input.empty(); ++steps) world.step(sealer);
  static_cast<void>(world.client.take_output(world.now));
  return 0;
}
