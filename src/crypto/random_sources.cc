#include "crypto/random_sources.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/secret.h"

namespace godwit::crypto {

bool initialise() { return sodium_init() >= 0; }

void SystemRandom::fill(ByteSpan out) {
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(uint64_t seed) {
  for (size_t i = 0; i < 8; ++i) key_[i] = static_cast<uint8_t>(seed >> (8 * i));
  key_ = sha256(key_);
}

void SeededRandom::fill(ByteSpan out) {
  constexpr size_t kBlock = 64;
  constexpr ByteArray<crypto_stream_chacha20_NONCEBYTES> kNonce{};
  // The stream does not depend on how it is cut: whoever asks for 2 and 3 bytes gets what 5 would have been.
  while (!out.empty()) {
    ByteArray<kBlock> block{};
    crypto_stream_chacha20_xor_ic(block.data(), block.data(), kBlock, kNonce.data(), position_ / kBlock, key_.data());
    const size_t offset = position_ % kBlock;
    const size_t size = std::min(kBlock - offset, out.size());
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(offset), size, out.begin());
    out = out.subspan(size);
    position_ += size;
  }
}

}  // namespace godwit::crypto
