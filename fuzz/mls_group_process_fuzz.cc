// Hands a member of a group of three bytes from outside (first byte 0), a message of another member with some bytes
// changed (1), or one that the other member made out of the input and sealed well (2 application, 3 proposal, 4 commit;
// 5, 6 the last two as PublicMessages). What fails changes nothing.

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "mls/testing/group_access.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

constexpr Instant kNow{1'700'000'000'000};

LeafParameters parameters(std::string_view name) {
  const auto seed = crypto::sha256(as_bytes(name));
  return {
      to_bytes(as_bytes(name)), crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>::copy_of(seed).value()), {}, {}};
}

// Alice, who sends, and bob, who receives; carol is a third leaf without a keeper.
struct World {
  crypto::SeededRandom random{1};
  std::optional<Group> alice;
  std::optional<Group> bob;
  std::vector<Bytes> messages;
  crypto::SecretBuffer stored;

  World() {
    ASSERT(crypto::initialise());
    const CipherSuite& suite = suite_0x0003();
    auto founded = Group::create(suite, {Bytes(16, 1), parameters("alice"), {}}, random, kNow).value();
    const auto second = KeyPackagePrivate::generate(suite, parameters("bob"), days(30), random, kNow);
    const auto third = KeyPackagePrivate::generate(suite, parameters("carol"), days(30), random, kNow);
    CommitRequest request;
    request.add.push_back(KeyPackage::parse(suite, second.encode_message(), kNow).value());
    request.add.push_back(KeyPackage::parse(suite, third.encode_message(), kNow).value());
    auto staged = founded.stage_commit(request, random, kNow).value();
    bob = Group::join(suites_default(), *staged.welcome, second, std::nullopt, kNow).value();
    alice = std::move(staged.successor);
    messages.push_back(alice->protect(as_bytes("hello"), {}, random).value());
    messages.push_back(alice->propose_remove({2}, random).value());
    messages.push_back(alice->stage_commit({}, random, kNow).value().commit);
    stored = bob->serialize();
  }
};

Bytes seal(Group& sender, ContentBody body, WireFormat format, Random& random) {
  GroupState& state = GroupAccess::state(sender);
  FramedContent framed{
      state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()), {}, std::move(body)};
  const ContentType type = framed.content_type();
  auto content = AuthenticatedContent::sign(format, std::move(framed), state.signature_key, state.context);
  if (type == ContentType::kCommit) content.set_confirmation_tag(Bytes(suite_0x0003().hash_size(), 1));
  if (format == WireFormat::kPublicMessage) {
    return codec::encoded(MLSMessage{seal_public(*state.suite, content, state.secrets.membership_key, state.context)});
  }
  const auto key = state.secret_tree.next(state.own_leaf(), ratchet_kind(type)).value();
  return codec::encoded(
      MLSMessage{seal_private(*state.suite, content, key, state.secrets.sender_data_secret, Padding::kNone, random)});
}

std::optional<Bytes> make_message(World& world, uint8_t kind, ByteView input) {
  const WireFormat format = kind >= 5 ? WireFormat::kPublicMessage : WireFormat::kPrivateMessage;
  if (kind == 0) return to_bytes(input);
  if (kind == 1) {
    if (input.empty()) return std::nullopt;
    Bytes out = world.messages[input[0] % world.messages.size()];
    for (size_t i = 1; i + 2 < input.size(); i += 3) out[(input[i] * 256U + input[i + 1]) % out.size()] ^= input[i + 2];
    return out;
  }
  Group alice = world.alice->clone();
  if (kind == 2) return seal(alice, to_bytes(input), format, world.random);
  if (kind == 3 || kind == 5) {
    auto proposal = codec::decoded<Proposal>(input);
    if (!proposal) return std::nullopt;
    return seal(alice, std::move(proposal).value(), format, world.random);
  }
  auto commit = codec::decoded<Commit>(input);
  if (!commit) return std::nullopt;
  return seal(alice, std::move(commit).value(), format, world.random);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  if (size == 0 || data[0] > 6) return 0;
  const auto message = make_message(world, data[0], ByteView(data, size).subspan(1));
  if (!message) return 0;
  Group bob = world.bob->clone();
  if (!bob.process(*message, kNow)) ASSERT(bob.serialize() == world.stored);
  return 0;
}
