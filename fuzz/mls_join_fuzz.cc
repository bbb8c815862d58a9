// Joins by a Welcome. The first byte: 0 the rest is the Welcome; 1 the true one with some bytes changed; 2 the true one and
// the rest is the ratchet tree; 3 the same with a changed tree; 4 a true GroupInfo with some bytes changed, signed and
// sealed anew; 5 the rest is GroupSecrets, sealed for the joiner; 6 the true ones with some bytes changed, sealed anew.

#include "fuzz/mls_fuzz_common.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

struct World {
  crypto::SeededRandom random{1};
  std::optional<KeyPackagePrivate> bob;
  crypto::Ed25519KeyPair alice_key = fuzz::parameters("alice").signature_key.clone();
  Bytes message;
  Bytes tree;
  Welcome welcome;
  crypto::SecretBuffer group_secrets;
  Bytes group_info;
  std::optional<WelcomeSecret> welcome_secret;

  World() {
    ASSERT(crypto::initialise());
    const CipherSuite& suite = suite_0x0003();
    auto alice = Group::create(suite, {Bytes(16, 1), fuzz::parameters("alice"), {}}, random, fuzz::kNow).value();
    bob = fuzz::candidate("bob", random);
    CommitRequest request;
    request.add.push_back(fuzz::published(*bob));
    request.add.push_back(fuzz::published(fuzz::candidate("carol", random)));
    request.add.push_back(fuzz::published(fuzz::candidate("dave", random)));
    request.ratchet_tree_in_welcome = false;
    const auto staged = alice.stage_commit(request, random, fuzz::kNow).value();
    message = *staged.welcome;
    tree = staged.successor.ratchet_tree();
    welcome = std::get<Welcome>(codec::decoded<MLSMessage>(message).value().body);
    const auto secrets = open_group_secrets(suite, welcome, bob->ref(suite), bob->init_key).value();
    group_secrets = secrets.encode();
    welcome_secret =
        derive_welcome_secret(suite, derive_member_secret(suite, secrets.joiner_secret, psk_secret(suite, {})));
    group_info = codec::encoded(open_group_info(suite, *welcome_secret, welcome.encrypted_group_info).value());
  }

  Result<Group> join(const Bytes& bytes, const Bytes& with_tree) const {
    return Group::join(suites_default(), bytes, *bob, ByteView(with_tree), fuzz::kNow);
  }
  // The Welcome with another GroupInfo, signed by alice.
  std::optional<Bytes> with_group_info(const Bytes& bytes) const {
    auto info = codec::decoded<GroupInfoIn>(bytes);
    if (!info) return std::nullopt;
    sign_group_info(*info, alice_key);
    Welcome out = welcome;
    out.encrypted_group_info = seal_group_info(suite_0x0003(), *welcome_secret, *info);
    return codec::encoded(MLSMessage{std::move(out)});
  }
  // The Welcome with other secrets for bob.
  std::optional<Bytes> with_group_secrets(ByteView bytes) {
    const auto secrets = GroupSecrets::decode(bytes);
    if (!secrets) return std::nullopt;
    Welcome out = welcome;
    out.secrets.clear();
    const CipherSuite& suite = suite_0x0003();
    ASSERT(add_joiner(suite, out, bob->ref(suite), bob->key_package.init_key, *secrets, random).has_value());
    return codec::encoded(MLSMessage{std::move(out)});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  if (size == 0) return 0;
  const ByteView input = ByteView(data, size).subspan(1);
  Bytes tree = world.tree;
  std::optional<Bytes> message = world.message;
  switch (data[0]) {
    case 0:
      message = to_bytes(input);
      break;
    case 1:
      message = fuzz::spoilt(world.message, input);
      break;
    case 2:
      tree = to_bytes(input);
      break;
    case 3:
      tree = fuzz::spoilt(tree, input);
      break;
    case 4:
      message = world.with_group_info(fuzz::spoilt(world.group_info, input));
      break;
    case 5:
      message = world.with_group_secrets(input);
      break;
    case 6:
      message = world.with_group_secrets(fuzz::spoilt(to_bytes(world.group_secrets.reveal()), input));
      break;
    default:
      return 0;
  }
  if (!message) return 0;
  const auto joined = world.join(*message, tree);
  // Whoever joins knows what the group knows.
  if (joined)
    ASSERT(equal(joined->tree_hash(), codec::decoded<GroupInfoIn>(world.group_info)->group_context.tree_hash));
  return 0;
}
