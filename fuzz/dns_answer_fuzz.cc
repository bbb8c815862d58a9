// Whatever a name server answers, it gives a bounded number of addresses or an error.

#include "base/assert.h"
#include "routes/candidates.h"
#include "routes/dns_message.h"

using namespace godwit::routes;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const DnsType type : {DnsType::kA, DnsType::kAaaa}) {
    const auto answer = parse_dns_answer({data, size}, 0x1234, "home.example", type);
    if (!answer) continue;
    ASSERT(answer->addresses.size() <= kDnsAddressesMax);
    for (const MappedAddress& address : answer->addresses) {
      ASSERT(parse_address(print_address(address)) == address);
    }
  }
  return 0;
}
