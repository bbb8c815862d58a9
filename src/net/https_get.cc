#include "net/https_get.h"

#include "net/errors.h"
#include "net/upgrade.h"

namespace godwit::net {

std::unique_ptr<HttpsGet> https_get(EventLoop& loop, const HttpsUrl& url, const ConnectOptions& options,
                                    size_t size_max, Duration limit, std::function<void(Result<Bytes>)> done) {
  HttpsQuestion question;
  question.request = "GET " + url.target + " HTTP/1.1\r\nHost: " + authority_of(url.host, url.port) +
                     "\r\nAccept: text/plain, */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n";
  question.body_max = size_max;
  question.limit = limit;
  return ask_https(loop, url, std::move(question), options, [done = std::move(done)](Result<HttpsAnswer> answer) {
    if (!answer) return done(answer.error());
    if (answer->head.status != 200) return done(Error{kBadHttp, "net: a text is answered with 200"});
    done(std::move(answer->body));
  });
}

}  // namespace godwit::net
