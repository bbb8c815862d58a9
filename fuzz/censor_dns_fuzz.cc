// DNS queries, and the answers forged to them.

#include "base/assert.h"
#include "lab/censor/dns.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  using namespace godwit::lab;
  const ByteView message(data, size);
  DnsQuery query;
  if (!parse_dns_query(message, query)) return 0;
  ASSERT(query.question <= size && query.name.size() <= 320);
  ASSERT(dns_nxdomain(message, query).size() == query.question);
  const size_t answer = query.type == kTypeA ? 16 : 0;
  ASSERT(dns_answer(message, query, {}).size() == query.question + answer);
  return 0;
}
