// A home's bulletin from anybody: as bytes, as a text, and its body as if its signature had been checked.

#include "base/assert.h"
#include "wire/bulletin.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView bytes{data, size};
  const auto one = wire::decode_signed_bulletin(bytes);
  if (one) {
    ASSERT(equal(wire::encode_signed_bulletin(*one), bytes));
    const auto again = wire::parse_bulletin_text(wire::bulletin_text(*one));
    ASSERT(again.has_value() && again->body == one->body);
    static_cast<void>(wire::decode_bulletin(one->body));
  }
  const auto body = wire::decode_bulletin(bytes);
  if (body) ASSERT(equal(wire::encode_bulletin(*body), bytes));
  static_cast<void>(wire::parse_bulletin_text(as_text(bytes)));
  return 0;
}
