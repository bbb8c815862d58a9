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
  bool bind(home::SessionId, Bytes) override { return true; }
  void refuse(home::SessionId, session::StreamId, ErrorCode) override { ++answers; }
  void close(home::SessionId) override {}
  void provide_ticket(home::SessionId, std::optional<session::TicketRecord>) override {}

  uint64_t answers = 0;
};

struct World {
  World()
      : random(1),
        store(disk, random, {}),
        keys{crypto::X25519KeyPair::generate(random), crypto::Secret<32>::random(random),
             crypto::Secret<32>::random(random)},
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

}  // namespace

// The input: one byte what to do, then for requests two bytes of length and the request.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  codec::Reader reader(ByteView(data, size));
  World world;
  const home::DeviceBinding device{{{1}}, {{2}}, {{3}}};
  furnish(world, device);
  Instant now{1'800'000'000'000};
  world.core.start(now);
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
  ASSERT(world.core.idle());
  ASSERT(world.listener.answers == asked);
  ASSERT(!world.core.must_stop());
  return 0;
}
