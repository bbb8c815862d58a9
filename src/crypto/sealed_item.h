#pragma once
// How a home seals what it stores, on arrival, under a key from the token that delivered it and that it does not keep:
// whoever seizes its disk can neither open an item nor find the two copies of one message. The owner of the address
// derives the token and opens it. docs/protocol/wire.md, "Sealed items".
//
//   item = salt (16 random bytes) || ChaCha20-Poly1305(key, nonce, alias, payload)
//   key (32) || nonce (12) = HKDF-SHA256(salt, token, "godwit sealed item 1", 44)

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace godwit::crypto {

/// How much longer an item is than its payload.
constexpr size_t kSealedItemOverhead = 32;

/// Seals `payload`. `token` is the bearer token (32 bytes) that is not kept, `alias` the address it belongs to.
Bytes seal_item(ByteView token, ByteView alias, ByteView payload, Random& random);
/// The reverse. kBadTag: another token or alias, or damaged; try the token before, else drop the item.
Result<Bytes> open_item(ByteView token, ByteView alias, ByteView item);

}  // namespace godwit::crypto
