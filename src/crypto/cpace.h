#pragma once
// CPace (draft-irtf-cfrg-cpace) with ristretto255 and SHA-512, in the setting of an initiator and a responder: two sides that
// know the same short password agree on a key, and whoever does not know it gets one guess for each run and nothing from
// what he records.
//
// Key confirmation is the caller's: the first message under the key proves it (§9.4 of the draft).

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kCpaceShareSize = 32;
/// An encoded group element, Ya or Yb: what each side sends.
using CpaceShare = ByteArray<kCpaceShareSize>;
/// The intermediate session key, ISK: to be given to a KDF.
using CpaceKey = Secret<64>;
/// A scalar of ristretto255, little endian.
using CpaceScalar = Secret<32>;

/// Which side's share stands first in the transcript.
enum class CpaceRole : uint8_t { kInitiator, kResponder };

/// One side of one run. The scalar is used once.
class Cpace {
 public:
  /// Begins a run. `password` is what both know (PRS), `channel` names the two sides and what they agree for (CI), `session`
  /// is the same on both sides and differs from run to run (sid).
  static Cpace begin(CpaceRole role, ByteView password, ByteView channel, ByteView session, Random& random);
  /// The same with a scalar of one's own, for published vectors.
  static Cpace begin_with(CpaceRole role, ByteView password, ByteView channel, ByteView session, CpaceScalar scalar);

  /// What goes to the other side.
  const CpaceShare& share() const { return share_; }
  /// The key, from the other side's share and the data that each side has sent beside its share (AD). Both come out with the
  /// same key only if password, channel, session, shares and data are the same. kBadPublicKey: `peer` encodes nothing, or
  /// the neutral element; abort the run.
  Result<CpaceKey> finish(ByteView own_data, const CpaceShare& peer, ByteView peer_data) const;

 private:
  Cpace(CpaceRole role, Bytes session, CpaceScalar scalar)
      : role_(role), session_(std::move(session)), scalar_(std::move(scalar)) {}

  CpaceRole role_;
  Bytes session_;
  CpaceScalar scalar_;
  CpaceShare share_{};
};

}  // namespace godwit::crypto
