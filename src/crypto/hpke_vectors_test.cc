// RFC 9180's published cases (base mode, X25519) and those of draft-ietf-hpke-pq for X-Wing.

#include "crypto/hpke.h"
#include "crypto/random_sources.h"
#include "crypto/testing/aes128gcm.h"
#include "crypto/testing/fixed_random.h"
#include "crypto/testing/vectors.h"

namespace godwit::crypto {
namespace {

using godwit::testing::Json;
using godwit::testing::digits;
using godwit::testing::unhex;

/// RFC 9180 §7.3's export-only AEAD: it has a number and nothing else.
class ExportOnly : public Aead {
 public:
  uint16_t id() const override { return 0xffff; }
  size_t key_size() const override { return 0; }
  Bytes seal(ByteView, ByteView, ByteView, ByteView) const override { return {}; }
  Result<Bytes> open(ByteView, ByteView, ByteView, ByteView) const override { return Error{kBadTag, "export only"}; }
};

const Aead* aead_of(int id) {
  static const ExportOnly export_only;
  if (id == 1) return &testing::aes128gcm();
  if (id == 3) return &chacha20_poly1305();
  return id == 0xffff ? &export_only : nullptr;
}

void check_messages(const Json& item, HpkeContext& sender, HpkeContext& receiver) {
  uint64_t at = 0;
  for (const Json& message : item["encryptions"]) {
    // Only some sequence numbers are printed; those between are used up on both sides.
    for (const uint64_t wanted = message.value("seq", at); at < wanted; ++at) {
      ASSERT_TRUE(receiver.open({}, *sender.seal({}, {})));
    }
    const Bytes sealed = *sender.seal(unhex(message, "aad"), unhex(message, "pt"));
    EXPECT_EQ(to_hex(sealed), digits(message, "ct"));
    const auto opened = receiver.open(unhex(message, "aad"), unhex(message, "ct"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(*opened), digits(message, "pt"));
    ++at;
  }
}

void check_case(const Json& item, const HpkeSuite& suite) {
  const SecretBuffer private_key = suite.kem->derive_private_key(unhex(item, "ikmR"));
  EXPECT_EQ(to_hex(private_key.reveal()), digits(item, "skRm"));
  EXPECT_EQ(to_hex(*suite.kem->public_key(private_key)), digits(item, "pkRm"));
  const auto shared_secret = suite.kem->decapsulate(unhex(item, "enc"), private_key);
  ASSERT_TRUE(shared_secret);
  EXPECT_EQ(to_hex(shared_secret->reveal()), digits(item, "shared_secret"));

  testing::FixedRandom random(unhex(item, "ikmE"));
  auto sender = hpke_setup_sender(suite, unhex(item, "pkRm"), unhex(item, "info"), random);
  auto receiver = hpke_setup_receiver(suite, unhex(item, "enc"), private_key, unhex(item, "info"));
  ASSERT_TRUE(sender && receiver);
  EXPECT_TRUE(random.used_up());
  EXPECT_EQ(to_hex(sender->encapsulated_key), digits(item, "enc"));
  check_messages(item, sender->context, *receiver);
  for (const Json& exported : item["exports"]) {
    for (const HpkeContext* context : {&sender->context, &*receiver}) {
      const auto secret = context->export_secret(unhex(exported, "exporter_context"), exported["L"].get<size_t>());
      EXPECT_EQ(to_hex(secret.reveal()), digits(exported, "exported_value"));
    }
  }
}

void run_file(const std::string& name, const Kem& kem) {
  ASSERT_TRUE(initialise());
  godwit::testing::Tally tally(name);
  for (const Json& item : godwit::testing::load_vectors(name)) {
    const Aead* aead = aead_of(item["aead_id"]);
    const int kdf = item["kdf_id"];
    if (item["mode"].get<int>() != 0 || item["kem_id"].get<int>() != kem.id() || aead == nullptr || (kdf != 1 && kdf != 3)) {
      tally.skip();
      continue;
    }
    tally.run();
    SCOPED_TRACE("kdf " + std::to_string(kdf) + ", aead " + std::to_string(aead->id()));
    check_case(item, {&kem, aead, static_cast<HpkeKdf>(kdf)});
  }
}

TEST(HpkeVectors, rfc_9180_base_mode_over_x25519) {
  GODWIT_REQUIRE_VECTORS("hpke/rfc9180.json");
  run_file("hpke/rfc9180.json", dhkem_x25519());
}

TEST(HpkeVectors, hpke_pq_base_mode_over_xwing) {
  GODWIT_REQUIRE_VECTORS("hpke/hpke-pq.json");
  run_file("hpke/hpke-pq.json", kem_xwing());
}

}  // namespace
}  // namespace godwit::crypto
