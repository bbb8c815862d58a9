// Every byte of a store, told.

#include "home/audit_fields.h"

#include <gtest/gtest.h>

#include <set>

#include "home/audit.h"
#include "home/testing/house.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;

std::vector<store::Entry> entries_of(House& house, std::optional<wire::MailboxId> mailbox = {}) {
  std::vector<store::Entry> out;
  Audit audit(house.store(), mailbox, [&](const store::Entry& entry) { out.push_back(entry); });
  while (!audit.done()) house.store().poll();
  return out;
}

Bytes joined(const std::vector<AuditField>& fields) {
  Bytes out;
  for (const AuditField& field : fields) append(out, field.bytes);
  return out;
}

// A house in which much has happened to one mailbox.
wire::MailboxId live_in(House& house) {
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  EXPECT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {{1}, {2}}, Bytes{3}}), 0);
  Client& sender = house.connect();
  EXPECT_EQ(house.code_of(sender, house.delivery(address, Bytes(500, 1))), 0);
  wire::WebPushSubscription subscription{"https://push.example/1", {}, {}};
  subscription.key.value.front() = 4;
  house.home().set_web_push_key(subscription.key);
  EXPECT_EQ(house.code_of(owner, wire::WebPushSet{subscription}), 0);
  EXPECT_EQ(house.code_of(owner, wire::DeviceAdd{house.new_device(device.mailbox).public_key()}),
            0);  // to whom it says something
  EXPECT_EQ(house.code_of(owner, wire::BackupPut{Bytes(300, 7)}), 0);
  EXPECT_EQ(house.code_of(owner, wire::SelfDeliver{house.random_id<wire::DeliveryId>(), 3'600, Bytes(10, 2)}), 0);
  return device.mailbox;
}

TEST(AuditFields, the_stretches_are_all_bytes_of_each_entry) {
  House house;
  live_in(house);
  const auto entries = entries_of(house);
  EXPECT_EQ(entries.size(), house.disk().records().size());
  for (const store::Entry& entry : entries) {
    const AuditEntry shown = take_apart(entry);
    EXPECT_TRUE(shown.readable) << print_entry(shown);
    EXPECT_EQ(joined(shown.key), entry.stored_key);
    EXPECT_EQ(joined(shown.value), entry.stored_value);
    EXPECT_EQ(shown.kind, audit_kind(entry));
  }
}

TEST(AuditFields, of_one_mailbox_there_is_what_the_table_counts) {
  House house;
  const wire::MailboxId mailbox = live_in(house);
  live_in(house);
  std::set<char> kinds;
  uint64_t bytes = 0;
  for (const store::Entry& entry : entries_of(house, mailbox)) {
    kinds.insert(take_apart(entry).kind);
    bytes += entry.stored_key.size() + entry.stored_value.size();
  }
  for (const char kind : std::string("maoqskpjzDCX")) EXPECT_TRUE(kinds.contains(kind)) << kind;
  Audit audit(house.store(), mailbox);
  while (!audit.done()) house.store().poll();
  uint64_t counted = 0;
  for (const auto& [kind, count] : audit.report()->kinds) counted += count.bytes;
  EXPECT_EQ(bytes, counted);
}

TEST(AuditFields, a_code_is_of_the_mailbox_that_is_being_opened_with_it) {
  House house;
  const wire::MailboxId mailbox = live_in(house);
  Bytes key = code_key(Bytes(34, 1));
  key.insert(key.begin(), 'R');
  house.disk().put(key, codec::encoded(CodeRecord{1, 0, mailbox}));
  std::set<char> kinds;
  for (const store::Entry& entry : entries_of(house, mailbox)) kinds.insert(take_apart(entry).kind);
  EXPECT_TRUE(kinds.contains('c'));
}

TEST(AuditFields, each_kind_that_is_counted_is_taken_apart_and_no_other) {
  std::set<char> told;
  for (size_t at = 0; at < print_kinds().size();) {
    const size_t end = print_kinds().find('\n', at);
    if (print_kinds()[at] != ' ') EXPECT_TRUE(told.insert(print_kinds()[at]).second) << print_kinds()[at];
    at = end + 1;
  }
  const std::string letters = audit_letters();
  EXPECT_EQ(told, std::set<char>(letters.begin(), letters.end()));
}

TEST(AuditFields, what_is_damaged_or_unknown_is_shown_whole_and_said) {
  House house;
  live_in(house);
  house.disk().put(Bytes{'R', 'Z', 1}, Bytes{1});
  house.disk().put(Bytes{'Y', 1}, Bytes{2});
  Bytes key = mailbox_key(wire::MailboxId{{1}});
  key.insert(key.begin(), 'R');
  house.disk().put(key, Bytes{9, 9});
  key.push_back(0);  // a key that is too long
  house.disk().put(key, codec::encoded(MailboxRecord{}));
  size_t unreadable = 0;
  for (const store::Entry& entry : entries_of(house)) {
    const AuditEntry shown = take_apart(entry);
    EXPECT_EQ(joined(shown.key), entry.stored_key);
    EXPECT_EQ(joined(shown.value), entry.stored_value);
    unreadable += shown.readable ? 0 : 1;
    EXPECT_EQ(print_entry(shown).starts_with("DAMAGED or UNKNOWN"), !shown.readable);
  }
  EXPECT_EQ(unreadable, 4U);
}

TEST(AuditFields, numbers_and_days_are_read) {
  House house;
  const wire::MailboxId mailbox = live_in(house);
  std::string text;
  for (const store::Entry& entry : entries_of(house, mailbox)) text += print_entry(take_apart(entry));
  EXPECT_NE(text.find("value last_seen_day, 4 bytes ("), std::string::npos) << text;
  EXPECT_NE(text.find("value strangers, 1 byte (no)"), std::string::npos) << text;
  EXPECT_NE(text.find("    " + to_hex(mailbox.view()) + "\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace godwit::home
