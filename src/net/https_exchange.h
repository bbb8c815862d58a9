#pragma once
// One request and one answer over HTTPS: names are resolved as for dials, authorities judge the certificate, no redirect is followed
// and nothing is remembered.

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/connect_options.h"
#include "net/event_loop.h"
#include "net/http_message.h"
#include "net/tls_trust.h"

namespace godwit::net {

/// Where something is.
struct HttpsUrl {
  std::string host;
  uint16_t port = 443;
  std::string target;  ///< Begins with '/'.
};
/// "https://host[:port][/path][?query]". kBadOption: it is none.
Result<HttpsUrl> parse_https_url(const std::string& url);

/// What is asked, and how long for.
struct HttpsQuestion {
  std::string request;  ///< Head and body as they are sent; the head says "Connection: close".
  size_t body_max = 0;  ///< Bytes of the answer's body; 0: it is not waited for.
  Duration limit = seconds(20);
  TlsTrust trust{TlsTrust::Kind::kSystemAuthorities, {}, {}};
};
/// What came.
struct HttpsAnswer {
  HttpResponse head;
  Bytes body;
};

/// One exchange under way. Destroying it ends it without a word.
class HttpsExchange {
 public:
  virtual ~HttpsExchange() = default;
};

/// Asks. `done` is called once, from the loop: the answer, whatever its status, or why there is none (as of a dial, kBadHttp,
/// kGenericTimeout after the limit). It may destroy the exchange. What one address does not answer to at all is asked of the next one.
std::unique_ptr<HttpsExchange> ask_https(EventLoop& loop, const HttpsUrl& url, HttpsQuestion question,
                                         const ConnectOptions& options, std::function<void(Result<HttpsAnswer>)> done);

}  // namespace godwit::net
