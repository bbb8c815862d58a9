// Where a store on NATS is, as a configuration names it.

#include <algorithm>
#include <charconv>

#include "store/nats_store.h"

namespace godwit::store {
namespace {

constexpr std::string_view kScheme = "nats://";
constexpr size_t kNameMax = 64;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// "host", "host:port" or "[v6]:port" with its port; nothing: it is none.
std::optional<std::string> server_of(std::string_view text) {
  if (text.empty() || text.find_first_of("@/? \t\"'") != std::string_view::npos) return std::nullopt;
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string out(kScheme);
  if (colon == std::string_view::npos) return out.append(text).append(":4222");
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (colon == 0 || error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return out.append(text);
}

}  // namespace

bool names_nats(std::string_view text) { return text.starts_with(kScheme); }

std::optional<NatsPlace> parse_nats_place(std::string_view text) {
  if (!names_nats(text)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  NatsPlace place;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    place.name = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  if (!is_name(place.name)) return std::nullopt;
  for (;;) {
    const size_t comma = text.find(',');
    const auto server = server_of(text.substr(0, comma));
    if (!server) return std::nullopt;
    place.servers.push_back(*server);
    if (comma == std::string_view::npos) return place;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace godwit::store
