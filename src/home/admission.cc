#include "home/admission.h"

#include "home/tag.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr std::string_view label_of(CodeGiver giver) {
  return giver == CodeGiver::kMember ? "godwit admission 2" : "godwit admission 1";
}

}  // namespace

Bytes make_admission_code(const crypto::Secret<32>& key, uint16_t uses, uint32_t expires_day, Random& random,
                          CodeGiver giver) {
  return with_tag(key, label_of(giver), codec::encoded(AdmissionGrant{random.bytes<12>(), uses, expires_day, giver}));
}

Result<AdmissionGrant> check_admission_code(const crypto::Secret<32>& key, ByteView code) {
  REQUIRE(code.size() == kAdmissionCodeSize, wire::kAdmissionRefused, "home: an admission code has 34 bytes");
  for (const CodeGiver giver : {CodeGiver::kOperator, CodeGiver::kMember}) {
    const auto body = without_tag(key, label_of(giver), code);
    if (!body) continue;
    AdmissionGrant grant = TRY(codec::decoded<AdmissionGrant>(*body));
    grant.giver = giver;
    return grant;
  }
  return Error{wire::kAdmissionRefused, "home: the admission code is not of this home"};
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
