// Modes 1, 3, 4, 5 and 7: what goes by names.

#include <gtest/gtest.h>

#include "lab/censor/dns.h"
#include "lab/censor/quic_initial.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Bytes hello_for(const std::string& name) {
  HelloParts parts;
  parts.server_name = name;
  return hello_record(parts);
}

TEST(DnsMode, a_listed_name_gets_a_forged_answer_after_3_ms_and_the_query_does_not_go_on) {
  TestWire wire({"dns:names=blocked.example"});
  TestDatagrams dns(wire, 5353, 53);
  EXPECT_FALSE(dns.up(dns_query("www.blocked.example")));
  ASSERT_EQ(dns.others().size(), 1U);
  const Arrival& forged = dns.others()[0];
  EXPECT_EQ(forged.host, TestWire::kUserHost);
  EXPECT_EQ(forged.at, milliseconds(3));
  EXPECT_EQ(forged.packet.from().text(), std::string(kServer) + ":53");
  EXPECT_EQ(forged.packet.payload()[3] & 15, 3);
  EXPECT_TRUE(checksums_right(forged.packet));
  EXPECT_EQ(wire.counter("queries_answered"), 1U);
}

TEST(DnsMode, other_names_other_ports_and_tcp_pass) {
  TestWire wire({"dns:names=blocked.example"});
  EXPECT_TRUE(TestDatagrams(wire, 5353, 53).up(dns_query("example.org")));
  EXPECT_TRUE(TestDatagrams(wire, 5354, 54).up(dns_query("blocked.example")));
  TestConnection tcp(wire, 4000, 53);
  ASSERT_TRUE(tcp.open());
  const Bytes query = dns_query("blocked.example");
  Bytes framed{0, static_cast<uint8_t>(query.size())};
  append(framed, query);
  EXPECT_TRUE(tcp.up(framed));
}

TEST(DnsMode, resolvers_inside_are_hijacked_too_unless_only_crossing_queries_are) {
  TestWire all({"dns:names=blocked.example"});
  EXPECT_FALSE(TestDatagrams(all, 5353, 53, kDomestic).up(dns_query("blocked.example")));
  TestWire crossing({"dns:names=blocked.example,where=crossing"});
  EXPECT_TRUE(TestDatagrams(crossing, 5353, 53, kDomestic).up(dns_query("blocked.example")));
}

TEST(DnsMode, the_forged_address_and_tcp_are_options) {
  TestWire wire({"dns:names=blocked.example,answer=address,address=10.10.34.35,tcp=on"});
  TestDatagrams dns(wire, 5353, 53, kServerV6, kUserV6);
  EXPECT_FALSE(dns.up(dns_query("blocked.example")));
  ASSERT_EQ(dns.others().size(), 1U);
  EXPECT_EQ(to_hex(dns.others()[0].packet.payload().last(4)), "0a0a2223");
  TestConnection tcp(wire, 4000, 53);
  ASSERT_TRUE(tcp.open());
  const Bytes query = dns_query("blocked.example");
  Bytes framed{0, static_cast<uint8_t>(query.size())};
  append(framed, query);
  EXPECT_FALSE(tcp.up(framed));
  ASSERT_EQ(tcp.others().size(), 2U);  // the answer to the client, a reset to the server
  EXPECT_EQ(tcp.others()[0].host, TestWire::kUserHost);
  EXPECT_EQ(tcp.others()[0].packet.sequence, 9000U);
  EXPECT_EQ(tcp.resets_to(TestWire::kServerHost), 1U);
  EXPECT_FALSE(tcp.down(random_bytes(30)));
}

