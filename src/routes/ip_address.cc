#include "routes/ip_address.h"

#include <algorithm>

namespace godwit::routes {
namespace {

constexpr size_t kGroups = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One number of an IPv4 address: 0 to 255 without leading zeros.
std::optional<uint8_t> parse_octet(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  unsigned value = 0;
  for (char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > 255) return std::nullopt;
  return static_cast<uint8_t>(value);
}

// One group of an IPv6 address: one to four hexadecimal digits.
std::optional<uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return static_cast<uint16_t>(value);
}

// Groups divided by single colons, perhaps ending in an IPv4 address, as at most kGroups 16-bit values. An empty text
// is no groups.
bool parse_groups(std::string_view text, std::array<uint16_t, kGroups>& out, size_t& count) {
  count = 0;
  if (text.empty()) return true;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
      const auto ipv4 = parse_ipv4(part);
      if (!ipv4 || count + 2 > kGroups) return false;
      const auto& b = *ipv4;
      out[count++] = static_cast<uint16_t>(b[0] << 8 | b[1]);
      out[count++] = static_cast<uint16_t>(b[2] << 8 | b[3]);
      return true;
    }
    const auto group = parse_group(part);
    if (!group || count == kGroups) return false;
    out[count++] = *group;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

void append_group(std::string& out, uint16_t group) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const auto digit = static_cast<size_t>(group >> shift & 0xf);
    started = started || digit != 0 || shift == 0;
    if (started) out += kDigits[digit];
  }
}

// Where the longest run of two or more zero groups begins and ends, the first of equals (RFC 5952 §4.2); none: kGroups.
std::pair<size_t, size_t> longest_zeros(const std::array<uint16_t, kGroups>& groups) {
  std::pair<size_t, size_t> best{kGroups, kGroups};
  size_t best_length = 1;
  for (size_t begin = 0; begin < kGroups; ++begin) {
    size_t end = begin;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - begin > best_length) {
      best = {begin, end};
      best_length = end - begin;
    }
    begin = std::max(begin, end);
  }
  return best;
}

}  // namespace

std::optional<ByteArray<4>> parse_ipv4(std::string_view text) {
  ByteArray<4> out{};
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t dot = text.find('.');
    const bool last = i + 1 == out.size();
    if ((dot == std::string_view::npos) != last) return std::nullopt;
    const auto octet = parse_octet(text.substr(0, dot));
    if (!octet) return std::nullopt;
    out[i] = *octet;
    if (!last) text.remove_prefix(dot + 1);
  }
  return out;
}

std::optional<ByteArray<16>> parse_ipv6(std::string_view text) {
  std::array<uint16_t, kGroups> groups{};
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    size_t count = 0;
    if (!parse_groups(text, groups, count) || count != kGroups) return std::nullopt;
  } else {
    std::array<uint16_t, kGroups> head{};
    std::array<uint16_t, kGroups> tail{};
    size_t head_count = 0;
    size_t tail_count = 0;
    const std::string_view before = text.substr(0, gap);
    if (before.find('.') != std::string_view::npos) return std::nullopt;
    if (!parse_groups(before, head, head_count)) return std::nullopt;
    if (!parse_groups(text.substr(gap + 2), tail, tail_count)) return std::nullopt;
    // "::" stands for at least one group (RFC 4291 §2.2).
    if (head_count + tail_count >= kGroups) return std::nullopt;
    std::copy_n(head.begin(), head_count, groups.begin());
    std::copy_n(tail.begin(), tail_count, groups.begin() + static_cast<ptrdiff_t>(kGroups - tail_count));
  }
  ByteArray<16> out{};
  for (size_t i = 0; i < kGroups; ++i) {
    out[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
    out[2 * i + 1] = static_cast<uint8_t>(groups[i] & 0xff);
  }
  return out;
}

std::string print_ipv4(const ByteArray<4>& address) {
  std::string out;
  for (uint8_t octet : address) {
    if (!out.empty()) out += '.';
    out += std::to_string(octet);
  }
  return out;
}

std::string print_ipv6(const ByteArray<16>& address) {
  std::array<uint16_t, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  }
  constexpr std::array<uint16_t, 6> kMapped{0, 0, 0, 0, 0, 0xffff};
  if (std::equal(kMapped.begin(), kMapped.end(), groups.begin())) {
    return "::ffff:" + print_ipv4({address[12], address[13], address[14], address[15]});
  }
  const auto [begin, end] = longest_zeros(groups);
  std::string out;
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == begin) {
      out += "::";
      i = end - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    append_group(out, groups[i]);
  }
  return out;
}

}  // namespace godwit::routes
