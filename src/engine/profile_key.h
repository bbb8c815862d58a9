#pragma once
// How the storage key of a profile is itself kept: sealed under a passphrase (Argon2id) or a key file.

#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/password.h"
#include "crypto/secret.h"

namespace godwit::engine {

/// The key under which every record of a profile is sealed.
using StorageKey = crypto::Secret<32>;

/// A new storage key, and the header that holds it sealed. The header is stored in clear beside the records.
struct NewProfile {
  StorageKey key;
  Bytes header;
};

/// Makes a profile whose key opens with `passphrase` (empty: that is what opens it). kOutOfMemory.
Result<NewProfile> new_profile_by_passphrase(std::string_view passphrase, crypto::PasswordCost cost, Random& random);
/// Makes a profile whose key opens with the 32 bytes of a key file.
NewProfile new_profile_by_key_file(const crypto::Secret<32>& file_key, Random& random);

/// Seals a key that is there already under another passphrase: the header takes the place of the one before. kOutOfMemory.
Result<Bytes> seal_by_passphrase(const StorageKey& key, std::string_view passphrase, crypto::PasswordCost cost, Random& random);

/// True if `header` wants a key file rather than a passphrase. kProfileDamaged, kProfileNewer.
Result<bool> wants_key_file(ByteView header);
/// Opens a header. kWrongPassphrase: ask again, nothing was changed. kProfileDamaged, kProfileNewer, kOutOfMemory.
Result<StorageKey> open_by_passphrase(ByteView header, std::string_view passphrase);
/// Opens a header. kWrongPassphrase: another key file. kProfileDamaged, kProfileNewer.
Result<StorageKey> open_by_key_file(ByteView header, const crypto::Secret<32>& file_key);

}  // namespace godwit::engine
