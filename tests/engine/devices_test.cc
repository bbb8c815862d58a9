// Several devices of one person, with a real home core between them.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "engine/linking_channel.h"
#include "engine/member_info.h"
#include "engine/record_key.h"
#include "engine/recovery_key.h"
#include "engine/sync.h"
#include "home/records.h"
#include "tests/engine/world.h"
#include "wire/errors.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

template <typename T>
const T* last_notice(const Person& person) {
  for (auto it = person.notices.rbegin(); it != person.notices.rend(); ++it) {
    if (const T* found = std::get_if<T>(&*it)) return found;
  }
  return nullptr;
}

bool told(const Person& person, ErrorCode code) {
  return std::ranges::any_of(person.notices, [&](const Notice& notice) {
    const auto* trouble = std::get_if<Trouble>(&notice);
    const auto* ended = std::get_if<LinkingEnded>(&notice);
    return (trouble != nullptr && trouble->error.code == code) ||
           (ended != nullptr && ended->error && ended->error->code == code);
  });
}

class Devices : public ::testing::Test {
 protected:
  Devices() : phone_(world_.add()) {
    const auto made = phone_.ask(NewAccount{"Anna", world_.home_link()});
    EXPECT_TRUE(made.has_value());
    if (!made) return;
    account_ = std::get<AccountMade>(*made).account;
    words_ = std::get<AccountMade>(*made).recovery_key;
  }

  LinkingOffered offer(bool by_code) {
    const auto answer = phone_.ask(StartLinking{by_code});
    EXPECT_TRUE(answer.has_value());
    return answer ? std::get<LinkingOffered>(*answer) : LinkingOffered{};
  }
  static LinkDevice taking(const LinkingOffered& offered, const std::string& name) {
    return {name, offered.link, offered.code, offered.home_link};
  }
  // A new device that is linked with `by`; its answer is checked.
  Person& link(Person& by, const std::string& name) {
    Person& fresh = world_.add();
    const auto offered = by.ask(StartLinking{});
    EXPECT_TRUE(offered.has_value());
    const CommandId id = fresh.give(taking(std::get<LinkingOffered>(*offered), name));
    by.notices.clear();
    EXPECT_TRUE(world_.run_until([&] { return last_notice<DeviceAsks>(by) != nullptr; }));
    EXPECT_TRUE(by.ask(ConfirmLinking{true}).has_value());
    EXPECT_TRUE(world_.run_until([&] { return fresh.answer(id) != nullptr; }));
    const auto* answer = fresh.answer(id);
    EXPECT_TRUE(answer != nullptr && answer->has_value());
    return fresh;
  }
  static std::vector<DeviceInfo> devices(Person& person) {
    const auto answer = person.ask(ListDevices{});
    return answer ? std::get<engine::OwnDevices>(*answer).devices : std::vector<DeviceInfo>{};
  }
  static std::vector<std::string> names(Person& person) {
    std::vector<std::string> out;
    for (const DeviceInfo& device : devices(person)) out.push_back(device.name);
    std::ranges::sort(out);
    return out;
  }
  static DeviceId own_id(Person& person) {
    for (const DeviceInfo& device : devices(person)) {
      if (device.own) return device.device;
    }
    return {};
  }
  // Changes what the home knows of the only mailbox, as a device of it can.
  void at_home(const std::function<void(home::MailboxRecord&)>& change) {
    for (const auto& [key, value] : std::map<Bytes, Bytes>(world_.home_disk().records())) {
      if (key.size() < 2 || key[0] != 'R' || key[1] != 'm') continue;  // layout.h, records.h
      auto record = codec::decoded<home::MailboxRecord>(value);
      ASSERT_TRUE(record.has_value());
      change(*record);
      world_.home_disk_to_change().put(key, codec::encoded(*record));
    }
  }
  size_t keys_at_home() {
    size_t keys = 0;
    at_home([&](const home::MailboxRecord& record) { keys = record.devices.size(); });
    return keys;
  }
  void wait(const std::function<bool()>& done) { EXPECT_TRUE(world_.run_until(done, minutes(30))); }

  World world_;
  Person& phone_;
  AccountId account_;
  std::string words_;
};

