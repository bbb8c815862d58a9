// passive-client-* of the working group's vectors, and long ones made with other implementations: Group::join and
// Group::process as others' groups need them. And a small file of our own making, which always runs; it is written anew by
// GODWIT_WRITE_OWN_VECTORS=1 mls_vectors_test --gtest_filter='*own_file*'.

#include <cstdlib>
#include <fstream>

#include "base/testing/source_dir.h"
#include "mls/testing/forger.h"
#include "mls/testing/stored_group.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

constexpr Instant kNow = kTestNow;
const std::string kOwnFile = std::string(godwit::testing::source_dir()) + "/src/mls/testing/passive-client-own.json";

KeyPackagePrivate read_key_package(const Json& one) {
  KeyPackagePrivate out;
  const auto message = codec::decoded<MLSMessage>(unhex(one, "key_package")).value();
  out.key_package = std::get<KeyPackageIn>(message.body);
  out.init_key = unhex_secret(one, "init_priv");
  out.encryption_key = unhex_secret(one, "encryption_priv");
  out.signature_key = unhex_signature_key(one, "signature_priv");
  return out;
}

std::vector<ExternalPsk> read_psks(const Json& one) {
  std::vector<ExternalPsk> out;
  for (const Json& psk : one["external_psks"]) out.push_back({unhex(psk, "psk_id"), unhex_secret(psk, "psk")});
  return out;
}

void follow(const CipherSuite&, const Json& one) {
  const auto psks = read_psks(one);
  const KeyPackagePrivate key_package = read_key_package(one);
  std::optional<Bytes> tree;
  if (!one["ratchet_tree"].is_null()) tree = unhex(one, "ratchet_tree");
  auto joined = Group::join(suites_for_tests(), unhex(one, "welcome"), key_package,
                            tree ? std::optional<ByteView>(*tree) : std::nullopt, kNow, psks);
  ASSERT_TRUE(joined.has_value()) << joined.error().code.name << ": " << joined.error().rule;
  StoredGroup stored(std::move(joined).value());  // and loaded between any two messages, as a client would
  EXPECT_EQ(hex(stored.group().epoch_authenticator()), one["initial_epoch_authenticator"]);
  for (const Json& epoch : one["epochs"]) {
    for (const Json& proposal : epoch["proposals"]) {
      const auto waits = stored.group().process(unhex(proposal.get<std::string>()), kNow, psks);
      ASSERT_TRUE(waits.has_value()) << waits.error().code.name << ": " << waits.error().rule;
      stored.reload();
    }
    auto processed = stored.group().process(unhex(epoch, "commit"), kNow, psks);
    ASSERT_TRUE(processed.has_value()) << processed.error().code.name << ": " << processed.error().rule;
    auto& commit = std::get<CommitProcessed>(*processed);
    ASSERT_TRUE(commit.successor.has_value());
    stored.enter(std::move(commit.successor));
    ASSERT_EQ(hex(stored.group().epoch_authenticator()), epoch["epoch_authenticator"]);
  }
}

TEST(MlsVectors, passive_client_welcome) { for_each_case("mls/passive-client-welcome.json", follow); }
TEST(MlsVectors, passive_client_handling_commit) { for_each_case("mls/passive-client-handling-commit.json", follow); }
TEST(MlsVectors, passive_client_random) { for_each_case("mls/passive-client-random.json", follow); }
TEST(MlsVectors, passive_client_random_of_our_own_0003) {
  for_each_case("mls-extra/passive-client-random-0003.json", follow);
}
TEST(MlsVectors, passive_client_random_of_our_own_0001) {
  for_each_case("mls-extra/passive-client-random-0001.json", follow);
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
  out["epochs"].push_back({{"proposals", Json::array()},
                           {"commit", hex(second.commit)},
                           {"epoch_authenticator", hex(groups[0].epoch_authenticator())}});
  const Bytes update = groups[1].propose_update({}, random).value();
  EXPECT_TRUE(groups[0].process(update, kNow).has_value());
  const auto third = groups[0].stage_commit(with_proposals(), random, kNow).value();
  out["epochs"].push_back({{"proposals", Json::array({hex(update)})},
                           {"commit", hex(third.commit)},
                           {"epoch_authenticator", hex(third.successor.epoch_authenticator())}});
  return Json::array({out});
}

TEST(MlsVectors, passive_client_of_the_own_file) {
  if (std::getenv("GODWIT_WRITE_OWN_VECTORS") != nullptr) std::ofstream(kOwnFile) << make_own_vectors().dump(1) << "\n";
  Tally tally("passive-client-own.json");
  for (const Json& one : Json::parse(godwit::testing::read_file(kOwnFile))) {
    tally.run();
    follow(suite_0x0003(), one);
  }
}

}  // namespace
}  // namespace godwit::mls
