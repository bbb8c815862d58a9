#include "net/certificate.h"

#include <gtest/gtest.h>

#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr Instant kNow{1'700'000'000'000};

TEST(Certificate, a_self_signed_one_has_a_fingerprint_and_a_key) {
  const auto made = make_self_signed_certificate({"home.example", "192.0.2.1", "2001:db8::1"}, kNow);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->certificate.starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_TRUE(made->key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_LT(made->certificate.size(), 800u) << "short certificates keep the handshake within its budget";
  const auto whole = certificate_sha256(made->certificate);
  const auto key = spki_sha256(made->certificate);
  ASSERT_TRUE(whole);
  ASSERT_TRUE(key);
  EXPECT_NE(*whole, *key);
}

TEST(Certificate, its_times_are_read) {
  const auto made = make_self_signed_certificate({"home.example"}, kNow).value();
  const auto times = certificate_times(made.certificate);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->begins, kNow - days(1));
  EXPECT_EQ(times->ends, kNow + days(3649));
  EXPECT_EQ(certificate_times("").error().code, kBadCertificate);
}

TEST(Certificate, two_are_never_the_same) {
  const auto first = make_self_signed_certificate({"home.example"}, kNow).value();
  const auto second = make_self_signed_certificate({"home.example"}, kNow).value();
  EXPECT_NE(spki_sha256(first.certificate).value(), spki_sha256(second.certificate).value());
}

TEST(Certificate, names_that_cannot_be_dialled_are_refused) {
  for (const auto& names : std::vector<std::vector<std::string>>{{},
                                                                 {""},
                                                                 {"a b"},
                                                                 {"home.example", "x,DNS:evil.example"},
                                                                 {"Home.Example"},
                                                                 {"1.2.3"},
                                                                 {"home.example/x"},
                                                                 {"a:1"}}) {
    const auto made = make_self_signed_certificate(names, kNow);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, kBadOption);
  }
}

TEST(Certificate, a_text_without_a_certificate_has_no_fingerprint) {
  EXPECT_EQ(certificate_sha256("").error().code, kBadCertificate);
  EXPECT_EQ(spki_sha256("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").error().code,
            kBadCertificate);
}

TEST(Certificate, fingerprints_print_as_pairs) {
  ByteArray<32> bytes{};
  bytes[0] = 0xab;
  bytes[31] = 0x0f;
  const std::string text = print_fingerprint(bytes);
  EXPECT_EQ(text.size(), 95u);
  EXPECT_TRUE(text.starts_with("AB:00:"));
  EXPECT_TRUE(text.ends_with(":00:0F"));
}

}  // namespace
}  // namespace godwit::net
