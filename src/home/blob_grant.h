#pragma once
// Grants: what lets somebody store one blob. Given out on a mailbox session and shown on an anonymous one, so that nothing at
// rest says who stored what.
//
//   id (16 random bytes) || chunks (uint32) || expires_day (uint32) || tag (16)
//   tag = the first 16 bytes of HMAC-SHA256(admission key, "godwit blob grant 1" || id || chunks || expires_day)
//
// A home keeps no list of them: only that one was spent, by a hash of its id, until its day ends.

#include "base/random.h"
#include "base/result.h"
#include "codec/codec.h"
#include "crypto/secret.h"
#include "wire/requests.h"

namespace godwit::home {

/// For how many days a grant may be spent: a large file over a poor network takes that long, and goes on with another one.
constexpr uint32_t kGrantDays = 3;
/// The size of a grant.
constexpr size_t kGrantSize = 40;

/// What a grant allows.
struct GrantedBlob {
  ByteArray<16> id{};
  uint32_t chunks = 0;
  uint32_t expires_day = 0;  ///< the last day on which it is good
  /// What the tag is made of, in this order.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.chunks, self.expires_day);
  }
};

/// A new grant.
Bytes make_grant(const crypto::Secret<32>& key, uint32_t chunks, uint32_t expires_day, Random& random);
/// What a grant allows. kBlobRefused: not made with this key. Whether it has expired or is spent is for the caller.
Result<GrantedBlob> check_grant(const crypto::Secret<32>& key, ByteView grant);

/// What a blob counts on the disk, before its chunks are there.
constexpr uint64_t blob_bytes(uint32_t chunks) { return uint64_t{chunks} * wire::kBlobChunkSize; }

}  // namespace godwit::home
