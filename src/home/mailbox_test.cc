// Opening, proving, devices, dropping; and what settles a session's kind.

#include <gtest/gtest.h>

#include <algorithm>

#include "home/admission.h"
#include "home/testing/house.h"
#include "store/apply.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;
using testing::test_options;

TEST(Mailbox, a_code_opens_one_mailbox_and_no_second) {
  House house;
  const Bytes code = house.new_code();
  const Device first = house.new_device();
  const Device second = house.new_device();
  Client& a = house.connect();
  EXPECT_EQ(house.code_of(a, house.open_request(a, first, code)), 0);
  Client& b = house.connect();
  EXPECT_EQ(house.code_of(b, house.open_request(b, second, code)), wire::kAdmissionRefused.number);
}

TEST(Mailbox, opening_again_with_the_same_key_needs_no_second_code) {
  House house;
  const Bytes code = house.new_code();
  const Device device = house.new_device();
  for (int i = 0; i < 3; ++i) {
    Client& client = house.connect();
    EXPECT_EQ(house.code_of(client, house.open_request(client, device, code)), 0);
  }
}

TEST(Mailbox, a_code_for_two_opens_two) {
  House house;
  const Bytes code = house.new_code(2);
  for (const uint16_t expected : {uint16_t{0}, uint16_t{0}, wire::kAdmissionRefused.number}) {
    Client& client = house.connect();
    EXPECT_EQ(house.code_of(client, house.open_request(client, house.new_device(), code)), expected);
  }
}

TEST(Mailbox, an_expired_or_changed_or_foreign_code_is_refused) {
  House house;
  const uint32_t today = house.now().day();
  Bytes changed = house.new_code(1);
  changed[12] = 0xff;  // more uses than were granted
  const Bytes foreign = make_admission_code(crypto::Secret<32>::random(house.random()), 1, 0, house.random());
  for (const Bytes& code : {house.new_code(1, today - 1), changed, foreign, Bytes{1, 2, 3}}) {
    Client& client = house.connect();
    EXPECT_EQ(house.code_of(client, house.open_request(client, house.new_device(), code)),
              wire::kAdmissionRefused.number);
  }
  Client& client = house.connect();
  EXPECT_EQ(house.code_of(client, house.open_request(client, house.new_device(), house.new_code(1, today))), 0);
}

TEST(Mailbox, the_used_code_is_remembered_across_a_restart) {
  House house;
  const Bytes code = house.new_code();
  Client& a = house.connect();
  EXPECT_EQ(house.code_of(a, house.open_request(a, house.new_device(), code)), 0);
  house.restart();
  Client& b = house.connect();
  EXPECT_EQ(house.code_of(b, house.open_request(b, house.new_device(), code)), wire::kAdmissionRefused.number);
}

TEST(Mailbox, work_opens_where_the_operator_allows_it) {
  House house;
  Client& worker = house.connect();
  EXPECT_EQ(house.code_of(worker, house.open_request(worker, house.new_device(), {})), 0);
  Client& idler = house.connect();
  auto lazy = house.open_request(idler, house.new_device(wire::MailboxId{{7}}), {});
  lazy.work.nonce += 1;
  const wire::Reply reply = house.ask(idler, lazy);
  const auto& refused = std::get<wire::Refused>(reply);
  EXPECT_EQ(refused.code, wire::kProofOfWorkRefused.number);
  EXPECT_EQ(refused.detail, 4U) << "tells how much is wanted";
}

TEST(Mailbox, the_operator_says_which_way_is_open) {
  Options options = test_options();
  options.admission = Admission::kCode;
  House by_code(options);
  Client& worker = by_code.connect();
  EXPECT_EQ(by_code.code_of(worker, by_code.open_request(worker, by_code.new_device(), {})),
            wire::kAdmissionRefused.number);
  options.admission = Admission::kWork;
  House by_work(options);
  Client& invited = by_work.connect();
  EXPECT_EQ(by_work.code_of(invited, by_work.open_request(invited, by_work.new_device(), by_work.new_code())),
            wire::kAdmissionRefused.number);
}

