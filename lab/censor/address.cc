#include "lab/censor/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

#include "lab/censor/dice.h"

namespace godwit::lab {
namespace {

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer, sizeof buffer);
  return buffer;
}

uint64_t Address::hash() const {
  uint64_t words[2];
  std::memcpy(words, bytes.data(), sizeof words);
  return mix(words[0] ^ mix(words[1] + (v6 ? 1 : 0)));
}

bool parse_address(std::string_view text, Address& out) {
  const std::string terminated(text);
  Address found;
  found.v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(found.v6 ? AF_INET6 : AF_INET, terminated.c_str(), found.bytes.data()) != 1) return false;
  out = found;
  return true;
}

std::string Endpoint::text() const {
  const std::string host = address.v6 ? "[" + address.text() + "]" : address.text();
  return host + ":" + std::to_string(port);
}

bool parse_endpoint(std::string_view text, Endpoint& out) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !parse_number(text.substr(colon + 1), out.port)) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return parse_address(host, out.address);
}

bool Cidr::contains(const Address& address) const {
  if (address.v6 != base.v6) return false;
  const auto whole = static_cast<size_t>(bits) / 8;
  if (std::memcmp(address.bytes.data(), base.bytes.data(), whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((address.bytes[whole] ^ base.bytes[whole]) >> (8 - rest)) == 0;
}

std::string Cidr::text() const { return base.text() + "/" + std::to_string(bits); }

bool parse_cidr(std::string_view text, Cidr& out) {
  const size_t slash = text.find('/');
  Cidr found;
  if (!parse_address(text.substr(0, slash), found.base)) return false;
  const int most = found.base.v6 ? 128 : 32;
  found.bits = most;
  if (slash != std::string_view::npos && !parse_number(text.substr(slash + 1), found.bits)) return false;
  if (found.bits < 0 || found.bits > most) return false;
  out = found;
  return true;
}

bool CidrSet::contains(const Address& address) const {
  return std::any_of(blocks.begin(), blocks.end(), [&](const Cidr& block) { return block.contains(address); });
}

bool parse_ports(std::string_view text, PortRange& out) {
  const size_t dash = text.find('-');
  if (!parse_number(text.substr(0, dash), out.first)) return false;
  out.last = out.first;
  if (dash != std::string_view::npos && !parse_number(text.substr(dash + 1), out.last)) return false;
  return out.first <= out.last;
}

bool PortSet::contains(uint16_t port) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const PortRange& range) { return range.first <= port && port <= range.last; });
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool name_in(const std::vector<std::string>& suffixes, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  for (const std::string& suffix : suffixes) {
    if (suffix == "*") return true;
    if (name.size() < suffix.size() || suffix.empty()) continue;
    const size_t before = name.size() - suffix.size();
    if (before > 0 && name[before - 1] != '.') continue;
    if (equal_ignoring_case(name.substr(before), suffix)) return true;
  }
  return false;
}

}  // namespace godwit::lab
