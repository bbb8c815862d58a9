// A response's body from any web server: whatever comes, it ends within its bound.

#include "base/assert.h"
#include "net/http_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const auto parsed = net::parse_http_response({data, size}, 4096);
  if (parsed.progress != net::HttpProgress::kDone) return 0;
  const ByteView rest = ByteView(data, size).subspan(parsed.consumed);
  for (const bool ended : {false, true}) {
    const auto body = net::read_http_body(parsed.message.headers, rest, ended, 1024);
    if (body && *body) ASSERT((*body)->size() <= 1024);
    if (ended && body) ASSERT(body->has_value());
  }
  return 0;
}
