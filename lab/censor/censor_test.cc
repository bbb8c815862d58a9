#include "lab/censor/censor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/censor/configuration.h"
#include "lab/censor/control.h"
#include "lab/censor/mode_table.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Bytes datagram(const char* from, const char* to, size_t size = 100) {
  return build_udp({address(from), 4000}, {address(to), 9000}, random_bytes(size));
}

TEST(Censor, half_the_round_trip_passes_each_way_and_inside_less) {
  TestWire wire;
  wire.send(datagram(kUser, kServer));
  wire.send(datagram(kServerV6, kUserV6));
  wire.send(datagram(kUser, kDomestic));
  wire.send(datagram("203.0.113.1", "198.51.100.1"));  // one host: it never comes to the wire
  const std::vector<Arrival> all = wire.arrivals();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at, milliseconds(5));
  EXPECT_EQ(all[0].host, TestWire::kDomesticHost);
  EXPECT_EQ(all[1].at, milliseconds(30));
  EXPECT_EQ(all[2].at, milliseconds(30));
}

TEST(Censor, packets_arrive_unchanged) {
  TestWire wire({"control", "curtain", "dns"});
  const Bytes sent = datagram(kUser, kServer);
  wire.send(sent);
  EXPECT_EQ(wire.arrivals().at(0).packet.bytes, sent);
}

TEST(Censor, one_of_a_hundred_crossing_packets_is_lost_and_none_inside) {
  TestWire wire({}, 3, 0.01);
  for (int i = 0; i < 10'000; ++i) wire.send(i % 2 == 0 ? datagram(kUser, kServer, 5) : datagram(kServer, kUser, 5));
  EXPECT_NEAR(static_cast<double>(wire.arrivals().size()), 9900, 50);
  for (int i = 0; i < 1000; ++i) wire.send(datagram(kUser, kDomestic, 5));
  EXPECT_EQ(wire.arrivals().size(), 1000U);
}

TEST(Censor, a_rate_spaces_packets_and_drops_what_waits_too_long) {
  Settings settings;
  settings.loss = 0;
  settings.rtt = Time{};
  settings.rate_mbit = 8;  // 1000 bytes in a millisecond
  Host user{"user", true, {}}, server{"server", false, {}};
  Cidr block;
  ASSERT_TRUE(parse_cidr("10.0.0.2", block));
  user.addresses.blocks = {block};
  ASSERT_TRUE(parse_cidr("203.0.113.0/24", block));
  server.addresses.blocks = {block};
  Censor censor(settings, {user, server});
  for (int i = 0; i < 200; ++i) censor.on_packet(0, datagram(kUser, kServer, 972), Time{});
  Departure departure;
  std::vector<Time> times;
  while (censor.take_departure(seconds(9), departure)) times.push_back(departure.due);
  ASSERT_EQ(times.size(), 101U);
  EXPECT_EQ(times[0], milliseconds(1));
  EXPECT_EQ(times[99], milliseconds(100));
  EXPECT_EQ(censor.lost(), 99U);
}

/// Everything that comes out of a mixed hour of traffic, as text.
std::string history(uint64_t seed) {
  TestWire wire({"fet", "sni-drop:names=*,fail_open=0.3", "throttle:variant=flow,protocol=all,c=50"}, seed, 0.05);
  std::string out;
  for (uint16_t i = 0; i < 100; ++i) {
    TestConnection connection(wire, static_cast<uint16_t>(3000 + i));
    out += connection.open() ? 'o' : '-';
    out += connection.up(i % 2 == 0 ? random_bytes(300, i) : hello_record({})) ? 'u' : '-';
    for (int k = 0; k < 12; ++k) out += connection.down(random_bytes(90)) ? 'd' : '-';
    wire.pass(seconds(30));
  }
  return out;
}

TEST(Censor, seed_and_packets_determine_everything) {
  EXPECT_EQ(history(7), history(7));
  EXPECT_NE(history(7), history(8));
}

TEST(CommonOptions, destination_exception_port_and_direction_narrow_a_mode) {
  TestWire wire({"shutdown:dst=203.0.113.0/24,except=203.0.113.9,ports=443,direction=out"});
  EXPECT_FALSE(TestConnection(wire, 4000).syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 443, "198.51.100.7").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 443, "203.0.113.9").syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 80).syn());
  EXPECT_TRUE(TestConnection(wire, 4000, 443, kUser, kServer).syn());
}

