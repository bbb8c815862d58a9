// A proxy's URL and a list of resolvers, as people write them, are read or refused; a proxy that was read is printed so
// that it is read back the same.

#include "base/assert.h"
#include "base/bytes.h"
#include "routes/proxy.h"
#include "routes/resolver_list.h"

using namespace godwit::routes;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = godwit::as_text({data, size});
  if (const auto list = parse_resolver_list(text)) ASSERT(list->https.size() + list->tcp.size() <= kResolversMax);
  const auto proxy = parse_proxy(text);
  if (!proxy) return 0;
  const std::string url = to_url(*proxy);
  const auto again = parse_proxy(url);
  ASSERT(again.has_value());
  ASSERT(to_url(*again) == url);
  ASSERT(again->port == proxy->port && again->host == proxy->host);
  return 0;
}
