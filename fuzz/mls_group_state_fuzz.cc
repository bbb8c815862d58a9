// Changes the records of a stored group of three, then restores it and goes on with what comes out. The input is a list of
// changes: u8 what (0 xor, 1 replace, 2 erase, 3 put), u8 which record, u8 n, n bytes (of a put: u8 key size, key, value).
// What is not kBadState is a state: it talks, and stores and restores itself as it is.

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "mls/past_epochs.h"
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

// Bob's records, with one of each kind, and messages that he has not read yet: of now and of the epoch before.
struct World {
  crypto::SeededRandom random{1};
  StateRecords records;
  std::vector<Bytes> messages;

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
    Group bob = Group::join(suites_default(), *staged.welcome, second, std::nullopt, kNow).value();
    Group alice = std::move(staged.successor);
    talk(alice, bob);
    apply_changes(records, bob.take_changes());
    auto next = alice.stage_commit({}, random, kNow).value();
    auto commit = bob.process(next.commit, kNow).value();
    Group successor = std::move(*std::get<CommitProcessed>(commit).successor);
    PastEpochs past;
    past.retire(std::move(bob), &successor);
    apply_changes(records, past.take_changes());
    talk(next.successor, successor);
    ASSERT(successor.propose_update({}, random).has_value());
    apply_changes(records, successor.take_changes());
  }

 private:
  void talk(Group& alice, Group& bob) {
    messages.push_back(alice.protect(as_bytes("skipped"), {}, random).value());
    ASSERT(bob.process(alice.protect(as_bytes("heard"), {}, random).value(), kNow).has_value());
    messages.push_back(alice.protect(as_bytes("to come"), {}, random).value());
  }
};

void change(StateRecords& records, uint8_t what, uint8_t which, ByteView bytes) {
  if (what == 3) {
    if (bytes.empty() || bytes.size() - 1 < bytes[0]) return;
    records.insert_or_assign(to_bytes(bytes.subspan(1, bytes[0])),
                             crypto::SecretBuffer::copy_of(bytes.subspan(1 + bytes[0])));
    return;
  }
  if (records.empty()) return;
  const auto at = std::next(records.begin(), static_cast<std::ptrdiff_t>(which % records.size()));
  if (what == 2) {
    records.erase(at);
  } else if (what == 1) {
    at->second = crypto::SecretBuffer::copy_of(bytes);
  } else if (what == 0) {
    const auto into = at->second.fill();
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
      if (!into.empty()) into[bytes[i] % into.size()] ^= bytes[i + 1];
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  StateRecords records;
  for (const auto& [key, value] : world.records) records.emplace(key, value.clone());
  codec::Reader reader(ByteView(data, size));
  while (reader.rest().size() >= 3) {
    const uint8_t what = reader.u8().value();
    const uint8_t which = reader.u8().value();
    const size_t count = std::min<size_t>(reader.u8().value(), reader.rest().size());
    change(records, what, which, reader.raw(count).value());
  }
  auto group = Group::restore(suites_default(), records);
  auto past = PastEpochs::restore(suites_default(), records, group ? &*group : nullptr);
  if (past) {
    for (const Bytes& message : world.messages) static_cast<void>(past->open(message, group ? &*group : nullptr));
  }
  if (!group) return 0;
  ASSERT(group->take_changes().empty());
  ASSERT(stored_form(*group) == stored_form(Group::restore(suites_default(), GroupAccess::records(*group)).value()));
  for (const Bytes& message : world.messages) static_cast<void>(group->process(message, kNow));
  static_cast<void>(group->protect(as_bytes("words"), {}, world.random));
  CommitRequest request;
  request.pending_proposals = true;
  static_cast<void>(group->stage_commit(request, world.random, kNow));
  return 0;
}
