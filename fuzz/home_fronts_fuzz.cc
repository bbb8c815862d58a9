// What comes between homes: packets of whoever reached the servers, at a home and at a front; and messages inside a link, of an end that has
// the keys and says what it likes, in either direction.

#include "base/assert.h"
#include "crypto/random_sources.h"
#include "home/front.h"
#include "home/front_messages.h"
#include "home/home.h"
#include "store/faulty_store.h"

namespace {

using namespace godwit;

constexpr home::FrontInboxId kOurs{{7}};

// What a home and a front have sent to our inbox, and to whoever has the store.
struct World {
  World()
      : random(1), store(disk, random, {}), keys(home::Keys::generate(random)), home(keys.clone(), {}, store, random) {
    home.start(now);
    home.open_to_fronts("home");
  }

  std::vector<Bytes> of_home() {
    std::vector<Bytes> out;
    while (auto output = home.next_output()) {
      if (auto* packet = std::get_if<home::SendFrontPacket>(&*output)) out.push_back(std::move(packet->packet));
    }
    return out;
  }
  static std::vector<Bytes> of_front(home::Front& front) {
    std::vector<Bytes> out;
    while (auto output = front.next_output()) {
      if (auto* packet = std::get_if<home::SendFrontPacket>(&*output)) out.push_back(std::move(packet->packet));
    }
    return out;
  }
  home::FrontClusterKey key() const { return home::FrontClusterKey::of(keys); }

  Instant now{1'800'000'000'000};
  crypto::SeededRandom random;
  store::MemoryDisk disk;
  store::FaultyStore store;
  home::Keys keys;
  home::Home home;
};

// The pieces of the input, each behind two bytes of length.
std::vector<Bytes> pieces(ByteView in) {
  std::vector<Bytes> out;
  while (in.size() >= 2 && out.size() < 200) {
    const size_t size = std::min(size_t{in[0]} << 8 | in[1], in.size() - 2);
    out.push_back(to_bytes(in.subspan(2, size)));
    in = in.subspan(2 + size);
  }
  return out;
}

void at_home(const std::vector<Bytes>& messages) {
  World world;
  const home::FrontCall call(world.key(), kOurs, "front", world.random);
  world.home.front_packet(call.hello(), world.now);
  auto answered = call.answered(world.of_home().at(0));
  ASSERT(answered.has_value());
  for (const Bytes& each : messages) {
    answered->link.send(each);
    while (const auto packet = answered->link.next_packet()) world.home.front_packet(*packet, world.now);
    for (int i = 0; i < 4; ++i) world.home.store_ready(world.now);
    for (const Bytes& packet : world.of_home()) (void)answered->link.receive(packet);
    while (const auto said = answered->link.next_message()) ASSERT(home::decode_front_message(*said).has_value());
  }
  world.now = world.now + seconds(30);
  for (int second = 0; second < 10; ++second, world.now = world.now + seconds(1)) world.home.handle_expiry(world.now);
  ASSERT(world.home.front_sessions() == 0 && world.home.fronts() == 0 && world.home.output_waiting() == 0);
}

void at_front(const std::vector<Bytes>& messages) {
  World world;
  home::Front front(world.keys.clone(), home::Limits(), world.random, "front");
  front.start(world.now);
  auto welcome = home::front_welcome(world.key(), kOurs, "home", World::of_front(front).at(0), world.random);
  ASSERT(welcome.has_value());
  home::FrontLink link = std::move(welcome->link);
  front.packet(welcome->packet, world.now);
  ASSERT(front.home() == "home");
  front.pipe_opened({1}, session::Form::kStream, {}, world.now);
  for (const Bytes& each : messages) {
    link.send(each);
    while (const auto packet = link.next_packet()) front.packet(*packet, world.now);
    for (const Bytes& packet : World::of_front(front)) (void)link.receive(packet);
    while (const auto said = link.next_message()) ASSERT(home::decode_front_message(*said).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  const std::vector<Bytes> all = pieces(rest);
  if (data[0] % 3 == 0) at_home(all);
  if (data[0] % 3 == 1) at_front(all);
  if (data[0] % 3 == 2) {
    World world;
    home::Front front(world.keys.clone(), home::Limits(), world.random, "front");
    front.start(world.now);
    for (const Bytes& each : all) {
      world.home.front_packet(each, world.now);
      front.packet(each, world.now);
      (void)home::front_inbox_of(each);
      if (const auto message = home::decode_front_message(each)) ASSERT(home::encode_front_message(*message) == each);
    }
    ASSERT(world.home.fronts() == 0 && !front.home());
  }
  return 0;
}
