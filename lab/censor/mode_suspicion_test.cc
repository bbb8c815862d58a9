// Modes 8, 9, 11, 12, 13 and 18: what goes by looks.

#include <gtest/gtest.h>

#include <fstream>

#include "lab/censor/model.h"
#include "lab/censor/recognise.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string fingerprint_of(const Bytes& record) {
  TlsHello hello;
  EXPECT_EQ(parse_tls_hello(record, hello), HelloState::kWhole);
  return ja4(hello, HelloCarrier::kTls);
}

/// The client's Finished, and nothing with it.
Bytes finished() {
  Bytes out{20, 3, 3, 0, 1, 1};
  append(out, tls_record(23, 53));
  return out;
}

TEST(TlsFp, the_handshake_of_a_listed_hello_ends_well_and_then_no_data_passes) {
  const Bytes hello = hello_record(chrome_hello("www.example.org"));
  TestWire wire({"tls-fp:ja4=" + fingerprint_of(hello) + ",dst=203.0.113.0/24"});
  TestConnection listed(wire, 4000), elsewhere(wire, 4001, 443, "198.51.100.7"), other(wire, 4002);
  for (TestConnection* connection : {&listed, &elsewhere, &other}) {
    ASSERT_TRUE(connection->open());
    const bool cut = connection == &listed;  // in two segments, which the box puts together
    const Bytes& sent = connection == &other ? hello_record(firefox_hello("www.example.org")) : hello;
    if (cut) {
      EXPECT_TRUE(connection->up(ByteView(sent).first(100)));
    }
    EXPECT_TRUE(connection->up(ByteView(sent).subspan(cut ? 100 : 0)));
    EXPECT_TRUE(connection->down(server_hello()));
    EXPECT_TRUE(connection->up(finished()));
    EXPECT_EQ(connection->down(tls_record(23, 200)), !cut);
    EXPECT_EQ(connection->up(tls_record(23, 200)), !cut);
  }
  EXPECT_EQ(wire.counter("hellos"), 1U);
  EXPECT_EQ(wire.counter("packets_dropped"), 2U);
}

TEST(TlsFp, the_hello_itself_can_be_dropped_and_without_reassembly_a_cut_hello_passes) {
  const Bytes hello = hello_record(chrome_hello("www.example.org"));
  TestWire wire({"tls-fp:action=hello,reassemble=off,ja4=" + fingerprint_of(hello)});
  TestConnection whole(wire, 4000), cut(wire, 4001);
  ASSERT_TRUE(whole.open() && cut.open());
  EXPECT_FALSE(whole.up(hello));
  EXPECT_TRUE(cut.up(ByteView(hello).first(50)) && cut.up(ByteView(hello).subspan(50)) && cut.down(server_hello()));
}

/// Opens a connection and sends a hello; true if the hello arrived.
bool dial(TestWire& wire, const HelloParts& parts, const std::string& server = kServer) {
  static uint16_t port = 10000;
  TestConnection connection(wire, ++port, 443, server);
  EXPECT_TRUE(connection.open());  // TCP always opens
  return connection.up(hello_record(parts));
}

TEST(Siberian, the_fourth_quick_handshake_freezes_the_name_for_120_s) {
  TestWire wire({"siberian"});
  const HelloParts chrome = chrome_hello("relay.example");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(dial(wire, chrome)) << i;
    wire.pass(milliseconds(300));
  }
  EXPECT_FALSE(dial(wire, chrome));
  EXPECT_TRUE(dial(wire, chrome_hello("other.example")));
  wire.pass(milliseconds(119'900));
  EXPECT_FALSE(dial(wire, chrome));
  wire.pass(milliseconds(100));
  EXPECT_TRUE(dial(wire, chrome));
}

TEST(Siberian, spaced_dials_other_families_nameless_hellos_and_one_connection_pass) {
  TestWire wire({"siberian"});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(dial(wire, chrome_hello("spaced.example")));
    wire.pass(milliseconds(400));
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(dial(wire, firefox_hello("fox.example")));
    EXPECT_TRUE(dial(wire, chrome_hello("")));
  }
  TestConnection one(wire, 4000);
  ASSERT_TRUE(one.open());
  EXPECT_TRUE(one.up(hello_record(chrome_hello("one.example"))));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(one.up(random_bytes(100)) && one.down(random_bytes(100)));
}

