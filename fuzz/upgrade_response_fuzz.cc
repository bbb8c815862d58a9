// A server's answer to our upgrade request: only the one right answer to our nonce is accepted.

#include "base/assert.h"
#include "base/bytes.h"
#include "net/upgrade.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::net;
  // RFC 6455 §1.3: the corpus answers this nonce.
  constexpr godwit::ByteArray<16> kNonce{'t', 'h', 'e', ' ', 's', 'a', 'm', 'p',
                                         'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'};
  const godwit::ByteView bytes(data, size);
  const auto parsed = parse_http_response(bytes, kUpgradeResponseBytesMax);
  if (parsed.progress != HttpProgress::kDone) return 0;
  ASSERT(parsed.consumed <= size);
  ASSERT(parsed.message.status >= 100 && parsed.message.status <= 599);
  ASSERT(parse_http_response(bytes.first(parsed.consumed - 1), kUpgradeResponseBytesMax).progress ==
         HttpProgress::kIncomplete);
  if (!check_upgrade_response(parsed.message, kNonce)) return 0;
  ASSERT(parsed.message.status == 101);
  ASSERT(godwit::as_text(bytes).find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string_view::npos);
  return 0;
}
