// The count of a mailbox's addresses: bounded, and as the index is, whatever happens while it is made.

#include "home/address_counts.h"

#include <gtest/gtest.h>

namespace godwit::home {
namespace {

wire::MailboxId mailbox(uint8_t number) { return wire::MailboxId{{number}}; }
wire::Alias alias(uint8_t number) { return wire::Alias{{number}}; }

void count(AddressCounts& counts, const wire::MailboxId& whose, std::vector<wire::Alias> aliases) {
  counts.begin(whose);
  counts.finish(whose, std::move(aliases));
}

TEST(AddressCounts, a_mailbox_is_known_once_it_is_counted_and_until_it_is_forgotten) {
  AddressCounts counts;
  counts.add(mailbox(1), alias(1));
  EXPECT_FALSE(counts.knows(mailbox(1))) << "one of how many?";
  counts.begin(mailbox(1));
  EXPECT_FALSE(counts.knows(mailbox(1)));
  counts.finish(mailbox(1), {alias(3), alias(2)});
  counts.add(mailbox(1), alias(1));
  counts.add(mailbox(1), alias(1));
  EXPECT_EQ(counts.aliases(mailbox(1)), (std::vector{alias(1), alias(2), alias(3)}));
  EXPECT_TRUE(counts.has(mailbox(1), alias(1)));
  counts.remove(mailbox(1), alias(1));
  counts.remove(mailbox(1), alias(9));
  EXPECT_FALSE(counts.has(mailbox(1), alias(1)));
  EXPECT_EQ(counts.count(mailbox(1)), 2U);
  counts.forget(mailbox(1));
  EXPECT_FALSE(counts.knows(mailbox(1)));
  EXPECT_EQ(counts.size(), 0U);
}

TEST(AddressCounts, what_goes_while_it_is_counted_is_not_counted) {
  AddressCounts counts;
  counts.begin(mailbox(1));
  counts.remove(mailbox(1), alias(2));
  counts.finish(mailbox(1), {alias(1), alias(2)});
  EXPECT_EQ(counts.aliases(mailbox(1)), std::vector{alias(1)});
}

TEST(AddressCounts, a_count_that_was_called_off_says_nothing) {
  AddressCounts counts;
  counts.begin(mailbox(1));
  counts.forget(mailbox(1));
  counts.finish(mailbox(1), {alias(1)});
  EXPECT_FALSE(counts.knows(mailbox(1)));
  EXPECT_EQ(counts.size(), 0U);
}

TEST(AddressCounts, those_for_strangers_count_until_their_last_day_and_while_they_are_there) {
  AddressCounts counts;
  count(counts, mailbox(1), {alias(1), alias(2), alias(3)});
  EXPECT_FALSE(counts.knows_strangers(mailbox(1)));
  counts.add_stranger(mailbox(1), alias(1), 0);
  counts.add_stranger(mailbox(1), alias(2), 20);
  counts.add_stranger(mailbox(1), alias(9), 0);
  counts.finish_strangers(mailbox(1));
  EXPECT_TRUE(counts.knows_strangers(mailbox(1)));
  EXPECT_EQ(counts.strangers(mailbox(1), 20), 2U) << "one that is not there does not count";
  EXPECT_EQ(counts.strangers(mailbox(1), 21), 1U);
  counts.remove(mailbox(1), alias(1));
  EXPECT_EQ(counts.strangers(mailbox(1), 20), 1U);
}

TEST(AddressCounts, it_remembers_so_many_and_forgets_others_first) {
  AddressCounts counts({10, 3});
  count(counts, mailbox(1), {alias(1), alias(2), alias(3), alias(4)});
  count(counts, mailbox(2), {alias(5), alias(6), alias(7), alias(8)});
  count(counts, mailbox(3), {alias(9), alias(10), alias(11)});
  EXPECT_FALSE(counts.knows(mailbox(1)));
  EXPECT_TRUE(counts.knows(mailbox(2)));
  EXPECT_EQ(counts.size(), 7U);
  for (uint8_t i = 12; i < 16; ++i) counts.add(mailbox(3), alias(i));
  EXPECT_FALSE(counts.knows(mailbox(2))) << "the one that grows stays";
  EXPECT_EQ(counts.count(mailbox(3)), 7U);
  for (uint8_t i = 4; i < 9; ++i) count(counts, mailbox(i), {});
  size_t known = 0;
  for (uint8_t i = 1; i < 9; ++i) known += counts.knows(mailbox(i)) ? 1 : 0;
  EXPECT_EQ(known, 3U);
  EXPECT_LE(counts.size(), 10U);
}

TEST(AddressCounts, one_that_is_being_counted_does_not_give_way) {
  AddressCounts counts({10, 2});
  counts.begin(mailbox(1));
  counts.begin(mailbox(2));
  count(counts, mailbox(3), {});
  counts.finish(mailbox(1), {alias(1)});
  counts.finish(mailbox(2), {alias(2)});
  EXPECT_TRUE(counts.knows(mailbox(1)));
  EXPECT_TRUE(counts.knows(mailbox(2)));
}

}  // namespace
}  // namespace godwit::home
