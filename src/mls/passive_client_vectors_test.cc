// passive-client-* of the working group's vectors, and our own long ones: Group::join and Group::process as others' groups
// need them. And a small file of our own making, which always runs.

#include <set>

#include "mls/mls_message.h"
#include "mls/testing/support.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

constexpr Instant kNow{1'700'000'000'000};

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

// Stores and loads the group, as a client would between two messages.
Group reloaded(const Group& group) {
  return Group::deserialize(suites_for_tests(), group.serialize().reveal()).value();
}

void follow(const CipherSuite&, const Json& one) {
  const auto psks = read_psks(one);
  const KeyPackagePrivate key_package = read_key_package(one);
  std::optional<Bytes> tree;
  if (!one["ratchet_tree"].is_null()) tree = unhex(one, "ratchet_tree");
  auto joined = Group::join(suites_for_tests(), unhex(one, "welcome"), key_package,
                            tree ? std::optional<ByteView>(*tree) : std::nullopt, kNow, psks);
  ASSERT_TRUE(joined.has_value()) << joined.error().code.name << ": " << joined.error().rule;
  Group group = std::move(joined).value();
  EXPECT_EQ(hex(group.epoch_authenticator()), one["initial_epoch_authenticator"]);
  for (const Json& epoch : one["epochs"]) {
    group = reloaded(group);
    for (const Json& proposal : epoch["proposals"]) {
      const auto stored = group.process(unhex(proposal.get<std::string>()), kNow, psks);
      ASSERT_TRUE(stored.has_value()) << stored.error().code.name << ": " << stored.error().rule;
    }
    auto processed = group.process(unhex(epoch, "commit"), kNow, psks);
    ASSERT_TRUE(processed.has_value()) << processed.error().code.name << ": " << processed.error().rule;
    auto& commit = std::get<CommitProcessed>(*processed);
    ASSERT_TRUE(commit.successor.has_value());
    group = std::move(*commit.successor);
    ASSERT_EQ(hex(group.epoch_authenticator()), epoch["epoch_authenticator"]);
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

}  // namespace
}  // namespace godwit::mls
