// The listener as strangers see it.

#include "net/listener.h"

#include <gtest/gtest.h>

#include "net/certificate.h"
#include "net/errors.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

using testing::Client;
using testing::LoopbackServer;
using testing::pattern;
using testing::RawClient;
using testing::RawServer;
using testing::TemporaryFolder;

std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

size_t count_of(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Listener, a_stranger_gets_a_web_site) {
  LoopbackServer server;
  server.folder.write("site/index.html", "<p>hello</p>");
  const auto client = RawClient::create(*server.loop, server.listener->port(), true);
  client->say(get("/", "Connection: close\r\n"));
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(client->text().ends_with("</html>\n"));
  EXPECT_EQ(client->closed[0].code, kEof);
  EXPECT_EQ(server.listener->counts().requests, 1u);
}

TEST(Listener, requests_on_one_connection_are_answered_in_order) {
  TemporaryFolder folder;
  folder.write("index.html", "<p>hello</p>");
  const std::string large(3'000'000, 'x');
  folder.write("large.bin", large);
  LoopbackServer server([&](ListenerOptions& options) { options.site_folder = folder.path(""); });
  const auto client = RawClient::create(*server.loop, server.listener->port(), true);
  client->say(get("/") + get("/large.bin") + get("/missing") +
              "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  const std::string text = client->text();
  EXPECT_EQ(count_of(text, "HTTP/1.1 200 OK\r\n"), 3u);
  EXPECT_LT(text.find("<p>hello</p>"), text.find(large));
  EXPECT_LT(text.find(large), text.find("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(Listener, a_large_file_does_not_wait_in_memory) {
  TemporaryFolder folder;
  folder.write("large.bin", std::string(20'000'000, 'x'));
  LoopbackServer server([&](ListenerOptions& options) { options.site_folder = folder.path(""); });
  const auto client = RawClient::create(*server.loop, server.listener->port(), true);
  client->say(get("/large.bin"));
  ASSERT_TRUE(server.wait([&] { return client->received.size() > 100'000; }));
  client->socket->set_reading(false);
  server.loop->run_until([] { return false; }, milliseconds(50));
  client->socket->set_reading(true);
  ASSERT_TRUE(server.wait([&] { return client->received.size() > 20'000'000; }));
}

TEST(Listener, traversal_is_refused) {
  TemporaryFolder folder;
  folder.write("secret", "secret");
  folder.write("site/index.html", "hello");
  LoopbackServer server([&](ListenerOptions& options) { options.site_folder = folder.path("site"); });
  for (const char* target : {"/../secret", "/%2e%2e/secret", "/a/..%2f..%2fsecret"}) {
    const auto client = RawClient::create(*server.loop, server.listener->port(), true);
    client->say(get(target, "Connection: close\r\n"));
    ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
    EXPECT_TRUE(client->text().starts_with("HTTP/1.1 400 Bad Request\r\n")) << target;
    EXPECT_EQ(count_of(client->text(), "secret"), 0u) << target;
  }
}

TEST(Listener, a_wrong_upgrade_looks_like_a_path_that_is_not_there) {
  LoopbackServer server;
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string wanted = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n" + key;
  std::vector<std::string> requests;
  requests.push_back(get("/missing", "Connection: close\r\n"));
  requests.push_back(get("/ws", "Connection: close\r\n"));
  requests.push_back(get("/ws", wanted + "Sec-WebSocket-Version: 12\r\n"));
  requests.push_back(get("/other", wanted + "Sec-WebSocket-Version: 13\r\n"));
  std::vector<std::string> answers;
  for (const std::string& request : requests) {
    const auto client = RawClient::create(*server.loop, server.listener->port(), true);
    client->say(request);
    ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
    std::string answer = client->text();
    const size_t date = answer.find("Date: ");
    ASSERT_NE(date, std::string::npos);
    answers.push_back(answer.erase(date, answer.find("\r\n", date) - date));
  }
  EXPECT_TRUE(answers[0].starts_with("HTTP/1.1 404 Not Found\r\n"));
  for (const std::string& answer : answers) EXPECT_EQ(answer, answers[0]);
  EXPECT_TRUE(server.peers.empty());
}

TEST(Listener, bad_requests_are_answered_and_closed) {
  LoopbackServer server([](ListenerOptions& options) { options.limits.header_bytes_max = 2048; });
  const std::vector<std::pair<std::string, std::string>> cases{
      {"nonsense\r\n\r\n", "400"},
      {get("/", "X: " + std::string(3000, 'x') + "\r\n"), "431"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "413"},
      {"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405"}};
  for (const auto& [request, status] : cases) {
    const auto client = RawClient::create(*server.loop, server.listener->port(), true);
    client->say(request);
    ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
    EXPECT_TRUE(client->text().starts_with("HTTP/1.1 " + status + " ")) << client->text();
  }
}

TEST(Listener, garbage_instead_of_tls_is_closed) {
  LoopbackServer server;
  const auto client = RawClient::create(*server.loop, server.listener->port(), false);
  client->say(as_text(pattern(300)));
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  EXPECT_LT(client->received.size(), 10u) << "an alert at most";
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().open == 0; }));
}

TEST(Listener, plain_http_on_the_tls_port_gets_a_400) {
  LoopbackServer server;
  const auto client = RawClient::create(*server.loop, server.listener->port(), false);
  client->say(get("/"));
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  EXPECT_NE(client->text().find("HTTP/1.1 400 Bad Request\r\n"), std::string::npos);
}

TEST(Listener, slow_clients_are_closed_in_time) {
  LoopbackServer server([](ListenerOptions& options) {
    options.limits.header_timeout = milliseconds(1500);
    options.limits.keep_alive = milliseconds(300);
  });
  const auto silent = RawClient::create(*server.loop, server.listener->port(), false);
  const auto half = RawClient::create(*server.loop, server.listener->port(), true);
  const auto idle = RawClient::create(*server.loop, server.listener->port(), true);
  half->say("GET / HTTP/1.1\r\nHost: ");
  idle->say(get("/"));
  Timer drip(*server.loop);
  std::function<void()> say_more = [&] {
    half->say("a");
    drip.set(milliseconds(50), say_more);
  };
  drip.set(milliseconds(50), say_more);
  ASSERT_TRUE(server.wait([&] { return !silent->closed.empty() && !half->closed.empty() && !idle->closed.empty(); }));
  EXPECT_TRUE(silent->received.empty());
  EXPECT_TRUE(half->received.empty());
  EXPECT_TRUE(idle->text().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(Listener, a_client_that_takes_nothing_of_an_answer_is_closed) {
  TemporaryFolder folder;
  folder.write("large.bin", std::string(20'000'000, 'x'));
  LoopbackServer server([&](ListenerOptions& options) {
    options.site_folder = folder.path("");
    options.limits.write_timeout = milliseconds(500);
  });
  const auto client = RawClient::create(*server.loop, server.listener->port(), true);
  client->say(get("/large.bin"));
  ASSERT_TRUE(server.wait([&] { return !client->received.empty(); }));
  client->socket->set_reading(false);
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().open == 0; }));
  EXPECT_LT(client->received.size(), 20'000'000u);
}

TEST(Listener, connections_beyond_the_cap_are_closed_and_room_comes_back) {
  LoopbackServer server([](ListenerOptions& options) { options.limits.connections_max = 2; });
  Client first;
  Client second;
  first.dial(*server.loop, server.route());
  second.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return first.opened && second.opened; }));
  Client third;
  third.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return !third.closed.empty(); }));
  EXPECT_FALSE(third.opened);
  EXPECT_EQ(server.listener->counts().refused, 1u);
  first.pipe->close();
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().open == 1; }));
  Client fourth;
  fourth.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return fourth.opened; }));
}

