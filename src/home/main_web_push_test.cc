// Pushes over real sockets with real TLS to a push service of this test's own, which reads them as a browser would; and to some that do
// not mean well.

#include "home/main_web_push.h"

#include <gtest/gtest.h>

#include "net/testing/loopback.h"
#include "net/testing/name_server.h"
#include "net/testing/web_push_browser.h"

namespace godwit::home {
namespace {

using Kind = WebPushResult::Kind;
using net::testing::AnswerServer;
using net::testing::kPatience;

// A push service on 127.0.0.1, and a home's pusher.
class Lab {
 public:
  explicit Lab(std::string answer, bool trusted = true)
      : loop_(*net::EventLoop::create()),
        files_(folder_, "127.0.0.1"),
        tls_(*net::make_tls_server(files_.certificate, files_.key, nullptr)),
        answer_(std::move(answer)),
        service(*loop_, tls_.get(), [this](Bytes& input) { return hear(input); }) {
    options.private_too = true;
    if (trusted) options.authorities = files_.certificate;
    options.contact = "mailto:operator@home.example";
  }

  WebPushResult push(const std::string& host = "127.0.0.1") {
    return push(browser.receiver(), "https://" + host + ":" + std::to_string(service.port()) + "/wake/1?x=y");
  }
  WebPushResult push(const net::WebPushReceiver& to, const std::string& endpoint) {
    if (!pusher_) {
      pusher_ = std::make_unique<WebPusher>(*loop_, *net::VapidKey::from_seed(Bytes(32, 3)), options,
                                            [this](WebPushId, WebPushResult result) { result_ = result; });
    }
    result_.reset();
    pusher_->send({WebPushId{++last_}, {endpoint, wire::WebPushKey{to.key}, wire::WebPushAuth{to.auth}}});
    EXPECT_TRUE(loop_->run_until([this] { return result_.has_value(); }, kPatience));
    EXPECT_EQ(pusher_->under_way(), 0U);
    return result_.value_or(WebPushResult{});
  }
  uint16_t port() const { return service.port(); }
  void say(std::string answer) { answer_ = std::move(answer); }

