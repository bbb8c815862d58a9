// What a home says that it has stored.

#include "home/audit.h"

#include <gtest/gtest.h>

#include "home/testing/house.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;

AuditReport audit(House& house, std::optional<wire::MailboxId> mailbox = {}) {
  Audit audit(house.store(), mailbox);
  while (!audit.done()) house.store().poll();
  EXPECT_TRUE(audit.report().has_value());
  return *audit.report();
}

TEST(Audit, an_empty_home_has_nothing) {
  House house;
  EXPECT_EQ(audit_line(audit(house)), "nothing");
}

TEST(Audit, everything_is_counted_by_kind_and_a_mailbox_by_what_is_its) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  Client& other = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  house.new_address(other);
  ASSERT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {{1}, {2}}, Bytes{3}}), 0);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(500, 1))), 0);
  ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(500, 1))), 0);

  wire::WebPushSubscription subscription{"https://push.example/1", {}, {}};
  subscription.key.value.front() = 4;
  house.home().set_web_push_key(subscription.key);
  for (Client* each : {&owner, &other}) ASSERT_EQ(house.code_of(*each, wire::WebPushSet{subscription}), 0);

  const AuditReport all = audit(house);
  EXPECT_EQ(all.kinds.at('z').records, 2U);
  EXPECT_EQ(all.kinds.at('m').records, 2U);
  EXPECT_EQ(all.kinds.at('a').records, 2U);
  EXPECT_EQ(all.kinds.at('q').records, 2U);
  EXPECT_EQ(all.kinds.at('p').records, 3U);
  EXPECT_EQ(all.kinds.at('c').records, 2U);
  EXPECT_EQ(all.damaged, 0U);
  EXPECT_EQ(all.unknown, 0U) << "nothing that records.h does not list";

  const AuditReport one = audit(house, device.mailbox);
  EXPECT_EQ(one.kinds.at('m').records, 1U);
  EXPECT_EQ(one.kinds.at('z').records, 1U);
  EXPECT_EQ(one.kinds.at('a').records, 1U);
  EXPECT_EQ(one.kinds.at('q').records, 2U);
  EXPECT_GT(one.kinds.at('q').bytes, 1000U);
  EXPECT_FALSE(one.kinds.contains('c'));
  EXPECT_EQ(audit_line(one).find("1 mailbox ("), 0U) << audit_line(one);
  EXPECT_NE(audit_table(one).find("items waiting"), std::string::npos);
}

TEST(Audit, what_stays_of_an_acknowledged_item_is_shown) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  Client& other = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  const Address elsewhere = house.new_address(other);
  Client& sender = house.connect();
  for (uint8_t i = 0; i < 3; ++i) ASSERT_EQ(house.code_of(sender, house.delivery(address, {i})), 0);
  ASSERT_EQ(house.code_of(sender, house.delivery(elsewhere, {9})), 0);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{2}}), 0);
  const AuditReport one = audit(house, device.mailbox);
  EXPECT_EQ(one.kinds.at('q').records, 1U);
  EXPECT_EQ(one.kinds.at('D').records, 3U);
  EXPECT_EQ(one.kinds.at('C').records, 1U);
  EXPECT_EQ(one.kinds.at('X').records, 2U);  // of the item, and of the ids that end on one day
  EXPECT_EQ(one.kinds.at('o').records, 1U);
  EXPECT_NE(audit_line(one).find("3 remembered delivery ids ("), std::string::npos) << audit_line(one);
  EXPECT_NE(audit_line(one).find("1 address of an owner ("), std::string::npos) << audit_line(one);
  EXPECT_EQ(audit(house).kinds.at('D').records, 4U);
}

TEST(Audit, every_entry_of_the_store_is_counted_once) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  ASSERT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {{1}, {2}}, Bytes{3}}), 0);
  Client& sender = house.connect();
  for (uint8_t i = 0; i < 20; ++i) ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(100'000, i))), 0);
  const AuditReport report = audit(house);
  AuditCount sum;
  for (const auto& [kind, count] : report.kinds) {
    sum.records += count.records;
    sum.bytes += count.bytes;
  }
  AuditCount expected;
  for (const auto& [key, value] : house.disk().records()) {
    ++expected.records;
    expected.bytes += key.size() + value.size();
  }
  EXPECT_EQ(sum.records, expected.records);
  EXPECT_EQ(sum.bytes, expected.bytes);
  EXPECT_EQ(report.unknown + report.damaged, 0U);
}

TEST(Audit, a_queue_that_is_being_dropped_is_shown) {
  House house;
  const Device device = house.new_device();
  const Device leaving = house.new_device(device.mailbox);
  Client& owner = house.open_mailbox(device);
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{leaving.public_key()}), 0);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, {1})), 0);
  // As a crash between the two steps of DeviceRemove leaves it.
  Bytes key = mailbox_key(device.mailbox);
  key.insert(key.begin(), 'R');
  MailboxRecord record = *decode_record<MailboxRecord>(house.disk().records().at(key));
  record.leaving.push_back(record.devices.back().tag);
  record.devices.pop_back();
  house.disk().put(key, codec::encoded(record));
  EXPECT_EQ(audit(house).kinds.at('q').records, 2U);
  EXPECT_EQ(audit(house, device.mailbox).kinds.at('q').records, 2U);
}

TEST(Audit, what_no_home_makes_is_unknown_wherever_it_stands) {
  House house;
  const Bytes keys[] = {{'R', 'D', 1}, {'R', 'q', 1},          {'R'},         {'Y', 1}, {0},
                        {0xfe},        {'C', 0, 0, 0, 1, 'z'}, {'D', 0, 0, 9}};
  for (const Bytes& key : keys) house.disk().put(key, Bytes(8, 1));
  const AuditReport report = audit(house);
  EXPECT_EQ(report.unknown, std::size(keys));
  EXPECT_EQ(report.damaged, 0U);
  EXPECT_NE(audit_table(report).find("there must be none"), std::string::npos);
}

TEST(Audit, damaged_and_unknown_records_are_shown) {
  House house;
  house.disk().put(Bytes{'R', 'Z', 1}, Bytes{1});
  Bytes key = mailbox_key(wire::MailboxId{{1}});
  key.insert(key.begin(), 'R');
  house.disk().put(key, Bytes{9, 9});
  const AuditReport report = audit(house);
  EXPECT_EQ(report.unknown, 1U);
  EXPECT_EQ(report.damaged, 1U);
  EXPECT_NE(audit_line(report).find("UNKNOWN: 1"), std::string::npos);
}

}  // namespace
}  // namespace godwit::home
