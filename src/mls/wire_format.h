#pragma once
// The numbers that say what an MLS message is (RFC 9420 §6).

#include <cstdint>

namespace godwit::mls {

/// IANA's number of a protocol version; MLS 1.0 is all there is.
enum class ProtocolVersion : uint16_t { kMls10 = 1 };
/// Which message an MLSMessage is (RFC 9420 §6).
enum class WireFormat : uint16_t {
  kPublicMessage = 1,
  kPrivateMessage = 2,
  kWelcome = 3,
  kGroupInfo = 4,
  kKeyPackage = 5
};
/// Which content a message carries (RFC 9420 §6).
enum class ContentType : uint8_t { kApplication = 1, kProposal = 2, kCommit = 3 };

/// Who sends (RFC 9420 §6).
enum class SenderType : uint8_t { kMember = 1, kExternal = 2, kNewMemberProposal = 3, kNewMemberCommit = 4 };

/// How long the messages are that we send. Buckets count the whole encoded MLSMessage.
enum class Padding : uint8_t {
  kNone,     ///< As long as its content makes it.
  kBuckets,  ///< 256, 512, 1024, 2048, 4096 bytes, then multiples of 4096.
};

}  // namespace godwit::mls
