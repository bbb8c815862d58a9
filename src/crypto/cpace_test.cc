#include "crypto/cpace.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"

namespace godwit::crypto {
namespace {

Bytes unhex(std::string_view text) {
  Bytes out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

template <size_t N>
ByteArray<N> array(std::string_view text) {
  ByteArray<N> out{};
  const Bytes bytes = unhex(text);
  EXPECT_EQ(bytes.size(), N);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

CpaceScalar scalar(std::string_view text) { return std::move(CpaceScalar::copy_of(unhex(text))).value(); }

// The draft's vectors for ristretto255 and SHA-512 (draft-irtf-cfrg-cpace, appendix B.3).
const Bytes kPassword = to_bytes(as_bytes("Password"));
const Bytes kChannel = unhex("6f630b425f726573706f6e6465720b415f696e69746961746f72");
const Bytes kSession = unhex("7e4b4791d6a8ef019b936c79fb7f2c57");
constexpr std::string_view kScalarA = "da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08";
constexpr std::string_view kScalarB = "d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d";
constexpr std::string_view kShareA = "d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a";
constexpr std::string_view kShareB = "08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307";
constexpr std::string_view kIsk =
    "4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d"
    "8346f30aa58377117eb20d527f2cbc5c76381f7fd372e89df8239f87f2e02ed1";

class CpaceTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
  SeededRandom random_{1};
};

TEST_F(CpaceTest, the_drafts_vectors_come_out) {
  const auto a = Cpace::begin_with(CpaceRole::kInitiator, kPassword, kChannel, kSession, scalar(kScalarA));
  const auto b = Cpace::begin_with(CpaceRole::kResponder, kPassword, kChannel, kSession, scalar(kScalarB));
  EXPECT_EQ(to_hex(a.share()), kShareA);
  EXPECT_EQ(to_hex(b.share()), kShareB);
  const auto at_a = a.finish(as_bytes("ADa"), b.share(), as_bytes("ADb"));
  const auto at_b = b.finish(as_bytes("ADb"), a.share(), as_bytes("ADa"));
  ASSERT_TRUE(at_a && at_b);
  EXPECT_EQ(to_hex(at_a->reveal()), kIsk);
  EXPECT_EQ(to_hex(at_b->reveal()), kIsk);
}

TEST_F(CpaceTest, what_encodes_no_element_or_the_neutral_one_ends_the_run) {
  const auto a = Cpace::begin_with(CpaceRole::kInitiator, kPassword, kChannel, kSession,
                                   scalar("7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05"));
  const auto wrong = array<32>("2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c");
  for (const CpaceShare& share : {wrong, CpaceShare{}}) {
    const auto key = a.finish({}, share, {});
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, kBadPublicKey);
  }
}

TEST_F(CpaceTest, anything_that_differs_gives_two_keys) {
  const auto keys_agree = [&](ByteView password, ByteView channel, ByteView session, ByteView data) {
    const auto a = Cpace::begin(CpaceRole::kInitiator, kPassword, kChannel, kSession, random_);
    const auto b = Cpace::begin(CpaceRole::kResponder, password, channel, session, random_);
    const auto at_a = a.finish(as_bytes("a"), b.share(), as_bytes("b"));
    const auto at_b = b.finish(as_bytes("b"), a.share(), data);
    return at_a && at_b && *at_a == *at_b;
  };
  EXPECT_TRUE(keys_agree(kPassword, kChannel, kSession, as_bytes("a")));
  EXPECT_FALSE(keys_agree(as_bytes("password"), kChannel, kSession, as_bytes("a")));
  EXPECT_FALSE(keys_agree(kPassword, as_bytes("c"), kSession, as_bytes("a")));
  EXPECT_FALSE(keys_agree(kPassword, kChannel, as_bytes("s"), as_bytes("a")));
  EXPECT_FALSE(keys_agree(kPassword, kChannel, kSession, as_bytes("A")));
}

TEST_F(CpaceTest, a_password_longer_than_a_block_and_a_channel_with_a_long_length_agree) {
  const Bytes password(300, 7);
  const Bytes channel(20'000, 8);
  const auto a = Cpace::begin(CpaceRole::kInitiator, password, channel, kSession, random_);
  const auto b = Cpace::begin(CpaceRole::kResponder, password, channel, kSession, random_);
  EXPECT_TRUE(*a.finish({}, b.share(), {}) == *b.finish({}, a.share(), {}));
}

}  // namespace
}  // namespace godwit::crypto
