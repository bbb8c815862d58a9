// Dials of every carrier against servers that the test scripts.

#include "net/dial.h"

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/stream_client.h"
#include "net/stream_listener.h"
#include "net/testing/loopback.h"
#include "net/testing/name_server.h"
#include "routes/errors.h"

namespace godwit::net {
namespace {

using testing::LoopbackServer;
using testing::pattern;
using testing::RawServer;

const std::string kOnion = std::string(56, 'a') + ".onion";
const std::string kSocksGranted("\5\0\5\0\0\1\0\0\0\0\0\0", 12);

/// A dial and what became of it.
struct Dialled {
  Dialled(EventLoop& loop, const routes::Route& route, DialOptions options) {
    PipeEvents events;
    events.on_open = [this] { opened = true; };
    events.on_bytes = [this](ByteView bytes) { append(received, bytes); };
    events.on_closed = [this](Error error) { closed.push_back(error); };
    auto made = dial(loop, route, std::move(options), std::move(events));
    EXPECT_TRUE(made);
    if (made) pipe = std::move(*made);
  }
  bool closed_with(const ErrorCode& code) const { return closed.size() == 1 && closed[0].code == code; }

  std::unique_ptr<Pipe> pipe;
  Bytes received;
  bool opened = false;
  std::vector<Error> closed;
};

routes::Route onion() { return {routes::Carrier::kOnion, kOnion, 443}; }

DialOptions by_tor(uint16_t port) {
  DialOptions options;
  options.tor_port = port;
  return options;
}

/// A stream listener that echoes.
struct Echo {
  explicit Echo(EventLoop& loop)
      : listener(
            StreamListener::create(loop, 0, [this](Arrival arrival) { return accept(std::move(arrival)); }).value()) {}
  ~Echo() {
    for (const auto& each : pipes) each->reset();
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
  PipeEvents accept(Arrival arrival) {
    const auto pipe = std::make_shared<std::unique_ptr<Pipe>>(std::move(arrival.pipe));
    pipes.push_back(pipe);
    PipeEvents events;
    events.on_bytes = [pipe](ByteView bytes) { EXPECT_TRUE((*pipe)->send(bytes)); };
    events.on_closed = [this](Error error) { closed.push_back(error); };
    return events;
  }
  std::vector<std::shared_ptr<std::unique_ptr<Pipe>>> pipes;
  std::vector<Error> closed;
  std::unique_ptr<StreamListener> listener;
};

TEST(Dial, an_onion_service_is_reached_by_tors_proxy_and_its_name_is_not_resolved) {
  const auto loop = EventLoop::create().value();
  RawServer tor(*loop, kSocksGranted + "hello", false);
  DialOptions options = by_tor(tor.port());
  options.early_bytes = Bytes{'e', 'a', 'r', 'l', 'y'};
  Dialled dialled(*loop, onion(), std::move(options));
  ASSERT_TRUE(dialled.pipe->send(Bytes{'x'}));
  ASSERT_TRUE(loop->run_until([&] { return dialled.received.size() == 5; }, testing::kPatience));
  EXPECT_TRUE(dialled.opened);
  EXPECT_EQ(as_text(dialled.received), "hello") << "what came with the proxy's answer is not lost";
  ASSERT_TRUE(loop->run_until([&] { return tor.received.ends_with("earlyx"); }, testing::kPatience));
  EXPECT_NE(tor.received.find(kOnion), std::string::npos);
}

TEST(Dial, what_a_proxy_refuses_has_a_name) {
  const auto loop = EventLoop::create().value();
  struct Case {
    std::string answer;
    ErrorCode code;
  };
  for (const Case& each :
       {Case{std::string("\5\0\5\4\0\1\0\0\0\0\0\0", 12), routes::kProxyTarget}, Case{"\5\xff", routes::kProxyLogin},
        Case{"HTTP/1.1 400 Bad\r\n", routes::kBadProxyAnswer}}) {
    RawServer tor(*loop, each.answer, false);
    Dialled dialled(*loop, onion(), by_tor(tor.port()));
    ASSERT_TRUE(loop->run_until([&] { return !dialled.closed.empty(); }, testing::kPatience));
    EXPECT_TRUE(dialled.closed_with(each.code)) << dialled.closed[0].code.name;
    EXPECT_FALSE(dialled.opened);
  }
}

TEST(Dial, an_http_proxy_is_asked_with_the_users_login_and_what_it_refuses_has_a_name) {
  struct Case {
    std::string answer;
    ErrorCode code;
  };
  const auto loop = EventLoop::create().value();
  for (const Case& each : {Case{"HTTP/1.1 407 Login\r\n\r\n", routes::kProxyLogin},
                           Case{"HTTP/1.1 502 Bad Gateway\r\n\r\n", routes::kProxyTarget},
                           Case{"HTTP/1.1 403 Forbidden\r\n\r\n", routes::kProxyRefused},
                           Case{"hello\r\n\r\n", routes::kBadProxyAnswer}}) {
    RawServer proxy(*loop, each.answer, false);
    DialOptions options;
    options.connect.proxy = routes::parse_proxy("http://me:secret@127.0.0.1:" + std::to_string(proxy.port())).value();
    options.connect_timeout = seconds(10);
    Dialled dialled(*loop, {routes::Carrier::kWss, "home.example", 443, "/ws"}, std::move(options));
    ASSERT_TRUE(loop->run_until([&] { return !dialled.closed.empty(); }, testing::kPatience));
    EXPECT_TRUE(dialled.closed_with(each.code)) << each.answer << dialled.closed[0].code.name;
    ASSERT_TRUE(loop->run_until([&] { return proxy.received.size() > 60; }, testing::kPatience));
    EXPECT_TRUE(proxy.received.starts_with("CONNECT home.example:443 HTTP/1.1\r\nHost: home.example:443\r\n"));
    EXPECT_NE(proxy.received.find("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), std::string::npos);
  }
}

TEST(Dial, a_stream_pipe_carries_bytes_both_ways_and_tells_its_end) {
  const auto loop = EventLoop::create().value();
  Echo echo(*loop);
  StreamOptions options;
  options.early_bytes = pattern(1000);
  bool opened = false;
  Bytes received;
  std::vector<Error> closed;
  PipeEvents events;
  events.on_open = [&] { opened = true; };
  events.on_bytes = [&](ByteView bytes) { append(received, bytes); };
  events.on_closed = [&](Error error) { closed.push_back(error); };
  std::unique_ptr<Pipe> pipe;
  connect_stream(*loop, std::move(options), std::move(events), pipe).lock()->go({"127.0.0.1", echo.listener->port()});
  const Bytes more = pattern(700'000, 9);
  ASSERT_TRUE(pipe->send(more));
  ASSERT_TRUE(loop->run_until([&] { return received.size() == 701'000; }, testing::kPatience));
  EXPECT_EQ(ByteView(received).first(1000).size(), 1000u);
  EXPECT_TRUE(equal(ByteView(received).subspan(1000), more));
  echo.pipes[0]->reset();
  ASSERT_TRUE(loop->run_until([&] { return !closed.empty(); }, testing::kPatience));
  EXPECT_EQ(closed[0].code, kEof);
}

TEST(Dial, on_a_stream_silence_alone_is_death) {
  const auto loop = EventLoop::create().value();
  RawServer tor(*loop, kSocksGranted, false);
  DialOptions options = by_tor(tor.port());
  options.early_bytes = Bytes{1};
  options.stall = routes::StallTimes{milliseconds(50), milliseconds(150)};
  Dialled dialled(*loop, onion(), std::move(options));
  ASSERT_TRUE(loop->run_until([&] { return !dialled.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(dialled.opened);
  EXPECT_TRUE(dialled.closed_with(kGenericTimeout));
}

TEST(Dial, a_stream_listener_ends_pipes_from_which_nothing_comes) {
  const auto loop = EventLoop::create().value();
  std::vector<std::unique_ptr<Pipe>> pipes;
  std::vector<Error> ends;
  const auto listener = StreamListener::create(
                            *loop, 0,
                            [&](Arrival arrival) {
                              pipes.push_back(std::move(arrival.pipe));
                              PipeEvents events;
                              events.on_closed = [&](Error error) { ends.push_back(error); };
                              return events;
                            },
                            milliseconds(100))
                            .value();
  asio::ip::tcp::socket client(io_of(*loop));
  client.connect({asio::ip::address_v4::loopback(), listener->port()});
  ASSERT_TRUE(loop->run_until([&] { return ends.size() == 1; }, testing::kPatience));
  EXPECT_EQ(ends[0].code, kGenericTimeout);
  EXPECT_EQ(StreamListener::create(*loop, listener->port(), nullptr).error().code, kAddressInUse);
}

TEST(Dial, a_transport_without_programs_fails_by_name) {
  const auto loop = EventLoop::create().value();
  const testing::TemporaryFolder folder;
  const routes::Route obfs4{routes::Carrier::kObfs4, "192.0.2.1", 443, "/", {{"cert", "x"}}};
  Dialled without(*loop, obfs4, {});
  DialOptions options;
  options.transports =
      std::make_shared<Transports>(*loop, TransportOptions{folder.path("pt"), {{"obfs4", folder.path("missing")}}});
  Dialled missing(*loop, obfs4, std::move(options));
  ASSERT_TRUE(loop->run_until([&] { return !without.closed.empty() && !missing.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(without.closed_with(kPtMissing));
  EXPECT_TRUE(missing.closed_with(kPtMissing));
}

TEST(Dial, arguments_that_no_transport_takes_are_refused_at_once) {
  const auto loop = EventLoop::create().value();
  const routes::Route route{
      routes::Carrier::kSnowflake,
      "x",
      443,
      "/",
      {{"url", std::string(200, 'u')}, {"fronts", std::string(200, 'f')}, {"ice", std::string(200, 'i')}}};
  EXPECT_EQ(dial(*loop, route, {}, {}).error().code, routes::kBadRoute);
  DialOptions long_flight;
  long_flight.early_bytes = Bytes(64 * 1024 + 1);
  EXPECT_EQ(dial(*loop, onion(), std::move(long_flight), {}).error().code, kBadOption);
}

TEST(Dial, an_address_that_shows_a_wrong_certificate_is_left_for_the_next_and_the_right_one_is_remembered) {
  LoopbackServer server([](ListenerOptions& options) { options.addresses = {"127.0.0.1"}; });
  LoopbackServer forged([&](ListenerOptions& options) {
    options.addresses = {"127.0.0.2"};
    options.port = server.listener->port();
  });
  ResolverOptions names;
  names.system = [](const std::string&) -> SystemAnswer {
    return std::vector{routes::parse_address("127.0.0.2").value(), routes::parse_address("127.0.0.1").value()};
  };
  auto resolver = std::make_shared<Resolver>(*server.loop, names);
  auto route = server.route();
  route.host = "home.lan";
  std::vector<AddressReport> reports;
  const auto attempt = [&] {
    DialOptions options;
    options.home_pin = server.files->sha256;
    options.connect.resolver = resolver;
    options.connect.on_address = [&](const AddressReport& report) { reports.push_back(report); };
    Dialled dialled(*server.loop, route, std::move(options));
    // The forged server runs on its own loop: both have to turn.
    for (int i = 0; i < 3000 && !dialled.opened && dialled.closed.empty(); ++i) {
      server.loop->run_until([&] { return dialled.opened; }, milliseconds(5));
      forged.loop->run_until([] { return false; }, milliseconds(5));
    }
    EXPECT_TRUE(dialled.opened);
  };
  attempt();
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].address, "127.0.0.2");
  EXPECT_FALSE(reports[0].works);
  EXPECT_EQ(reports[1].address, "127.0.0.1");
  EXPECT_TRUE(reports[1].works);
  EXPECT_EQ(reports[1].source, routes::AddressSource::kSystem);
  attempt();
  ASSERT_EQ(reports.size(), 3u) << "what worked goes first";
  EXPECT_EQ(reports[2].source, routes::AddressSource::kHint);
}

TEST(Dial, an_address_that_says_nothing_is_left_when_a_better_one_is_known) {
  LoopbackServer server;
  // Listens and never accepts: the handshake of TCP is the kernel's, that of TLS never begins.
  asio::ip::tcp::acceptor deaf(io_of(*server.loop), {asio::ip::make_address("127.0.0.2"), server.listener->port()});
  ResolverOptions names;
  names.system = [](const std::string&) -> SystemAnswer {
    return std::vector{routes::parse_address("127.0.0.2").value(), routes::parse_address("127.0.0.1").value()};
  };
  auto route = server.route();
  route.host = "home.lan";
  DialOptions options;
  options.home_pin = server.files->sha256;
  options.connect.resolver = std::make_shared<Resolver>(*server.loop, names);
  options.connect.address_timeout = milliseconds(100);
  Dialled dialled(*server.loop, route, std::move(options));
  ASSERT_TRUE(server.wait([&] { return dialled.opened || !dialled.closed.empty(); }));
  EXPECT_TRUE(dialled.opened);
}

TEST(Dial, a_cut_connection_to_a_sure_address_does_not_wait_for_other_resolvers) {
  const auto loop = EventLoop::create().value();
  RawServer cutting(*loop, "", true);
  const testing::TemporaryFolder folder;
  const testing::CertificateFiles files(folder);
  const auto tls = make_tls_server(files.certificate, files.key, nullptr).value();
  testing::AnswerServer sure(*loop, tls.get(), testing::over_https({"127.0.0.1"}));
  testing::AnswerServer silent(*loop, nullptr, [](Bytes&) { return Bytes(); });
  ResolverOptions names;
  names.stagger = milliseconds(1);
  names.question_limit = minutes(10);
  names.system = [](const std::string&) -> SystemAnswer { return Error{kDnsNxdomain, "test"}; };
  routes::HttpsResolver https{"dns.example", sure.port(), "/dns-query", {routes::parse_address("127.0.0.1").value()}};
  https.pin = files.sha256;
  names.servers.https.push_back(https);
  names.servers.tcp.push_back({routes::parse_address("127.0.0.1").value(), silent.port()});
  DialOptions options;
  options.connect.resolver = std::make_shared<Resolver>(*loop, names);
  options.connect_timeout = minutes(10);
  Dialled dialled(*loop, {routes::Carrier::kWss, "home.example", cutting.port(), "/ws"}, std::move(options));
  ASSERT_TRUE(loop->run_until([&] { return !dialled.closed.empty(); }, testing::kPatience));
  EXPECT_EQ(cutting.accepted, 1);
}

}  // namespace
}  // namespace godwit::net
