#pragma once
// How long sealed things are that a home sees: buckets, so that a length tells little.
//
// The buckets of the session (session.md: 256, 512, 1,024, 2,048, 4,096, then multiples of 4,096) less kPaddingRoom, so
// that a request around a sealed payload still fits the session's bucket. Messages of MLS are not padded a second time.

#include "base/bytes.h"
#include "crypto/aead.h"

namespace godwit::engine {

/// What a request or a reply adds to a payload: kind, alias, token, ids, the home's own seal, frame and record headers.
constexpr size_t kPaddingRoom = 160;
/// What box_seal adds.
constexpr size_t kBoxOverhead = crypto::kXAeadNonceSize + crypto::kAeadTagSize;

/// The size of the bucket that `size` bytes are padded to.
size_t bucket_for(size_t size);
/// Appends zeros until a box of `plaintext` has the size of a bucket.
void pad(Bytes& plaintext);
/// True if all of `padding` is zero.
bool is_padding(ByteView padding);

}  // namespace godwit::engine