TEST(CommonOptions, fail_open_lets_its_share_of_flows_through) {
  TestWire wire({"shutdown:fail_open=0.2"});
  int open = 0;
  for (uint16_t i = 0; i < 1000; ++i) {
    TestConnection connection(wire, static_cast<uint16_t>(2000 + i));
    const bool first = connection.syn();
    open += first ? 1 : 0;
    EXPECT_EQ(connection.up(random_bytes(9)), first);  // for the whole flow
  }
  EXPECT_NEAR(open, 200, 65);
}

TEST(CommonOptions, isp_gives_a_mode_to_a_share_of_the_addresses_inside_for_good) {
  TestWire wire({"shutdown:isp=0.5"});
  int with = 0;
  for (int i = 1; i < 255; ++i) {
    const std::string user = "10.0.1." + std::to_string(i);
    const bool blocked = !TestConnection(wire, 4000, 443, kServer, user).syn();
    EXPECT_EQ(!TestConnection(wire, 4001, 80, "198.51.100.7", user).syn(), blocked);
    with += blocked ? 1 : 0;
  }
  EXPECT_NEAR(with, 127, 45);
}

TEST(CommonOptions, start_and_stop_are_seconds_after_switching_on) {
  TestWire wire({"shutdown:start=10,stop=20"});
  uint16_t port = 4000;
  const auto passes = [&] { return TestConnection(wire, ++port).syn(); };
  EXPECT_TRUE(passes());
  wire.pass(seconds(10));
  EXPECT_FALSE(passes());
  wire.pass(seconds(10));
  EXPECT_TRUE(passes());
}

TEST(CommonOptions, running_flows_are_judged_by_their_first_bytes_unless_switched_off) {
  for (const bool running : {true, false}) {
    TestWire wire;
    TestConnection connection(wire, 4000);
    ASSERT_TRUE(connection.open());
    ASSERT_TRUE(connection.up(hello_record({})) && connection.down(server_hello()));
    const std::string spec =
        std::string("sni-drop:names=example.org,variant=hello,running=") + (running ? "on" : "off");
    ASSERT_EQ(wire.censor().set_modes({spec}, wire.now()), "");
    EXPECT_EQ(connection.up(random_bytes(50)), !running);
    EXPECT_EQ(connection.down(random_bytes(50)), !running);
  }
}

TEST(Options, errors_name_mode_option_and_reason_and_change_nothing) {
  TestWire wire({"dns"});
  for (const auto& [spec, word] :
       std::vector<std::pair<std::string, std::string>>{{"nothing", "mode nothing"},
                                                        {"curtain:n=0", "option n"},
                                                        {"curtain:n=2.5", "whole number"},
                                                        {"curtain:n", "option n"},
                                                        {"curtain:x=1", "option x"},
                                                        {"curtain:variant=x", "option variant"},
                                                        {"curtain:hosters=10.0.0.0/99", "option hosters"},
                                                        {"curtain:allow_names=@/no/such/file", "/no/such/file"},
                                                        {"curtain:fail_open=2", "option fail_open"},
                                                        {"dns:tcp=yes", "option tcp"},
                                                        {"dns:address=x", "option address"},
                                                        {"ip:block=x", "option block"},
                                                        {"calls:parts=stun+x", "option parts"},
                                                        {"calls:call_ports=9-1", "option call_ports"},
                                                        {"shutdown:from=25:00,to=06:00", "option from"}}) {
    const std::string wrong = wire.censor().set_modes({"control", spec}, wire.now());
    EXPECT_NE(wrong.find(word), std::string::npos) << spec << ": " << wrong;
  }
  EXPECT_EQ(wire.censor().mode_specs(), std::vector<std::string>{"dns"});
}

TEST(Presets, each_one_is_valid_and_takes_options_for_its_modes) {
  Censor censor({}, {});
  for (const Preset& preset : preset_table()) {
    std::vector<std::string> modes;
    ASSERT_EQ(expand_preset(preset.name, modes), "");
    EXPECT_EQ(censor.set_modes(modes, Time{}), "") << preset.name;
  }
  std::vector<std::string> modes;
  ASSERT_EQ(expand_preset("ru-2025-home:names=home.example,block=203.0.113.5", modes), "");
  EXPECT_EQ(modes,
            (std::vector<std::string>{"dns:names=home.example", "sni-rst:names=home.example", "quic:names=home.example",
                                      "calls:parts=stun+ports", "curtain", "ip:block=203.0.113.5"}));
  ASSERT_EQ(expand_preset("recover:of=curtain,after=30,n=14", modes), "");
  EXPECT_EQ(modes, std::vector<std::string>{"curtain:n=14,stop=30"});
  EXPECT_NE(expand_preset("mars", modes), "");
  EXPECT_NE(expand_preset("cn:moon=1", modes), "");
}

