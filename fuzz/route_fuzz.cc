// A URI from anywhere becomes a route or an error; a route that was read is printed so that it is read back the same.

#include "base/assert.h"
#include "base/bytes.h"
#include "routes/relay_url.h"
#include "routes/route.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // As a home's relay: one that is taken for the home's own goes to its host.
  const std::string url(godwit::as_text({data, size}));
  if (godwit::routes::is_relay_of(url, {"wss://home.example/ws"})) {
    ASSERT(url.starts_with("turns:home.example") || url.starts_with("turn:home.example"));
    ASSERT(url.find('@') == std::string::npos &&
           url.size() <= std::string("turns:home.example:12345?transport=tcp").size());
  }
  const auto route = godwit::routes::parse_route(godwit::as_text({data, size}));
  if (!route) return 0;
  const std::string uri = godwit::routes::to_uri(*route);
  const auto again = godwit::routes::parse_route(uri);
  ASSERT(again.has_value());
  ASSERT(*again == *route);
  ASSERT(godwit::routes::to_uri(*again) == uri);
  return 0;
}
