#include "home/admission.h"

#include "crypto/hash.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kGrantSize = kAdmissionCodeSize - kTagSize;

Bytes tag_of(const crypto::Secret<32>& key, ByteView grant) {
  Bytes input = to_bytes(as_bytes("godwit admission 1"));
  append(input, grant);
  const auto mac = crypto::hmac_sha256(key.reveal(), input);
  return to_bytes(ByteView(mac).first(kTagSize));
}

}  // namespace

Bytes make_admission_code(const crypto::Secret<32>& key, uint16_t uses, uint32_t expires_day, Random& random) {
  Bytes code = codec::encoded(AdmissionGrant{random.bytes<12>(), uses, expires_day});
  ASSERT(code.size() == kGrantSize);
  append(code, tag_of(key, Bytes(code)));
  return code;
}

Result<AdmissionGrant> check_admission_code(const crypto::Secret<32>& key, ByteView code) {
  REQUIRE(code.size() == kAdmissionCodeSize, wire::kAdmissionRefused, "home: an admission code has 34 bytes");
  const ByteView grant = code.first(kGrantSize);
  REQUIRE(crypto::equal_constant_time(code.subspan(kGrantSize), tag_of(key, grant)), wire::kAdmissionRefused,
          "home: the admission code is not of this home");
  return codec::decoded<AdmissionGrant>(grant);
}

uint8_t work_bits(uint8_t bits, uint64_t taken, uint64_t places) {
  constexpr uint8_t kClientsDoAtMost = 24;
  const uint64_t left = places > taken ? places - taken : 0;
  for (uint64_t full = places / 2; left < full && bits + 2 <= kClientsDoAtMost; full /= 2) {
    bits = static_cast<uint8_t>(bits + 2);
  }
  return bits;
}

}  // namespace godwit::home
