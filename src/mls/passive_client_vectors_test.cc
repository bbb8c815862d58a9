// passive-client of the working group's vectors: Group::join and Group::process as others' groups need them. A small file
// of our own making is always there; it is written anew by
// GODWIT_WRITE_OWN_VECTORS=1 mls_vectors_test --gtest_filter='MlsOwnVectors*'.

#include <cstdlib>
#include <fstream>

#include "base/testing/source_dir.h"
#include "mls/testing/forger.h"
#include "mls/testing/stored_group.h"
#include "mls/testing/vector_runner.h"

namespace godwit::mls::testing {
namespace {

constexpr Instant kNow = kTestNow;
const std::string kOwnFile = std::string(godwit::testing::source_dir()) + "/src/mls/testing/passive-client-own.json";

KeyPackagePrivate read_key_package(const Json& one) {
  KeyPackagePrivate out;
  const auto message = hex_decoded<MLSMessage>(one, "key_package");
  out.key_package = std::get<KeyPackageIn>(message.body);
  out.init_key = hex_secret(one, "init_priv");
  out.encryption_key = hex_secret(one, "encryption_priv");
  out.signature_key = hex_signature_key(one, "signature_priv");
  return out;
}

std::vector<ExternalPsk> read_psks(const Json& one) {
  std::vector<ExternalPsk> out;
  for (const Json& psk : one.at("external_psks")) out.push_back({hex_bytes(psk, "psk_id"), hex_secret(psk, "psk")});
  return out;
}

Json own_case(const KeyPackagePrivate& passive, const StagedCommit& staged) {
  return {{"cipher_suite", 3},
          {"external_psks", Json::array({{{"psk_id", "0a0b"}, {"psk", "00112233445566778899aabbccddeeff"}}})},
          {"key_package", hex(passive.encode_message())},
          {"signature_priv", to_hex(passive.signature_key.seed.reveal())},
          {"encryption_priv", hex(passive.encryption_key)},
          {"init_priv", hex(passive.init_key)},
          {"welcome", hex(*staged.welcome)},
          {"ratchet_tree", hex(staged.successor.ratchet_tree())},
          {"initial_epoch_authenticator", hex(staged.successor.epoch_authenticator())},
          {"epochs", Json::array()}};
}

// Alice adds the passive member; carol mixes in a pre-shared key; carol proposes an Update, which alice commits.
Json make_own_vectors() {
  crypto::SeededRandom random(77);
  auto groups = grown({"alice", "carol"}, random);
  const auto passive = candidate("passive", random);
  CommitRequest add;
  add.add.push_back(published(passive));
  add.ratchet_tree_in_welcome = false;
  auto staged = groups[0].stage_commit(add, random, kNow).value();
  Json out = own_case(passive, staged);
  follow_commit(groups[1], staged.commit);
  groups[0] = std::move(staged.successor);
  std::vector<ExternalPsk> psks;
  psks.push_back({unhex("0a0b"), crypto::SecretBuffer::copy_of(unhex("00112233445566778899aabbccddeeff"))});
  CommitRequest with_psk;
  with_psk.external_psks = {unhex("0a0b")};
  auto second = groups[1].stage_commit(with_psk, random, kNow, psks).value();
  follow_commit(groups[0], second.commit, psks);
  groups[1] = std::move(second.successor);
  out.at("epochs").push_back({{"proposals", Json::array()},
                              {"commit", hex(second.commit)},
                              {"epoch_authenticator", hex(groups[0].epoch_authenticator())}});
  const Bytes update = groups[1].propose_update({}, random).value();
  EXPECT_TRUE(groups[0].process(update, kNow).has_value());
  const auto third = groups[0].stage_commit(with_proposals(), random, kNow).value();
  out.at("epochs").push_back({{"proposals", Json::array({hex(update)})},
                              {"commit", hex(third.commit)},
                              {"epoch_authenticator", hex(third.successor.epoch_authenticator())}});
  return Json::array({out});
}

TEST(MlsOwnVectors, are_written_if_asked) {
  if (std::getenv("GODWIT_WRITE_OWN_VECTORS") == nullptr) return;
  std::ofstream(kOwnFile) << make_own_vectors().dump(1) << "\n";
}

}  // namespace

void verify_passive_client(const CipherSuite& /*its own*/, const Json& one) {
  const auto psks = read_psks(one);
  const KeyPackagePrivate key_package = read_key_package(one);
  std::optional<Bytes> tree;
  if (!one.at("ratchet_tree").is_null()) tree = hex_bytes(one, "ratchet_tree");
  auto joined = Group::join(suites_for_tests(), hex_bytes(one, "welcome"), key_package,
                            tree ? std::optional<ByteView>(*tree) : std::nullopt, kNow, psks);
  ASSERT_TRUE(joined.has_value()) << joined.error().code.name << ": " << joined.error().rule;
  StoredGroup stored(std::move(joined).value());  // and loaded between any two messages, as a client would
  EXPECT_EQ(hex(stored.group().epoch_authenticator()), one.at("initial_epoch_authenticator"));
  for (const Json& epoch : one.at("epochs")) {
    for (const Json& proposal : epoch.at("proposals")) {
      const auto waits = stored.group().process(unhex(proposal.get<std::string>()), kNow, psks);
      ASSERT_TRUE(waits.has_value()) << waits.error().code.name << ": " << waits.error().rule;
      stored.reload();
    }
    auto processed = stored.group().process(hex_bytes(epoch, "commit"), kNow, psks);
    ASSERT_TRUE(processed.has_value()) << processed.error().code.name << ": " << processed.error().rule;
    auto& commit = std::get<CommitProcessed>(*processed);
    ASSERT_TRUE(commit.successor.has_value());
    stored.enter(std::move(commit.successor));
    ASSERT_EQ(hex(stored.group().epoch_authenticator()), epoch.at("epoch_authenticator"));
  }
}

}  // namespace godwit::mls::testing
