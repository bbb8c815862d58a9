#pragma once
// Credentials (RFC 9420 §5.3). Whether an identity may use a signature key is the engine's to say (§5.3.1), not ours.

#include "codec/codec.h"
#include "mls/extension.h"

namespace godwit::mls {

/// A credential. Of x509 only the bytes are kept, so that messages which carry one can be read and written.
struct Credential {
  CredentialType type = CredentialType::kBasic;
  Bytes identity;                   ///< kBasic: the identity, whatever the application means by it.
  std::vector<Bytes> certificates;  ///< kX509: the chain.

  /// A basic credential.
  static Credential basic(Bytes identity) { return {CredentialType::kBasic, std::move(identity), {}}; }
  void encode_to(codec::Writer& writer) const;
  /// kUnsupportedCredential: a type whose form we do not know, so nothing after it can be read.
  static Result<Credential> decode_from(codec::Reader& reader);
  friend bool operator==(const Credential&, const Credential&) = default;
};

}  // namespace godwit::mls
