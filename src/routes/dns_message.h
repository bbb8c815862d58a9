#pragma once
// DNS messages (RFC 1035), as far as asking for the addresses of one name needs them. Whoever answers may lie: what an
// answer says is an address to try, never more.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::routes {

/// What is asked for.
enum class DnsType : uint16_t {
  kA = 1,      ///< RFC 1035 §3.4.1
  kAaaa = 28,  ///< RFC 3596 §2.1
};

/// The longest answer that is read: RFC 1035 §4.2.2 has room for 64 KiB, addresses of one name need less.
inline constexpr size_t kDnsMessageMax = 4096;
/// Addresses taken from one answer at most.
inline constexpr size_t kDnsAddressesMax = 8;

/// An address of either family as 16 bytes, IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2).
using MappedAddress = ByteArray<16>;

/// A query for one name, recursion wanted. kBadDnsMessage: not a name (RFC 1035 §2.3.4).
Result<Bytes> dns_query(uint16_t id, const std::string& name, DnsType type);

/// What an answer says.
struct DnsAnswer {
  /// RFC 1035 §4.1.1, RCODE.
  enum class Code : uint8_t { kNone = 0, kFormat = 1, kServer = 2, kNxDomain = 3, kNotImplemented = 4, kRefused = 5 };
  Code code = Code::kNone;
  bool truncated = false;                ///< TC: ask again over TCP.
  std::vector<MappedAddress> addresses;  ///< Of the name, or of what its CNAMEs lead to; may be empty.
};

/// Reads the answer to dns_query(id, name, type). kBadDnsMessage: it is not one, or answers another question.
Result<DnsAnswer> parse_dns_answer(ByteView bytes, uint16_t id, const std::string& name, DnsType type);

}  // namespace godwit::routes
