// A client's pipe to a real listener on loopback, and to servers that misbehave.

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

using testing::Client;
using testing::LoopbackServer;
using testing::pattern;
using testing::RawServer;

routes::Route raw_route(uint16_t port) { return {routes::Carrier::kWss, "127.0.0.1", port, "/ws"}; }

// Sends all of `bytes`, waiting for room when there is none.
void send_all(LoopbackServer& server, Client& client, const Bytes& bytes, size_t chunk) {
  for (size_t at = 0; at < bytes.size();) {
    const ByteView part = ByteView(bytes).subspan(at, std::min(chunk, bytes.size() - at));
    const int drained = client.drained;
    if (client.pipe->send(part).has_value()) {
      at += part.size();
    } else {
      ASSERT_TRUE(server.wait([&] { return client.drained > drained; }));
    }
  }
}

TEST(Wss, bytes_are_echoed_in_order_however_they_are_cut) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  const Bytes sent = pattern(50'000);
  for (size_t at = 0, size = 1; at < sent.size(); at += size, size = size * 3 % 7001 + 1) {
    ASSERT_TRUE(client.pipe->send(ByteView(sent).subspan(at, std::min(size, sent.size() - at))));
  }
  EXPECT_FALSE(client.opened);
  ASSERT_TRUE(server.wait([&] { return client.received.size() == sent.size(); }));
  EXPECT_TRUE(client.opened);
  EXPECT_EQ(client.received, sent);
}

TEST(Wss, five_megabytes_pass_both_ways_within_the_bound) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  const Bytes sent = pattern(5'000'000);
  send_all(server, client, sent, 100'000);
  ASSERT_TRUE(server.wait([&] { return client.received.size() == sent.size(); }));
  EXPECT_EQ(client.received, sent);
  EXPECT_GT(client.drained, 0) << "the bound was met";
  EXPECT_EQ(server.peers[0]->received, sent);
}

TEST(Wss, a_peer_that_does_not_read_fills_the_queue_to_its_bound) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened && server.peers.size() == 1; }));
  server.peers[0]->pipe->set_reading(false);
  const Bytes chunk = pattern(60'000);
  size_t sent = 0;
  Status status;
  // The kernel's buffers take some megabytes; then nothing moves any more.
  for (int drained = -1; drained != client.drained && sent < 64'000'000;) {
    drained = client.drained;
    while ((status = client.pipe->send(chunk))) sent += chunk.size();
    ASSERT_EQ(status.error().code, kPipeFull);
    EXPECT_LE(client.pipe->queued_bytes(), kPipeQueueBytesMax + chunk.size());
    server.loop->run_until([&] { return client.drained != drained; }, milliseconds(300));
  }
  const int before = client.drained;
  server.echoes = false;
  server.peers[0]->pipe->set_reading(true);
  ASSERT_TRUE(server.wait([&] { return client.drained == before + 1 && server.peers[0]->received.size() == sent; }));
}

TEST(Wss, early_bytes_are_answered_in_one_flight_after_the_handshake) {
  LoopbackServer server;
  TlsTickets tickets;
  const Bytes early = pattern(4096);
  for (const bool resumed : {false, true}) {
    Client client;
    WssOptions options;
    options.tickets = &tickets;
    options.early_bytes = early;
    client.dial(*server.loop, server.route(), options);
    ASSERT_TRUE(server.wait([&] { return client.received.size() == early.size(); }));
    EXPECT_EQ(client.received, early);
    const Traffic traffic = client.pipe->traffic();
    EXPECT_EQ(traffic.writes, 2u) << "hello; finished, upgrade and early bytes";
    EXPECT_LE(traffic.reads, 4u);
    EXPECT_LE(server.peers.back()->pipe->traffic().writes, 2u) << "hello to finished; tickets, 101 and the reply";
    RecordProperty(resumed ? "resumed_bytes" : "full_bytes",
                   static_cast<int>(traffic.bytes_read + traffic.bytes_written));
    client.pipe->close();
    ASSERT_TRUE(server.wait([&] { return client.closed_with(kClosedByUs); }));
  }
  EXPECT_EQ(server.listener->counts().handshakes, 2u);
  EXPECT_EQ(server.listener->counts().handshakes_resumed, 1u);
}

TEST(Wss, what_is_sent_in_one_turn_leaves_in_one_write) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  const uint64_t before = client.pipe->traffic().writes;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.pipe->send(pattern(100)));
  ASSERT_TRUE(server.wait([&] { return client.received.size() == 2000; }));
  EXPECT_EQ(client.pipe->traffic().writes, before + 1);
}

TEST(Wss, closing_is_told_to_both_sides_by_name) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  ASSERT_TRUE(client.pipe->send(Bytes{'x'}));
  client.pipe->close();
  EXPECT_EQ(client.pipe->send(Bytes{'y'}).error().code, kPipeClosed);
  EXPECT_TRUE(client.closed.empty());
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty() && !server.peers[0]->closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kClosedByUs));
  EXPECT_EQ(server.peers[0]->closed[0].code, kClosedByPeer);
  EXPECT_EQ(as_text(server.peers[0]->received), "x");
}