TEST(Mailbox, who_lives_here_gets_a_few_codes_a_day_for_newcomers) {
  Options options = test_options();
  options.admission = Admission::kCode;
  options.limits.codes_day_max = 2;
  options.limits.codes_home_day_max = 3;
  House house(options);
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Bytes code = std::get<wire::AdmissionCode>(house.ask(owner, wire::AdmissionGet{})).code;
  Client& newcomer = house.connect();
  EXPECT_EQ(house.code_of(newcomer, house.open_request(newcomer, house.new_device(wire::MailboxId{{8}}), code)), 0);
  Client& second = house.connect();
  EXPECT_EQ(house.code_of(second, house.open_request(second, house.new_device(wire::MailboxId{{9}}), code)),
            wire::kAdmissionRefused.number);
  EXPECT_EQ(house.code_of(owner, wire::AdmissionGet{}), 0);
  EXPECT_EQ(house.code_of(owner, wire::AdmissionGet{}), wire::kQuotaFull.number) << "codes_day_max";
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, wire::AdmissionGet{}), 0) << "the operator's code let him in";
  EXPECT_EQ(house.code_of(other, wire::AdmissionGet{}), wire::kQuotaFull.number) << "codes_home_day_max";
  house.advance(days(1));  // which no session outlives
  EXPECT_EQ(house.code_of(house.prove(device), wire::AdmissionGet{}), 0);
  EXPECT_EQ(house.code_of(house.connect(), wire::AdmissionGet{}), wire::kWrongSessionKind.number);
}

TEST(Mailbox, whom_a_member_let_in_gives_codes_after_a_week_or_two) {
  Options options = test_options();
  options.admission = Admission::kCode;
  House house(options);
  Client& owner = house.open_mailbox(house.new_device());
  const Bytes code = std::get<wire::AdmissionCode>(house.ask(owner, wire::AdmissionGet{})).code;
  const Device device = house.new_device();
  Client& newcomer = house.connect();
  ASSERT_EQ(house.code_of(newcomer, house.open_request(newcomer, device, code)), 0);
  EXPECT_EQ(house.code_of(newcomer, wire::AdmissionGet{}), wire::kQuotaFull.number);
  house.restart();
  EXPECT_EQ(house.code_of(house.prove(device), wire::AdmissionGet{}), wire::kQuotaFull.number);
  house.advance(days(kNewcomerDays) - hours(1));
  EXPECT_EQ(house.code_of(house.prove(device), wire::AdmissionGet{}), wire::kQuotaFull.number);
  house.advance(days(kNewcomerDays + 1));
  EXPECT_EQ(house.code_of(house.prove(device), wire::AdmissionGet{}), 0);
  EXPECT_FALSE(house.disk().holds(newcomer_key(device.mailbox))) << "the sweep removes it";
}

TEST(Mailbox, a_newcomer_who_leaves_leaves_no_week_behind) {
  Options options = test_options();
  options.admission = Admission::kCode;
  House house(options);
  Client& owner = house.open_mailbox(house.new_device());
  const Bytes code = std::get<wire::AdmissionCode>(house.ask(owner, wire::AdmissionGet{})).code;
  const Device device = house.new_device();
  Client& newcomer = house.connect();
  ASSERT_EQ(house.code_of(newcomer, house.open_request(newcomer, device, code)), 0);
  ASSERT_EQ(house.code_of(newcomer, wire::MailboxDrop{}), 0);
  EXPECT_FALSE(house.disk().holds(newcomer_key(device.mailbox)));
}

TEST(Mailbox, where_work_opens_no_code_is_given) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  EXPECT_TRUE(std::get<wire::AdmissionCode>(house.ask(owner, wire::AdmissionGet{})).code.empty());
}

TEST(Mailbox, a_full_home_opens_no_more) {
  Options options = test_options();
  options.limits.mailboxes_max = 1;
  House house(options);
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  Client& late = house.connect();
  EXPECT_EQ(house.code_of(late, house.open_request(late, house.new_device(), house.new_code())),
            wire::kQuotaFull.number);
  house.restart();
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, house.open_request(later, house.new_device(), house.new_code())),
            wire::kQuotaFull.number)
      << "counted at the start";
  static_cast<void>(owner);
}

TEST(Mailbox, a_taken_id_is_refused) {
  House house;
  const Device device = house.new_device();
  house.open_mailbox(device);
  Client& other = house.connect();
  EXPECT_EQ(house.code_of(other, house.open_request(other, house.new_device(device.mailbox), house.new_code())),
            wire::kIdTaken.number);
}

TEST(Mailbox, a_proof_over_another_session_is_refused_and_ends_the_session) {
  House house;
  const Device device = house.new_device();
  house.open_mailbox(device);
  Client& a = house.connect();
  Client& b = house.connect();
  EXPECT_EQ(house.code_of(b, house.prove_request(a, device)), wire::kProofRefused.number);
  house.settle();
  EXPECT_TRUE(b.closed.has_value());
  EXPECT_EQ(house.code_of(a, house.prove_request(a, device)), 0);
}

