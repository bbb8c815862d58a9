#pragma once
// How a file becomes a blob: padded to a bucket, cut into chunks, each sealed by itself in the manner of STREAM (Hoang,
// Reyhanitabar, Rogaway, Vizár 2015): a chunk opens only in its place, and only the last one as the last. So chunks cannot be
// swapped, and the file cannot be cut or extended; and it can be read chunk by chunk.
//
//   nonce  = first 12 bytes of HMAC-SHA256(nonce key, uint32 index || uint8 last || plaintext)
//   chunk  = nonce || ChaCha20-Poly1305(chunk key, nonce, ad = uint32 index || uint8 last, plaintext)
//   both keys by HKDF-Expand from the file's key
//
// The nonce is made from the plaintext and not counted, because the file is read again when the upload goes on after a restart:
// if somebody has changed it meanwhile, unnoticed, a counted nonce would have been used for two plaintexts.

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "wire/requests.h"

namespace godwit::engine {

/// What sealing adds to a chunk.
constexpr size_t kChunkOverhead = crypto::kAeadNonceSize + crypto::kAeadTagSize;
/// Plaintext of every chunk but the last.
constexpr uint64_t kChunkPlainSize = wire::kBlobChunkSize - kChunkOverhead;
/// No blob is smaller than this, so that short notes and empty files look alike.
constexpr uint64_t kFilePaddedMin = 4096;

/// The size of the bucket of a file: at most 12 % more, 3 % for large ones (Padmé: Nikitin et al., PURBs, 2019, §4.2).
uint64_t padded_file_size(uint64_t size);
/// Chunks of the blob of a file; at least 1.
uint32_t chunk_count(uint64_t size);
/// Bytes of plaintext, padding included, in chunk `index` of a file's blob.
uint64_t chunk_plain_size(uint64_t size, uint32_t index);
/// Bytes of the file itself in chunk `index`: less where the padding begins, 0 beyond.
uint64_t chunk_file_size(uint64_t size, uint32_t index);

/// Seals and opens the chunks of one file.
class ChunkCipher {
 public:
  /// Of the file with this key and size.
  ChunkCipher(const crypto::Secret<32>& file_key, uint64_t size);

  /// The chunk that holds `bytes` of the file, exactly chunk_file_size() of them (anything else is a fault of ours).
  Bytes seal(uint32_t index, ByteView bytes) const;
  /// The bytes of the file in a chunk. kFileDamaged: it is not this chunk of this file.
  Result<Bytes> open(uint32_t index, ByteView chunk) const;
  /// Chunks of the blob.
  uint32_t chunks() const { return chunks_; }

 private:
  Bytes place(uint32_t index) const;

  crypto::AeadKey chunk_key_;
  crypto::Secret<32> nonce_key_;
  uint64_t size_;
  uint32_t chunks_;
};

}  // namespace godwit::engine