TEST(Listener, a_renewed_certificate_is_taken_up_and_a_broken_one_is_not) {
  LoopbackServer server;
  const auto renewed = make_self_signed_certificate({"localhost"}, server.loop->now()).value();
  server.folder.write("home.crt", renewed.certificate);
  EXPECT_EQ(server.listener->reload_certificate().error().code, kKeyMismatch);
  WssOptions options;
  options.trust = {TlsTrust::Kind::kSpkiSha256, server.files->spki};
  Client before;
  before.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return before.opened; }));
  server.folder.write("home.key", renewed.key);
  ASSERT_TRUE(server.listener->reload_certificate());
  options.trust.pin = spki_sha256(renewed.certificate).value();
  Client after;
  after.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return after.opened; }));
  EXPECT_TRUE(before.closed.empty());
}

TEST(Listener, closing_it_leaves_the_pipes_alone) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  const auto stranger = RawClient::create(*server.loop, server.listener->port(), true);
  ASSERT_TRUE(server.wait([&] { return client.opened && server.listener->counts().handshakes == 2; }));
  const auto route = server.route();
  server.listener.reset();
  Client late;
  late.dial(*server.loop, route);
  ASSERT_TRUE(client.pipe->send(Bytes{'x'}));
  ASSERT_TRUE(
      server.wait([&] { return client.received.size() == 1 && !late.closed.empty() && !stranger->closed.empty(); }));
  EXPECT_TRUE(late.closed_with(kConnectionRefused));
}

