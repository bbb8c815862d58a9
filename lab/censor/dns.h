#pragma once
// DNS queries as a hijacking box reads them, and the answers it forges (RFC 1035 §4).

#include <string>

#include "base/bytes.h"
#include "lab/censor/address.h"

namespace godwit::lab {

constexpr uint16_t kTypeA = 1;

/// The one question of a query.
struct DnsQuery {
  std::string name;     ///< lower case, labels joined by dots, without the last one
  uint16_t type = 0;    ///< RFC 1035 §3.2.2
  size_t question = 0;  ///< size of header and question: the part of the message that an answer repeats
};

/// Reads a query with exactly one question; false if the message is anything else.
[[nodiscard]] bool parse_dns_query(ByteView message, DnsQuery& out);

/// The answer "no such name" to the message that was parsed to `query`.
Bytes dns_nxdomain(ByteView message, const DnsQuery& query);
/// The answer `address` (IPv4) to a query for an A record; for other types an answer without records.
Bytes dns_answer(ByteView message, const DnsQuery& query, const Address& address);

}  // namespace godwit::lab