 private:
  Bytes hear(Bytes& input) {
    const auto head = net::parse_http_request(input, 8'192, net::HttpBodies::kByLength);
    if (head.progress != net::HttpProgress::kDone) return {};
    if (input.size() < head.consumed + head.message.body_bytes()) return {};
    request = head.message;
    body = to_bytes(ByteView(input).subspan(head.consumed));
    input.clear();
    return to_bytes(as_bytes(answer_));
  }

  std::unique_ptr<net::EventLoop> loop_;
  net::testing::TemporaryFolder folder_;
  net::testing::CertificateFiles files_;
  std::unique_ptr<net::TlsServer> tls_;
  std::string answer_;
  std::unique_ptr<WebPusher> pusher_;
  std::optional<WebPushResult> result_;
  uint64_t last_ = 0;

 public:
  AnswerServer service;
  WebPusherOptions options;
  net::testing::WebPushBrowser browser;
  net::HttpRequest request;
  Bytes body;
};

TEST(WebPusher, a_push_service_gets_what_only_the_browser_opens_and_knows_who_sent_it) {
  Lab lab("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(lab.push().kind, Kind::kSent);
  EXPECT_EQ(lab.request.method, "POST");
  EXPECT_EQ(lab.request.target, "/wake/1?x=y");
  EXPECT_EQ(lab.request.headers.first("ttl"), "2419200");
  EXPECT_EQ(lab.request.headers.first("urgency"), "high");
  EXPECT_EQ(lab.request.headers.first("topic"), "godwit");
  EXPECT_EQ(lab.request.headers.first("content-encoding"), "aes128gcm");
  EXPECT_EQ(lab.body.size(), net::kWebPushPlainSize + net::kWebPushOverhead);
  const auto opened = lab.browser.open(lab.body);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(as_text(*opened).starts_with("godwit 1"));
  net::P256Public key{};
  const std::string claims = net::testing::vapid_claims(lab.request.headers.first("authorization"), key);
  EXPECT_NE(claims.find("\"aud\":\"https://127.0.0.1:" + std::to_string(lab.port()) + "\""), std::string::npos);
  EXPECT_NE(claims.find("\"sub\":\"mailto:operator@home.example\""), std::string::npos);
  EXPECT_EQ(key, net::VapidKey::from_seed(Bytes(32, 3))->public_key());
}

TEST(WebPusher, what_a_service_answers_is_what_follows) {
  Lab lab("");
  const auto answered = [&](const std::string& head) {
    lab.say("HTTP/1.1 " + head + "\r\n\r\n");
    return lab.push();
  };
  EXPECT_EQ(answered("200 OK").kind, Kind::kSent);
  EXPECT_EQ(answered("404 Not Found").kind, Kind::kGone);
  EXPECT_EQ(answered("410 Gone").kind, Kind::kGone);
  EXPECT_EQ(answered("400 Bad").kind, Kind::kRefused);
  EXPECT_EQ(answered("403 Forbidden").kind, Kind::kLater) << "the home is to blame, not the subscription";
  EXPECT_EQ(answered("503 Later").kind, Kind::kLater);
  const WebPushResult busy = answered("429 Too Many\r\nRetry-After: 120");
  EXPECT_EQ(busy.kind, Kind::kLater);
  EXPECT_EQ(busy.retry_after, seconds(120));
  EXPECT_GT(answered("503 Later\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT").retry_after, Duration{});
  const int before = lab.service.accepted;
  EXPECT_EQ(answered("307 Elsewhere\r\nLocation: https://127.0.0.1:" + std::to_string(lab.port()) + "/other").kind,
            Kind::kRefused)
      << "no redirect is followed";
  EXPECT_EQ(lab.service.accepted, before + 1);
  lab.say("nonsense\r\n\r\n");
  EXPECT_EQ(lab.push().kind, Kind::kLater);
}

TEST(WebPusher, this_machine_and_its_networks_are_no_push_service_unless_the_operator_says_so) {
  Lab lab("HTTP/1.1 201 Created\r\n\r\n");
  lab.options.private_too = false;
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    EXPECT_NE(lab.push(host).kind, Kind::kSent) << host;
  }
  EXPECT_EQ(lab.push().kind, Kind::kRefused);
  EXPECT_EQ(lab.service.accepted, 0);
}

TEST(WebPusher, a_certificate_that_nobody_vouches_for_gets_nothing) {
  Lab lab("HTTP/1.1 201 Created\r\n\r\n", false);
  EXPECT_EQ(lab.push().kind, Kind::kLater);
  EXPECT_TRUE(lab.request.method.empty());
}

TEST(WebPusher, a_service_that_hangs_costs_its_time_and_one_that_is_asked_too_often_waits) {
  Lab lab("");
  lab.options.limit = milliseconds(300);
  lab.options.host_burst = 2;
  lab.options.host_interval = seconds(3'600);
  EXPECT_EQ(lab.push().kind, Kind::kLater);
  EXPECT_EQ(lab.push().kind, Kind::kLater);
  const int before = lab.service.accepted;
  const WebPushResult third = lab.push();
  EXPECT_EQ(third.kind, Kind::kBusy);
  EXPECT_GT(third.retry_after, minutes(50));
  EXPECT_EQ(lab.service.accepted, before);
}

TEST(WebPusher, endpoints_that_cannot_be_dialled_are_gone_and_keys_that_are_none_are_refused) {
  Lab lab("HTTP/1.1 201 Created\r\n\r\n");
  net::WebPushReceiver bad = lab.browser.receiver();
  bad.key.back() ^= 1;
  const std::string good = "https://127.0.0.1:" + std::to_string(lab.port()) + "/";
  EXPECT_EQ(lab.push(bad, good).kind, Kind::kRefused);
  EXPECT_EQ(lab.push(lab.browser.receiver(), "https://127.0.0.1:0/").kind, Kind::kGone);
  EXPECT_EQ(lab.push(lab.browser.receiver(), "https://a..b/").kind, Kind::kGone);
  EXPECT_EQ(lab.service.accepted, 0);
}

}  // namespace
}  // namespace godwit::home
