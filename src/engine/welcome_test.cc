// A welcome that is larger than a delivery goes in pieces.

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "engine/contacts.h"

namespace godwit::engine {
namespace {

TEST(Welcome, large_one_goes_in_pieces_that_each_fit_a_delivery) {
  ASSERT_TRUE(crypto::initialise());
  crypto::SeededRandom random(5);
  Machine m(crypto::Secret<32>{}, Options{}, random);
  const auto key = crypto::Secret<32>::random(random);
  const wire::Alias alias{{7}};
  for (const size_t size : {size_t{1'000}, size_t{119'000}, size_t{121'000}, size_t{300'000}}) {
    const WelcomeBody body{Bytes(size, 9), {}, {}, crypto::Secret<32>::random(random), {}};
    const auto payloads = seal_welcome(m, body, key, alias);
    Bytes whole;
    for (const Bytes& payload : payloads) {
      EXPECT_LE(payload.size(), wire::kPayloadSizeMax);
      const auto envelope = open_envelope(payload, invite_welcome_key(key), alias.view());
      ASSERT_TRUE(envelope.has_value());
      if (envelope->kind == EnvelopeKind::kWelcome) {
        append(whole, envelope->body);
        continue;
      }
      const auto part = codec::decoded<WelcomePart>(envelope->body);
      ASSERT_TRUE(part.has_value());
      EXPECT_EQ(part->count, payloads.size());
      append(whole, part->bytes);
    }
    EXPECT_EQ(whole, codec::encoded(body)) << size;
  }
}

}  // namespace
}  // namespace godwit::engine