TEST(SniRst, the_servers_first_data_is_replaced_by_resets_for_75_s) {
  TestWire wire({"sni-rst:names=blocked.example"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  EXPECT_TRUE(connection.up(hello_for("blocked.example")));
  EXPECT_FALSE(connection.down(server_hello()));
  EXPECT_EQ(connection.resets_to(TestWire::kUserHost), 1U);
  EXPECT_EQ(connection.resets_to(TestWire::kServerHost), 1U);
  EXPECT_EQ(connection.others()[0].packet.sequence, 9000U);  // where the client expects the next byte
  wire.pass(milliseconds(74'900));
  EXPECT_FALSE(connection.down(server_hello()));
  wire.pass(milliseconds(100));
  EXPECT_TRUE(connection.down(server_hello()));
}

TEST(SniRst, other_names_pass_and_a_name_in_the_second_segment_is_found_when_reassembling) {
  const Bytes hello = hello_for("blocked.example");
  for (const bool reassemble : {true, false}) {
    TestWire wire({std::string("sni-rst:names=blocked.example,reassemble=") + (reassemble ? "on" : "off")});
    TestConnection other(wire, 4001);
    ASSERT_TRUE(other.open());
    EXPECT_TRUE(other.up(hello_for("example.org")));
    EXPECT_TRUE(other.down(server_hello()));
    TestConnection cut(wire, 4000);
    ASSERT_TRUE(cut.open());
    EXPECT_TRUE(cut.up(ByteView(hello).first(60)));
    EXPECT_TRUE(cut.up(ByteView(hello).subspan(60)));
    EXPECT_EQ(cut.down(server_hello()), !reassemble);
    TestConnection whole(wire, 4002);
    ASSERT_TRUE(whole.open());
    EXPECT_TRUE(whole.up(hello));
    EXPECT_FALSE(whole.down(server_hello()));
  }
}

TEST(SniRst, the_box_beside_the_path_sends_three_resets_each_way_and_remembers_for_90_s) {
  TestWire wire({"sni-rst:names=blocked.example,variant=gfw,hit=1"});
  TestConnection connection(wire, 4000, 443, kServerV6, kUserV6);
  ASSERT_TRUE(connection.open());
  EXPECT_TRUE(connection.up(hello_for("blocked.example")));
  EXPECT_EQ(connection.resets_to(TestWire::kUserHost), 3U);
  EXPECT_EQ(connection.resets_to(TestWire::kServerHost), 3U);
  wire.pass(seconds(89));
  TestConnection later(wire, 4001, 443, kServerV6, kUserV6);
  ASSERT_TRUE(later.open());
  later.up(hello_for("example.org"));
  EXPECT_EQ(later.resets_to(TestWire::kUserHost), 3U);
  TestConnection other_port(wire, 4002, 444, kServerV6, kUserV6);
  ASSERT_TRUE(other_port.open());
  other_port.up(hello_for("example.org"));
  EXPECT_EQ(other_port.resets_to(TestWire::kUserHost), 0U);
  wire.pass(seconds(1));
  TestConnection free(wire, 4003, 443, kServerV6, kUserV6);
  ASSERT_TRUE(free.open());
  free.up(hello_for("example.org"));
  EXPECT_EQ(free.resets_to(TestWire::kUserHost), 0U);
}

TEST(SniRst, the_block_hits_six_of_ten_later_connections) {
  TestWire wire({"sni-rst:names=blocked.example,variant=gfw"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  connection.up(hello_for("blocked.example"));
  for (uint16_t i = 0; i < 1000; ++i) {
    TestConnection later(wire, static_cast<uint16_t>(5000 + i));
    later.open();
    later.up(hello_for("example.org"));
  }
  EXPECT_NEAR(static_cast<double>(wire.counter("later_connections_reset")), 600, 80);
}

TEST(SniDrop, five_to_eight_packets_pass_after_the_hello_and_the_flow_is_blocked_for_420_s) {
  std::map<int, int> passed;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    TestWire wire({"sni-drop:names=blocked.example"}, seed);
    TestConnection connection(wire, 4000);
    ASSERT_TRUE(connection.open());
    ASSERT_TRUE(connection.up(hello_for("blocked.example")));
    int count = 0;
    while (count < 20 && (count % 2 == 0 ? connection.down(random_bytes(9)) : connection.up(random_bytes(9)))) ++count;
    ++passed[count];
    wire.pass(seconds(419));
    EXPECT_FALSE(connection.up(random_bytes(9)));
    wire.pass(seconds(1));
    EXPECT_TRUE(connection.up(random_bytes(9)));
  }
  EXPECT_EQ(passed.begin()->first, 5);
  EXPECT_EQ(passed.rbegin()->first, 8);
  EXPECT_EQ(passed.size(), 4U);
}

TEST(SniDrop, the_hello_itself_is_dropped_in_the_other_variant_for_40_s_and_no_reset_is_sent) {
  TestWire wire({"sni-drop:names=blocked.example,variant=hello"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  EXPECT_FALSE(connection.up(hello_for("blocked.example")));
  EXPECT_TRUE(connection.others().empty());
  EXPECT_FALSE(connection.down(server_hello()));
  wire.pass(seconds(40));
  EXPECT_TRUE(connection.down(server_hello()));
  TestConnection other(wire, 4001);
  ASSERT_TRUE(other.open());
  EXPECT_TRUE(other.up(hello_for("example.org")));
  EXPECT_TRUE(other.down(server_hello()));
}

Bytes initial_for(const std::string& name) {
  HelloParts parts;
  parts.server_name = name;
  return make_quic_initial(Bytes{1, 2, 3, 4, 5, 6, 7, 8}, 0, 0, hello_handshake(parts));
}

TEST(QuicMode, version_1_in_1001_bytes_to_port_443_dies_for_420_s) {
  TestWire wire({"quic"});
  Bytes datagram = initial_for("example.org");
  datagram.resize(1001);
  TestDatagrams quic(wire, 5000, 443);
  EXPECT_FALSE(quic.up(datagram));
  EXPECT_FALSE(quic.down(random_bytes(50)));
  wire.pass(seconds(419));
  EXPECT_FALSE(quic.up(random_bytes(50)));
  wire.pass(seconds(1));
  EXPECT_TRUE(quic.up(random_bytes(50)));
  EXPECT_TRUE(TestDatagrams(wire, 5001, 8443).up(datagram));
  EXPECT_TRUE(TestDatagrams(wire, 5002, 443).up(ByteView(datagram).first(1000)));
  datagram[4] = 2;
  EXPECT_TRUE(TestDatagrams(wire, 5003, 443).up(datagram));
}

TEST(QuicMode, a_listed_name_in_a_decrypted_initial_costs_the_client_180_s) {
  TestWire wire({"quic:variant=gfw,names=blocked.example,p_server=1,p_flow=0"});
  TestDatagrams quic(wire, 5000, 443);
  EXPECT_TRUE(quic.up(initial_for("blocked.example")));
  EXPECT_TRUE(quic.up(random_bytes(50)));  // the block begins half a second later
  wire.pass(milliseconds(500));
  EXPECT_FALSE(quic.up(random_bytes(50)));
  EXPECT_TRUE(quic.down(random_bytes(50)));
  EXPECT_FALSE(TestDatagrams(wire, 5009, 443).up(random_bytes(50)));
  EXPECT_TRUE(TestDatagrams(wire, 5009, 444).up(random_bytes(50)));
  wire.pass(milliseconds(179'900));
  EXPECT_FALSE(quic.up(random_bytes(50)));
  wire.pass(milliseconds(100));
  EXPECT_TRUE(quic.up(random_bytes(50)));
}

TEST(QuicMode, other_names_lower_ports_and_junk_in_front_pass) {
  TestWire wire({"quic:variant=gfw,names=blocked.example,p_server=0,p_flow=1"});
  TestDatagrams other(wire, 5000, 443), low(wire, 300, 443), junk(wire, 5001, 443), caught(wire, 5002, 443);
  EXPECT_TRUE(other.up(initial_for("example.org")));
  EXPECT_TRUE(low.up(initial_for("blocked.example")));
  EXPECT_TRUE(junk.up(random_bytes(40)));
  EXPECT_TRUE(junk.up(initial_for("blocked.example")));
  EXPECT_TRUE(caught.up(initial_for("blocked.example")));
  wire.pass(seconds(1));
  EXPECT_TRUE(other.up(random_bytes(50)));
  EXPECT_TRUE(low.up(random_bytes(50)));
  EXPECT_TRUE(junk.up(random_bytes(50)));
  EXPECT_FALSE(caught.up(random_bytes(50)));
  EXPECT_EQ(wire.counter("flows_blocked"), 1U);
  wire.pass(seconds(61));  // idle that long, the flow is a new one whose first datagram counts
  EXPECT_TRUE(junk.up(initial_for("blocked.example")));
  EXPECT_EQ(wire.counter("flows_blocked"), 2U);
}

TEST(QuicMode, the_shares_of_the_blocks_are_those_measured) {
  TestWire wire({"quic:variant=gfw,names=blocked.example"});
  for (uint16_t i = 0; i < 1000; ++i) {
    TestDatagrams(wire, static_cast<uint16_t>(5000 + i), 443).up(initial_for("blocked.example"));
  }
  EXPECT_EQ(wire.counter("hellos"), 1000U);
  EXPECT_NEAR(static_cast<double>(wire.counter("servers_blocked")), 580, 80);
  EXPECT_NEAR(static_cast<double>(wire.counter("flows_blocked")), 370, 80);
}

TEST(EchDoh, the_name_and_the_extension_together_are_dropped_over_tcp_and_quic) {
  TestWire wire({"ech-doh"});
  HelloParts ech;
  ech.server_name = "cloudflare-ech.com";
  ech.extensions = {kExtensionEch};
  HelloParts other = ech;
  other.server_name = "example.org";
  HelloParts plain = ech;
  plain.extensions = {};
  uint16_t port = 4000;
  const auto tcp_passes = [&](const HelloParts& parts) {
    TestConnection connection(wire, ++port);
    connection.open();
    const bool passed = connection.up(hello_record(parts));
    EXPECT_EQ(connection.down(server_hello()), passed);
    return passed;
  };
  EXPECT_FALSE(tcp_passes(ech));
  EXPECT_TRUE(tcp_passes(other));
  EXPECT_TRUE(tcp_passes(plain));
  const Bytes id{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_FALSE(TestDatagrams(wire, 5000, 443).up(make_quic_initial(id, 0, 0, hello_handshake(ech))));
  EXPECT_TRUE(TestDatagrams(wire, 5001, 443).up(make_quic_initial(id, 0, 0, hello_handshake(other))));
}

TEST(EchDoh, listed_resolvers_are_dropped_or_reset_and_dot_is_dropped) {
  TestWire wire({"ech-doh:doh_action=rst"});
  TestConnection doh(wire, 4000);
  ASSERT_TRUE(doh.open());
  EXPECT_FALSE(doh.up(hello_for("dns.google")));
  EXPECT_EQ(doh.resets_to(TestWire::kUserHost), 1U);
  EXPECT_EQ(doh.resets_to(TestWire::kServerHost), 1U);
  TestConnection unlisted(wire, 4001);
  ASSERT_TRUE(unlisted.open());
  EXPECT_TRUE(unlisted.up(hello_for("dns.example.org")));
  EXPECT_FALSE(TestConnection(wire, 4002, 853).syn());
  TestWire silent({"ech-doh:parts=doh"});
  TestConnection quiet(silent, 4000);
  ASSERT_TRUE(quiet.open());
  EXPECT_FALSE(quiet.up(hello_for("dns.google")));
  EXPECT_TRUE(quiet.others().empty());
  EXPECT_TRUE(TestConnection(silent, 4002, 853).syn());
}

}  // namespace
}  // namespace godwit::lab
