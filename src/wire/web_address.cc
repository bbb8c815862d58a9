#include "wire/web_address.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::wire {
namespace {

constexpr std::string_view kScheme = "https://";

bool is_url_character(char c) {
  return c > ' ' && c < 0x7f && c != '#' && c != '\\' && c != '"' && c != '<' && c != '>';
}

bool is_host_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
}

}  // namespace

Status check_web_address(std::string_view url, size_t size_max) {
  REQUIRE(url.size() <= size_max, kTooLarge, "wire: an address is not that long");
  REQUIRE(url.starts_with(kScheme) && std::ranges::all_of(url, is_url_character), kMalformed,
          "wire: an address of the web is an https:// address");
  const std::string_view host = url.substr(kScheme.size(), url.find_first_of("/?", kScheme.size()) - kScheme.size());
  REQUIRE(!host.empty() && host.front() != ':' && std::ranges::all_of(host, is_host_character), kMalformed,
          "wire: an address of the web has a host, and no user");
  return {};
}

}  // namespace godwit::wire
