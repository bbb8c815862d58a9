#include "wire/home_link.h"

#include <algorithm>

#include "codec/link_payload.h"
#include "codec/members.h"
#include "wire/errors.h"

namespace godwit::wire {
namespace {

constexpr std::string_view kScheme = "godwit-home:";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr uint8_t kVersion = 1;

struct Payload {
  HomeAddress home;
  Bytes admission_code;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.admission_code);
  }
};

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_uri_character(char c) { return c > ' ' && c < 0x7f; }

}  // namespace

Status check_home_address(const HomeAddress& home) {
  REQUIRE(!home.routes.empty() && home.routes.size() <= kRoutesMax, kMalformed, "a home has 1 to 8 routes");
  for (const std::string& route : home.routes) {
    REQUIRE(!route.empty() && route.size() <= kRouteSizeMax, kMalformed, "a route has 1 to 256 characters");
    REQUIRE(std::all_of(route.begin(), route.end(), is_uri_character), kMalformed, "a route is printable ASCII");
  }
  return {};
}

std::string to_text(const HomeLink& link) {
  codec::Writer writer;
  writer.u8(kVersion);
  codec::encode(writer, Payload{link.home, link.admission_code});
  return std::string(kScheme) + codec::to_link_payload(writer.view());
}

Result<HomeLink> parse_home_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotHome, "a home link starts with godwit-home:");
  const auto bytes = codec::from_link_payload(text.substr(kScheme.size()));
  REQUIRE(bytes.has_value(), kLinkDamaged, "a home link's checksum fits");
  codec::Reader reader(*bytes);
  const auto version = reader.u8();
  REQUIRE(version.has_value(), kLinkDamaged, "a home link names its version");
  REQUIRE(*version <= kVersion, kLinkNewer, "a home link of version 1");
  auto payload = codec::decode<Payload>(reader);
  REQUIRE(*version == kVersion && payload.has_value() && reader.at_end(), kLinkDamaged, "a home link is well-formed");
  REQUIRE(check_home_address(payload->home).has_value(), kLinkDamaged, "a home link's routes are within bounds");
  REQUIRE(payload->admission_code.size() <= kAdmissionCodeSizeMax, kLinkDamaged, "an admission code is short");
  return HomeLink{std::move(payload->home), std::move(payload->admission_code)};
}

}  // namespace godwit::wire
