#include "session/handshake_gate.h"

#include <algorithm>

#include "session/errors.h"

namespace godwit::session {
namespace {

constexpr size_t kTimeSize = 8;
constexpr const char* kWorkRule = "docs/protocol/session.md, Proof of work";

bool starts_with_zero_bits(ByteView digest, uint8_t bits) {
  for (size_t i = 0; i < bits; ++i) {
    if ((digest[i / 8] >> (7 - i % 8) & 1) != 0) return false;
  }
  return true;
}

Instant time_of(const Cookie& cookie) {
  uint64_t ms = 0;
  for (size_t i = 0; i < kTimeSize; ++i) ms = (ms << 8) | cookie[i];
  return Instant{static_cast<int64_t>(ms)};
}

}  // namespace

uint8_t work_bits(const Cookie& cookie) { return cookie[kTimeSize]; }

bool work_is_done(const WorkProof& proof) {
  const uint8_t bits = work_bits(proof.cookie);
  if (bits > kWorkBitsMax) return false;
  crypto::Sha256 hash;
  hash.update(as_bytes("godwit handshake work 1"));
  hash.update(proof.cookie);
  ByteArray<8> nonce;
  for (size_t i = 0; i < 8; ++i) nonce[i] = static_cast<uint8_t>(proof.nonce >> (56 - 8 * i));
  hash.update(nonce);
  return starts_with_zero_bits(hash.finish(), bits);
}

Result<WorkProof> do_work(const Cookie& cookie) {
  REQUIRE(work_bits(cookie) <= kWorkBitsMax, kTooMuchWork, kWorkRule);
  WorkProof proof{cookie, 0};
  // 2^kWorkBitsMax tries find one with probability 1 - 1/e; 64 times as many leave out one case in 2^92.
  for (const uint64_t end = uint64_t{64} << kWorkBitsMax; proof.nonce < end; ++proof.nonce) {
    if (work_is_done(proof)) return proof;
  }
  return Error{kTooMuchWork, kWorkRule};
}

HandshakeGate::HandshakeGate(crypto::Secret<32> cookie_key, const Limits& limits)
    : cookie_key_(std::move(cookie_key)), limits_(limits) {}

void HandshakeGate::set_work_bits(uint8_t bits) { work_bits_ = std::min(bits, kWorkBitsMax); }

HandshakeGate::Verdict HandshakeGate::judge(ByteView source, ByteView first_message,
                                            const std::optional<WorkProof>& proof, Instant now) {
  Bucket* bucket = source.empty() ? nullptr : &bucket_of(source, now);
  if (bucket != nullptr && bucket->tokens == 0) {
    return Refuse{kTooManyHandshakes, bucket->filled + limits_.interval - now};
  }
  const uint8_t bits = crowded_ && !source.empty() ? std::max(work_bits_, limits_.work_bits_when_crowded) : work_bits_;
  if (proof) {
    // Redeemed also when no work is asked for any more, so that a proof is never worth two handshakes.
    if (!redeem(*proof, source, first_message, bits, now)) return Refuse{kWorkRefused, Duration{}};
  } else if (bits != 0) {
    return WantWork{make_cookie(bits, source, first_message, now)};
  }
  if (bucket != nullptr) --bucket->tokens;
  return Admit{};
}

// time || bits || HMAC(key, time || bits || SHA-256(source) || SHA-256(first message)), cut to 16 bytes.
Cookie HandshakeGate::make_cookie(uint8_t bits, ByteView source, ByteView first_message, Instant now) const {
  Cookie out;
  for (size_t i = 0; i < kTimeSize; ++i) out[i] = static_cast<uint8_t>(static_cast<uint64_t>(now.ms) >> (56 - 8 * i));
  out[kTimeSize] = bits;
  Bytes covered(out.begin(), out.begin() + kTimeSize + 1);
  append(covered, crypto::sha256(source));
  append(covered, crypto::sha256(first_message));
  const auto mac = crypto::hmac_sha256(cookie_key_.reveal(), covered);
  std::copy_n(mac.begin(), kCookieSize - kTimeSize - 1, out.begin() + kTimeSize + 1);
  return out;
}

Status HandshakeGate::redeem(const WorkProof& proof, ByteView source, ByteView first_message, uint8_t bits,
                             Instant now) {
  const Instant made = time_of(proof.cookie);
  const Cookie expected = make_cookie(work_bits(proof.cookie), source, first_message, made);
  REQUIRE(crypto::equal_constant_time(expected, proof.cookie), kWorkRefused, kWorkRule);
  // From here on the cookie is our own, with a time of our own clock in it.
  REQUIRE(made <= now && now - made <= limits_.cookie_lifetime, kWorkRefused, kWorkRule);
  REQUIRE(work_bits(proof.cookie) >= bits && work_is_done(proof), kWorkRefused, kWorkRule);
  if (now - redeemed_rotated_ > limits_.cookie_lifetime || now < redeemed_rotated_) {
    redeemed_older_ = std::exchange(redeemed_, {});
    redeemed_rotated_ = now;
  }
  REQUIRE(!redeemed_.contains(proof.cookie) && !redeemed_older_.contains(proof.cookie), kWorkRefused, kWorkRule);
  REQUIRE(redeemed_.size() < limits_.cookies_max, kWorkRefused, kWorkRule);
  redeemed_.insert(proof.cookie);
  return {};
}

HandshakeGate::Bucket& HandshakeGate::bucket_of(ByteView source, Instant now) {
  // After this time an empty bucket is full again: forgetting it changes nothing.
  const Duration full_after = limits_.interval * limits_.burst;
  const bool old = now - rotated_ >= full_after || now < rotated_;
  const bool full = recent_.size() >= limits_.sources_max;
  if (old || full) {
    // Full before its time: more sources than can be told apart, so everybody works until a period went by quietly.
    crowded_ = !old;
    older_ = std::exchange(recent_, {});
    rotated_ = now;
  }
  const auto mac = crypto::hmac_sha256(cookie_key_.reveal(), source);
  SourceName name;
  std::copy_n(mac.begin(), name.size(), name.begin());
  auto found = recent_.find(name);
  if (found == recent_.end()) {
    const auto before = older_.find(name);
    found = recent_.emplace(name, before == older_.end() ? Bucket{limits_.burst, now} : before->second).first;
  }
  Bucket& bucket = found->second;
  bucket.filled = std::min(bucket.filled, now);  // the clock was set back
  const int64_t earned = std::max(int64_t{0}, (now - bucket.filled).ms / std::max(int64_t{1}, limits_.interval.ms));
  if (earned + bucket.tokens >= limits_.burst) {
    bucket = {limits_.burst, now};
  } else {
    bucket.tokens += static_cast<uint32_t>(earned);
    bucket.filled = bucket.filled + limits_.interval * earned;
  }
  return bucket;
}

}  // namespace godwit::session
