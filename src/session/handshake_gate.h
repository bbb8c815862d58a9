#pragma once
// How many full handshakes a home does, and for whom: pure, bounded, shared by all of its sessions.
//
// Per source where sources are real (a token bucket each), and by a proof of work under load, since carrier NAT, Tor and
// bridges put many people behind one address. The cookie that a client has to work on is not stored: it is a keyed hash
// over time, source and the client's first message (docs/protocol/session.md, "Proof of work").

#include <map>
#include <optional>
#include <set>

#include "base/result.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "session/types.h"

namespace godwit::session {

/// What a client is given to work on: 8 bytes time, 1 byte bits, 16 bytes keyed hash.
constexpr size_t kCookieSize = 25;
using Cookie = ByteArray<kCookieSize>;

/// A cookie, and a number that makes SHA-256("godwit handshake work 1" || cookie || nonce) start with as many zero bits
/// as the cookie says.
struct WorkProof {
  Cookie cookie{};
  uint64_t nonce = 0;
};

/// The work that a cookie asks for.
uint8_t work_bits(const Cookie& cookie);
/// True if `proof` solves its own cookie; says nothing about who made the cookie.
bool work_is_done(const WorkProof& proof);
/// Finds a proof by trying: about 2^bits hashes. kTooMuchWork: the cookie asks for more than kWorkBitsMax.
Result<WorkProof> do_work(const Cookie& cookie);

/// Decides about full handshakes.
class HandshakeGate {
 public:
  /// Bounds; the defaults fit a home of 20,000 sessions.
  struct Limits {
    uint32_t burst = 20;                      ///< handshakes of one source at once
    Duration interval = seconds(3);           ///< and then one in this time
    size_t sources_max = 32'768;              ///< that are remembered, twice (the last period and this one)
    size_t cookies_max = 32'768;              ///< redeemed ones that are remembered, so that each counts once
    Duration cookie_lifetime = seconds(30);   ///< between asking for work and its proof
    uint8_t work_bits_when_crowded = 14;      ///< asked of everybody when sources_max is not enough
  };

  /// `cookie_key` is random, made at the start of the home, and never stored.
  explicit HandshakeGate(crypto::Secret<32> cookie_key) : HandshakeGate(std::move(cookie_key), Limits{}) {}
  HandshakeGate(crypto::Secret<32> cookie_key, const Limits& limits);

  /// The flag "under load": from now on every handshake needs a proof of `bits` bits (at most kWorkBitsMax); 0: none.
  void set_work_bits(uint8_t bits);

  /// Go on with the handshake.
  struct Admit {};
  /// Send this cookie; the client comes back with its proof and the same first message.
  struct WantWork {
    Cookie cookie;
  };
  /// Refuse with kTooManyHandshakes or kWorkRefused.
  struct Refuse {
    ErrorCode code;
    Duration retry_after;
  };
  using Verdict = std::variant<Admit, WantWork, Refuse>;
  /// Judges one full handshake. `source` is empty where it is not real; `first_message` is the client's Noise message.
  Verdict judge(ByteView source, ByteView first_message, const std::optional<WorkProof>& proof, Instant now);

  /// How many sources are remembered; for metrics and tests.
  size_t sources_remembered() const { return recent_.size() + older_.size(); }

 private:
  using SourceName = ByteArray<16>;
  struct Bucket {
    uint32_t tokens;
    Instant filled;
  };
  Cookie make_cookie(uint8_t bits, ByteView source, ByteView first_message, Instant now) const;
  Status redeem(const WorkProof& proof, ByteView source, ByteView first_message, uint8_t bits, Instant now);
  Bucket& bucket_of(ByteView source, Instant now);

  crypto::Secret<32> cookie_key_;
  Limits limits_;
  uint8_t work_bits_ = 0;
  // Two generations each: when the recent one is full or old it becomes the older one, and the older one is forgotten.
  std::map<SourceName, Bucket> recent_;
  std::map<SourceName, Bucket> older_;
  Instant rotated_{};
  bool crowded_ = false;
  std::set<Cookie> redeemed_;
  std::set<Cookie> redeemed_older_;
  Instant redeemed_rotated_{};
};

}  // namespace godwit::session
