// The welcome into a group of nearly as many as there can be: its tree comes in pieces.

#include "engine/account.h"
#include "engine/chat_suite.h"
#include "engine/contacts.h"
#include "engine/envelope.h"
#include "engine/invites.h"
#include "engine/record_key.h"
#include "engine/recovery_key.h"
#include "tests/engine/asking.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

constexpr size_t kPeople = 1'790;
constexpr size_t kLeaves = 2 * kPeople - 1;  // two devices each, but Alice has one

// Alice has given keys for Bob's group, and Bob's program has ended before it let her in. What comes in its place is made here: a
// group of as many accounts as a real one would have by now.
class LargeWelcome : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    world.settle();
    group = must<ChatMade>(bob, NewGroup{"many", true}).chat.chat;
    alice.on_effect = [this](const Effect&) {
      if (offer()) bob.kill();
    };
    bob.give(AddMembers{group, {who(alice)}});
    ASSERT_TRUE(world.run_until([&] { return offer().has_value(); }));
    alice.on_effect = nullptr;
    if (bob.alive()) bob.kill();
  }
  static AccountId who(Person& person) { return must<Account>(person, ReadAccount{}).account; }
  // What Alice has kept of the keys that she gave for the group.
  std::optional<InviteRecord> offer() {
    for (const auto& [key, value] : alice.disk().records()) {
      if (key.front() != static_cast<uint8_t>(RecordKind::kInvite)) continue;
      const auto opened = open_record(alice.key(), key, value);
      auto record = codec::decoded<InviteRecord>(opened->reveal());
      if (record && record->group == group && record->published) return std::move(*record);
    }
    return std::nullopt;
  }
  // One account's two leaves, as its engines would make them.
  std::array<mls::LeafParameters, 2> somebody(size_t number) {
    const auto words = crypto::Ed25519KeyPair::generate(random);
    std::array<crypto::Ed25519KeyPair, 2> devices{crypto::Ed25519KeyPair::generate(random),
                                                  crypto::Ed25519KeyPair::generate(random)};
    const DeviceList list = DeviceList::create(words, devices[0].public_key, world.now)
                                .changed(DeviceChange::kAdd, devices[1].public_key, devices[0], world.now)
                                .value();
    const AccountId account = engine::account_of(words.public_key);
    MemberInfo info{
        account, "Person " + std::to_string(number), list, world.home_link_parts().home, {random.bytes<16>()}};
    info.entry_token = SecretField{crypto::Secret<32>::random(random)};
    if (number == 0) owner = account;
    std::array<mls::LeafParameters, 2> out;
    for (size_t i = 0; i < out.size(); ++i) {
      out[i].signature_key = std::move(devices[i]);
      out[i].identity = to_bytes(account.view());
      out[i].extensions = {member_extension(info)};
      out[i].supported = {kGroupSettingsExtension};
      for (const mls::CipherSuite* suite : mls::suites_default()) out[i].cipher_suites.push_back(suite->id);
    }
    return out;
  }
  mls::KeyPackage package_of(const Bytes& message) {
    return mls::KeyPackage::parse(mls::suite_0x0003(), message, world.now).value();
  }
  // All of them, and Alice, in one commit.
  WelcomeBody welcome(const InviteRecord& keys) {
    auto founder = somebody(0);
    GroupSettings settings;
    settings.name = "many";
    settings.set_role(owner, Role::kOwner);
    const mls::GroupCreate create{to_bytes(group.view()), std::move(founder[0]), {group_settings_extension(settings)}};
    auto made = mls::Group::create(mls::suite_0x0003(), create, random, world.now).value();
    mls::CommitRequest request;
    const auto add = [&](mls::LeafParameters leaf) {
      const auto package =
          mls::KeyPackagePrivate::generate(mls::suite_0x0003(), std::move(leaf), days(30), random, world.now);
      request.add.push_back(package_of(package.encode_message()));
    };
    add(std::move(founder[1]));
    for (size_t i = 1; i + 1 < kPeople; ++i) {
      for (mls::LeafParameters& leaf : somebody(i)) add(std::move(leaf));
    }
    for (const SecretBlob& one : keys.key_packages) {
      const auto mine = mls::KeyPackagePrivate::deserialize(one.value.reveal()).value();
      if (mine.key_package.cipher_suite == mls::suite_0x0003().id)
        request.add.push_back(package_of(mine.encode_message()));
    }
    auto staged = made.stage_commit(request, random, world.now).value();
    return {std::move(*staged.welcome),
            world.home_link_parts().home,
            {random.bytes<16>()},
            crypto::Secret<32>::random(random),
            derive_chat_keys(staged.successor).value()};
  }
  // In pieces, as seal_welcome() makes them.
  void deliver(const InviteRecord& keys, const Bytes& whole) {
    const size_t count = (whole.size() + kWelcomePartSize - 1) / kWelcomePartSize;
    WelcomePart part{random.bytes<16>(), 0, static_cast<uint8_t>(count), {}};
    for (size_t i = 0; i < count; ++i) {
      const size_t at = i * kWelcomePartSize;
      part.index = static_cast<uint8_t>(i);
      part.bytes = to_bytes(ByteView(whole).subspan(at, std::min(kWelcomePartSize, whole.size() - at)));
      const Bytes payload = seal_envelope({EnvelopeKind::kWelcomePart, {}, codec::encoded(part)},
                                          invite_welcome_key(keys.key.value), keys.alias.view(), random);
      const wire::Recipient recipient{keys.alias, to_token(keys.token.value), {random.bytes<16>()}};
      ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
    }
  }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  crypto::SeededRandom random{7};
  ChatId group;
  AccountId owner;
};

TEST_F(LargeWelcome, into_a_group_of_1790_with_two_devices_each_is_joined_also_by_who_dies_in_the_middle) {
  const auto keys = offer();
  ASSERT_TRUE(keys.has_value());
  const Bytes whole = codec::encoded(welcome(*keys));
  EXPECT_GT(whole.size(), size_t{2} << 20) << "many pieces";
  EXPECT_LT(whole.size(), size_t{4} << 20) << "two thirds of what is kept";
  alice.on_effect = [this, at = alice.batches_ever](const Effect& effect) {
    if (std::holds_alternative<StoreBatch>(effect) && alice.batches_ever >= at + 2) alice.kill();
  };
  deliver(*keys, whole);
  world.run_until([&] { return !alice.alive(); }, minutes(5));
  alice.on_effect = nullptr;
  if (!alice.alive()) alice.start();
  const auto joined = [&] {
    const auto chats = alice.chats();
    return std::ranges::any_of(chats,
                               [&](const ChatInfo& each) { return each.chat == group && each.members == kPeople; });
  };
  EXPECT_LE(kLeaves, kClassicLeavesMax);
  EXPECT_TRUE(world.run_until(joined, hours(1)));
}

}  // namespace
}  // namespace godwit::testworld
