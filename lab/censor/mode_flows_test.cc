// Modes 0, 2, 6, 10, 14, 15, 16 and 17: what goes by packets, protocols and places.

#include <gtest/gtest.h>

#include "lab/censor/quic_initial.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Bytes hello_for(const std::string& name) {
  HelloParts parts;
  parts.server_name = name;
  return hello_record(parts);
}

TEST(Control, everything_passes) {
  TestWire wire({"control"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(connection.up(random_bytes(1000)) && connection.down(random_bytes(1000)));
  EXPECT_TRUE(TestDatagrams(wire, 1, 443).up(random_bytes(1200)));
}

/// Bytes of packets of 1000 bytes that pass in ten seconds when one is sent every 10 ms.
size_t passed_down(TestWire& wire, TestConnection& connection) {
  size_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    if (connection.down(random_bytes(960))) bytes += 1000;
    wire.pass(milliseconds(10));
  }
  return bytes;
}

TEST(Throttle, a_listed_name_gets_140_kbit_each_way_and_others_all) {
  TestWire wire({"throttle:names=blocked.example"});
  TestConnection slow(wire, 4000);
  ASSERT_TRUE(slow.open());
  ASSERT_TRUE(slow.up(hello_for("blocked.example")));
  EXPECT_NEAR(static_cast<double>(passed_down(wire, slow)), 175'000 + 3000,
              1500);  // 140 kbit/s for 10 s, and the burst
  TestConnection fast(wire, 4001);
  ASSERT_TRUE(fast.open());
  ASSERT_TRUE(fast.up(hello_for("example.org")));
  EXPECT_EQ(passed_down(wire, fast), 1'000'000U);
}

TEST(Throttle, rate_leaves_650_bytes_a_second) {
  TestWire wire({"throttle:variant=rate,names=blocked.example"});
  TestConnection slow(wire, 4000);
  ASSERT_TRUE(slow.open());
  ASSERT_TRUE(slow.up(hello_for("blocked.example")));
  EXPECT_NEAR(static_cast<double>(passed_down(wire, slow)), 6500 + 3000, 1000);
}

TEST(Throttle, of_a_recognised_protocol_ten_packets_of_a_hundred_pass) {
  TestWire wire({"throttle:variant=flow,protocol=wireguard+tls"});
  TestConnection tls(wire, 4000), http(wire, 4001);
  ASSERT_TRUE(tls.open() && http.open());
  ASSERT_TRUE(tls.up(hello_for("example.org")));
  ASSERT_TRUE(http.up(as_bytes("GET / HTTP/1.1\r\n\r\n")));
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    passed += tls.down(random_bytes(20)) ? 1 : 0;
    EXPECT_TRUE(http.down(random_bytes(20)));
  }
  EXPECT_NEAR(passed, 100, 45);
}

