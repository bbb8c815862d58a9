// A home that is asked whatever comes, by sessions of either kind, with the clock and the store moving in between. It must
// answer every request once, never stop, and let every session be closed.

#include "base/assert.h"
#include "crypto/random_sources.h"
#include "home/core.h"
#include "store/faulty_store.h"

namespace {

using namespace godwit;

// Takes answers and counts them.
class Listener final : public home::Sessions {
 public:
  void reply(home::SessionId, session::StreamId, Bytes bytes) override {
    ASSERT(wire::decode_reply(bytes).has_value());
    ++answers;
  }
  bool push(home::SessionId, Bytes bytes, size_t) override {
    ASSERT(wire::decode_reply(bytes).has_value());
    return true;
  }
  Spare push_spare(home::SessionId, const Bytes& bytes, size_t) override {
    ASSERT(wire::decode_reply(bytes).has_value());
    return Spare::kTaken;
  }
  bool bind(home::SessionId, Bytes) override { return true; }
  void refuse(home::SessionId, session::StreamId, ErrorCode) override { ++answers; }
  void close(home::SessionId) override {}
  void provide_ticket(home::SessionId, std::optional<session::TicketRecord>) override {}
  void forward(home::ForwardId forward, wire::HomeAddress, Bytes) override { forwards.push_back(forward); }
  void answer_sealed(home::SealedArrivalId, Result<Bytes>) override { ++answers; }
  void send_web_push(home::WebPushId push, wire::WebPushSubscription) override { web_pushes.push_back(push); }

  uint64_t answers = 0;
  std::vector<home::ForwardId> forwards;
  std::vector<home::WebPushId> web_pushes;
};

struct World {
  World()
      : random(1),
        store(disk, random, {}),
        keys(home::Keys::generate(random)),
        core(keys, options(), store, random, listener) {}

  static home::Options options() {
    home::Options options;
    options.log_work_bits = 0;
    options.limits.addresses_max = 4;
    options.limits.queue_items_max = 8;
    options.limits.transfers_max = 8;
    options.limits.transfers_bytes_max = 8 * 1024;
    return options;
  }

  crypto::SeededRandom random;
  store::MemoryDisk disk;
  store::FaultyStore store;
  home::Keys keys;
  Listener listener;
  home::Core core;
};

// A mailbox with one device, as if it had been opened: signatures cannot be guessed.
void furnish(World& world, const home::DeviceBinding& device) {
  Bytes key = home::mailbox_key(device.mailbox);
  key.insert(key.begin(), 'R');
  world.disk.put(key, codec::encoded(home::MailboxRecord{{{device.key, device.tag}}, {}, 1}));
  world.disk.sync();
}

// A sealed request: `bytes` in pieces of 100, twice, since what cannot be guessed is the seal and not what is in it.
Bytes sealed(World& world, ByteView bytes, Instant now) {
  std::vector<Bytes> requests{to_bytes(bytes)};
  for (size_t at = 0; at < bytes.size() && requests.size() < session::kSealedRequestsMax; at += 100) {
    requests.push_back(to_bytes(bytes.subspan(at, std::min<size_t>(100, bytes.size() - at))));
  }
  return session::seal_requests(world.keys.sealing.public_key, requests, now + days(1), world.random)->bytes;
}

}  // namespace

// The input: one byte what to do, then for requests two bytes of length and the request. With bit 6 it comes sealed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  codec::Reader reader(ByteView(data, size));
  World world;
  const home::DeviceBinding device{{{1}}, {{2}}, {{3}}};
  furnish(world, device);
  Instant now{1'800'000'000'000};
  world.core.start(now);
  world.core.set_web_push_key(wire::WebPushKey{});
  const Bytes binding = codec::encoded(device);
  world.core.session_opened({1}, {}, binding, true, now);
  world.core.session_opened({2}, {}, {}, true, now);
  world.core.session_opened({3}, {}, {}, false, now);
  uint64_t asked = 0;
  uint32_t stream = 0;
  while (!reader.at_end()) {
    const uint8_t action = *reader.u8();
    if (action % 8 < 5) {
      const auto length = reader.u16();
      if (!length) break;
      const auto request = reader.raw(*length);
      if (!request) break;
      ++asked;
      if ((action & 0x40) != 0) {
        world.core.sealed_arrived({asked}, sealed(world, *request, now), now);
        continue;
      }
      world.core.handle_request({uint64_t{1} + action % 3}, {++stream}, *request, action >= 0x80, now);
    } else if (action % 8 == 5) {
      world.core.store_ready(now);
    } else if (action % 8 == 6) {
      now = now + minutes(action);
      world.core.handle_expiry(now);
    } else {
      world.store.set_unavailable(action >= 0x80);
    }
  }
  world.store.set_unavailable(false);
  for (int i = 0; i < 4096 && !world.core.idle(); ++i) world.core.store_ready(now);
  // Of what was to be passed on every other one is answered, the rest waits in vain.
  for (size_t i = 0; i < world.listener.forwards.size(); i += 2) {
    world.core.forwarded(world.listener.forwards[i], Bytes(100, 1), now);
  }
  using Kind = home::WebPushResult::Kind;
  for (const home::WebPushId push : world.listener.web_pushes) {
    if (push.value % 2 == 0) world.core.web_pushed(push, {push.value % 4 == 0 ? Kind::kGone : Kind::kSent, {}}, now);
  }
  now = now + minutes(3);
  world.core.handle_expiry(now);
  for (int i = 0; i < 4096 && !world.core.idle(); ++i) world.core.store_ready(now);
  ASSERT(world.core.idle());
  ASSERT(world.listener.answers == asked);
  ASSERT(!world.core.must_stop());
  return 0;
}
