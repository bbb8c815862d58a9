// A group lives in every suite of the table: founding, growing, talking, shrinking, storing.

#include "mls/testing/suites.h"
#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;

class EverySuite : public ::testing::TestWithParam<const CipherSuite*> {
 protected:
  const CipherSuite& suite() const { return *GetParam(); }
  SuiteTable table() const { return {&GetParam(), 1}; }

  KeyPackagePrivate candidate_of(std::string_view name) {
    return KeyPackagePrivate::generate(suite(), parameters(name), days(30), random_, kTestNow);
  }
  KeyPackage published_of(const KeyPackagePrivate& key_package) {
    return KeyPackage::parse(suite(), key_package.encode_message(), kTestNow).value();
  }

  crypto::SeededRandom random_{1};
};

TEST_P(EverySuite, a_group_grows_talks_and_shrinks) {
  GroupCreate create{to_bytes(as_bytes("a group of sixteen bytes")), parameters("alice"), {}};
  Group alice = Group::create(suite(), create, random_, kTestNow).value();
  const auto bob_package = candidate_of("bob");
  const auto carol_package = candidate_of("carol");
  CommitRequest add;
  add.add.push_back(published_of(bob_package));
  add.add.push_back(published_of(carol_package));
  auto staged = alice.stage_commit(add, random_, kTestNow).value();
  alice = std::move(staged.successor);
  Group bob = Group::join(table(), *staged.welcome, bob_package, std::nullopt, kTestNow).value();
  Group carol = Group::join(table(), *staged.welcome, carol_package, std::nullopt, kTestNow).value();
  EXPECT_EQ(bob.epoch_authenticator().size(), suite().hash_size());
  EXPECT_EQ(alice.epoch_authenticator(), carol.epoch_authenticator());

  CommitRequest remove;
  remove.remove.push_back(carol.own_leaf());
  auto second = bob.stage_commit(remove, random_, kTestNow).value();
  follow_commit(alice, second.commit);
  bob = std::move(second.successor);
  EXPECT_EQ(alice.epoch_authenticator(), bob.epoch_authenticator());

  bob = Group::restore(table(), GroupAccess::records(bob)).value();
  const auto message = alice.protect(as_bytes("hello"), {}, random_).value();
  auto opened = bob.process(message, kTestNow).value();
  EXPECT_EQ(std::get<ApplicationMessage>(opened).plaintext, to_bytes(as_bytes("hello")));
}

TEST_P(EverySuite, a_key_package_of_another_suite_is_refused) {
  const CipherSuite& other = &suite() == &suite_0x0003() ? suite_xwing() : suite_0x0003();
  const auto key_package = candidate_of("bob");
  EXPECT_FALSE(KeyPackage::parse(other, key_package.encode_message(), kTestNow).has_value());
}

INSTANTIATE_TEST_SUITE_P(Suites, EverySuite,
                         ::testing::Values(&suite_0x0003(), &suite_xwing(), &suite_0x0001(), &suite_0x0054()),
                         [](const auto& one) { return one.param->name; });

}  // namespace
}  // namespace godwit::mls