TEST(Wss, the_servers_close_reaches_the_client) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  ASSERT_TRUE(server.peers[0]->pipe->send(Bytes{'x'}));
  server.peers[0]->pipe->close();
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kClosedByPeer));
  EXPECT_EQ(as_text(client.received), "x");
}

TEST(Wss, a_destroyed_pipe_still_sends_what_was_queued) {
  LoopbackServer server;
  server.echoes = false;
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  const Bytes sent = pattern(900'000);
  ASSERT_TRUE(client.pipe->send(sent));
  client.pipe.reset();
  ASSERT_TRUE(server.wait([&] { return !server.peers[0]->closed.empty(); }));
  EXPECT_EQ(server.peers[0]->received, sent);
  EXPECT_EQ(server.peers[0]->closed[0].code, kClosedByPeer);
  EXPECT_TRUE(client.closed.empty());
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().open == 0; }));
}

TEST(Wss, a_pipe_may_be_destroyed_by_its_own_callbacks) {
  LoopbackServer server;
  int called = 0;
  std::unique_ptr<Pipe> pipe;
  for (const int which : {0, 1, 2}) {
    PipeEvents events;
    const auto destroy = [&] {
      ++called;
      pipe.reset();
    };
    events.on_open = [&, which] {
      if (which == 0) return destroy();
      ASSERT_TRUE(pipe->send(Bytes{1}));
      if (which == 2) pipe->close();
    };
    events.on_bytes = [&, which](ByteView) {
      if (which == 1) destroy();
    };
    events.on_closed = [&](Error) { destroy(); };
    pipe = connect_wss(*server.loop, server.route(), {}, std::move(events)).value();
    ASSERT_TRUE(server.wait([&] { return called == which + 1; }));
    EXPECT_EQ(pipe, nullptr);
  }
}

TEST(Wss, a_pipe_destroyed_while_it_dials_is_never_heard_of_again) {
  LoopbackServer server;
  Client client;
  client.dial(*server.loop, server.route());
  client.pipe.reset();
  server.loop->run_until([&] { return client.opened || !client.closed.empty(); }, milliseconds(100));
  EXPECT_FALSE(client.opened);
  EXPECT_TRUE(client.closed.empty());
}

TEST(Wss, a_wrong_pin_is_named_and_the_right_one_opens) {
  LoopbackServer server;
  WssOptions options;
  options.trust = {TlsTrust::Kind::kCertificateSha256, server.files->spki};
  Client wrong;
  wrong.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return !wrong.closed.empty(); }));
  EXPECT_TRUE(wrong.closed_with(kSslPinMismatch));
  EXPECT_TRUE(server.peers.empty());
  options.trust.pin = server.files->sha256;
  Client right;
  right.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return right.opened; }));
}

TEST(Wss, a_bridge_is_dialled_likewise_and_the_routes_pin_goes_first) {
  LoopbackServer server;
  auto route = server.route();
  route.carrier = routes::Carrier::kBridge;
  route.parameters["pin"] = to_base64url(server.files->sha256);
  WssOptions options;
  options.trust = {TlsTrust::Kind::kCertificateSha256, server.files->spki};
  Client right;
  right.dial(*server.loop, route, options);
  ASSERT_TRUE(server.wait([&] { return right.opened; }));
  options.trust.pin = server.files->sha256;
  route.parameters["pin"] = to_base64url(server.files->spki);
  Client wrong;
  wrong.dial(*server.loop, route, options);
  ASSERT_TRUE(server.wait([&] { return !wrong.closed.empty(); }));
  EXPECT_TRUE(wrong.closed_with(kSslPinMismatch));
}

TEST(Wss, the_hello_shows_the_routes_name_another_name_or_none) {
  const auto loop = EventLoop::create().value();
  RawServer silent(*loop, "", false);
  auto route = raw_route(silent.port());
  route.host = "localhost";
  for (const std::string name : {"", "none", "other.example"}) {
    if (!name.empty()) route.parameters["sni"] = name;
    for (const routes::HelloKind look : {routes::HelloKind::kLean, routes::HelloKind::kVaried}) {
      silent.received.clear();
      WssOptions options;
      options.look = look;
      Client client;
      client.dial(*loop, route, options);
      ASSERT_TRUE(loop->run_until([&] { return silent.received.size() > 100; }, testing::kPatience));
      EXPECT_EQ(silent.received.find("localhost") != std::string::npos, name.empty());
      EXPECT_EQ(silent.received.find("other.example") != std::string::npos, name == "other.example");
    }
  }
}

TEST(Wss, a_name_is_resolved_and_its_addresses_are_tried_in_turn) {
  LoopbackServer server;
  auto route = server.route();
  route.host = "localhost";
  Client client;
  client.dial(*server.loop, route);
  ASSERT_TRUE(server.wait([&] { return client.opened || !client.closed.empty(); }));
  EXPECT_TRUE(client.opened);
}