Bytes stun() {
  Bytes out{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
  out.resize(20);
  return out;
}

TEST(Calls, stun_is_dropped_on_every_port_and_elsewhere_the_cookie_does_not_matter) {
  TestWire wire({"calls:parts=stun"});
  EXPECT_FALSE(TestDatagrams(wire, 1, 3478).up(stun()));
  EXPECT_FALSE(TestDatagrams(wire, 1, 50000).up(stun()));
  EXPECT_FALSE(TestDatagrams(wire, 1, 3478, kDomestic).up(stun()));
  Bytes other = stun();
  other[0] |= 0x80;
  EXPECT_TRUE(TestDatagrams(wire, 1, 50001).up(other));
  EXPECT_TRUE(TestDatagrams(wire, 1, 3478).up(random_bytes(100)));
  TestWire abroad({"calls:parts=stun,abroad_only=on"});
  EXPECT_TRUE(TestDatagrams(abroad, 1, 3478, kDomestic).up(stun()));
  EXPECT_FALSE(TestDatagrams(abroad, 1, 3478).up(stun()));
}

TEST(Calls, of_the_call_services_ports_five_packets_of_a_hundred_pass) {
  TestWire wire({"calls:parts=ports"});
  TestDatagrams call(wire, 1, 3497), low(wire, 2, 590), other(wire, 3, 3498);
  int passed = 0;
  for (int i = 0; i < 500; ++i) {
    passed += (call.up(random_bytes(100)) ? 1 : 0) + (low.down(random_bytes(100)) ? 1 : 0);
    EXPECT_TRUE(other.up(random_bytes(100)));
  }
  EXPECT_NEAR(passed, 50, 30);
}

TEST(Calls, of_a_udp_flow_in_which_stun_was_seen_five_packets_of_a_hundred_pass_also_if_it_ran_before) {
  TestWire wire({"calls:parts=flows"});
  TestDatagrams call(wire, 1, 50000), other(wire, 2, 50000);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(call.up(random_bytes(100)));
  (void)call.down(stun());
  int passed = 0;
  for (int i = 0; i < 500; ++i) {
    passed += (call.up(random_bytes(100)) ? 1 : 0) + (call.down(random_bytes(100)) ? 1 : 0);
    EXPECT_TRUE(other.up(random_bytes(100)));
  }
  EXPECT_NEAR(passed, 50, 30);
}

TEST(Calls, six_packets_pass_after_a_dtls_hello_and_an_unlisted_hello_lives) {
  TestWire wire({"calls:parts=dtls"});
  TestDatagrams call(wire, 1, 40000);
  EXPECT_TRUE(call.up(dtls_hello()));
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(i % 2 == 0 ? call.down(random_bytes(99)) : call.up(random_bytes(99)));
  EXPECT_FALSE(call.down(random_bytes(99)));
  EXPECT_FALSE(call.up(random_bytes(99)));
  TestWire other({"calls:parts=dtls,dtls_ja4=dd3"});
  TestDatagrams lives(other, 1, 40000);
  EXPECT_TRUE(lives.up(dtls_hello()));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(lives.up(random_bytes(99)));
}

TEST(Calls, a_browsers_hello_is_found_behind_stun_in_fragments_and_from_either_side) {
  TestWire wire({"calls:parts=dtls"});
  TestDatagrams call(wire, 1, 40000);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(i % 2 == 0 ? call.down(stun()) : call.up(stun()));
  for (const Bytes& part : dtls_hello_parts(2)) EXPECT_TRUE(call.down(part));
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(call.up(random_bytes(99)));
  EXPECT_FALSE(call.down(random_bytes(99)));
}

TEST(Calls, half_of_the_big_dtls_datagrams_are_dropped_if_asked) {
  TestWire wire({"calls:parts=dtls,big_drop=0.5"});
  TestDatagrams call(wire, 1, 40000);
  Bytes big{23, 0xfe, 0xfd};
  big.resize(201);
  int passed = 0;
  for (int i = 0; i < 400; ++i) {
    passed += call.up(big) ? 1 : 0;
    EXPECT_TRUE(call.up(ByteView(big).first(200)));
  }
  EXPECT_NEAR(passed, 200, 60);
}

TEST(Curtain, exactly_25_packets_both_ways_pass_over_tcp_and_udp) {
  TestWire wire({"curtain"});
  TestConnection tcp(wire, 4000);
  ASSERT_TRUE(tcp.open());  // the SYN does not count, the next two do
  TestDatagrams udp(wire, 5000, 9000);
  int tcp_passed = 2, udp_passed = 0;
  for (int i = 0; i < 40; ++i) {
    tcp_passed += (i % 2 == 0 ? tcp.up(random_bytes(50)) : tcp.down(random_bytes(50))) ? 1 : 0;
    udp_passed += (i % 3 == 0 ? udp.up(random_bytes(50)) : udp.down(random_bytes(50))) ? 1 : 0;
  }
  EXPECT_EQ(tcp_passed, 25);
  EXPECT_EQ(udp_passed, 25);
  wire.pass(seconds(100));
  EXPECT_FALSE(tcp.up(random_bytes(50)));
  EXPECT_TRUE(tcp.others().empty());
  TestConnection fresh(wire, 4001);
  ASSERT_TRUE(fresh.open());
  EXPECT_TRUE(fresh.up(random_bytes(50)));
}

TEST(Curtain, listed_names_ssh_other_networks_and_inside_are_spared) {
  TestWire wire({"curtain:n=14,allow_names=good.example,dst=203.0.113.0/24"});
  TestConnection good(wire, 4000), ssh(wire, 4001), elsewhere(wire, 4002, 443, "198.51.100.7"),
      domestic(wire, 4003, 443, kDomestic), bad(wire, 4004);
  for (TestConnection* connection : {&good, &ssh, &elsewhere, &domestic, &bad}) ASSERT_TRUE(connection->open());
  ASSERT_TRUE(good.up(hello_for("www.good.example")));
  ASSERT_TRUE(ssh.up(as_bytes("SSH-2.0-OpenSSH_9.2\r\n")));
  ASSERT_TRUE(bad.up(hello_for("bad.example")));
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(good.down(random_bytes(50)) && ssh.down(random_bytes(50)) && elsewhere.down(random_bytes(50)) &&
                domestic.down(random_bytes(50)));
    EXPECT_EQ(bad.down(random_bytes(50)), i < 11);
  }
}