TEST(Mailbox, a_key_that_is_not_in_the_mailbox_is_told_so) {
  House house;
  const Device device = house.new_device();
  house.open_mailbox(device);
  Client& stranger = house.connect();
  EXPECT_EQ(house.code_of(stranger, house.prove_request(stranger, house.new_device(device.mailbox))),
            wire::kNoSuchMailbox.number);
  Client& lost = house.connect();
  EXPECT_EQ(house.code_of(lost, house.prove_request(lost, house.new_device())), wire::kNoSuchMailbox.number);
}

TEST(Mailbox, the_first_request_settles_what_a_session_is_for_life) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  EXPECT_EQ(house.code_of(owner, house.delivery(address, {1})), wire::kWrongSessionKind.number)
      << "a mailbox session sends to nobody";
  Client& anonymous = house.connect();
  EXPECT_EQ(house.code_of(anonymous, house.delivery(address, {1})), 0);
  EXPECT_EQ(house.code_of(anonymous, wire::DeviceList{}), wire::kWrongSessionKind.number);
  EXPECT_EQ(house.code_of(anonymous, house.prove_request(anonymous, device)), wire::kWrongSessionKind.number);
  Client& early = house.connect();
  EXPECT_EQ(house.code_of(early, wire::Fetch{{0}, 1000, false}), wire::kWrongSessionKind.number);
}

TEST(Mailbox, requests_sent_right_behind_the_proof_wait_for_it) {
  House house;
  const Device device = house.new_device();
  house.open_mailbox(device);
  Client& client = house.connect();
  const uint32_t proof = house.send(client, house.prove_request(client, device));
  const uint32_t list = house.send(client, wire::DeviceList{});
  const uint32_t fetch = house.send(client, wire::Fetch{{0}, 1000, false});
  house.settle();
  EXPECT_TRUE(std::holds_alternative<wire::Done>(client.replies.at(proof)));
  EXPECT_TRUE(std::holds_alternative<wire::Devices>(client.replies.at(list)));
  EXPECT_TRUE(std::holds_alternative<wire::Items>(client.replies.at(fetch)));
}

TEST(Mailbox, a_session_is_one_devices_and_may_prove_it_again) {
  House house;
  const Device device = house.new_device();
  const Device other = house.new_device();
  house.open_mailbox(other);
  Client& client = house.open_mailbox(device);
  EXPECT_EQ(house.code_of(client, house.prove_request(client, device)), 0);
  EXPECT_EQ(house.code_of(client, house.prove_request(client, other)), wire::kWrongSessionKind.number);
}

TEST(Mailbox, devices_are_added_listed_and_bounded) {
  House house;
  const Device device = house.new_device();
  Client& client = house.open_mailbox(device);
  for (uint32_t i = 1; i < wire::kDevicesMax; ++i) {
    EXPECT_EQ(house.code_of(client, wire::DeviceAdd{house.random_id<wire::MailboxKey>()}), 0);
  }
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{device.public_key()}), 0) << "it is there already";
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{house.random_id<wire::MailboxKey>()}), wire::kQuotaFull.number);
  EXPECT_EQ(std::get<wire::Devices>(house.ask(client, wire::DeviceList{})).keys.size(), wire::kDevicesMax);
}

TEST(Mailbox, a_removed_device_is_out_at_once_with_its_queue_and_tickets) {
  House house;
  const Device first = house.new_device();
  const Device second = house.new_device(first.mailbox);
  Client& owner = house.open_mailbox(first);
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{second.public_key()}), 0);
  Client& stolen = house.prove(second);
  ASSERT_FALSE(stolen.tickets.empty());
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(300, 9))), 0);

  ASSERT_EQ(house.code_of(owner, wire::DeviceRemove{second.public_key()}), 0);
  EXPECT_EQ(house.code_of(owner, wire::DeviceRemove{second.public_key()}), 0) << "idempotent";
  EXPECT_TRUE(stolen.closed.has_value());
  Client& resumed = house.resume(stolen.tickets.front().clone());
  house.settle();
  EXPECT_TRUE(resumed.ticket_refused);
  Client& again = house.connect();
  EXPECT_EQ(house.code_of(again, house.prove_request(again, second)), wire::kNoSuchMailbox.number);

  // The same key comes back as a new device, with an empty queue and without the old tickets.
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{second.public_key()}), 0);
  Client& back = house.prove(second);
  EXPECT_TRUE(std::get<wire::Items>(house.ask(back, wire::Fetch{{0}, 100'000, false})).items.empty());
  Client& old_ticket = house.resume(stolen.tickets.back().clone());
  house.settle();
  EXPECT_TRUE(old_ticket.ticket_refused);
}

TEST(Mailbox, dropping_leaves_nothing_behind) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  ASSERT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {Bytes(500, 7)}, Bytes(400, 8)}), 0);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(300, 9))), 0);
  ASSERT_TRUE(house.disk().holds(device.mailbox.view()));

  EXPECT_EQ(house.code_of(owner, wire::MailboxDrop{}), 0);
  EXPECT_EQ(house.code_of(owner, wire::MailboxDrop{}), 0) << "idempotent";
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {1})), wire::kAddressRefused.number);
  EXPECT_EQ(house.code_of(owner, wire::DeviceList{}), wire::kNoSuchMailbox.number);
  for (int i = 0; i < 40; ++i) house.advance(minutes(1));
  EXPECT_FALSE(house.disk().holds(device.mailbox.view()));
  EXPECT_FALSE(house.disk().holds(address.alias.view()));
  EXPECT_FALSE(house.disk().holds(Bytes(400, 8)));
}

