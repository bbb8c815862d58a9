#pragma once
// Pre-shared keys (RFC 9420 §8.4).

#include "codec/codec.h"
#include "mls/key_schedule.h"

namespace godwit::mls {

/// How many keys one commit mixes in, and a Welcome names; more have no use.
constexpr size_t kPsksMax = 64;

/// Where a pre-shared key comes from.
enum class PSKType : uint8_t { kExternal = 1, kResumption = 2 };
/// What a resumption key is for.
enum class ResumptionPSKUsage : uint8_t { kApplication = 1, kReinit = 2, kBranch = 3 };

/// PreSharedKeyID (RFC 9420 §8.4).
struct PreSharedKeyID {
  PSKType psktype = PSKType::kExternal;
  Bytes psk_id;                                                 ///< kExternal.
  ResumptionPSKUsage usage = ResumptionPSKUsage::kApplication;  ///< kResumption.
  Bytes psk_group_id;                                           ///< kResumption.
  uint64_t psk_epoch = 0;                                       ///< kResumption.
  Bytes psk_nonce;                                              ///< KDF.Nh bytes.

  void encode_to(codec::Writer& writer) const;
  /// kMalformed: an unknown type or usage.
  static Result<PreSharedKeyID> decode_from(codec::Reader& reader);
  friend bool operator==(const PreSharedKeyID&, const PreSharedKeyID&) = default;
};

/// A pre-shared key and the id under which a commit uses it.
struct PreSharedKey {
  PreSharedKeyID id;
  crypto::SecretBuffer secret;
};

/// psk_secret of these keys in this order (RFC 9420 §8.4); zeros for none.
PskSecret psk_secret(const CipherSuite& suite, std::span<const PreSharedKey> psks);

}  // namespace godwit::mls
