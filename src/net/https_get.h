#pragma once
// Fetches a small text by HTTPS: names are resolved as for dials, the system's authorities judge, nothing is followed or
// remembered.

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/connect_options.h"
#include "net/event_loop.h"

namespace godwit::net {

/// One fetch under way. Destroying it ends it without a word.
class HttpsGet {
 public:
  virtual ~HttpsGet() = default;
};

/// Where a text is.
struct HttpsUrl {
  std::string host;
  uint16_t port = 443;
  std::string target;  ///< Begins with '/'.
};
/// "https://host[:port][/path[?query]]". kBadOption: it is none.
Result<HttpsUrl> parse_https_url(const std::string& url);

/// Asks for `url`. `done` is called once, from the loop: the body, of at most `size_max` bytes, or why there is none (as of a
/// dial, kBadHttp, kGenericTimeout after `limit`). It may destroy the fetch.
std::unique_ptr<HttpsGet> https_get(EventLoop& loop, const HttpsUrl& url, const ConnectOptions& options,
                                    size_t size_max, Duration limit, std::function<void(Result<Bytes>)> done);

}  // namespace godwit::net
