#pragma once
// The recovery key: the one key that outranks every device of an account. It is shown once and kept on paper; what stays
// here is its public half, whose hash names the account. Not here: using it again (a later issue: a stolen device).

#include <string>

#include "crypto/ed25519.h"
#include "engine/ids.h"

namespace godwit::engine {

/// The account that a recovery public key names: its SHA-256.
AccountId account_of(const crypto::Ed25519PublicKey& recovery_key);

/// The seed as people write it down: 56 digits of Crockford's base32 in groups of four (52 for the seed, 4 for 20 bits of
/// its SHA-256). Secret: to be shown once and not kept.
std::string recovery_key_text(const crypto::Ed25519KeyPair& recovery);
/// The reverse; lower case, missing or other separators, and O, I, L for 0, 1, 1 are forgiven. kRecoveryKeyMistyped.
Result<crypto::Ed25519KeyPair> parse_recovery_key(std::string_view text);

}  // namespace godwit::engine
