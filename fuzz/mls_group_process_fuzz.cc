// Hands a member of a group of four bytes from outside (first byte 0), a message of another member with some bytes changed
// (1), or one that another member made out of the input and sealed well (2 application, 3 proposal, 4 commit; 5, 6 the
// last two as PublicMessages), or one that is honest but for some bytes that were changed before it was signed and sealed
// (7; 8 as a PublicMessage, which may name any sender). What fails changes nothing.

#include "fuzz/mls_fuzz_common.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

const Bytes kPskId = {7, 7};

std::vector<ExternalPsk> psks() {
  std::vector<ExternalPsk> out;
  out.push_back({kPskId, crypto::SecretBuffer::copy_of(as_bytes("a secret"))});
  return out;
}

// Alice, who sends, and bob, who receives; carol has a leaf, dave had one. A proposal of each waits.
struct World {
  crypto::SeededRandom random{1};
  std::vector<ExternalPsk> known = psks();
  std::optional<Group> alice;
  std::optional<Group> bob;
  std::vector<Bytes> messages;
  std::vector<AuthenticatedContentIn> contents;  // of the messages
  crypto::SecretBuffer stored;

  World() {
    ASSERT(crypto::initialise());
    auto founded =
        Group::create(suite_0x0003(), {Bytes(16, 1), fuzz::parameters("alice"), {}}, random, fuzz::kNow).value();
    const auto second = fuzz::candidate("bob", random);
    CommitRequest request;
    for (const auto* one : {&second}) request.add.push_back(fuzz::published(*one));
    for (const char* name : {"dave", "carol"}) request.add.push_back(fuzz::published(fuzz::candidate(name, random)));
    auto staged = founded.stage_commit(request, random, fuzz::kNow).value();
    bob = Group::join(suites_default(), *staged.welcome, second, std::nullopt, fuzz::kNow).value();
    alice = std::move(staged.successor);
    CommitRequest removal;
    removal.remove.push_back({2});
    auto removed = alice->stage_commit(removal, random, fuzz::kNow).value();
    auto processed = bob->process(removed.commit, fuzz::kNow).value();
    bob = std::move(*std::get<CommitProcessed>(processed).successor);
    alice = std::move(removed.successor);
    talk();
    stored = stored_form(*bob);
  }

  void talk() {
    const Bytes update = bob->propose_update({}, random).value();
    ASSERT(alice->process(update, fuzz::kNow).has_value());
    const Bytes removal = alice->propose_remove({3}, random).value();
    messages.push_back(removal);
    messages.push_back(alice->propose_external_psk(kPskId, random).value());
    messages.push_back(alice->propose_update({}, random).value());
    messages.push_back(
        alice->propose_add(fuzz::published(fuzz::candidate("erin", random)), random, fuzz::kNow).value());
    CommitRequest everything;
    everything.add.push_back(fuzz::published(fuzz::candidate("frank", random)));
    everything.remove.push_back({3});
    everything.external_psks.push_back(kPskId);
    messages.push_back(alice->stage_commit(everything, random, fuzz::kNow, known).value().commit);
    everything = {};
    everything.pending_proposals = true;
    messages.push_back(alice->stage_commit(everything, random, fuzz::kNow, known).value().commit);
    messages.push_back(alice->stage_commit({}, random, fuzz::kNow).value().commit);
    for (const Bytes& one : messages) contents.push_back(fuzz::opened(*bob, one));
    ASSERT(bob->process(removal, fuzz::kNow).has_value());
  }
};

// An honest content, spoilt before its signature.
std::optional<Bytes> make_spoilt(World& world, WireFormat format, ByteView input) {
  if (input.empty()) return std::nullopt;
  const AuthenticatedContentIn& honest = world.contents[input[0] % world.contents.size()];
  auto framed = codec::decoded<FramedContent>(fuzz::spoilt(codec::encoded(honest.content), input.subspan(1)));
  if (!framed) return std::nullopt;
  Group alice = world.alice->clone();
  return fuzz::seal(alice, std::move(framed).value(), format, honest.auth.confirmation_tag, world.random);
}

std::optional<Bytes> make_message(World& world, uint8_t kind, ByteView input) {
  if (kind == 0) return to_bytes(input);
  if (kind == 1) {
    if (input.empty()) return std::nullopt;
    return fuzz::spoilt(world.messages[input[0] % world.messages.size()], input.subspan(1));
  }
  if (kind >= 7) return make_spoilt(world, kind == 8 ? WireFormat::kPublicMessage : WireFormat::kPrivateMessage, input);
  const WireFormat format = kind >= 5 ? WireFormat::kPublicMessage : WireFormat::kPrivateMessage;
  Group alice = world.alice->clone();
  if (kind == 2) return fuzz::seal(alice, to_bytes(input), format, world.random);
  if (kind == 3 || kind == 5) {
    auto proposal = codec::decoded<Proposal>(input);
    if (!proposal) return std::nullopt;
    return fuzz::seal(alice, std::move(proposal).value(), format, world.random);
  }
  auto commit = codec::decoded<Commit>(input);
  if (!commit) return std::nullopt;
  return fuzz::seal(alice, std::move(commit).value(), format, world.random);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  if (size == 0 || data[0] > 8) return 0;
  const auto message = make_message(world, data[0], ByteView(data, size).subspan(1));
  if (!message) return 0;
  Group bob = world.bob->clone();
  if (!bob.process(*message, fuzz::kNow, world.known)) ASSERT(stored_form(bob) == world.stored);
  return 0;
}
