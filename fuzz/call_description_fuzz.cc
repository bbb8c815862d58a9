// Descriptions that strangers hand to the unit: what passes has no address, is plain, and passes again as it is.

#include "base/assert.h"
#include "home/call_sdp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const auto checked = home::checked_description({data, size});
  if (!checked) return 0;
  ASSERT(checked->find("\na=candidate:") == std::string::npos);
  for (const char c : *checked) ASSERT((c >= ' ' && c <= '~') || c == '\r' || c == '\n');
  const auto again = home::checked_description(as_bytes(*checked));
  ASSERT(again.has_value() && *again == *checked);
  return 0;
}
