// What a bridge reads of its operator: home links, routes, the file of secrets.

#include "bridge/secrets.h"
#include "bridge/upstream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto ways = bridge::parse_home(text)) {
    for (const bridge::Way& way : *ways) {
      // A way can be written into a link again, for a bridge before this one.
      if (!routes::parse_route(routes::to_uri(way.route))) __builtin_trap();
    }
  }
  if (const auto secrets = bridge::parse_secrets(text)) {
    if (bridge::parse_secrets(bridge::print_secrets(*secrets)).value() != *secrets) __builtin_trap();
  }
  return 0;
}
