// Stored forms. The first byte: 0 a key package, 1 a group, 2 a past epoch as the rest has it; 3, 4, 5 the same of a true
// one with some bytes changed. What loads is stored and loaded again as the same.

#include "fuzz/mls_fuzz_common.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

struct World {
  crypto::SeededRandom random{1};
  std::optional<KeyPackagePrivate> key_package;
  crypto::SecretBuffer group;
  crypto::SecretBuffer past_epoch;

  World() {
    ASSERT(crypto::initialise());
    key_package = fuzz::candidate("bob", random);
    auto alice =
        Group::create(suite_0x0003(), {Bytes(16, 1), fuzz::parameters("alice"), {}}, random, fuzz::kNow).value();
    CommitRequest request;
    request.add.push_back(fuzz::published(*key_package));
    alice = alice.stage_commit(request, random, fuzz::kNow).value().successor;
    // Something in every part: a proposal that waits, keys of an Update, skipped message keys, an older epoch.
    ASSERT(alice.propose_update({}, random).has_value());
    ASSERT(alice.propose_remove({1}, random).has_value());
    ASSERT(alice.protect(as_bytes("hello"), {}, random).has_value());
    group = alice.serialize();
    past_epoch = alice.retire().serialize();
  }
};

void load_key_package(ByteView bytes) {
  const auto loaded = KeyPackagePrivate::deserialize(bytes);
  if (!loaded) return;
  const auto stored = loaded->serialize();
  ASSERT(KeyPackagePrivate::deserialize(stored.reveal()).value().serialize() == stored);
}

void load_group(ByteView bytes) {
  const auto loaded = Group::deserialize(suites_default(), bytes);
  if (!loaded) return;
  const auto stored = loaded->serialize();
  ASSERT(Group::deserialize(suites_default(), stored.reveal()).value().serialize() == stored);
}

void load_past_epoch(ByteView bytes) {
  const auto loaded = PastEpoch::deserialize(suites_default(), bytes);
  if (!loaded) return;
  const auto stored = loaded->serialize();
  ASSERT(PastEpoch::deserialize(suites_default(), stored.reveal()).value().serialize() == stored);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World world;
  if (size == 0) return 0;
  const ByteView input = ByteView(data, size).subspan(1);
  switch (data[0]) {
    case 0:
      load_key_package(input);
      break;
    case 1:
      load_group(input);
      break;
    case 2:
      load_past_epoch(input);
      break;
    case 3:
      load_key_package(fuzz::spoilt(to_bytes(world.key_package->serialize().reveal()), input));
      break;
    case 4:
      load_group(fuzz::spoilt(to_bytes(world.group.reveal()), input));
      break;
    case 5:
      load_past_epoch(fuzz::spoilt(to_bytes(world.past_epoch.reveal()), input));
      break;
    default:
      break;
  }
  return 0;
}
