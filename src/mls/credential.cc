#include "mls/credential.h"

#include "mls/errors.h"

namespace godwit::mls {

void Credential::encode_to(codec::Writer& writer) const {
  codec::encode(writer, type);
  if (type == CredentialType::kBasic) {
    codec::encode(writer, identity);
  } else {
    codec::encode(writer, certificates);
  }
}

Result<Credential> Credential::decode_from(codec::Reader& reader) {
  Credential out;
  out.type = TRY(codec::decode<CredentialType>(reader));
  if (out.type == CredentialType::kBasic) {
    out.identity = TRY(codec::decode<Bytes>(reader));
    return out;
  }
  REQUIRE(out.type == CredentialType::kX509, kUnsupportedCredential,
          "RFC 9420 §5.3, MLS-012: an unknown credential type");
  out.certificates = TRY(codec::decode<std::vector<Bytes>>(reader));
  return out;
}

}  // namespace godwit::mls