TEST(Wss, another_path_is_refused_by_name) {
  LoopbackServer server;
  Client client;
  WssOptions options;
  options.early_bytes = pattern(500);
  client.dial(*server.loop, server.route("/other"), options);
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kUpgradeRefused));
  EXPECT_TRUE(server.peers.empty());
}

TEST(Wss, a_closed_port_is_connection_refused) {
  const auto loop = EventLoop::create().value();
  uint16_t port = 0;
  {
    const RawServer gone(*loop, "", false);
    port = gone.port();
  }
  Client client;
  client.dial(*loop, raw_route(port));
  ASSERT_TRUE(loop->run_until([&] { return !client.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(client.closed_with(kConnectionRefused));
}

TEST(Wss, a_server_that_is_no_tls_server_fails_by_name) {
  const auto loop = EventLoop::create().value();
  RawServer http(*loop, "HTTP/1.1 200 OK\r\n\r\n", false);
  RawServer silent(*loop, "", true);
  Client first;
  Client second;
  first.dial(*loop, raw_route(http.port()));
  second.dial(*loop, raw_route(silent.port()));
  ASSERT_TRUE(loop->run_until([&] { return !first.closed.empty() && !second.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(first.closed_with(kSslFailedHandshake));
  EXPECT_TRUE(second.closed_with(kEof));
}

TEST(Wss, a_server_that_accepts_and_says_nothing_is_noticed_by_its_silence) {
  const auto loop = EventLoop::create().value();
  RawServer silent(*loop, "", false);
  Client client;
  WssOptions options;
  options.stall = {milliseconds(50), milliseconds(150)};
  client.dial(*loop, raw_route(silent.port()), options);
  const Instant start = loop->steady_now();
  ASSERT_TRUE(loop->run_until([&] { return !client.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(client.closed_with(kGenericTimeout));
  EXPECT_LT(loop->steady_now() - start, seconds(10)) << "not by the connect timeout";
}

TEST(Wss, the_connect_timeout_is_kept) {
  const auto loop = EventLoop::create().value();
  RawServer silent(*loop, "", false);
  Client client;
  WssOptions options;
  options.connect_timeout = milliseconds(100);
  client.dial(*loop, raw_route(silent.port()), options);
  ASSERT_TRUE(loop->run_until([&] { return !client.closed.empty(); }, testing::kPatience));
  EXPECT_TRUE(client.closed_with(kGenericTimeout));
}

TEST(Wss, a_peer_that_stalls_with_data_outstanding_is_dead) {
  LoopbackServer server;
  Client client;
  WssOptions options;
  options.stall = {milliseconds(500), milliseconds(1500)};
  client.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  server.peers[0]->pipe->set_reading(false);
  ASSERT_TRUE(client.pipe->send(Bytes{'x'}));
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kGenericTimeout));
}

TEST(Wss, a_peer_that_is_only_slow_is_not_dead) {
  LoopbackServer server;
  server.echoes = false;
  Client client;
  WssOptions options;
  options.stall = {milliseconds(100), seconds(20)};
  client.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  const uint64_t before = client.pipe->traffic().reads;
  ASSERT_TRUE(client.pipe->send(Bytes{'x'}));
  client.pipe->set_awaiting(true);
  ASSERT_TRUE(server.wait([&] { return client.pipe->traffic().reads >= before + 3; })) << "pongs";
  EXPECT_TRUE(client.closed.empty());
  client.pipe->set_awaiting(false);
}

TEST(Wss, a_silent_pipe_without_outstanding_data_is_not_even_probed) {
  LoopbackServer server;
  Client client;
  WssOptions options;
  options.stall = {milliseconds(200), seconds(20)};
  client.dial(*server.loop, server.route(), options);
  ASSERT_TRUE(server.wait([&] { return client.opened; }));
  const uint64_t writes = client.pipe->traffic().writes;
  server.loop->run_until([&] { return !client.closed.empty(); }, milliseconds(700));
  EXPECT_TRUE(client.closed.empty());
  EXPECT_EQ(client.pipe->traffic().writes, writes);
}

TEST(Wss, the_server_ends_a_pipe_from_which_nothing_comes) {
  LoopbackServer server([](ListenerOptions& options) { options.limits.pipe_idle = milliseconds(200); });
  Client client;
  client.dial(*server.loop, server.route());
  ASSERT_TRUE(server.wait([&] { return !client.closed.empty(); }));
  EXPECT_TRUE(client.closed_with(kClosedByPeer));
  EXPECT_EQ(server.peers[0]->closed[0].code, kGenericTimeout);
}

TEST(Wss, bad_options_are_refused_at_once) {
  const auto loop = EventLoop::create().value();
  WssOptions options;
  options.early_bytes = Bytes(64 * 1024 + 1);
  EXPECT_EQ(connect_wss(*loop, raw_route(1), options, {}).error().code, kBadOption);
}

}  // namespace
}  // namespace godwit::net