TEST(Siberian, a_changed_family_while_frozen_bans_the_servers_address_for_600_s) {
  TestWire wire({"siberian"});
  for (int i = 0; i < 4; ++i) dial(wire, chrome_hello("relay.example"));
  EXPECT_FALSE(dial(wire, firefox_hello("relay.example")));
  EXPECT_FALSE(dial(wire, firefox_hello("other.example")));
  EXPECT_TRUE(dial(wire, firefox_hello("other.example"), "203.0.113.6"));
  wire.pass(milliseconds(599'900));
  EXPECT_FALSE(dial(wire, firefox_hello("other.example")));
  wire.pass(milliseconds(100));
  EXPECT_TRUE(dial(wire, firefox_hello("other.example")));
}

TEST(Siberian, other_counts_if_asked_and_listed_hellos_do) {
  HelloParts plain;
  plain.server_name = "relay.example";
  TestWire other({"siberian:families=other"});
  TestWire listed({"siberian:ja4=" + fingerprint_of(hello_record(plain))});
  TestWire neither({"siberian"});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(dial(other, plain), i < 3);
    EXPECT_EQ(dial(listed, plain), i < 3);
    EXPECT_TRUE(dial(neither, plain));
  }
}

TEST(FullyEncrypted, each_of_the_five_exemptions_spares) {
  const Bytes random = random_bytes(200, 3);
  ASSERT_TRUE(fully_encrypted(random));
  Bytes bytes(200, 0x03);  // two bits a byte
  EXPECT_FALSE(fully_encrypted(bytes));
  bytes.assign(200, 0xf7);  // seven
  EXPECT_FALSE(fully_encrypted(bytes));
  const auto with_front = [&](const Bytes& front) {
    Bytes out = random;
    std::copy(front.begin(), front.end(), out.begin());
    return out;
  };
  EXPECT_FALSE(fully_encrypted(with_front(to_bytes(as_bytes("abcdef")))));
  EXPECT_FALSE(fully_encrypted(with_front({0x16, 3, 9})));
  EXPECT_FALSE(fully_encrypted(with_front({0x17, 3, 0})));
  EXPECT_TRUE(fully_encrypted(with_front({0x16, 3, 10})));
  EXPECT_TRUE(fully_encrypted(with_front({0x15, 3, 3})));
  EXPECT_FALSE(fully_encrypted(with_front(to_bytes(as_bytes("PUT ")))));
  EXPECT_FALSE(fully_encrypted(with_front(to_bytes(as_bytes("HEAD ")))));
  Bytes run = random;
  std::fill_n(run.begin() + 50, 20, uint8_t{'k'});
  run[49] = run[70] = 0xf0;
  EXPECT_TRUE(fully_encrypted(run));
  run[70] = 'k';
  run[71] = 0xf0;
  EXPECT_FALSE(fully_encrypted(run));
  Bytes half;  // every second byte printable, of four bits each: not more than half
  for (int i = 0; i < 100; ++i) append(half, Bytes{0xf0, '3'});
  EXPECT_TRUE(fully_encrypted(half));
  half.push_back('3');
  EXPECT_FALSE(fully_encrypted(half));
}

TEST(Fet, a_random_first_packet_costs_the_client_180_s_and_the_server_goes_on) {
  TestWire wire({"fet:p=1"});
  TestConnection raw(wire, 4000);
  ASSERT_TRUE(raw.open());
  EXPECT_TRUE(raw.up(random_bytes(200, 3)));
  EXPECT_FALSE(raw.up(random_bytes(200)));
  EXPECT_TRUE(raw.down(random_bytes(200)));
  EXPECT_FALSE(TestConnection(wire, 4001).syn());
  EXPECT_TRUE(TestConnection(wire, 4002, 444).syn());
  wire.pass(milliseconds(179'900));
  EXPECT_FALSE(TestConnection(wire, 4003).syn());
  wire.pass(milliseconds(100));
  EXPECT_TRUE(TestConnection(wire, 4004).syn());
}

TEST(Fet, tls_http_udp_and_later_randomness_pass) {
  TestWire wire({"fet:p=1"});
  TestConnection tls(wire, 4000), http(wire, 4001);
  ASSERT_TRUE(tls.open() && http.open());
  EXPECT_TRUE(tls.up(hello_record({})) && tls.up(random_bytes(200, 3)) && tls.up(random_bytes(200, 3)));
  EXPECT_TRUE(http.up(as_bytes("GET / HTTP/1.1\r\n\r\n")) && http.up(random_bytes(200, 3)) && http.up(random_bytes(9)));
  TestDatagrams udp(wire, 5000, 443);
  EXPECT_TRUE(udp.up(random_bytes(200, 3)) && udp.up(random_bytes(200, 3)));
}

TEST(Fet, about_a_quarter_of_the_connections_is_hit) {
  TestWire wire({"fet"});
  for (uint16_t i = 0; i < 1000; ++i) {
    TestConnection raw(wire, 4000, static_cast<uint16_t>(1000 + i));
    raw.open();
    raw.up(random_bytes(200, 3));
  }
  EXPECT_EQ(wire.counter("recognised"), 1000U);
  EXPECT_NEAR(static_cast<double>(wire.counter("blocks")), 263, 70);
}

TEST(InnerTls, the_centres_of_the_models_fire_and_far_bursts_do_not) {
  EXPECT_TRUE(like_tls_handshake({212.884, 4514.712, 107.771, 307.580}));
  EXPECT_TRUE(like_tls_handshake({640.657, 4649.303, 448.408, 1094.201}));
  EXPECT_TRUE(like_tls_handshake({1850.430, 4903.077, 785.253, 1051.223}));
  EXPECT_FALSE(like_tls_handshake({100, 100, 100, 100}));
  EXPECT_FALSE(like_tls_handshake({1850, 20000, 785, 1051}));
  // Within the second model's distance both, but its first burst must have 517 bytes.
  EXPECT_FALSE(like_tls_handshake({516, 4649.303, 448.408, 1094.201}));
  EXPECT_TRUE(like_tls_handshake({517, 4649.303, 448.408, 1094.201}));
}

/// An outer TLS connection up to the client's Finished.
void outer_handshake(TestConnection& connection) {
  ASSERT_TRUE(connection.open());
  ASSERT_TRUE(connection.up(hello_record({})));
  ASSERT_TRUE(connection.down(server_hello()));
  ASSERT_TRUE(connection.up(finished()));
}

TEST(InnerTls, a_handshake_inside_tls_is_dropped_when_its_fourth_burst_is_over) {
  TestWire wire({"inner-tls:parts=tls,background=0"});
  TestConnection connection(wire, 4000);
  outer_handshake(connection);
  EXPECT_TRUE(connection.up(random_bytes(1325)) && connection.up(random_bytes(573)));  // 1850 with 24 off each
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(connection.down(random_bytes(1250)));
  EXPECT_TRUE(connection.up(random_bytes(809)));
  EXPECT_TRUE(connection.down(random_bytes(1075)));
  EXPECT_FALSE(connection.up(random_bytes(100)));
  EXPECT_FALSE(connection.down(random_bytes(100)));
  EXPECT_EQ(wire.counter("inner_tls"), 1U);
}

TEST(InnerTls, a_first_burst_of_four_packets_or_other_sizes_pass) {
  TestWire wire({"inner-tls:parts=tls,background=0"});
  TestConnection many(wire, 4000), other(wire, 4001);
  outer_handshake(many);
  for (const size_t size : {500U, 500U, 500U, 446U}) EXPECT_TRUE(many.up(random_bytes(size)));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(many.down(random_bytes(1250)));
  EXPECT_TRUE(many.up(random_bytes(809)) && many.down(random_bytes(1075)) && many.up(random_bytes(100)));
  outer_handshake(other);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(other.up(random_bytes(200)) && other.down(random_bytes(300)));
}

TEST(InnerTls, the_background_hits_ordinary_flows_at_its_rate) {
  TestWire wire({"inner-tls:parts=tls,background=0.1"});
  for (uint16_t i = 0; i < 1000; ++i) {
    TestConnection connection(wire, static_cast<uint16_t>(4000 + i));
    outer_handshake(connection);
    for (int k = 0; k < 3; ++k) connection.up(random_bytes(200)), connection.down(random_bytes(300));
  }
  EXPECT_NEAR(static_cast<double>(wire.counter("inner_tls_background")), 100, 45);
}

TEST(InnerTls, three_big_client_packets_in_a_random_flow_are_dropped) {
  TestWire wire({"inner-tls:parts=big"});
  TestConnection random(wire, 4000), small(wire, 4001), tls(wire, 4002);
  ASSERT_TRUE(random.open() && small.open() && tls.open());
  EXPECT_TRUE(random.up(random_bytes(411, 3)) && random.down(random_bytes(1000)) && random.up(random_bytes(411)));
  EXPECT_FALSE(random.up(random_bytes(411)));
  EXPECT_FALSE(random.down(random_bytes(10)));
  EXPECT_TRUE(tls.up(hello_record({})));
  EXPECT_TRUE(small.up(random_bytes(410, 3)));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(small.up(random_bytes(410)) && tls.up(random_bytes(1000)));
}

TEST(InnerTls, wireguard_and_openvpn_pass_five_data_packets) {
  Bytes handshake(148, 0x55);
  std::fill_n(handshake.begin(), 4, uint8_t{0});
  handshake[0] = 1;
  Bytes data(128, 0x66);
  std::fill_n(data.begin(), 4, uint8_t{0});
  data[0] = 4;
  Bytes openvpn(54, 0x77), openvpn_data(100, 0x77);
  openvpn[0] = 0x38;
  openvpn_data[0] = 9 << 3;
  TestWire wire({"inner-tls:parts=vpn"});
  TestDatagrams wireguard(wire, 1, 51820), vpn(wire, 2, 1194), other(wire, 3, 51820);
  EXPECT_TRUE(wireguard.up(handshake) && vpn.up(openvpn) && other.up(data));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(wireguard.up(data), i < 5);
    EXPECT_EQ(vpn.down(openvpn_data), i < 5);
    EXPECT_TRUE(other.up(data));
  }
  EXPECT_EQ(wire.counter("wireguard"), 1U);
  EXPECT_EQ(wire.counter("openvpn"), 1U);
}

/// A session that the fet test recognises.
TestConnection random_session(TestWire& wire, uint16_t port) {
  TestConnection connection(wire, port);
  connection.open();
  connection.up(random_bytes(200, 3));
  return connection;
}

TEST(Learn, three_sessions_lead_to_a_probe_and_its_verdict_to_a_block_after_5_to_15_min) {
  TestWire wire({"learn"});
  random_session(wire, 4000);
  random_session(wire, 4001);
  wire.pass(seconds(400));
  EXPECT_TRUE(wire.censor().take_suspects().empty());
  TestConnection running = random_session(wire, 4002);
  const Time threshold = wire.now();
  std::vector<Suspect> suspects;
  while (suspects.empty() && wire.now() < threshold + seconds(301)) {
    wire.pass(seconds(1));
    suspects = wire.censor().take_suspects();
  }
  ASSERT_EQ(suspects.size(), 1U);
  EXPECT_GE(wire.now() - threshold, seconds(60));
  EXPECT_EQ(suspects[0].server.text(), std::string(kServer) + ":443");
  EXPECT_EQ(suspects[0].first_payload, random_bytes(200, 3));
  EXPECT_EQ(suspects[0].reason, "fet");
  wire.censor().on_verdict(suspects[0].server, true, wire.now());
  while (running.up(random_bytes(10)) && wire.now() < threshold + seconds(901)) wire.pass(seconds(1));
  EXPECT_GE(wire.now() - threshold, seconds(300));
  EXPECT_LE(wire.now() - threshold, seconds(900));
  EXPECT_FALSE(TestConnection(wire, 4003).syn());
  EXPECT_TRUE(TestConnection(wire, 4003, 444).syn());
}

TEST(Learn, a_server_that_the_probe_takes_for_a_web_site_is_let_alone) {
  TestWire wire({"learn:sessions=1,analysis_min=60,analysis_max=60"});
  random_session(wire, 4000);
  wire.pass(seconds(61));
  const std::vector<Suspect> suspects = wire.censor().take_suspects();
  ASSERT_EQ(suspects.size(), 1U);
  wire.censor().on_verdict(suspects[0].server, false, wire.now());
  wire.pass(seconds(1000));
  EXPECT_TRUE(TestConnection(wire, 4001).open());
  EXPECT_EQ(wire.counter("servers_cleared"), 1U);
}

TEST(Learn, without_a_probe_it_blocks_when_the_analysis_is_over) {
  TestWire wire({"learn:sessions=2,analysis_min=60,analysis_max=60,probe=off"});
  TestConnection tls(wire, 3999);
  ASSERT_TRUE(tls.open());
  EXPECT_TRUE(tls.up(hello_record({})));  // not recognised
  random_session(wire, 4000);
  random_session(wire, 4001);
  wire.pass(seconds(59));
  EXPECT_TRUE(TestConnection(wire, 4002).open());
  wire.pass(seconds(2));
  EXPECT_FALSE(TestConnection(wire, 4003).syn());
  EXPECT_TRUE(wire.censor().take_suspects().empty());
}

TEST(Learn, the_other_two_recognisers_are_parts_of_it) {
  const Bytes hello = hello_record(chrome_hello("www.example.org"));
  TestWire wire({"learn:recognisers=tls-fp+inner-tls,ja4=" + fingerprint_of(hello)});
  TestConnection listed(wire, 4000), unlisted(wire, 4001);
  ASSERT_TRUE(listed.open() && unlisted.open());
  EXPECT_TRUE(listed.up(hello) && unlisted.up(hello_record({})));
  random_session(wire, 4002);
  EXPECT_EQ(wire.counter("sessions_recognised"), 1U);
  TestConnection big = random_session(wire, 4003);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(big.up(random_bytes(411)));
  EXPECT_EQ(wire.counter("sessions_recognised"), 2U);
}

std::string model_file(const std::string& contents) {
  const std::string path = testing::TempDir() + "censor_model_" + std::to_string(hash_text(contents)) + ".json";
  std::ofstream(path) << contents;
  return path;
}

TEST(Learned, a_flow_above_the_threshold_is_dropped_with_its_server_for_180_s) {
  const std::string model = model_file(R"({"stages": [{"packets": 6, "bias": 0, "threshold": 0.5,
    "stumps": [{"feature": "size_1", "at": 99, "above": 1, "below": -1},
               {"feature": "size_2", "at": -200, "above": 1, "below": 0}]}]})");
  TestWire wire({"learned:model=" + model});
  TestConnection small(wire, 4000), big(wire, 4001);
  ASSERT_TRUE(small.open() && big.open());
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(i % 2 == 0 ? small.up(random_bytes(99)) : small.down(random_bytes(300))) << i;
    EXPECT_EQ(i % 2 == 0 ? big.up(random_bytes(100)) : big.down(random_bytes(300)), i < 5) << i;
  }
  EXPECT_FALSE(big.up(random_bytes(10)));
  EXPECT_FALSE(TestConnection(wire, 4002).syn());
  EXPECT_TRUE(TestConnection(wire, 4002, 444).syn());
  wire.pass(seconds(180));
  EXPECT_TRUE(TestConnection(wire, 4003).open());
  EXPECT_EQ(wire.counter("flows_scored"), 2U);
  EXPECT_EQ(wire.counter("flows_recognised"), 1U);
}

