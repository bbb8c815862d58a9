#include "mls/psk.h"

#include "mls/errors.h"

namespace godwit::mls {

void PreSharedKeyID::encode_to(codec::Writer& writer) const {
  codec::encode(writer, psktype);
  if (psktype == PSKType::kExternal) {
    codec::encode(writer, psk_id);
  } else {
    codec::encode(writer, usage);
    codec::encode(writer, psk_group_id);
    codec::encode(writer, psk_epoch);
  }
  codec::encode(writer, psk_nonce);
}

Result<PreSharedKeyID> PreSharedKeyID::decode_from(codec::Reader& reader) {
  PreSharedKeyID out;
  out.psktype = TRY(codec::decode<PSKType>(reader));
  if (out.psktype == PSKType::kExternal) {
    out.psk_id = TRY(codec::decode<Bytes>(reader));
  } else {
    REQUIRE(out.psktype == PSKType::kResumption, kMalformed, "RFC 9420 §8.4, MLS-005: an unknown psktype");
    out.usage = TRY(codec::decode<ResumptionPSKUsage>(reader));
    const auto number = static_cast<uint8_t>(out.usage);
    REQUIRE(number >= 1 && number <= 3, kMalformed, "RFC 9420 §8.4, MLS-005: an unknown resumption usage");
    out.psk_group_id = TRY(codec::decode<Bytes>(reader));
    out.psk_epoch = TRY(codec::decode<uint64_t>(reader));
  }
  out.psk_nonce = TRY(codec::decode<Bytes>(reader));
  return out;
}

PskSecret psk_secret(const CipherSuite& suite, std::span<const PreSharedKey> psks) {
  ASSERT(psks.size() <= UINT16_MAX);
  const crypto::SecretBuffer zeros(suite.hash_size());
  crypto::SecretBuffer out(suite.hash_size());
  for (size_t i = 0; i < psks.size(); ++i) {
    codec::Writer label;
    codec::encode(label, psks[i].id);
    label.u16(static_cast<uint16_t>(i));
    label.u16(static_cast<uint16_t>(psks.size()));
    const auto extracted = kdf_extract(suite, zeros.reveal(), psks[i].secret.reveal());
    const auto input = expand_with_label(suite, extracted.reveal(), "derived psk", label.view(), suite.hash_size());
    out = kdf_extract(suite, input.reveal(), out.reveal());
  }
  return PskSecret(std::move(out));
}

}  // namespace godwit::mls
