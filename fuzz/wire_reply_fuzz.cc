// Replies from outside: whatever decodes encodes to the same bytes.

#include "base/assert.h"
#include "wire/replies.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const godwit::ByteView input(data, size);
  const auto reply = godwit::wire::decode_reply(input);
  if (reply) ASSERT(godwit::equal(godwit::wire::encode_reply(*reply), input));
  return 0;
}
