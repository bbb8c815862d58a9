// What coturn is told, and what clients are.

#include "home/call_config.h"

#include <gtest/gtest.h>

#include <sstream>

#include "routes/ip_address.h"
#include "routes/public_address.h"

namespace godwit::home {
namespace {

CoturnPlan sample_plan() { return {34'567, "secret", "home.example", "/home/calls", {"198.51.100.7"}, ""}; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(line);
  return out;
}

std::vector<std::string> values_of(const std::string& text, const std::string& key) {
  std::vector<std::string> out;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with(key + "=")) out.push_back(line.substr(key.size() + 1));
  }
  return out;
}

bool says(const std::string& text, const std::string& line) {
  const auto lines = lines_of(text);
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

ByteArray<16> mapped(const std::string& text) {
  if (const auto v6 = routes::parse_ipv6(text)) return *v6;
  ByteArray<16> out{};
  out[10] = out[11] = 0xff;
  const auto v4 = routes::parse_ipv4(text);
  EXPECT_TRUE(v4.has_value()) << text;
  if (v4) std::copy(v4->begin(), v4->end(), out.begin() + 12);
  return out;
}

Config config_of(const std::string& text) {
  ConfigProblem problem;
  auto config = parse_config(text, problem);
  EXPECT_TRUE(config.has_value()) << problem.text;
  return config ? std::move(*config) : Config();
}

std::string problem_of(const std::string& text) {
  ConfigProblem problem;
  EXPECT_FALSE(parse_config(text, problem).has_value()) << text;
  return problem.text;
}

TEST(CallConfig, the_relay_listens_on_loopback_alone_and_shows_nothing) {
  const std::string text = coturn_config(sample_plan(), CallsConfig{});
  EXPECT_EQ(values_of(text, "listening-ip"), std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(values_of(text, "listening-port"), std::vector<std::string>{"34567"});
  for (const char* line :
       {"no-udp", "no-tls", "no-dtls", "no-cli", "no-tcp-relay", "no-multicast-peers", "no-software-attribute",
        "use-auth-secret", "static-auth-secret=secret", "realm=home.example", "relay-ip=198.51.100.7"}) {
    EXPECT_TRUE(says(text, line)) << line;
  }
  EXPECT_FALSE(says(text, "allow-loopback-peers"));
  EXPECT_EQ(text.find("verbose"), std::string::npos);
  EXPECT_TRUE(says(text, "user-quota=12"));
  EXPECT_TRUE(says(text, "total-quota=500"));
  EXPECT_TRUE(says(text, "max-bps=500000"));
}

TEST(CallConfig, no_call_leads_to_an_address_that_is_not_public) {
  const auto ranges = values_of(coturn_config(sample_plan(), CallsConfig{}), "denied-peer-ip");
  EXPECT_GT(ranges.size(), 20U);
  const auto is_denied = [&](const std::string& text) {
    const ByteArray<16> address = mapped(text);
    const bool ipv6 = text.find(':') != std::string::npos;
    return std::any_of(ranges.begin(), ranges.end(), [&](const std::string& range) {
      const size_t dash = range.find('-');
      const ByteArray<16> low = mapped(range.substr(0, dash));
      const ByteArray<16> high = mapped(range.substr(dash + 1));
      // As older coturns compare, which is never more than newer ones take for denied.
      const auto within = [&](size_t i) { return low[i] <= address[i] && address[i] <= high[i]; };
      size_t count = 0;
      while (count < 16 && (ipv6 ? within(count) : low <= address && address <= high)) ++count;
      return ipv6 == (range.find(':') != std::string::npos) && count == 16;
    });
  };
  for (const std::string& range : ranges) {
    const size_t dash = range.find('-');
    EXPECT_FALSE(routes::is_public_address(mapped(range.substr(0, dash)))) << range;
    EXPECT_FALSE(routes::is_public_address(mapped(range.substr(dash + 1)))) << range;
  }
  // coturn takes it for no bound, and denies every IPv4 address as well.
  for (const std::string& range : ranges) EXPECT_FALSE(range.starts_with("::-")) << range;
  for (const char* inside : {"127.0.0.1",  "10.1.2.3",        "192.168.1.1",     "172.31.255.255",  "169.254.169.254",
                             "100.64.0.1", "0.0.0.0",         "224.0.0.1",       "255.255.255.255", "::1",
                             "::2",        "::ffff:10.0.0.1", "::ffff:10.0.0.2", "::10.0.0.1",      "1::",
                             "100::1",     "64:ff9b::a00:1",  "fe80::1",         "fd00::1",         "ff02::1",
                             "2001::1",    "2002:a00:1::",    "fec0::1"}) {
    EXPECT_TRUE(is_denied(inside)) << inside;
  }
  for (const char* outside : {"9.9.9.9", "172.32.0.1", "193.0.0.1", "2a00::1", "2001:4860:4860::8888", "2620:fe::fe"}) {
    EXPECT_FALSE(is_denied(outside)) << outside;
  }
}

TEST(CallConfig, only_the_setting_for_tests_lets_calls_lead_to_loopback) {
  CallsConfig calls;
  calls.loopback = true;
  const std::string text = coturn_config(sample_plan(), calls);
  EXPECT_TRUE(says(text, "allow-loopback-peers"));
  EXPECT_FALSE(says(text, "denied-peer-ip=127.0.0.0-127.255.255.255"));
  EXPECT_TRUE(says(text, "denied-peer-ip=10.0.0.0-10.255.255.255"));
}

TEST(CallConfig, with_a_unit_calls_lead_to_its_address_of_loopback_and_to_no_other) {
  CoturnPlan plan = sample_plan();
  plan.unit = "127.77.3.9";
  const std::string text = coturn_config(plan, CallsConfig{});
  EXPECT_TRUE(says(text, "allow-loopback-peers"));
  for (const char* range : {"127.0.0.0-127.255.255.255", "::1-::1", "10.0.0.0-10.255.255.255"}) {
    EXPECT_TRUE(says(text, std::string("denied-peer-ip=") + range)) << range;
  }
  EXPECT_EQ(values_of(text, "allowed-peer-ip"), (std::vector<std::string>{"198.51.100.7", "127.77.3.9"}));
}

TEST(CallConfig, the_relay_by_udp_listens_on_the_own_addresses_by_udp_alone_and_lets_calls_lead_no_further) {
  CoturnPlan plan = sample_plan();
  plan.addresses = {"198.51.100.7/10.0.0.5", "2001:4860::7"};
  CallsConfig calls;
  calls.udp_port = 3'479;
  const std::string text = coturn_udp_config(plan, calls);
  EXPECT_EQ(values_of(text, "listening-ip"), (std::vector<std::string>{"10.0.0.5", "2001:4860::7"}));
  EXPECT_EQ(values_of(text, "listening-port"), std::vector<std::string>{"3479"});
  for (const char* line : {"no-tcp", "no-tls", "no-dtls", "no-cli", "no-tcp-relay", "no-rfc5780", "secure-stun",
                           "no-software-attribute", "use-auth-secret", "static-auth-secret=secret", "user-quota=12"}) {
    EXPECT_TRUE(says(text, line)) << line;
  }
  EXPECT_FALSE(says(text, "no-udp"));
  for (const char* key : {"denied-peer-ip", "allowed-peer-ip", "relay-ip", "external-ip", "max-bps", "total-quota"}) {
    EXPECT_EQ(values_of(text, key), values_of(coturn_config(plan, calls), key)) << key;
  }
}

TEST(CallConfig, the_relay_by_udp_is_told_with_its_condition) {
  const std::string udp = "turn:home.example:3478?transport=udp&when=clear";
  EXPECT_EQ(call_udp_url(config_of("host = \"home.example\"")), udp);
  EXPECT_EQ(call_udp_url(config_of("host = \"a\"\nroutes = [\"wss://home.example:444/ws\"]\n")), udp);
  EXPECT_EQ(call_udp_url(config_of("host = \"2a00::1\"\ncalls_udp_port = 9\n")),
            "turn:[2a00::1]:9?transport=udp&when=clear");
  EXPECT_FALSE(config_of("").calls.udp) << "nothing is open to the world that nobody has switched on";
  const std::string urls = "calls_urls = [\"turns:a\", \"turns:b\", \"turns:c\", \"turns:d\"]\n";
  config_of(urls);
  EXPECT_NE(problem_of("calls_udp = true\n" + urls).find("`calls_urls`"), std::string::npos);
  EXPECT_NE(problem_of("calls_udp_port = 0").find("`calls_udp_port`"), std::string::npos);
}

TEST(CallConfig, behind_a_router_the_own_address_is_used_and_the_public_one_told) {
  CoturnPlan plan = sample_plan();
  plan.addresses = {"198.51.100.7/10.0.0.5", "2001:4860::7"};
  const std::string text = coturn_config(plan, CallsConfig{});
  EXPECT_EQ(values_of(text, "relay-ip"), (std::vector<std::string>{"10.0.0.5", "2001:4860::7"}));
  EXPECT_EQ(values_of(text, "external-ip"), std::vector<std::string>{"198.51.100.7/10.0.0.5"});
  EXPECT_EQ(values_of(text, "allowed-peer-ip"), (std::vector<std::string>{"10.0.0.5", "2001:4860::7"}));
}

TEST(CallConfig, clients_are_told_the_place_where_they_are_already) {
  EXPECT_EQ(call_urls(config_of("host = \"home.example\""), 443)[0], "turns:home.example:443?transport=tcp");
  EXPECT_EQ(call_urls(config_of("host = \"2a00::1\""), 8443)[0], "turns:[2a00::1]:8443?transport=tcp");
  const std::string proxy = "behind_proxy = true\naddresses = [\"127.0.0.1\"]\nhost = \"home.example\"\n";
  EXPECT_EQ(call_urls(config_of(proxy), 8080)[0], "turns:home.example:443?transport=tcp");
  const std::string routes = "host = \"a\"\nroutes = [\"bridge://192.0.2.1/x\", \"wss://b.example:444/ws\"]\n";
  EXPECT_EQ(call_urls(config_of(routes), 443)[0], "turns:b.example:444?transport=tcp");
  EXPECT_EQ(call_urls(config_of("calls_urls = [\"turns:c.example:5349?transport=tcp\"]"), 443)[0],
            "turns:c.example:5349?transport=tcp");
}

TEST(CallConfig, what_cannot_be_is_refused_by_its_key) {
  EXPECT_NE(problem_of("calls_urls = [\"stun:a\"]").find("`calls_urls`"), std::string::npos);
  EXPECT_NE(problem_of("calls_addresses = [\"home.example\"]").find("`calls_addresses`"), std::string::npos);
  EXPECT_NE(problem_of("calls_addresses = [\"192.0.2.1/x\"]").find("`calls_addresses`"), std::string::npos);
  EXPECT_NE(problem_of("calls_port_first = 80").find("`calls_port_first`"), std::string::npos);
  EXPECT_NE(problem_of("calls_port_last = 2000").find("`calls_port_last`"), std::string::npos);
  EXPECT_NE(problem_of("calls_max = 0").find("`calls_max`"), std::string::npos);
}

TEST(CallConfig, the_switch_changes_its_line_and_nothing_else) {
  EXPECT_EQ(with_switch("# a\ncalls = false\nport = 1\n", "calls", true), "# a\ncalls = true\nport = 1\n");
  EXPECT_EQ(with_switch("  calls=true # mine\n", "calls", false), "calls = false\n");
  EXPECT_EQ(with_switch("calls_max = 3\n", "calls", true), "calls = true\ncalls_max = 3\n");
  EXPECT_EQ(with_switch("port = 1\n[mail]\ncalls = 1\n", "calls", true), "calls = true\nport = 1\n[mail]\ncalls = 1\n");
  EXPECT_EQ(with_switch("", "calls", true), "calls = true\n");
  EXPECT_EQ(with_switch("calls = true\ncalls_unit = false\n", "calls_unit", true), "calls = true\ncalls_unit = true\n");
  const std::string whole = print_config(Config());
  EXPECT_TRUE(config_of(with_switch(whole, "calls", true)).calls.on);
  EXPECT_EQ(with_switch(with_switch(whole, "calls", true), "calls", false), whole);
}

}  // namespace
}  // namespace godwit::home
