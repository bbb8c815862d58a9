#pragma once
// What a stranger sends to whoever keeps a link: sealed twice, under the link's key for those who do not have the link (also later,
// with a quantum computer), and to its public key for those who do (docs/protocol/chat.md, "Contact requests").

#include <string_view>

#include "base/random.h"
#include "engine/secret_field.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Which link it is for. `label` parts the uses of such links from each other.
struct LinkSeal {
  std::string_view label;
  wire::Alias alias;
  const crypto::Secret<32>& key;
  Bytes info;  ///< Of HPKE: whose link it is, and where.
};

/// Seals `inside`, padded, to the X25519 key of the link.
Result<Bytes> seal_for_link(const LinkSeal& link, const ByteArray<32>& public_key, ByteView inside, Random& random);
/// The same for a plaintext that is padded already, or is not to be.
Result<Bytes> seal_padded_for_link(const LinkSeal& link, const ByteArray<32>& public_key, ByteView plaintext,
                                   Random& random);
/// The reverse. kRequestDamaged.
Result<Bytes> open_from_link(const LinkSeal& link, const crypto::Secret<32>& private_key, ByteView payload);

/// Checks what somebody writes beside a request: at most 200 characters of UTF-8 in one line. kNotText, kTooLong.
Status check_greeting(std::string_view text);

}  // namespace godwit::engine
