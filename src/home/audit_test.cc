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
  Audit audit(house.store(), mailbox, house.now());
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

  const AuditReport all = audit(house);
  EXPECT_EQ(all.kinds.at('m').records, 2U);
  EXPECT_EQ(all.kinds.at('a').records, 2U);
  EXPECT_EQ(all.kinds.at('q').records, 2U);
  EXPECT_EQ(all.kinds.at('p').records, 3U);
  EXPECT_EQ(all.kinds.at('c').records, 2U);
  EXPECT_EQ(all.damaged, 0U);
  EXPECT_EQ(all.unknown, 0U) << "nothing that records.h does not list";

  const AuditReport one = audit(house, device.mailbox);
  EXPECT_EQ(one.kinds.at('m').records, 1U);
  EXPECT_EQ(one.kinds.at('a').records, 1U);
  EXPECT_EQ(one.kinds.at('q').records, 2U);
  EXPECT_GT(one.kinds.at('q').bytes, 1000U);
  EXPECT_FALSE(one.kinds.contains('c'));
  EXPECT_EQ(audit_line(one).find("1 mailbox ("), 0U) << audit_line(one);
  EXPECT_NE(audit_table(one).find("items waiting"), std::string::npos);
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