TEST_F(Devices, a_link_makes_a_second_device_after_both_screens_showed_one_number) {
  const LinkingOffered offered = offer(false);
  Person& laptop = world_.add();
  const CommandId id = laptop.give(taking(offered, "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  ASSERT_NE(last_notice<LinkingChecked>(laptop), nullptr);
  EXPECT_EQ(last_notice<DeviceAsks>(phone_)->name, "Laptop");
  EXPECT_EQ(last_notice<DeviceAsks>(phone_)->check, last_notice<LinkingChecked>(laptop)->check);
  world_.pass(minutes(1));
  EXPECT_EQ(laptop.answer(id), nullptr) << "nothing goes over before the person says yes";
  EXPECT_EQ(devices(phone_).size(), 1U);
  EXPECT_TRUE(phone_.ask(ConfirmLinking{true}).has_value());
  wait([&] { return laptop.answer(id) != nullptr; });
  ASSERT_TRUE(laptop.answer(id)->has_value());
  EXPECT_EQ(std::get<DeviceLinked>(**laptop.answer(id)).account, account_);
  EXPECT_EQ(names(phone_), (std::vector<std::string>{"First device", "Laptop"}));
  EXPECT_EQ(names(laptop), (std::vector<std::string>{"First device", "Laptop"}));
  wait([&] {
    const auto all = devices(phone_);
    return std::ranges::any_of(all, [](const DeviceInfo& each) { return !each.own && each.seen_at.has_value(); });
  });
}

TEST_F(Devices, a_typed_code_does_the_same) {
  const LinkingOffered offered = offer(true);
  EXPECT_EQ(offered.link, "");
  EXPECT_EQ(offered.code.size(), 14U);
  Person& laptop = world_.add();
  const CommandId id = laptop.give(taking(offered, "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  EXPECT_TRUE(phone_.ask(ConfirmLinking{true}).has_value());
  wait([&] { return laptop.answer(id) != nullptr; });
  EXPECT_TRUE(laptop.answer(id)->has_value());
}

TEST_F(Devices, a_guessed_code_fails_on_both_sides_and_uses_the_offer_up) {
  LinkingOffered offered = offer(true);
  LinkingOffered guess = offered;
  // Another code with the same first four digits, and the check digit that it needs.
  guess.code[5] = offered.code[5] == '0' ? '1' : '0';
  for (guess.code[13] = '0'; !offer_of_code(guess.code, {}); ++guess.code[13]) ASSERT_LT(guess.code[13], '9');
  Person& thief = world_.add();
  const CommandId id = thief.give(taking(guess, "Thief"));
  wait([&] { return thief.answer(id) != nullptr; });
  EXPECT_EQ(thief.answer(id)->error().code, kLinkingFailed);
  EXPECT_TRUE(told(phone_, kLinkingFailed));
  EXPECT_EQ(last_notice<DeviceAsks>(phone_), nullptr);
  Person& laptop = world_.add();
  const auto late = laptop.ask(taking(offered, "Laptop"));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, kLinkingTaken);
  EXPECT_EQ(devices(phone_).size(), 1U);
}

TEST_F(Devices, no_means_no) {
  Person& laptop = world_.add();
  const CommandId id = laptop.give(taking(offer(false), "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  EXPECT_TRUE(phone_.ask(ConfirmLinking{false}).has_value());
  wait([&] { return laptop.answer(id) != nullptr; });
  EXPECT_EQ(laptop.answer(id)->error().code, kLinkingRefused);
  EXPECT_EQ(devices(phone_).size(), 1U);
  EXPECT_EQ(phone_.ask(ConfirmLinking{true}).error().code, kNobodyAsks);
}

TEST_F(Devices, an_offer_that_nobody_takes_is_over_after_ten_minutes) {
  const LinkingOffered offered = offer(false);
  world_.pass(minutes(11));
  EXPECT_TRUE(told(phone_, kLinkingOver));
  Person& laptop = world_.add();
  EXPECT_EQ(laptop.ask(taking(offered, "Laptop")).error().code, kLinkingOver);
}

TEST_F(Devices, the_seventh_offer_in_an_hour_is_refused) {
  for (int i = 0; i < 6; ++i) offer(false);
  const auto seventh = phone_.ask(StartLinking{});
  ASSERT_FALSE(seventh.has_value());
  EXPECT_EQ(seventh.error().code, wire::kTooManyRequests);
}

TEST_F(Devices, a_profile_with_an_account_is_not_linked_and_bad_input_is_refused) {
  EXPECT_EQ(phone_.ask(LinkDevice{"Laptop", "godwit:d#xx", {}, {}}).error().code, kAccountExists);
  Person& laptop = world_.add();
  EXPECT_EQ(laptop.ask(LinkDevice{"", "godwit:d#xx", {}, {}}).error().code, kNotText);
  EXPECT_EQ(laptop.ask(LinkDevice{"Laptop", "godwit:d#xx", {}, {}}).error().code, kLinkDamaged);
  EXPECT_EQ(laptop.ask(LinkDevice{"Laptop", {}, "1234", world_.home_link()}).error().code, kCodeMistyped);
  EXPECT_EQ(laptop.ask(StartLinking{}).error().code, kNoAccount);
  EXPECT_EQ(laptop.ask(ListDevices{}).error().code, kNoAccount);
}

TEST_F(Devices, the_new_device_goes_on_after_a_restart) {
  Person& laptop = world_.add();
  laptop.give(taking(offer(false), "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  laptop.kill();
  EXPECT_TRUE(phone_.ask(ConfirmLinking{true}).has_value());
  laptop.start();
  wait([&] { return last_notice<LinkingEnded>(laptop) != nullptr; });
  EXPECT_FALSE(last_notice<LinkingEnded>(laptop)->error.has_value());
  EXPECT_EQ(names(laptop), (std::vector<std::string>{"First device", "Laptop"}));
}

TEST_F(Devices, the_same_link_again_waits_for_what_is_under_way) {
  Person& laptop = world_.add();
  const LinkDevice command = taking(offer(false), "Laptop");
  laptop.give(command);
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  laptop.kill();
  laptop.start();
  const CommandId again = laptop.give(command);
  EXPECT_TRUE(phone_.ask(ConfirmLinking{true}).has_value());
  wait([&] { return laptop.answer(again) != nullptr; });
  EXPECT_TRUE(laptop.answer(again)->has_value());
  EXPECT_EQ(names(laptop), (std::vector<std::string>{"First device", "Laptop"}));
}

TEST_F(Devices, the_old_device_goes_on_after_a_restart_once_the_person_has_said_yes) {
  Person& laptop = world_.add();
  const CommandId id = laptop.give(taking(offer(false), "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  const CommandId yes = phone_.give(ConfirmLinking{true});
  wait([&] { return phone_.answer(yes) != nullptr; });
  phone_.kill();
  phone_.start();
  wait([&] { return laptop.answer(id) != nullptr; });
  EXPECT_TRUE(laptop.answer(id)->has_value());
}

// Wherever one of the two dies: in the end both know two devices, or the phone knows one and the other says that it has to be
// begun again.
TEST_F(Devices, a_crash_at_any_batch_ends_with_both_linked_or_neither) {
  for (const bool kill_phone : {false, true}) {
    for (uint64_t at = 1; at <= 8; ++at) {
      World world(at);
      Person& phone = world.add();
      ASSERT_TRUE(phone.ask(NewAccount{"Anna", world.home_link()}).has_value());
      world.settle();
      const auto offered = phone.ask(StartLinking{});
      ASSERT_TRUE(offered.has_value());
      Person& laptop = world.add();
      Person& victim = kill_phone ? phone : laptop;
      const uint64_t before = victim.batches_ever;
      bool died = false;
      victim.on_effect = [&](const Effect& effect) {
        if (died || !std::holds_alternative<StoreBatch>(effect) || victim.batches_ever < before + at - 1) return;
        died = true;
        victim.kill();
      };
      laptop.give(taking(std::get<LinkingOffered>(*offered), "Laptop"));
      world.run_until([&] { return died || last_notice<DeviceAsks>(phone) != nullptr; }, minutes(2));
      if (phone.alive() && last_notice<DeviceAsks>(phone) != nullptr) phone.give(ConfirmLinking{true});
      world.run_until([&] { return died; }, minutes(2));
      victim.on_effect = nullptr;
      if (!victim.alive()) victim.start();
      world.pass(minutes(15));
      world.settle();
      const bool linked = laptop.ask(ReadAccount{}).has_value();
      EXPECT_EQ(devices(phone).size(), linked ? 2U : 1U) << "kill_phone " << kill_phone << " batch " << at;
      if (linked) {
        EXPECT_EQ(devices(laptop).size(), 2U);
      }
    }
  }
}

TEST_F(Devices, a_device_that_never_fetched_the_account_is_taken_out_again) {
  Person& laptop = world_.add();
  laptop.give(taking(offer(false), "Laptop"));
  wait([&] { return last_notice<DeviceAsks>(phone_) != nullptr; });
  laptop.kill();
  world_.kill_home();  // which forgets the meeting
  phone_.give(ConfirmLinking{true});
  world_.start_home();
  wait([&] { return told(phone_, kLinkingOver); });
  wait([&] { return devices(phone_).size() == 1; });
}

TEST_F(Devices, names_are_alike_on_all_devices_and_never_in_what_peers_see) {
  Person& laptop = link(phone_, "Laptop");
  EXPECT_TRUE(phone_.ask(RenameDevice{own_id(laptop), "Kitchen laptop"}).has_value());
  wait([&] { return names(laptop) == std::vector<std::string>{"First device", "Kitchen laptop"}; });
  EXPECT_TRUE(laptop.ask(RenameDevice{own_id(phone_), "Phone"}).has_value());
  wait([&] { return names(phone_) == std::vector<std::string>{"Kitchen laptop", "Phone"}; });
  EXPECT_EQ(phone_.ask(RenameDevice{DeviceId{}, "x"}).error().code, kNoSuchDevice);
}

TEST_F(Devices, a_removed_device_is_cut_off_and_the_others_go_on_under_another_key) {
  Person& laptop = link(phone_, "Laptop");
  Person& tablet = link(laptop, "Tablet");
  wait([&] { return devices(phone_).size() == 3; });
  const DeviceId lost = own_id(laptop);
  EXPECT_TRUE(tablet.ask(RemoveDevice{lost, {}}).has_value());
  wait([&] { return devices(phone_).size() == 2; });
  EXPECT_TRUE(world_.run_until([&] { return told(laptop, wire::kNoSuchMailbox) || told(laptop, kDeviceRemoved); }));
  EXPECT_TRUE(phone_.ask(RenameDevice{own_id(tablet), "After"}).has_value());
  wait([&] { return names(tablet) == std::vector<std::string>{"After", "First device"}; });
  EXPECT_EQ(names(laptop), (std::vector<std::string>{"First device", "Laptop", "Tablet"})) << "it hears nothing more";
  EXPECT_EQ(phone_.ask(RemoveDevice{own_id(phone_), {}}).error().code, kOwnDevice);
}

TEST_F(Devices, the_others_have_the_new_key_and_what_is_said_under_it_in_whatever_order_they_come) {
  Person& laptop = link(phone_, "Laptop");
  const auto key_of = [](Person& person) {
    const Bytes key = record_key(RecordKind::kDevices);
    const auto plain = open_record(person.key(), key, person.disk().records().at(key));
    const auto record = plain ? codec::decoded<DevicesRecord>(plain->reveal()) : Result<DevicesRecord>(plain.error());
    return record ? to_bytes(record->sync_key.value.reveal()) : Bytes{};
  };
  std::set<Bytes> keys{key_of(phone_)};
  // The home lets each message wait for a time of its own.
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    Person& tablet = link(phone_, "Tablet");
    wait([&] { return devices(laptop).size() == 3; });
    ASSERT_TRUE(laptop.ask(RemoveDevice{own_id(tablet), {}}).has_value());
    tablet.kill();
    const std::string name = "Laptop " + std::to_string(round);
    ASSERT_TRUE(laptop.ask(RenameDevice{own_id(laptop), name}).has_value());
    if (round % 2 == 0) {  // what waits is on the disk
      world_.pass(seconds(10));
      phone_.kill();
      phone_.start();
    }
    wait([&] { return names(phone_) == std::vector<std::string>{"First device", name}; });
    world_.settle();
    EXPECT_EQ(key_of(phone_), key_of(laptop));
    keys.insert(key_of(phone_));
  }
  EXPECT_EQ(keys.size(), 7U);
}

TEST_F(Devices, two_devices_that_remove_at_the_same_time_do_it_one_after_the_other) {
  Person& laptop = link(phone_, "Laptop");
  Person& a = link(phone_, "A");
  Person& b = link(phone_, "B");
  wait([&] { return devices(laptop).size() == 4; });
  const DeviceId id_a = own_id(a);
  const DeviceId id_b = own_id(b);
  const CommandId one = phone_.give(RemoveDevice{id_a, {}});
  const CommandId two = laptop.give(RemoveDevice{id_b, {}});
  wait([&] { return phone_.answer(one) != nullptr && laptop.answer(two) != nullptr; });
  EXPECT_TRUE(phone_.answer(one)->has_value());
  EXPECT_TRUE(laptop.answer(two)->has_value());
  wait([&] { return devices(phone_).size() == 2 && devices(laptop).size() == 2; });
}

TEST_F(Devices, a_stolen_device_that_lies_to_the_home_about_the_list_is_removed_all_the_same) {
  Person& stolen = link(phone_, "Laptop");
  Person& tablet = link(phone_, "Tablet");
  wait([&] { return devices(tablet).size() == 3; });
  world_.settle();
  at_home([](home::MailboxRecord& record) { record.list_head.value.fill(0x55); });
  const CommandId id = phone_.give(RemoveDevice{own_id(stolen), {}});
  world_.run_until([&] { return keys_at_home() == 2; }, seconds(10));
  EXPECT_EQ(keys_at_home(), 2U) << "it loses the mailbox before anything is settled";
  world_.run_until([&] { return phone_.answer(id) != nullptr; }, minutes(10));
  ASSERT_NE(phone_.answer(id), nullptr);
  EXPECT_TRUE(phone_.answer(id)->has_value());
  wait([&] { return devices(tablet).size() == 2; });
}

TEST_F(Devices, keys_that_a_stolen_device_has_put_into_the_mailbox_go_with_it) {
  Person& stolen = link(phone_, "Laptop");
  world_.settle();
  at_home([](home::MailboxRecord& record) {
    home::DeviceRecord ghost = record.devices.front();
    ghost.key.value.fill(0x55);
    ghost.tag.value.fill(0x55);
    record.devices.push_back(ghost);
  });
  EXPECT_EQ(keys_at_home(), 3U);
  EXPECT_TRUE(phone_.ask(RemoveDevice{own_id(stolen), {}}).has_value());
  world_.settle();
  EXPECT_EQ(keys_at_home(), 1U);
}

TEST_F(Devices, the_words_remove_a_device_and_those_that_stay_go_on_under_another_key) {
  Person& laptop = link(phone_, "Laptop");
  Person& tablet = link(phone_, "Tablet");
  wait([&] { return devices(tablet).size() == 3 && devices(laptop).size() == 3; });
  EXPECT_TRUE(phone_.ask(RemoveDevice{own_id(laptop), words_}).has_value());
  wait([&] { return devices(tablet).size() == 2; });
  EXPECT_TRUE(tablet.ask(RenameDevice{own_id(phone_), "After"}).has_value());
  wait([&] { return names(phone_) == std::vector<std::string>{"After", "Tablet"}; });
  EXPECT_EQ(names(laptop), (std::vector<std::string>{"First device", "Laptop", "Tablet"})) << "it hears nothing more";
  link(tablet, "Another");
  EXPECT_EQ(names(tablet).size(), 3U);
}

TEST_F(Devices, an_account_has_eight_devices_at_most) {
  for (int i = 2; i <= 8; ++i) {
    link(phone_, "Device " + std::to_string(i));
    world_.pass(minutes(11));  // offers are few in an hour
  }
  EXPECT_EQ(phone_.ask(StartLinking{}).error().code, kTooManyDevices);
}

TEST_F(Devices, the_words_bring_an_account_back_whose_devices_are_lost) {
  Person& laptop = link(phone_, "Laptop");
  world_.pass(minutes(5));
  Person& fresh = world_.add();
  const auto answer = fresh.ask(RecoverAccount{words_, world_.home_link(), "New phone", {}});
  ASSERT_TRUE(answer.has_value()) << answer.error().code.name;
  EXPECT_EQ(std::get<AccountRecovered>(*answer).account, account_);
  EXPECT_EQ(std::get<AccountRecovered>(*answer).name, "Anna");
  EXPECT_EQ(names(fresh), std::vector<std::string>{"New phone"});
  EXPECT_TRUE(
      world_.run_until([&] { return told(phone_, wire::kNoSuchMailbox) && told(laptop, wire::kNoSuchMailbox); }));
  Person& other = link(fresh, "Laptop again");
  EXPECT_EQ(names(other), (std::vector<std::string>{"Laptop again", "New phone"}));
}

TEST_F(Devices, a_thief_who_has_thrown_the_others_out_is_thrown_out_by_the_words) {
  Person& stolen = link(phone_, "Laptop");
  world_.pass(minutes(5));
  ASSERT_TRUE(stolen.ask(RemoveDevice{own_id(phone_), {}}).has_value());
  wait([&] { return told(phone_, wire::kNoSuchMailbox) || told(phone_, kDeviceRemoved); });
  EXPECT_EQ(names(stolen), std::vector<std::string>{"Laptop"});
  Person& fresh = world_.add();
  const auto answer = fresh.ask(RecoverAccount{words_, world_.home_link(), "New phone", {}});
  ASSERT_TRUE(answer.has_value()) << answer.error().code.name;
  wait([&] { return told(stolen, wire::kNoSuchMailbox); });
  EXPECT_EQ(names(fresh), std::vector<std::string>{"New phone"});
  // What the words have signed it cannot undo: the home does not know it any more.
  EXPECT_FALSE(stolen.ask(StartLinking{}).has_value());
  EXPECT_EQ(names(fresh), std::vector<std::string>{"New phone"});
}

// A device of the account whose program lies: what it hands to a new one, a hand has changed.
TEST_F(Devices, name_of_a_device_that_turns_its_line_is_not_taken_over) {
  Person& laptop = link(phone_, "Laptop");
  world_.pass(minutes(5));
  ASSERT_TRUE(phone_.ask(RenameDevice{own_id(laptop), "Work"}).has_value());
  world_.pass(minutes(1));
  const auto handed = [&](const std::string& name, const std::string& to) {
    phone_.kill();
    crypto::SeededRandom random(78);
    size_t changed = 0;
    for (const auto& [key, value] : std::map<Bytes, Bytes>(phone_.disk().records())) {
      if (key.front() != static_cast<uint8_t>(RecordKind::kSyncField)) continue;
      auto field = codec::decoded<SyncFieldRecord>(open_record(phone_.key(), key, value)->reveal());
      if (!field || field->kind != static_cast<uint16_t>(SyncKind::kDeviceName)) continue;
      field->value = to_bytes(as_bytes(name));
      phone_.disk().put(key, seal_record(phone_.key(), random, key, codec::encoded(*field)));
      ++changed;
    }
    EXPECT_EQ(changed, 1U);
    phone_.start();
    Person& fresh = link(phone_, to);
    world_.pass(minutes(5));
    return names(fresh);
  };
  EXPECT_EQ(handed("Other work", "Tablet"), (std::vector<std::string>{"First device", "Other work", "Tablet"}))
      << "this is how it comes";
  for (const std::string bad : {"Wo\u202erk", "Wo\nrk", ""}) {
    for (const std::string& name : handed(bad, "Tablet " + std::to_string(bad.size()))) {
      EXPECT_TRUE(check_name(name).has_value()) << to_hex(as_bytes(name));
    }
  }
}

TEST_F(Devices, wrong_words_bring_nothing_back) {
  world_.pass(minutes(5));
  Person& other = world_.add();
  const auto made = other.ask(NewAccount{"Ben", world_.home_link()});
  ASSERT_TRUE(made.has_value());
  Person& fresh = world_.add();
  EXPECT_EQ(fresh.ask(RecoverAccount{"1234", world_.home_link(), "x", {}}).error().code, kRecoveryKeyMistyped);
  crypto::SeededRandom random(77);
  const std::string nobodys = recovery_key_text(crypto::Ed25519KeyPair::generate(random));
  EXPECT_EQ(fresh.ask(RecoverAccount{nobodys, world_.home_link(), "x", {}}).error().code, kNoSuchAccount);
  EXPECT_EQ(phone_.ask(RemoveDevice{DeviceId{}, std::get<AccountMade>(*made).recovery_key}).error().code,
            kRecoveryKeyOther);
}

}  // namespace
}  // namespace godwit::testworld
