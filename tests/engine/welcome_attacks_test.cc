// What somebody who holds an invite may send instead of an honest Welcome; and what is left of an invite that has expired.

#include <gtest/gtest.h>

#include "codec/codec.h"
#include "engine/envelope.h"
#include "engine/invite_link.h"
#include "engine/invites.h"
#include "engine/log_entry.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "mls/testing/forger.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::RecordKind;

class WelcomeAttacks : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    ASSERT_TRUE(alice.ask(engine::NewAccount{"Alice", world.home_link()}).has_value());
    ASSERT_TRUE(bob.ask(engine::NewAccount{"Bob", world.home_link()}).has_value());
    const auto made = alice.ask(engine::MakeInvite{});
    ASSERT_TRUE(made.has_value());
    link.emplace(engine::parse_invite_link(std::get<engine::InviteMade>(*made).link).value());
  }
  template <typename T>
  T record(Person& person, const Bytes& key) {
    auto value = engine::open_record(person.key(), key, person.disk().records().at(key));
    return std::move(*codec::decoded<T>(value->reveal()));
  }
  // The leaf that Bob's own engine would make.
  mls::LeafParameters leaf_of_bob() {
    const auto account = record<engine::AccountRecord>(bob, engine::record_key(RecordKind::kAccount));
    const engine::MemberInfo info{account.account,
                                  "Bob",
                                  *engine::DeviceList::validate(account.account, account.devices),
                                  account.home,
                                  {random.bytes<16>()}};
    mls::LeafParameters leaf;
    leaf.identity = to_bytes(account.account.view());
    leaf.signature_key = crypto::Ed25519KeyPair::from_seed(account.device_seed.value.clone());
    leaf.extensions = {engine::member_extension(info)};
    return leaf;
  }
  mls::Group founded(mls::Extensions extensions = {}) {
    mls::GroupCreate create{to_bytes(random.bytes<16>()), leaf_of_bob(), std::move(extensions)};
    return mls::Group::create(mls::suite_xwing(), create, random, world.now).value();
  }
  mls::KeyPackage package_of_alice() {
    const auto reply =
        world.ask_home(wire::KeyPackageTake{link->alias, engine::to_token(link->token), {random.bytes<16>()}});
    const auto opened =
        engine::open_key_packages(std::get<wire::KeyPackageTaken>(reply).package, link->key, link->alias).value();
    return mls::KeyPackage::parse(mls::suite_xwing(), opened.at(0), world.now).value();
  }
  mls::KeyPackage somebody(std::string_view name) {
    const auto made = mls::KeyPackagePrivate::generate(mls::suite_xwing(), mls::testing::parameters(name), days(30),
                                                       random, world.now);
    return mls::KeyPackage::parse(mls::suite_xwing(), made.encode_message(), world.now).value();
  }
  // Sends what adds Alice to `group`, as the taker of the invite would; true if she has a chat then.
  bool joined(mls::Group& group, mls::CommitRequest request) {
    request.add.push_back(package_of_alice());
    const auto staged = group.stage_commit(request, random, world.now).value();
    const engine::WelcomeBody body{
        *staged.welcome, link->home, {random.bytes<16>()}, crypto::Secret<32>::random(random)};
    const Bytes payload = engine::seal_envelope({engine::EnvelopeKind::kWelcome, {}, codec::encoded(body)},
                                                engine::invite_welcome_key(link->key), link->alias.view(), random);
    const wire::Recipient recipient{link->alias, engine::to_token(link->token), {random.bytes<16>()}};
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
    world.settle();
    return alice.chats().size() == 1;
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  crypto::SeededRandom random{7};
  std::optional<engine::InviteLink> link;
};

TEST_F(WelcomeAttacks, welcome_of_the_right_shape_is_joined) {
  mls::Group group = founded();
  EXPECT_TRUE(joined(group, {}));
}

TEST_F(WelcomeAttacks, welcome_to_a_later_epoch_is_refused) {
  mls::Group group = std::move(founded().stage_commit({}, random, world.now)->successor);
  EXPECT_FALSE(joined(group, {}));
}

TEST_F(WelcomeAttacks, welcome_to_a_group_with_extensions_is_refused) {
  mls::Group group = founded({{mls::ExtensionType::kExternalSenders, codec::encoded(std::vector<Bytes>{})}});
  EXPECT_FALSE(joined(group, {}));
}

TEST_F(WelcomeAttacks, welcome_to_a_group_of_three_is_refused) {
  mls::Group group = founded();
  mls::CommitRequest request;
  request.add.push_back(somebody("eve"));
  EXPECT_FALSE(joined(group, std::move(request)));
}

TEST_F(WelcomeAttacks, keys_of_an_invite_go_when_it_expires_though_the_home_does_not_answer) {
  const auto stored = [&] {
    const Bytes key = engine::record_key(RecordKind::kInvite, link->alias.view());
    return record<engine::InviteRecord>(alice, key).key_packages.size();
  };
  EXPECT_GT(stored(), 0U);
  alice.kill();
  world.pass(days(91));
  alice.online = false;
  alice.start();
  world.settle();
  EXPECT_EQ(stored(), 0U);
  alice.online = true;
  world.settle();
  EXPECT_FALSE(alice.disk().records().contains(engine::record_key(RecordKind::kInvite, link->alias.view())));
}

}  // namespace
}  // namespace godwit::testworld
