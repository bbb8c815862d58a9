#pragma once
// Multicast DNS (RFC 6762), as far as two clients on one network need it to find each other: a question for names that only
// they know, and an answer that says on which port. Whoever answers may lie: what an answer says is where to try, never more.
//
// Questions are one-shot (RFC 6762 §5.1): they leave from a port of their own, so that the answer comes back to it alone,
// whatever else on this machine listens on port 5353.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong_id.h"

namespace godwit::routes {

/// What a client answers to on a local network, for an hour; 12 hexadecimal digits on the wire.
using LanName = OpaqueId<struct LanNameTag, 6>;

inline constexpr uint16_t kMdnsPort = 5353;                   ///< RFC 6762 §2
inline constexpr ByteArray<4> kMdnsGroup = {224, 0, 0, 251};  ///< RFC 6762 §2
inline constexpr size_t kMdnsMessageMax = 9000;               ///< RFC 6762 §17
/// Names in one question or answer of ours: it fits one packet of an Ethernet (RFC 6762 §17).
inline constexpr size_t kMdnsNamesMax = 20;
/// Questions that are looked at in a packet of others.
inline constexpr size_t kMdnsQuestionsMax = 256;
/// Seconds that an answer may be remembered: RFC 6762 §6.7 says at most 10.
inline constexpr uint32_t kMdnsTtlSeconds = 10;

/// Asks who is called one of `names` (1 to kMdnsNamesMax, more is a fault of ours): for SRV records (RFC 2782), a unicast answer
/// wanted (RFC 6762 §5.4).
Bytes mdns_question(uint16_t id, const std::vector<LanName>& names);

/// What somebody asks, as far as it can be for a client: names of our form; there may be none.
struct MdnsQuestion {
  uint16_t id = 0;
  std::vector<LanName> names;  ///< At most kMdnsNamesMax, each once.
};
/// Reads a question of anybody. kBadDnsMessage: it is none, or cut off.
Result<MdnsQuestion> parse_mdns_question(ByteView bytes);

/// The answer to a question (RFC 6762 §6.7): `names` are found on `port` at the IPv4 address `address`.
Bytes mdns_answer(uint16_t id, const std::vector<LanName>& names, uint16_t port, const ByteArray<4>& address);

/// What an answer says: on which port of the host it came from somebody is found. Addresses in it are not believed.
struct MdnsFound {
  LanName name;
  uint16_t port = 0;
};
/// Reads the answer to the question `id`. kBadDnsMessage: it is none, or cut off.
Result<std::vector<MdnsFound>> parse_mdns_answer(ByteView bytes, uint16_t id);

}  // namespace godwit::routes
