// A stranger's bytes as an HTTP request: the answer of the parser does not depend on what follows the head, a head that is
// read keeps the promises that the server builds on, and the site's path has no way out of its folder.

#include "base/assert.h"
#include "base/bytes.h"
#include "net/http_message.h"
#include "net/site.h"
#include "net/upgrade.h"

namespace {

constexpr size_t kHeadMax = 2048;

void check_path(const godwit::net::HttpRequest& request) {
  std::string path;
  if (!godwit::net::decode_site_path(request.path(), path)) return;
  ASSERT(path.starts_with('/') && !path.starts_with("//"));
  ASSERT((path + "/").find("/../") == std::string::npos && (path + "/").find("/./") == std::string::npos);
  ASSERT(path.find('\0') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::net;
  const godwit::ByteView bytes(data, size);
  const auto parsed = parse_http_request(bytes, kHeadMax);
  if (parsed.progress == HttpProgress::kIncomplete) {
    ASSERT(size < kHeadMax);
    return 0;
  }
  if (parsed.progress == HttpProgress::kBad) {
    ASSERT(parsed.status >= 400 && parsed.status <= 505);
    return 0;
  }
  ASSERT(parsed.consumed <= size && parsed.consumed <= kHeadMax);
  ASSERT(parse_http_request(bytes.first(parsed.consumed), kHeadMax).progress == HttpProgress::kDone);
  ASSERT(parse_http_request(bytes.first(parsed.consumed - 1), kHeadMax).progress == HttpProgress::kIncomplete);
  const HttpRequest& request = parsed.message;
  ASSERT(request.target.starts_with('/') && request.headers.lines.size() <= kHttpHeadersMax);
  check_path(request);
  if (is_websocket_upgrade(request)) {
    ASSERT(parse_http_response(godwit::as_bytes(upgrade_response(request)), kHeadMax).message.status == 101);
  }
  return 0;
}