TEST(Curtain, sixteen_kib_from_the_server_pass_in_the_bytes_variant) {
  TestWire wire({"curtain:variant=bytes"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(connection.up(random_bytes(1000)));
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(connection.down(random_bytes(1024)));
  EXPECT_FALSE(connection.down(random_bytes(1)));
  EXPECT_FALSE(connection.up(random_bytes(1)));
}

TEST(Curtain, udp_kills_its_host_for_600_s) {
  TestWire wire({"curtain:variant=udp-dead,n=14"});
  TestDatagrams udp(wire, 5000, 9000);
  for (int i = 0; i < 14; ++i) EXPECT_TRUE(udp.up(random_bytes(50)));
  EXPECT_TRUE(TestConnection(wire, 4000).open());
  EXPECT_FALSE(udp.up(random_bytes(50)));
  EXPECT_FALSE(TestConnection(wire, 4001).syn());
  EXPECT_TRUE(TestConnection(wire, 4001, 443, "203.0.113.6").syn());
  wire.pass(milliseconds(599'900));
  EXPECT_FALSE(TestConnection(wire, 4002).syn());
  wire.pass(milliseconds(100));
  EXPECT_TRUE(TestConnection(wire, 4003).syn());
}

TEST(Curtain, udp_to_a_hoster_takes_https_to_all_of_it_and_more_udp_arms_it_anew) {
  TestWire wire({"curtain:variant=udp-443,hosters=203.0.113.0/25"});
  TestDatagrams udp(wire, 5000, 9000), dns(wire, 5001, 53, "198.51.100.7");
  EXPECT_TRUE(dns.up(dns_query("a.example")));
  EXPECT_TRUE(udp.up(random_bytes(50)));
  EXPECT_FALSE(TestConnection(wire, 4000, 443, "203.0.113.99").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 80, "203.0.113.99").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 443, "203.0.113.200").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 443, "198.51.100.7").syn());
  wire.pass(seconds(500));
  EXPECT_TRUE(udp.up(random_bytes(50)));
  wire.pass(seconds(599));
  EXPECT_FALSE(TestConnection(wire, 4001).syn());
  wire.pass(seconds(1));
  EXPECT_TRUE(TestConnection(wire, 4002).syn());
}

TEST(Ip, all_of_a_listed_block_is_dropped_icmp_included) {
  TestWire wire({"ip:block=203.0.113.0/28+2001:db8::5+198.51.100.7:443"});
  EXPECT_FALSE(TestConnection(wire, 4000).syn());
  EXPECT_FALSE(TestConnection(wire, 4000, 443, kServerV6, kUserV6).syn());
  wire.send(build_echo(address(kUser), address(kServer), false));
  wire.send(build_echo(address(kServer), address(kUser), true));
  EXPECT_TRUE(wire.arrivals().empty());
  wire.send(build_echo(address(kUser), address("203.0.113.99"), false));
  EXPECT_EQ(wire.arrivals().size(), 1U);
  EXPECT_FALSE(TestConnection(wire, 4000, 443, "198.51.100.7").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 80, "198.51.100.7").syn());
}

TEST(Ip, the_reset_variant_answers_a_syn) {
  TestWire wire({"ip:block=203.0.113.5,variant=rst"});
  TestConnection connection(wire, 4000);
  EXPECT_FALSE(connection.syn());
  ASSERT_EQ(connection.resets_to(TestWire::kUserHost), 1U);
  EXPECT_EQ(connection.others()[0].packet.acknowledgement, 1000U);
}

