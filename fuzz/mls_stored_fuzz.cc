// The stored form of a key package. The first byte: 0 as the rest has it; 1 a true one with some bytes changed. What loads is
// stored and loaded again as the same. That of a group is in mls_group_state_fuzz.cc.

#include "fuzz/mls_fuzz_common.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

struct World {
  crypto::SeededRandom random{1};
  std::optional<KeyPackagePrivate> key_package;

  World() {
    ASSERT(crypto::initialise());
    key_package = fuzz::candidate("bob", random);
  }
};

void load_key_package(ByteView bytes) {
  const auto loaded = KeyPackagePrivate::deserialize(bytes);
  if (!loaded) return;
  const auto stored = loaded->serialize();
  ASSERT(KeyPackagePrivate::deserialize(stored.reveal()).value().serialize() == stored);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World world;
  if (size == 0) return 0;
  const ByteView input = ByteView(data, size).subspan(1);
  if (data[0] == 0) load_key_package(input);
  if (data[0] == 1) load_key_package(fuzz::spoilt(to_bytes(world.key_package->serialize().reveal()), input));
  return 0;
}
