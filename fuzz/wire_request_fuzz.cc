// Requests from outside: whatever decodes encodes to the same bytes.

#include "base/assert.h"
#include "wire/requests.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const godwit::ByteView input(data, size);
  const auto request = godwit::wire::decode_request(input);
  if (request) ASSERT(godwit::equal(godwit::wire::encode_request(*request), input));
  return 0;
}
