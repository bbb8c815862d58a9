#include "engine/backup.h"

#include <gtest/gtest.h>

#include "crypto/hpke.h"
#include "crypto/random_sources.h"
#include "engine/recovery_key.h"

namespace godwit::engine {
namespace {

class BackupTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  BackupContent content(uint8_t version) {
    BackupContent out;
    out.version = version;
    out.account = account_of(words_.public_key);
    out.name = "Anna";
    out.devices = DeviceList::create(words_, crypto::Ed25519KeyPair::generate(random_).public_key).entries();
    out.contacts.push_back({AccountId{random_.bytes<32>()}, "Bob", {}, {}});
    return out;
  }
  BackupChannel channel(const std::string& name) {
    auto key = crypto::Ed25519KeyPair::generate(random_);
    BackupChannel out;
    out.link.key = wire::ChannelKey{key.public_key};
    out.seed.value = key.seed.clone();
    out.name = name;
    return out;
  }
  Result<BackupContent> open(ByteView sealed) {
    return open_backup(recovery_secrets(words_), account_of(words_.public_key), sealed);
  }
  Result<Bytes> seal(BackupContent what) {
    return seal_backup(recovery_secrets(words_).backup.public_key, std::move(what), random_);
  }
  crypto::SeededRandom random_{3};
  crypto::Ed25519KeyPair words_ = crypto::Ed25519KeyPair::generate(random_);
};

TEST_F(BackupTest, what_was_kept_comes_back) {
  BackupContent kept = content(kBackupVersion);
  kept.more.verified.push_back(kept.contacts.front().account);
  kept.more.channels.push_back(channel("News"));
  kept.more.followed.push_back({channel("Weather").link.clone(), "Weather"});
  const Bytes seed = to_bytes(kept.more.channels.front().seed.value.reveal());
  const auto sealed = seal(std::move(kept));
  ASSERT_TRUE(sealed.has_value());
  const auto opened = open(*sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->more.verified.size(), 1U);
  ASSERT_EQ(opened->more.channels.size(), 1U);
  EXPECT_EQ(opened->more.channels[0].name, "News");
  EXPECT_TRUE(equal(opened->more.channels[0].seed.value.reveal(), seed));
  ASSERT_EQ(opened->more.followed.size(), 1U);
}

TEST_F(BackupTest, what_the_version_before_kept_opens) {
  // Nothing more is three empty lists, so three zeros, which were padding then.
  const auto sealed = seal(content(1));
  ASSERT_TRUE(sealed.has_value());
  const auto opened = open(*sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->contacts.size(), 1U);
  EXPECT_TRUE(opened->more.channels.empty());
}

TEST_F(BackupTest, what_a_later_version_has_appended_is_passed_over) {
  BackupContent later = content(kBackupVersion + 1);
  later.more.channels.push_back(channel("News"));
  Bytes plaintext = codec::encoded(later);
  append(plaintext, codec::encoded(later.more));
  append(plaintext, as_bytes("and something new"));
  const crypto::HpkeSuite suite{&crypto::kem_xwing(), &crypto::chacha20_poly1305()};
  const auto sealed = crypto::hpke_seal(suite, recovery_secrets(words_).backup.public_key, as_bytes("godwit backup 1"),
                                        later.account.view(), plaintext, random_);
  ASSERT_TRUE(sealed.has_value());
  codec::Writer writer;
  writer.u8(1);
  writer.opaque(sealed->kem_output);
  writer.opaque(sealed->ciphertext);
  const auto opened = open(writer.view());
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->more.channels.size(), 1U);
}

TEST_F(BackupTest, a_channel_without_a_name_spoils_nothing_else) {
  BackupContent kept = content(kBackupVersion);
  kept.more.channels.push_back(channel(""));
  kept.more.channels.push_back(channel("News"));
  const auto sealed = seal(std::move(kept));
  ASSERT_TRUE(sealed.has_value());
  const auto opened = open(*sealed);
  ASSERT_TRUE(opened.has_value());
  ASSERT_EQ(opened->more.channels.size(), 1U);
  EXPECT_EQ(opened->more.channels[0].name, "News");
}

TEST_F(BackupTest, many_contacts_leave_room_for_the_channels) {
  BackupContent kept = content(kBackupVersion);
  kept.more.channels.push_back(channel("News"));
  for (int i = 0; i < 5000; ++i) kept.contacts.push_back({AccountId{random_.bytes<32>()}, "Somebody", {}, {}});
  const auto sealed = seal(std::move(kept));
  ASSERT_TRUE(sealed.has_value());
  EXPECT_LE(sealed->size(), size_t{wire::kBackupSizeMax});
  const auto opened = open(*sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_FALSE(opened->contacts.empty());
  EXPECT_EQ(opened->more.channels.size(), 1U);
}

}  // namespace
}  // namespace godwit::engine
