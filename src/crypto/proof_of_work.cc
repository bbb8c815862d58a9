#include "crypto/proof_of_work.h"

#include "crypto/hash.h"

namespace godwit::crypto {
namespace {

unsigned leading_zero_bits(const Sha256Digest& digest) {
  unsigned bits = 0;
  for (const uint8_t byte : digest) {
    if (byte != 0) return bits + static_cast<unsigned>(__builtin_clz(byte)) - 24;
    bits += 8;
  }
  return bits;
}

Sha256 started(std::string_view label, ByteView subject) {
  Sha256 hash;
  hash.update(as_bytes(label));
  hash.update(subject);
  return hash;
}

bool done(Sha256 hash, uint64_t nonce, uint8_t bits) {
  ByteArray<8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(nonce >> (56 - 8 * i));
  hash.update(bytes);
  return leading_zero_bits(hash.finish()) >= bits;
}

}  // namespace

bool work_is_done(std::string_view label, ByteView subject, uint64_t nonce, uint8_t bits) {
  return done(started(label, subject), nonce, bits);
}

uint64_t find_work(std::string_view label, ByteView subject, uint8_t bits, uint64_t start) {
  const Sha256 hash = started(label, subject);
  uint64_t nonce = start;
  while (!done(hash, nonce, bits)) ++nonce;
  return nonce;
}

}  // namespace godwit::crypto
