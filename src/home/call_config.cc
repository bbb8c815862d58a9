#include "home/call_config.h"

#include <algorithm>

#include "routes/ip_address.h"
#include "routes/relay_url.h"
#include "routes/route.h"
#include "wire/replies.h"

namespace godwit::home {
namespace {

// Where a call may not lead: what is no address of somebody on the Internet (as routes/public_address.h has it).
constexpr const char* kDenied4[] = {
    "0.0.0.0-0.255.255.255",       "10.0.0.0-10.255.255.255",     "100.64.0.0-100.127.255.255",
    "169.254.0.0-169.254.255.255", "172.16.0.0-172.31.255.255",   "192.0.0.0-192.0.0.255",
    "192.0.2.0-192.0.2.255",       "192.31.196.0-192.31.196.255", "192.52.193.0-192.52.193.255",
    "192.88.99.0-192.88.99.255",   "192.168.0.0-192.168.255.255", "192.175.48.0-192.175.48.255",
    "198.18.0.0-198.19.255.255",   "198.51.100.0-198.51.100.255", "203.0.113.0-203.0.113.255",
    "224.0.0.0-255.255.255.255"};
// Older coturns compare byte by byte, each with its own bounds, and all take "::" as a bound for none: what is below 2000:: is written so that it
// is the same either way. They refuse "::" itself.
constexpr const char* kDenied6[] = {"100::-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "1::-ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "0:100::-0:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "0:1::-0:ff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "0:0:100::-0:0:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "0:0:1::-0:0:ff:ffff:ffff:ffff:ffff:ffff",
                                    "0:0:0:100::-0:0:0:ffff:ffff:ffff:ffff:ffff",
                                    "0:0:0:1::-0:0:0:ff:ffff:ffff:ffff:ffff",
                                    "0:0:0:0:100::-0:0:0:0:ffff:ffff:ffff:ffff",
                                    "0:0:0:0:1::-0:0:0:0:ff:ffff:ffff:ffff",
                                    "0:0:0:0:0:100::-0:0:0:0:0:ffff:ffff:ffff",
                                    "0:0:0:0:0:1::-0:0:0:0:0:ff:ffff:ffff",
                                    "0:0:0:0:0:0:100::-0:0:0:0:0:0:ffff:ffff",
                                    "0:0:0:0:0:0:1::-0:0:0:0:0:0:ff:ffff",
                                    "::100-::ffff",
                                    "::2-::ff",
                                    "2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "2620:4f:8000::-2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
                                    "3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                                    "4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
constexpr const char* kLoopback[] = {"127.0.0.0-127.255.255.255", "::1-::1"};

// Of coturn's own: whoever has not allocated anything by then is cut off, seconds.
constexpr int kAllocateSeconds = 20;
// How long a nonce of its is good, seconds: what somebody overheard is of no use later.
constexpr int kNonceSeconds = 3600;

bool is_address(std::string_view text) {
  return routes::parse_ipv4(text).has_value() || routes::parse_ipv6(text).has_value();
}

// Behind the last "/": the address that this machine has.
std::string own_part(const std::string& address) {
  const size_t slash = address.find('/');
  return slash == std::string::npos ? address : address.substr(slash + 1);
}

bool is_relay_address(const std::string& text) {
  const size_t slash = text.find('/');
  return is_address(own_part(text)) && (slash == std::string::npos || is_address(text.substr(0, slash)));
}

// The host and port at which people's clients are already.
std::pair<std::string, uint16_t> place_of(const Config& config, uint16_t port) {
  std::string host = config.host;
  uint16_t at = config.behind_proxy ? uint16_t{443} : port;
  for (const std::string& uri : config.routes) {
    const auto route = routes::parse_route(uri);
    if (!route || route->carrier != routes::Carrier::kWss) continue;
    host = route->host;
    at = route->port;
    break;
  }
  const bool ipv6 = host.find(':') != std::string::npos;
  return {ipv6 ? "[" + host + "]" : host, at};
}

bool is_turn_url(const std::string& url) {
  return check_turn_credentials(wire::TurnCredentials{{url}, "u", "p", 1}).has_value();
}

}  // namespace

CallMisfit check_calls(const CallsConfig& calls) {
  if (calls.urls.size() > wire::kTurnUrlsMax || !std::ranges::all_of(calls.urls, is_turn_url))
    return {"calls_urls", "be at most four of the kind \"turns:home.example:443?transport=tcp\""};
  if (calls.addresses.size() > 8 || !std::ranges::all_of(calls.addresses, is_relay_address))
    return {"calls_addresses", "be at most eight IP addresses, or \"public/own\" pairs of them"};
  if (calls.port_first < 1024) return {"calls_port_first", "be at least 1024"};
  if (calls.port_last < calls.port_first) return {"calls_port_last", "be at least `calls_port_first`"};
  if (calls.udp_port == 0) return {"calls_udp_port", "be at least 1"};
  if (calls.udp && calls.urls.size() == wire::kTurnUrlsMax)
    return {"calls_urls", "be at most three where `calls_udp` is true, which is the fourth"};
  if (calls.connections_max == 0 || calls.connections_max > 10'000) return {"calls_max", "be 1 to 10000"};
  if (calls.source_max == 0) return {"calls_source_max", "be at least 1"};
  if (calls.user_max == 0) return {"calls_user_max", "be at least 1"};
  if (calls.bytes_second_max < 10'000)
    return {"calls_bytes_second_max", "be at least 10000: a voice alone takes half of it"};
  return {};
}

namespace {

// Lines of coturn's configuration.
class CoturnLines {
 public:
  void say(std::string_view key) { text_.append(key).append("\n"); }
  void set(std::string_view key, const std::string& value) { text_.append(key).append("=").append(value).append("\n"); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_ = "# Made by godwit-home at each start of the relay for calls, and removed at its end.\n";
};

// Whom it serves, and within what.
void say_bounds(CoturnLines& lines, const CoturnPlan& plan, const CallsConfig& calls) {
  for (const char* key : {"no-tls", "no-dtls", "no-cli", "no-tcp-relay", "no-multicast-peers"}) lines.say(key);
  for (const char* key : {"no-software-attribute", "no-rfc5780", "no-stun-backward-compatibility", "secure-stun"})
    lines.say(key);
  lines.say("use-auth-secret");
  lines.set("static-auth-secret", plan.secret);
  lines.set("realm", plan.realm);
  lines.set("stale-nonce", std::to_string(kNonceSeconds));
  lines.set("max-allocate-timeout", std::to_string(kAllocateSeconds));
  lines.set("user-quota", std::to_string(calls.user_max));
  lines.set("total-quota", std::to_string(calls.connections_max));
  lines.set("max-bps", std::to_string(calls.bytes_second_max));
  lines.set("min-port", std::to_string(calls.port_first));
  lines.set("max-port", std::to_string(calls.port_last));
}

// Where calls may lead.
void say_peers(CoturnLines& lines, const CoturnPlan& plan, const CallsConfig& calls) {
  for (const std::string& address : plan.addresses) {
    lines.set("relay-ip", own_part(address));
    if (address.find('/') != std::string::npos) lines.set("external-ip", address);
  }
  if (calls.loopback || !plan.unit.empty()) lines.say("allow-loopback-peers");  // coturn has no word for one of them
  if (!calls.loopback) {
    for (const char* range : kLoopback) lines.set("denied-peer-ip", range);
  }
  for (const char* range : kDenied4) lines.set("denied-peer-ip", range);
  for (const char* range : kDenied6) lines.set("denied-peer-ip", range);
  // Two who call each other by this relay meet at its own address, which may be a private one; coturn lets this outweigh the above.
  for (const std::string& address : plan.addresses) lines.set("allowed-peer-ip", own_part(address));
  // An address of its own, where nobody else listens.
  if (!plan.unit.empty()) lines.set("allowed-peer-ip", plan.unit);
}

void say_files(CoturnLines& lines, const CoturnPlan& plan) {
  lines.set("userdb", plan.folder + "/turndb");
  lines.set("pidfile", plan.folder + "/turnserver.pid");
  // What it says goes to the home, which forgets it: it would name addresses.
  lines.set("log-file", "stdout");
  lines.say("simple-log");
}

}  // namespace

std::string coturn_config(const CoturnPlan& plan, const CallsConfig& calls) {
  CoturnLines lines;
  lines.set("listening-ip", "127.0.0.1");
  lines.set("listening-port", std::to_string(plan.port));
  lines.say("no-udp");
  say_bounds(lines, plan, calls);
  say_peers(lines, plan, calls);
  say_files(lines, plan);
  return lines.take();
}

std::string coturn_udp_config(const CoturnPlan& plan, const CallsConfig& calls) {
  CoturnLines lines;
  for (const std::string& address : own_parts(plan.addresses)) lines.set("listening-ip", address);
  lines.set("listening-port", std::to_string(calls.udp_port));
  lines.say("no-tcp");
  say_bounds(lines, plan, calls);
  say_peers(lines, plan, calls);
  say_files(lines, plan);
  return lines.take();
}

std::vector<std::string> own_parts(const std::vector<std::string>& addresses) {
  std::vector<std::string> out;
  for (const std::string& address : addresses) out.push_back(own_part(address));
  return out;
}

std::vector<std::string> call_urls(const Config& config, uint16_t port) {
  if (!config.calls.urls.empty()) return config.calls.urls;
  const auto [host, at] = place_of(config, port);
  return {"turns:" + host + ":" + std::to_string(at) + "?transport=tcp"};
}

std::string call_udp_url(const Config& config) {
  const std::string host = place_of(config, 0).first;
  return "turn:" + host + ":" + std::to_string(config.calls.udp_port) + "?transport=udp" +
         std::string(routes::kWhenClear);
}

std::string with_switch(std::string_view text, std::string_view key, bool on) {
  std::string line(key);
  line += on ? " = true" : " = false";
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view each = text.substr(at, end - at);
    std::string_view rest = each.substr(std::min(each.find_first_not_of(" \t"), each.size()));
    if (rest.starts_with('[')) break;  // keys of a table from here on
    if (rest.starts_with(key)) {
      rest.remove_prefix(key.size());
      const size_t sign = rest.find_first_not_of(" \t");
      if (sign != std::string_view::npos && rest[sign] == '=') {
        return std::string(text.substr(0, at)) + line + std::string(text.substr(end));
      }
    }
    at = end + 1;
  }
  return line + "\n" + std::string(text);
}

}  // namespace godwit::home