TEST(Listener, a_pipe_that_nobody_wants_is_closed) {
  LoopbackServer server;
  ListenerOptions options;
  options.addresses = {"127.0.0.1"};
  options.port = 0;
  options.certificate_file = server.files->certificate;
  options.key_file = server.files->key;
  ByteArray<16> source{};
  const auto listener = Listener::create(*server.loop, options, [&](Arrival arrival) {
                          source = arrival.source;
                          return PipeEvents{};
                        }).value();
  Client client;
  client.dial(*server.loop, {routes::Carrier::kWss, "127.0.0.1", listener->port(), "/ws"});
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty(); }));
  EXPECT_EQ(source, (ByteArray<16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}));
  ASSERT_TRUE(server.wait([&] { return listener->counts().open == 0; }));
}

TEST(Listener, behind_a_proxy_it_speaks_plain_http_on_loopback) {
  LoopbackServer server([](ListenerOptions& options) {
    options.plain_behind_proxy = true;
    options.certificate_file.clear();
  });
  const auto client = RawClient::create(*server.loop, server.listener->port(), false);
  client->say(get("/", "Connection: close\r\n"));
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(Listener, both_families_get_the_same_free_port) {
  LoopbackServer server([](ListenerOptions& options) { options.addresses = {"127.0.0.1", "::1"}; });
  EXPECT_NE(server.listener->port(), 0);
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
}

// Takes pipes and keeps what comes with them, to answer when the test says so.
struct LateTaker {
  explicit LateTaker(LoopbackServer& server, const std::function<void(ListenerOptions&)>& adjust = {}) {
    ListenerOptions options;
    options.addresses = {"127.0.0.1"};
    options.port = 0;
    options.certificate_file = server.files->certificate;
    options.key_file = server.files->key;
    options.answer_later = true;
    options.more_websocket_paths = {"/other"};
    if (adjust) adjust(options);
    listener = Listener::create(*server.loop, options, [this](Arrival got) {
                 arrival = std::move(got);
                 PipeEvents events;
                 events.on_bytes = [this](ByteView bytes) { append(received, bytes); };
                 events.on_closed = [this](Error error) { closed.push_back(error); };
                 return events;
               }).value();
  }
  routes::Route route(const std::string& path = "/ws") const {
    return {routes::Carrier::kWss, "127.0.0.1", listener->port(), path};
  }

  std::unique_ptr<Listener> listener;
  Arrival arrival;
  Bytes received;
  std::vector<Error> closed;
};

TEST(Listener, an_upgrade_is_answered_when_its_taker_says_so_and_first_bytes_come_before) {
  LoopbackServer server;
  LateTaker taker(server);
  Client client;
  WssOptions options;
  options.early_bytes = Bytes{'e', 'a', 'r', 'l', 'y'};
  client.dial(*server.loop, taker.route("/other"), options);
  ASSERT_TRUE(server.wait([&] { return taker.received.size() == 5; }));
  EXPECT_FALSE(client.opened);
  EXPECT_EQ(taker.arrival.path, 1U);
  ASSERT_TRUE(taker.arrival.pipe->send(Bytes{'l', 'a', 't', 'e'}));
  taker.arrival.accept();
  ASSERT_TRUE(server.wait([&] { return client.received.size() == 4; }));
  EXPECT_TRUE(client.opened);
  EXPECT_EQ(taker.received.size(), 5U) << "once";
  ASSERT_TRUE(client.pipe->send(Bytes{'x'}));
  ASSERT_TRUE(server.wait([&] { return taker.received.size() == 6; }));
}

TEST(Listener, the_site_answers_an_upgrade_whose_taker_goes) {
  LoopbackServer server;
  LateTaker taker(server);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const auto asks = [&](const std::string& path) {
    auto client = RawClient::create(*server.loop, taker.listener->port(), true);
    client->say(get(path, upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    return client;
  };
  const auto wrong = asks("/nothing");
  ASSERT_TRUE(server.wait([&] { return !wrong->received.empty(); }));
  const auto right = asks("/ws");
  ASSERT_TRUE(server.wait([&] { return taker.arrival.pipe != nullptr; }));
  taker.arrival.pipe.reset();
  ASSERT_TRUE(server.wait([&] { return right->received.size() == wrong->received.size(); }));
  EXPECT_TRUE(right->text().starts_with("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_TRUE(taker.closed.empty()) << "who goes is not called";
  right->say(get("/"));
  ASSERT_TRUE(server.wait([&] { return right->text().find("HTTP/1.1 200") != std::string::npos; }));
}

TEST(Listener, an_upgrade_that_nobody_answers_gets_the_site_after_a_while) {
  LoopbackServer server;
  LateTaker taker(server, [](ListenerOptions& options) { options.limits.header_timeout = milliseconds(200); });
  Client client;
  client.dial(*server.loop, taker.route());
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty() && !taker.closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kUpgradeRefused));
  taker.arrival.accept();  // too late, and harmless
}

TEST(Listener, a_taker_hears_of_a_client_that_leaves_before_the_answer) {
  LoopbackServer server;
  LateTaker taker(server);
  Client client;
  client.dial(*server.loop, taker.route());
  ASSERT_TRUE(server.wait([&] { return taker.arrival.pipe != nullptr; }));
  client.pipe.reset();
  ASSERT_TRUE(server.wait([&] { return !taker.closed.empty(); }));
  taker.arrival.accept();
  EXPECT_EQ(taker.listener->counts().pipes, 0U);
}

TEST(Listener, what_is_no_upgrade_goes_to_the_sites_server_byte_for_byte) {
  LoopbackServer server;
  RawServer site(*server.loop, "anything at all", true);
  LateTaker taker(
      server, [&](ListenerOptions& options) { options.site_upstream = "127.0.0.1:" + std::to_string(site.port()); });
  Client client;
  client.dial(*server.loop, taker.route());
  ASSERT_TRUE(server.wait([&] { return taker.arrival.pipe != nullptr; }));
  EXPECT_EQ(site.accepted, 0) << "our clients cost the site's server nothing";
  const auto stranger = RawClient::create(*server.loop, taker.listener->port(), true);
  stranger->say("\x01 no HTTP");
  ASSERT_TRUE(server.wait([&] { return !stranger->closed.empty(); }));
  EXPECT_EQ(stranger->text(), "anything at all");
  ASSERT_TRUE(server.wait([&] { return site.received == "\x01 no HTTP"; }));
}

TEST(Listener, half_a_request_for_the_right_path_waits_and_then_goes_to_the_sites_server_whole) {
  LoopbackServer server;
  RawServer site(*server.loop, "", false);
  LateTaker taker(
      server, [&](ListenerOptions& options) { options.site_upstream = "127.0.0.1:" + std::to_string(site.port()); });
  const auto stranger = RawClient::create(*server.loop, taker.listener->port(), true);
  stranger->say("GET /w");
  ASSERT_TRUE(server.wait([&] { return site.accepted == 1; })) << "its clock runs";
  EXPECT_EQ(site.received, "");
  stranger->say("rong");
  ASSERT_TRUE(server.wait([&] { return site.received == "GET /wrong"; }));
}

TEST(Listener, bad_options_are_named) {
  LoopbackServer server;
  const auto refusal = [&](const std::function<void(ListenerOptions&)>& adjust) {
    ListenerOptions options;
    options.addresses = {"127.0.0.1"};
    options.port = 0;
    options.certificate_file = server.files->certificate;
    options.key_file = server.files->key;
    adjust(options);
    const auto made = Listener::create(*server.loop, options, [](Arrival) { return PipeEvents{}; });
    return made ? ErrorCode{} : made.error().code;
  };
  EXPECT_EQ(refusal([&](auto& o) { o.port = server.listener->port(); }), kAddressInUse);
  EXPECT_EQ(refusal([](auto& o) { o.addresses = {"localhost"}; }), kBadAddress);
  EXPECT_EQ(refusal([](auto& o) { o.addresses = {"192.0.2.1"}; }), kBadAddress);
  EXPECT_EQ(refusal([](auto& o) { o.addresses = {}; }), kBadAddress);
  EXPECT_EQ(refusal([](auto& o) { o.websocket_path = "ws"; }), kBadOption);
  EXPECT_EQ(refusal([](auto& o) { o.more_websocket_paths = {"ws"}; }), kBadOption);
  EXPECT_EQ(refusal([](auto& o) { o.site_upstream = "localhost:80"; }), kBadOption);
  EXPECT_EQ(refusal([](auto& o) { o.site_upstream = "127.0.0.1:0"; }), kBadOption);
  EXPECT_EQ(refusal([](auto& o) { o.site_folder = "/nowhere/at/all"; }), kBadSiteFolder);
  EXPECT_EQ(refusal([](auto& o) { o.certificate_file = "/nowhere"; }), kBadCertificate);
  EXPECT_EQ(refusal([](auto& o) {
              o.plain_behind_proxy = true;
              o.addresses = {"0.0.0.0"};
            }),
            kBadOption);
}

}  // namespace
}  // namespace godwit::net
