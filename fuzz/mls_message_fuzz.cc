// Decodes an MLSMessage; what decodes encodes to the same bytes (the form is canonical).

#include "mls/group.h"
#include "mls/mls_message.h"

using namespace godwit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input(data, size);
  const auto message = codec::decoded<mls::MLSMessage>(input);
  ASSERT(mls::peek(input).has_value() == message.has_value());
  static_cast<void>(mls::welcome_recipients(input).has_value());
  static_cast<void>(mls::KeyPackage::parse(mls::suite_0x0003(), input, {1'700'000'000'000}).has_value());
  if (message) ASSERT(equal(codec::encoded(*message), input));
  return 0;
}
