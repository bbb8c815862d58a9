// ClientHellos in TLS records, in a datagram, and without a header.

#include "base/assert.h"
#include "lab/censor/ja4.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  using namespace godwit::lab;
  constexpr size_t kJa4Size = 36;
  const ByteView bytes(data, size);
  TlsHello hello;
  if (parse_tls_hello(bytes, hello) != HelloState::kNone) ASSERT(ja4(hello, HelloCarrier::kTls).size() == kJa4Size);
  if (parse_dtls_hello(bytes, hello) != HelloState::kNone) ASSERT(ja4(hello, HelloCarrier::kDtls).size() == kJa4Size);
  if (parse_handshake_hello(bytes, hello) == HelloState::kWhole) family_of(hello);
  server_chose_tls13(bytes);
  return 0;
}
