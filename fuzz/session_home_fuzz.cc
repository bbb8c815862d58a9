// A home's end of a session: first whatever bytes come on its pipe, then whatever an authenticated client says.
//
// The first byte chooses: 0 raw bytes, 1 records after a full handshake, 2 a first flight and records after it.

#include <set>

#include "fuzz/session_fuzz_common.h"

namespace godwit::session {
namespace {

using fuzzing::Input;
using fuzzing::Keys;
using fuzzing::Sealer;

Ticket make_ticket(Keys& keys) {
  return {TicketId{{1, 2, 3}}, TicketPsk::random(keys.random), SessionKind::kAnonymous, Instant{1'000'000},
          keys.identity.public_key};
}

struct World {
  explicit World(Input& from) : input(from) {}
  Input& input;
  Keys keys;
  HandshakeGate gate{crypto::Secret<32>::random(keys.random)};
  HomeSession server{HomeOptions{&keys.identity, &gate}, keys.random, Instant{}};
  Ticket ticket = make_ticket(keys);
  Instant now;
  std::set<StreamId> open;

  void drain() {
    while (auto event = server.next_event()) {
      if (const auto* request = std::get_if<Request>(&*event)) {
        ASSERT(open.insert(request->stream).second && open.size() <= kRequestsInFlightMax);
        ASSERT(request->bytes.size() <= kRequestSizeMax);
      }
      if (const auto* cancelled = std::get_if<Cancelled>(&*event)) ASSERT(open.erase(cancelled->stream) == 1);
      if (const auto* wanted = std::get_if<TicketWanted>(&*event)) {
        server.provide_ticket(TicketRecord{wanted->id, ticket.psk.clone(), ticket.kind, {}, ticket.expires}, now);
      }
    }
  }
  void give(ByteView bytes) {
    static_cast<void>(server.receive(bytes, now));
    drain();
  }
  void answer_one() {
    if (open.empty()) return;
    const StreamId stream = *open.begin();
    open.erase(open.begin());
    static_cast<void>(server.reply(stream, Bytes(size_t{input.byte()} * 1000), now));
  }
  /// One step of a client that has the keys.
  void step(Sealer& sealer) {
    switch (input.byte() % 8) {
      case 0:
        return answer_one();
      case 1:
        now = now + milliseconds(int64_t{input.byte()} * 5000);
        return server.handle_expiry(now);
      case 2:
        static_cast<void>(server.take_output(now, size_t{input.byte()} * 256));
        return;
      case 3:
        static_cast<void>(server.push(Bytes(size_t{input.byte()} * 1000), now));
        return;
      case 4:
        give(sealer.record(input.block(kRecordPlaintextMax)));
        return sealer.rekey();
      default:
        return give(sealer.record(input.block(kRecordPlaintextMax)));
    }
  }
};

void raw(World& world) {
  while (!world.input.empty()) world.give(world.input.block(5000));
}

/// The outcome of the client's side once the home has answered.
std::optional<HandshakeOutcome> shake(World& world, ClientHandshake client, MessageKind kind, const Bytes& body) {
  Bytes message;
  write_message(message, kind, body);
  world.give(message);
  world.server.handle_expiry(Instant{} + kReplyHold);
  const Bytes answer = world.server.take_output({});
  if (answer.size() < 3 || answer[0] == static_cast<uint8_t>(MessageKind::kRefused)) return {};
  auto outcome = client.finish(ByteView(answer).subspan(3, size_t{answer[1]} * 256 + answer[2]));
  ASSERT(outcome);
  return *std::move(outcome);
}

std::optional<HandshakeOutcome> establish(World& world, bool resume) {
  if (!resume) {
    auto client = *ClientHandshake::full(world.keys.identity.public_key, Form::kStream, world.keys.random);
    const Hello hello{{}, kVersionHighest, client.first_message()};
    return shake(world, std::move(client), MessageKind::kHello, hello.encode());
  }
  const ByteView payload = world.input.block(kFirstFlightSizeMax);
  auto client = *ClientHandshake::resume(world.ticket, Form::kStream, payload, world.keys.random);
  const Resume message{kVersionHighest, world.ticket.id, client.first_message()};
  return shake(world, std::move(client), MessageKind::kResume, message.encode());
}

}  // namespace
}  // namespace godwit::session

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::session;
  fuzzing::Input input(data, size);
  const uint8_t mode = input.byte() % 3;
  World world(input);
  if (mode == 0) {
    raw(world);
    return 0;
  }
  auto outcome = establish(world, mode == 2);
  if (!outcome) return 0;
  fuzzing::Sealer sealer(std::move(outcome->send));
  for (int steps = 0; steps < 400 && !input.empty(); ++steps) world.step(sealer);
  static_cast<void>(world.server.take_output(world.now));
  return 0;
}