TEST(ModeTable, has_every_number_and_name_once) {
  std::set<std::string> names;
  for (size_t i = 0; i < mode_table().size(); ++i) names.insert(mode_table()[i].name);
  EXPECT_EQ(names.size(), 19U);
  std::set<int> numbers;
  for (const ModeInfo& info : mode_table()) numbers.insert(info.number);
  EXPECT_EQ(numbers.size(), 19U);
  EXPECT_EQ(*numbers.rbegin(), 18);
}

TEST(Control, commands_lead_to_events_and_anything_else_to_an_error) {
  TestWire wire;
  Censor& censor = wire.censor();
  const auto say = [&](const std::string& line) {
    const std::string answer = obey(line, censor, wire.now()).line;
    return answer.empty() ? nlohmann::json() : nlohmann::json::parse(answer);
  };
  EXPECT_EQ(say(R"({"cmd":"modes","modes":["curtain:n=14","dns","dns:tcp=on"]})")["modes"][0], "curtain:n=14");
  TestDatagrams(wire, 5353, 53).up(dns_query("signal.org"));
  const nlohmann::json counters = say(R"({"cmd":"counters"})");
  EXPECT_EQ(counters["modes"]["dns"]["queries_answered"], 1);
  EXPECT_TRUE(counters["modes"].contains("dns#2"));
  EXPECT_EQ(counters["hosts"]["user"]["packets_out"], 1);
  EXPECT_EQ(counters["hosts"]["user"]["packets_in"], 1);
  EXPECT_EQ(say(R"({"cmd":"preset","name":"cn:names=a.example"})")["modes"].size(), 5U);
  EXPECT_TRUE(say(R"({"cmd":"verdict","server":"203.0.113.5:443","proxy":true})").is_null());
  for (const char* line : {"", "x", "[]", "{}", R"({"cmd":1})", R"({"cmd":"modes"})", R"({"cmd":"modes","modes":[1]})",
                           R"({"cmd":"modes","modes":["x"]})", R"({"cmd":"preset"})", R"({"cmd":"verdict"})",
                           R"({"cmd":"verdict","server":"a","proxy":true})", "\xff"}) {
    EXPECT_EQ(say(line)["event"], "error") << line;
  }
  EXPECT_TRUE(obey(R"({"cmd":"quit"})", censor, wire.now()).quit);
}

TEST(Control, a_suspects_first_payload_is_ordinary_base64) {
  const std::string line = suspect_line({{address(kServerV6), 443}, Bytes{0xfb, 0xff, 0xfe, 0x01}, "fet"});
  EXPECT_EQ(line, R"({"event":"suspect","server":"[2001:db8::5]:443","first_payload":"+//+AQ==","reason":"fet"})");
}

TEST(Configuration, hosts_may_have_blocks_of_both_families) {
  HostPlan plan;
  ASSERT_EQ(parse_host("web:ns1:outside:203.0.113.0/24+2001:db8::/32", plan), "");
  EXPECT_EQ(plan.netns, "ns1");
  EXPECT_FALSE(plan.host.inside);
  EXPECT_TRUE(plan.host.addresses.contains(address("2001:db8::1")));
  for (const char* text :
       {"", "a:b:inside", "a:b:between:10.0.0.1", "a:b:inside:", ":b:inside:10.0.0.1", "a:b:inside:x"}) {
    EXPECT_NE(parse_host(text, plan), "") << text;
  }
}

TEST(Configuration, a_file_says_the_same_as_the_arguments) {
  Configuration configuration;
  ASSERT_EQ(read_configuration(R"({"seed":9,"rtt_ms":80,"loss":0.02,"rate_mbit":20,"pcap":"p",
      "hosts":["u:n:inside:10.0.0.1"],"modes":["curtain:n=14"]})",
                               configuration),
            "");
  EXPECT_EQ(configuration.settings.seed, 9U);
  EXPECT_EQ(configuration.settings.rtt, milliseconds(80));
  EXPECT_EQ(configuration.hosts.size(), 1U);
  EXPECT_EQ(configuration.modes, std::vector<std::string>{"curtain:n=14"});
  for (const char* text : {"x", "[]", R"({"loss":2})", R"({"moon":1})", R"({"hosts":[1]})", R"({"preset":"mars"})"}) {
    EXPECT_NE(read_configuration(text, configuration), "") << text;
  }
}

}  // namespace
}  // namespace godwit::lab
