#pragma once
// Admission codes: what an operator hands out so that somebody may open a mailbox. A code names nobody.
//
//   id (12 random bytes) || uses (uint16) || expires_day (uint32) || tag (16)
//   tag = the first 16 bytes of HMAC-SHA256(admission key, label || id || uses || expires_day)
//   label = "godwit admission 1" of the operator's codes, "godwit admission 2" of those that members get for newcomers
//
// So codes are made beside a running home, by whoever has its key file, without telling it; only how often a code was used
// stands in the store.

#include "base/random.h"
#include "base/result.h"
#include "codec/codec.h"
#include "crypto/secret.h"

namespace godwit::home {

/// Who gave a code out.
enum class CodeGiver : uint8_t {
  kOperator,  ///< whoever has the key file
  kMember,    ///< somebody who lives here: whom it lets in gives none for some days (NewcomerRecord)
};

/// What a code allows.
struct AdmissionGrant {
  ByteArray<12> id{};
  uint16_t uses = 1;                       ///< how many mailboxes may be opened with it; 0: any number
  uint32_t expires_day = 0;                ///< days since 1970 after which it is refused; 0: never
  CodeGiver giver = CodeGiver::kOperator;  ///< told by the tag
  /// What the tag is made of behind the label, in this order.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.uses, self.expires_day);
  }
};

/// The size of a code.
constexpr size_t kAdmissionCodeSize = 34;
/// How long a code is good that somebody who lives here has got for a newcomer: as long as an invite.
constexpr uint32_t kMemberCodeDays = 30;
/// Whom such a code lets in gets none himself for so many days, and up to as many more, since only weeks are noted.
constexpr uint32_t kNewcomerDays = 7;
/// The first day on which somebody may give codes who was let in by a member's on `day`.
constexpr uint32_t newcomer_until(uint32_t day) { return (day / kNewcomerDays + 2) * kNewcomerDays; }

/// A new code that allows `uses` mailboxes until `expires_day`.
Bytes make_admission_code(const crypto::Secret<32>& key, uint16_t uses, uint32_t expires_day, Random& random,
                          CodeGiver giver = CodeGiver::kOperator);
/// What a code allows. kAdmissionRefused: not made with this key. Whether it is used up or expired is for the caller.
Result<AdmissionGrant> check_admission_code(const crypto::Secret<32>& key, ByteView code);

/// How much work opens one more of `places` when `taken` of them are taken: `bits` while half are free, four times as much
/// each time that the free ones are half as many, up to what clients do (2^24 hashes, some seconds). It cannot keep out
/// somebody who has a lot of computers, but he pays far more for the last places than everybody else for the first.
uint8_t work_bits(uint8_t bits, uint64_t taken, uint64_t places);

}  // namespace godwit::home
