#include "wire/web_push.h"

#include <algorithm>

#include "wire/errors.h"

namespace godwit::wire {
namespace {

constexpr std::string_view kScheme = "https://";
// How an uncompressed point begins (SEC 1 §2.3.3).
constexpr uint8_t kUncompressed = 4;

bool is_url_character(char c) {
  return c > ' ' && c < 0x7f && c != '#' && c != '\\' && c != '"' && c != '<' && c != '>';
}

bool is_host_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
}

}  // namespace

Status check_web_push(const WebPushSubscription& subscription) {
  const std::string_view endpoint = subscription.endpoint;
  REQUIRE(endpoint.size() <= kWebPushEndpointMax, kTooLarge, "wire: kWebPushEndpointMax");
  REQUIRE(endpoint.starts_with(kScheme) && std::ranges::all_of(endpoint, is_url_character), kMalformed,
          "wire: an endpoint is an https:// address");
  const std::string_view host =
      endpoint.substr(kScheme.size(), endpoint.find_first_of("/?", kScheme.size()) - kScheme.size());
  REQUIRE(!host.empty() && host.front() != ':' && std::ranges::all_of(host, is_host_character), kMalformed,
          "wire: an endpoint has a host, and no user");
  REQUIRE(subscription.key.value.front() == kUncompressed, kMalformed,
          "wire: a browser's key is an uncompressed point");
  return {};
}

}  // namespace godwit::wire