TEST(Mailbox, a_long_queue_is_dropped_in_batches_and_a_crash_between_them_is_finished_later) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Device second = house.new_device(device.mailbox);
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{second.public_key()}), 0);
  const auto records_of = [&](const DeviceTag& tag) {
    size_t count = 0;
    for (const auto& [key, value] : house.disk().records()) {
      count += std::search(key.begin(), key.end(), tag.value.begin(), tag.value.end()) != key.end() ? 1U : 0U;
    }
    return count;
  };
  const auto found = store::apply_operation(house.disk(), store::Get{mailbox_key(device.mailbox)});
  const auto record = decode_record<MailboxRecord>(*std::get<store::Found>(*found).value);
  const DeviceTag tag = record->devices.at(1).tag;
  const Bytes queue = queue_key(device.mailbox, tag);
  for (size_t i = 0; i < 2 * store::kRemoveCountMax; ++i) {
    const Instant later = house.now() + days(3);
    store::Append append{queue, house.random_id<store::AppendId>(), Bytes{1}, later, later, house.now()};
    ASSERT_TRUE(store::apply_operation(house.disk(), append).has_value());
  }
  house.disk().sync();
  const size_t before = records_of(tag);
  size_t left = before;
  // The power goes at one operation after another, until it is between two batches.
  for (uint64_t at = 0; at < 40 && left == before; ++at) {
    store::StoreFaults faults;
    faults.crash_at = at;
    faults.crash_point = store::CrashPoint::kBeforeAnswer;
    house.restart(test_options(), faults);
    Client& client = house.connect();
    if (!client.established || house.code_of(client, house.prove_request(client, device)) != 0) continue;
    static_cast<void>(house.ask(client, wire::DeviceRemove{second.public_key()}));
    left = records_of(tag);
  }
  ASSERT_GT(left, 0U);
  ASSERT_LT(left, before);
  house.restart();
  house.advance(hours(1));
  EXPECT_EQ(records_of(tag), 0U);
}

TEST(Mailbox, only_the_day_of_the_last_visit_is_kept) {
  House house;
  const Device device = house.new_device();
  house.open_mailbox(device);
  const Bytes key = mailbox_key(device.mailbox);
  const auto seen = [&] {
    for (const auto& [at, value] : house.disk().records()) {
      if (at.size() == key.size() + 1 && std::equal(key.begin(), key.end(), at.begin() + 1)) {
        return decode_record<MailboxRecord>(value)->last_seen_day;
      }
    }
    return uint32_t{0};
  };
  EXPECT_EQ(seen(), house.now().day());
  house.advance(days(3));
  house.prove(device);
  EXPECT_EQ(seen(), house.now().day());
}

TEST(Mailbox, idle_ones_are_dropped_if_the_operator_wishes) {
  Options options = test_options();
  options.mailbox_idle_days = 10;
  House house(options);
  const Device idle = house.new_device();
  const Device busy = house.new_device();
  house.open_mailbox(idle);
  house.open_mailbox(busy);
  for (int day = 0; day < 14; ++day) {
    house.advance(days(1));
    house.prove(busy);
  }
  EXPECT_FALSE(house.disk().holds(idle.mailbox.view()));
  EXPECT_TRUE(house.disk().holds(busy.mailbox.view()));
}

TEST(Mailbox, one_that_is_used_by_a_single_long_session_stays) {
  Options options = test_options();
  options.mailbox_idle_days = 10;
  House house(options);
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  for (int day = 0; day < 31; ++day) {
    for (int i = 0; i < 72; ++i) {
      house.advance(minutes(20));
      ASSERT_EQ(house.code_of(owner, wire::DeviceList{}), 0) << "the session is one all the time";
    }
    ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{1}}), 0);
  }
  EXPECT_FALSE(owner.closed.has_value());
  EXPECT_TRUE(house.disk().holds(device.mailbox.view()));
}

}  // namespace
}  // namespace godwit::home
