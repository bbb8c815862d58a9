#include "engine/profile_key.h"

#include <gtest/gtest.h>

#include "codec/link_payload.h"
#include "crypto/random_sources.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

class ProfileKey : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  NewProfile profile() { return *new_profile_by_passphrase("correct horse", crypto::kPasswordCostTest, random_); }
  crypto::SeededRandom random_{1};
};

TEST_F(ProfileKey, passphrase_opens_its_profile) {
  const NewProfile made = profile();
  const auto key = open_by_passphrase(made.header, "correct horse");
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(*key == made.key);
  EXPECT_FALSE(*wants_key_file(made.header));
}

TEST_F(ProfileKey, a_key_that_is_there_is_sealed_under_another_passphrase) {
  const NewProfile made = profile();
  const Bytes header = *seal_by_passphrase(made.key, "another horse", crypto::kPasswordCostTest, random_);
  EXPECT_TRUE(*open_by_passphrase(header, "another horse") == made.key);
  EXPECT_EQ(open_by_passphrase(header, "correct horse").error().code, kWrongPassphrase);
  EXPECT_NE(header, made.header);
}

TEST_F(ProfileKey, wrong_passphrase_is_told_as_such) {
  const NewProfile made = profile();
  EXPECT_EQ(open_by_passphrase(made.header, "correct horse ").error().code, kWrongPassphrase);
  EXPECT_EQ(open_by_passphrase(made.header, "").error().code, kWrongPassphrase);
}

TEST_F(ProfileKey, damaged_header_is_not_called_a_wrong_passphrase) {
  const NewProfile made = profile();
  for (size_t i = 0; i < made.header.size(); ++i) {
    Bytes damaged = made.header;
    damaged[i] ^= 1;
    EXPECT_EQ(open_by_passphrase(damaged, "correct horse").error().code, kProfileDamaged) << i;
    damaged = made.header;
    damaged.resize(i);
    EXPECT_EQ(open_by_passphrase(damaged, "correct horse").error().code, kProfileDamaged) << i;
  }
}

TEST_F(ProfileKey, key_file_opens_its_profile_and_no_other) {
  const auto file = crypto::Secret<32>::random(random_);
  const NewProfile made = new_profile_by_key_file(file, random_);
  EXPECT_TRUE(*wants_key_file(made.header));
  const auto key = open_by_key_file(made.header, file);
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(*key == made.key);
  EXPECT_EQ(open_by_key_file(made.header, crypto::Secret<32>::random(random_)).error().code, kWrongPassphrase);
  EXPECT_EQ(open_by_passphrase(made.header, "").error().code, kWrongPassphrase);
}

TEST_F(ProfileKey, newer_profile_is_told_as_such) {
  Bytes header = profile().header;
  header[15] = 2;
  header.resize(header.size() - 4);
  const uint32_t sum = codec::crc32(header);
  for (const uint32_t shift : {24U, 16U, 8U, 0U}) header.push_back(static_cast<uint8_t>(sum >> shift));
  EXPECT_EQ(open_by_passphrase(header, "correct horse").error().code, kProfileNewer);
}

}  // namespace
}  // namespace godwit::engine
