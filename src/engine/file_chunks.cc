#include "engine/file_chunks.h"

#include <algorithm>
#include <bit>

#include "codec/writer.h"
#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

crypto::Secret<32> derived(const crypto::Secret<32>& key, std::string_view label) {
  ByteArray<32> out{};
  crypto::hkdf_expand(key.reveal(), as_bytes(label), out);
  auto secret = crypto::Secret<32>::copy_of(out);
  crypto::wipe(out);
  ASSERT(secret.has_value());
  return std::move(*secret);
}

}  // namespace

uint64_t padded_file_size(uint64_t size) {
  size = std::max(size, kFilePaddedMin);
  const auto exponent = static_cast<uint32_t>(std::bit_width(size)) - 1;
  const auto kept = static_cast<uint32_t>(std::bit_width(exponent));
  const uint64_t mask = (uint64_t{1} << (exponent - kept)) - 1;
  return (size + mask) & ~mask;
}

uint32_t chunk_count(uint64_t size) {
  return static_cast<uint32_t>((padded_file_size(size) + kChunkPlainSize - 1) / kChunkPlainSize);
}

uint64_t chunk_plain_size(uint64_t size, uint32_t index) {
  return std::min(kChunkPlainSize, padded_file_size(size) - index * kChunkPlainSize);
}

uint64_t chunk_file_size(uint64_t size, uint32_t index) {
  const uint64_t start = index * kChunkPlainSize;
  return start >= size ? 0 : std::min(kChunkPlainSize, size - start);
}

ChunkCipher::ChunkCipher(const crypto::Secret<32>& file_key, uint64_t size)
    : chunk_key_(derived(file_key, "godwit file chunk 1")),
      nonce_key_(derived(file_key, "godwit file nonce 1")),
      size_(size),
      chunks_(chunk_count(size)) {}

Bytes ChunkCipher::place(uint32_t index) const {
  codec::Writer writer;
  writer.u32(index);
  writer.u8(index + 1 == chunks_ ? 1 : 0);
  return writer.take();
}

Bytes ChunkCipher::seal(uint32_t index, ByteView bytes) const {
  ASSERT(index < chunks_ && bytes.size() == chunk_file_size(size_, index));
  Bytes plaintext = to_bytes(bytes);
  plaintext.resize(static_cast<size_t>(chunk_plain_size(size_, index)));
  const Bytes ad = place(index);
  Bytes input = ad;
  append(input, plaintext);
  const auto mac = crypto::hmac_sha256(nonce_key_.reveal(), input);
  crypto::AeadNonce nonce{};
  std::copy_n(mac.begin(), nonce.size(), nonce.begin());
  Bytes out = to_bytes(nonce);
  append(out, crypto::aead_seal(chunk_key_, nonce, ad, plaintext));
  return out;
}

Result<Bytes> ChunkCipher::open(uint32_t index, ByteView chunk) const {
  ASSERT(index < chunks_);
  REQUIRE(chunk.size() == chunk_plain_size(size_, index) + kChunkOverhead, kFileDamaged, "a chunk has its size");
  crypto::AeadNonce nonce{};
  std::copy_n(chunk.begin(), nonce.size(), nonce.begin());
  auto opened = crypto::aead_open(chunk_key_, nonce, place(index), chunk.subspan(nonce.size()));
  REQUIRE(opened.has_value(), kFileDamaged, "a chunk opens in its place with the file's key");
  const auto own = static_cast<size_t>(chunk_file_size(size_, index));
  REQUIRE(is_padding(ByteView(*opened).subspan(own)), kFileDamaged, "padding is zero");
  opened->resize(own);
  return opened;
}

}  // namespace godwit::engine