TEST(Ip, ports_die_one_by_one) {
  TestWire wire({"ip:block=203.0.113.5,variant=ports,port_interval=60"});
  EXPECT_FALSE(TestConnection(wire, 4000, 22).syn());
  EXPECT_TRUE(TestConnection(wire, 4001, 443).syn());
  EXPECT_TRUE(TestConnection(wire, 4002, 80).syn());
  wire.pass(seconds(60));
  EXPECT_FALSE(TestConnection(wire, 4003, 443).syn());
  EXPECT_TRUE(TestConnection(wire, 4004, 80).syn());
  wire.pass(seconds(60));
  EXPECT_FALSE(TestConnection(wire, 4005, 80).syn());
}

TEST(ProtoAllow, tls_http_and_dns_pass_on_the_three_ports) {
  TestWire wire({"proto-allow"});
  HelloParts large;
  large.padding = 1500;
  const Bytes hello = hello_record(large);
  TestConnection tls(wire, 4000), cut(wire, 4001), http(wire, 4002, 80);
  ASSERT_TRUE(tls.open() && cut.open() && http.open());
  EXPECT_TRUE(tls.up(hello_for("any.example")) && tls.down(server_hello()) && tls.up(tls_record(23, 99)));
  EXPECT_TRUE(cut.up(ByteView(hello).first(1400)) && cut.up(ByteView(hello).subspan(1400)));
  EXPECT_TRUE(http.up(as_bytes("GET / HTTP/1.1\r\n\r\n")) && http.up(as_bytes("GET /2 HTTP/1.1\r\n\r\n")));
  for (TestConnection* connection : {&tls, &cut, &http}) {
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(connection->up(random_bytes(100)) && connection->down(random_bytes(100)));
  }
  EXPECT_TRUE(TestDatagrams(wire, 5000, 53).up(dns_query("a.example")));
}

TEST(ProtoAllow, another_protocol_loses_the_clients_packets_for_60_s_and_each_one_extends_it) {
  TestWire wire({"proto-allow"});
  TestConnection raw(wire, 4000);
  ASSERT_TRUE(raw.open());
  EXPECT_TRUE(raw.up(random_bytes(300, 3)));  // the packet that it is judged by
  EXPECT_FALSE(raw.up(random_bytes(300)));
  EXPECT_TRUE(raw.down(random_bytes(300)));
  wire.pass(seconds(59));
  EXPECT_FALSE(raw.up(random_bytes(300)));
  wire.pass(seconds(59));
  EXPECT_FALSE(raw.up(random_bytes(300)));
  wire.pass(seconds(60));
  EXPECT_TRUE(raw.up(random_bytes(300)));
}

TEST(ProtoAllow, the_second_packet_is_judged_as_well) {
  TestWire wire({"proto-allow"});
  TestConnection connection(wire, 4000);
  ASSERT_TRUE(connection.open());
  EXPECT_TRUE(connection.up(hello_for("a.example")));
  EXPECT_TRUE(connection.up(random_bytes(300, 3)));
  EXPECT_FALSE(connection.up(random_bytes(300)));
}

TEST(ProtoAllow, other_ports_udp_quic_ipv6_and_long_pings_die) {
  TestWire wire({"proto-allow"});
  TestConnection other(wire, 4000, 8443);
  EXPECT_TRUE(other.syn());
  EXPECT_FALSE(other.up(hello_for("a.example")));
  EXPECT_FALSE(TestDatagrams(wire, 5000, 443).up(make_quic_initial(Bytes(8, 1), 0, 0, hello_handshake({}))));
  EXPECT_FALSE(TestDatagrams(wire, 5000, 3478).up(random_bytes(99)));
  EXPECT_FALSE(TestConnection(wire, 4000, 443, kServerV6, kUserV6).syn());
  for (int i = 0; i < 6; ++i) {
    wire.send(build_echo(address(kUser), address(kServer), false));
    EXPECT_EQ(wire.arrivals().size(), i < 3 ? 1U : 0U) << i;
  }
}