TEST(Learned, a_regression_weighs_how_often_the_server_was_called) {
  const std::string model = model_file(R"({"stages": [{"packets": 6, "bias": -1, "threshold": 0,
    "weights": [{"feature": "calls", "mean": 0, "deviation": 2, "weight": 1}]}]})");
  TestWire wire({"learned:model=" + model});
  for (uint16_t i = 0; i < 4; ++i) {  // the fourth has three calls before it
    TestConnection connection(wire, static_cast<uint16_t>(4000 + i));
    ASSERT_TRUE(connection.open());
    for (int k = 0; k < 6; ++k) EXPECT_EQ(connection.up(random_bytes(50)), i < 3 || k < 5);
    wire.pass(seconds(20));
  }
}

TEST(Learned, model_files_that_are_not_models_are_refused_with_the_reason) {
  std::vector<StageModel> models;
  for (
      const char* text :
      {"", "[]", "{}", R"({"stages": []})", R"({"stages": [{"packets": 7, "bias": 0, "threshold": 0}]})",
       R"({"stages": [{"packets": 6, "bias": 0}]})",
       R"({"stages": [{"packets": 6, "bias": 0, "threshold": 0, "stumps": 3}]})",
       R"({"stages": [{"packets": 6, "bias": 0, "threshold": 0, "stumps": [{"feature": "size_7", "at": 0, "above": 0, "below": 0}]}]})",
       R"({"stages": [{"packets": 6, "bias": 0, "threshold": 0, "weights": [{"feature": "calls", "mean": 0, "deviation": 0, "weight": 0}]}]})"}) {
    EXPECT_FALSE(parse_model(text, models).empty()) << text;
  }
  Censor censor({}, {});
  EXPECT_NE(censor.set_modes({"learned"}, Time{}).find("option model"), std::string::npos);
}

}  // namespace
}  // namespace godwit::lab
