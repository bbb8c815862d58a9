#include "crypto/testing/xwing_connolly.h"

#include "crypto/hash.h"
#include "crypto/xwing.h"

namespace godwit::crypto::testing {
namespace {

class KemXWingConnolly : public Kem {
 public:
  uint16_t id() const override { return kem_xwing().id(); }
  size_t public_key_size() const override { return kem_xwing().public_key_size(); }
  size_t encapsulated_key_size() const override { return kem_xwing().encapsulated_key_size(); }
  size_t encapsulation_random_size() const override { return kem_xwing().encapsulation_random_size(); }

  SecretBuffer derive_private_key(ByteView input_key_material) const override {
    SecretBuffer out(kXWingSeedSize);
    shake256(input_key_material, out.fill());
    return out;
  }

  Result<Bytes> public_key(const SecretBuffer& private_key) const override {
    return kem_xwing().public_key(private_key);
  }
  Result<Encapsulation> encapsulate(ByteView public_key, const SecretBuffer& randomness) const override {
    return kem_xwing().encapsulate(public_key, randomness);
  }
  Result<SecretBuffer> decapsulate(ByteView encapsulated_key, const SecretBuffer& private_key) const override {
    return kem_xwing().decapsulate(encapsulated_key, private_key);
  }
  Status check_public_key(ByteView public_key) const override { return kem_xwing().check_public_key(public_key); }
};

}  // namespace

const Kem& kem_xwing_connolly() {
  static constinit const KemXWingConnolly kKem;
  return kKem;
}

}  // namespace godwit::crypto::testing
