#pragma once
// Fetches a small text by HTTPS, as https_exchange.h asks; the system's authorities judge.

#include "net/https_exchange.h"

namespace godwit::net {

/// One fetch under way. Destroying it ends it without a word.
using HttpsGet = HttpsExchange;

/// Asks for `url`. `done` is called once, from the loop: the body, of at most `size_max` bytes, or why there is none (as of a
/// dial, kBadHttp, kGenericTimeout after `limit`). It may destroy the fetch.
std::unique_ptr<HttpsGet> https_get(EventLoop& loop, const HttpsUrl& url, const ConnectOptions& options,
                                    size_t size_max, Duration limit, std::function<void(Result<Bytes>)> done);

}  // namespace godwit::net
