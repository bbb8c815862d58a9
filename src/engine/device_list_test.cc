#include "engine/device_list.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "engine/errors.h"
#include "engine/recovery_key.h"
#include "engine/words_list.h"

namespace godwit::engine {
namespace {

using crypto::Ed25519KeyPair;

class DeviceListTest : public ::testing::Test {
 protected:
  Ed25519KeyPair key() { return Ed25519KeyPair::generate(random_); }
  static DeviceList add(const DeviceList& list, const Ed25519KeyPair& device, const Ed25519KeyPair& signer) {
    return std::move(list.changed(DeviceChange::kAdd, device.public_key, signer)).value();
  }
  static DeviceList remove(const DeviceList& list, const Ed25519KeyPair& device, const Ed25519KeyPair& signer) {
    return std::move(list.changed(DeviceChange::kRemove, device.public_key, signer)).value();
  }
  DeviceList by_words(const DeviceList& known, const Ed25519KeyPair& device, Instant now = {}) {
    return std::move(signed_by_words(known, {device.public_key}, words_, now)).value();
  }

  crypto::SeededRandom random_{5};
  Ed25519KeyPair words_ = key();
  Ed25519KeyPair phone_ = key();
  Ed25519KeyPair laptop_ = key();
  Ed25519KeyPair tablet_ = key();
  DeviceList list_ = add(DeviceList::create(words_, phone_.public_key), laptop_, phone_);
};

TEST_F(DeviceListTest, a_device_adds_and_removes_and_what_comes_out_validates) {
  const DeviceList more = add(list_, tablet_, laptop_);
  EXPECT_TRUE(more.has(tablet_.public_key));
  EXPECT_TRUE(more.continues(list_));
  EXPECT_EQ(list_.judge(more), ListVerdict::kContinues);
  EXPECT_EQ(more.judge(list_), ListVerdict::kSame);
  const DeviceList fewer = remove(more, phone_, tablet_);
  EXPECT_FALSE(fewer.has(phone_.public_key));
  EXPECT_TRUE(DeviceList::validate(account_of(words_.public_key), fewer.entries()).has_value());
}

TEST_F(DeviceListTest, who_is_not_in_the_list_changes_nothing) {
  EXPECT_FALSE(list_.changed(DeviceChange::kAdd, tablet_.public_key, tablet_).has_value());
  const DeviceList fewer = remove(list_, laptop_, phone_);
  EXPECT_FALSE(fewer.changed(DeviceChange::kAdd, tablet_.public_key, laptop_).has_value());
  EXPECT_FALSE(fewer.changed(DeviceChange::kRemove, laptop_.public_key, phone_).has_value()) << "it is out already";
}

TEST_F(DeviceListTest, of_two_branches_by_devices_the_known_one_stays) {
  const DeviceList known = remove(list_, laptop_, phone_);
  const DeviceList thief = remove(list_, phone_, laptop_);
  EXPECT_EQ(known.judge(thief), ListVerdict::kLoses);
  EXPECT_EQ(thief.judge(known), ListVerdict::kLoses);
  const DeviceList longer = add(add(thief, tablet_, laptop_), key(), laptop_);
  EXPECT_EQ(known.judge(longer), ListVerdict::kLoses) << "length does not count";
}

TEST_F(DeviceListTest, the_recovery_key_outranks_what_a_device_has_done_however_long) {
  DeviceList thief = remove(list_, phone_, laptop_);
  for (int i = 0; i < 5; ++i) thief = add(thief, key(), laptop_);
  const DeviceList owner = by_words(list_, phone_);
  EXPECT_EQ(thief.judge(owner), ListVerdict::kOutranks);
  EXPECT_EQ(owner.judge(thief), ListVerdict::kLoses);
  EXPECT_EQ(owner.judge(add(owner, tablet_, phone_)), ListVerdict::kContinues);
}

TEST_F(DeviceListTest, a_device_cannot_outrank_entries_that_follow_the_recovery_keys) {
  const DeviceList owner = add(by_words(list_, phone_), tablet_, phone_);
  const DeviceList late = remove(add(list_, key(), laptop_), phone_, laptop_);
  EXPECT_EQ(owner.judge(late), ListVerdict::kLoses);
}

TEST_F(DeviceListTest, two_branches_of_the_recovery_key_end_the_same_for_everybody) {
  const DeviceList a = by_words(list_, phone_);
  const DeviceList b = by_words(list_, laptop_);
  EXPECT_NE(a.judge(b), b.judge(a));
  EXPECT_TRUE(a.judge(b) == ListVerdict::kOutranks || b.judge(a) == ListVerdict::kOutranks);
}

TEST_F(DeviceListTest, of_two_branches_of_the_recovery_key_the_later_one_wins) {
  const DeviceList first = add(by_words(list_, phone_, Instant{1000}), tablet_, phone_);
  const DeviceList second = by_words(list_, laptop_, Instant{2000});
  EXPECT_EQ(first.judge(second), ListVerdict::kOutranks);
  EXPECT_EQ(second.judge(first), ListVerdict::kLoses);
  // Somebody who has nothing but the words begins anew, from the first entry.
  const DeviceList anew = DeviceList::create(words_, tablet_.public_key, Instant{3000});
  EXPECT_EQ(second.judge(anew), ListVerdict::kOutranks);
  EXPECT_EQ(anew.judge(second), ListVerdict::kLoses);
}

// What the words are shown may be another branch of the thief's than the one that a chat knows.
TEST_F(DeviceListTest, the_words_outrank_every_branch_whichever_they_were_shown) {
  const DeviceList in_chat = add(remove(list_, phone_, laptop_), key(), laptop_);
  const DeviceList in_backup = add(list_, key(), laptop_);
  const DeviceList owner = by_words(in_backup, tablet_, Instant{1000});
  EXPECT_EQ(in_backup.judge(owner), ListVerdict::kOutranks);
  EXPECT_EQ(in_chat.judge(owner), ListVerdict::kOutranks);
  EXPECT_EQ(owner.judge(in_chat), ListVerdict::kLoses);
  EXPECT_EQ(owner.devices(), std::vector<ByteArray<32>>{tablet_.public_key});
}

TEST_F(DeviceListTest, the_words_outrank_what_they_have_signed_before_also_if_it_was_hidden_or_their_clock_went_back) {
  const DeviceList first = by_words(list_, phone_, Instant{2000});
  const DeviceList second = by_words(list_, laptop_, Instant{3000});
  const DeviceList third = by_words(first, tablet_, Instant{4000});
  EXPECT_EQ(second.judge(third), ListVerdict::kOutranks) << "a thief has shown them the first only";
  EXPECT_EQ(third.judge(second), ListVerdict::kLoses);
  const DeviceList slow = by_words(third, phone_, Instant{1000});
  EXPECT_EQ(third.judge(slow), ListVerdict::kOutranks);
}

TEST_F(DeviceListTest, the_words_sign_on_nothing_that_a_device_has_signed) {
  EXPECT_FALSE(list_.changed(DeviceChange::kRemove, laptop_.public_key, words_).has_value());
  const auto other = key();
  EXPECT_FALSE(signed_by_words(list_, {phone_.public_key}, other, {}).has_value());
  EXPECT_FALSE(signed_by_words(list_, {}, words_, {}).has_value());
}

TEST_F(DeviceListTest, a_device_has_no_time_to_sign) {
  EXPECT_EQ(add(list_, tablet_, laptop_).entries().back().signed_ms, 0U);
  auto entries = list_.entries();
  entries.back().signed_ms = 1;
  EXPECT_FALSE(DeviceList::validate(account_of(words_.public_key), entries).has_value());
}

TEST_F(DeviceListTest, the_last_places_are_for_removals_and_the_words_need_none) {
  DeviceList list = DeviceList::create(words_, phone_.public_key);
  list = add(list, laptop_, phone_);
  while (list.entries().size() < kDeviceListMax - 8) list = add(list, key(), laptop_);
  EXPECT_FALSE(list.changed(DeviceChange::kAdd, key().public_key, laptop_).has_value());
  list = remove(list, laptop_, phone_);
  while (list.entries().size() < kDeviceListMax) {
    list = std::move(list.changed(DeviceChange::kRemove, list.devices().back(), phone_)).value();
  }
  EXPECT_FALSE(list.changed(DeviceChange::kRemove, list.devices().back(), phone_).has_value());
  EXPECT_EQ(list.judge(by_words(list, phone_)), ListVerdict::kOutranks);
}

}  // namespace
}  // namespace godwit::engine