TEST(DestAllow, only_listed_addresses_are_reached) {
  TestWire wire({"dest-allow:allow=198.51.100.0/24,udp53=on"});
  EXPECT_TRUE(TestConnection(wire, 4000, 443, "198.51.100.7").open());
  EXPECT_FALSE(TestConnection(wire, 4000).syn());
  EXPECT_FALSE(TestDatagrams(wire, 5000, 443).up(random_bytes(99)));
  EXPECT_TRUE(TestDatagrams(wire, 5000, 53).up(random_bytes(99)));
  EXPECT_TRUE(TestConnection(wire, 4000, 443, kDomestic).open());
  TestWire closed({"dest-allow:allow=198.51.100.0/24"});
  EXPECT_FALSE(TestDatagrams(closed, 5000, 53).up(random_bytes(99)));
  TestWire syn({"dest-allow:syn=on"});
  TestConnection opens(syn, 4000);
  EXPECT_TRUE(opens.open());
  EXPECT_FALSE(opens.up(hello_for("a.example")));
}

TEST(DestAllow, name_and_address_must_both_be_listed) {
  TestWire wire({"dest-allow:variant=sni-and-cidr,allow=198.51.100.0/24,allow_names=good.example"});
  TestConnection both(wire, 4000, 443, "198.51.100.7"), name_only(wire, 4001),
      address_only(wire, 4002, 443, "198.51.100.7"), raw(wire, 4003, 443, "198.51.100.7");
  ASSERT_TRUE(both.open() && address_only.open() && raw.open());
  EXPECT_TRUE(both.up(hello_for("www.good.example")) && both.down(server_hello()) && both.up(tls_record(23, 99)));
  EXPECT_FALSE(name_only.syn());
  EXPECT_FALSE(address_only.up(hello_for("bad.example")));
  EXPECT_FALSE(address_only.up(random_bytes(9)));
  EXPECT_FALSE(raw.up(random_bytes(300)));
  EXPECT_TRUE(TestDatagrams(wire, 5000, 3478, "198.51.100.7").up(random_bytes(99)));
}

TEST(DestAllow, by_name_alone_tcp_opens_everywhere_and_only_listed_hellos_pass) {
  TestWire wire({"dest-allow:variant=sni,allow_names=good.example"});
  TestConnection good(wire, 4000), bad(wire, 4001), cut(wire, 4002);
  ASSERT_TRUE(good.open() && bad.open() && cut.open());
  EXPECT_TRUE(good.up(hello_for("good.example")) && good.down(server_hello()));
  EXPECT_FALSE(bad.up(hello_for("bad.example")));
  const Bytes hello = hello_for("bad.example");
  EXPECT_TRUE(cut.up(ByteView(hello).first(20)));
  EXPECT_FALSE(cut.up(ByteView(hello).subspan(20)));
}

TEST(DestAllow, the_hellos_of_half_of_all_names_are_reset) {
  TestWire wire({"dest-allow:allow=0.0.0.0/0,rst_share=0.5"});
  int reset = 0;
  for (uint16_t i = 0; i < 400; ++i) {
    TestConnection connection(wire, static_cast<uint16_t>(4000 + i));
    connection.open();
    connection.up(hello_for("name" + std::to_string(i) + ".example"));
    reset += connection.resets_to(TestWire::kUserHost) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(reset, 200, 60);
}

TEST(Shutdown, the_border_and_all_differ_in_what_stays_inside) {
  TestWire border({"shutdown"});
  EXPECT_FALSE(TestConnection(border, 4000).syn());
  EXPECT_TRUE(TestConnection(border, 4000, 443, kDomestic).open());
  TestWire all({"shutdown:variant=all"});
  EXPECT_FALSE(TestConnection(all, 4000).syn());
  EXPECT_FALSE(TestConnection(all, 4000, 443, kDomestic).syn());
}

TEST(Shutdown, it_follows_the_clock_over_midnight) {
  TestWire wire({"shutdown:from=20:00,to=06:00,clock=19:58"});
  uint16_t port = 4000;
  const auto passes = [&] { return TestConnection(wire, ++port).syn(); };
  wire.pass(seconds(119));
  EXPECT_TRUE(passes());
  wire.pass(seconds(1));
  EXPECT_FALSE(passes());
  wire.pass(minutes(10 * 60) - seconds(1));
  EXPECT_FALSE(passes());
  wire.pass(seconds(1));
  EXPECT_TRUE(passes());
}

}  // namespace
}  // namespace godwit::lab
