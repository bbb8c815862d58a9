#include "engine/door_link.h"

#include "codec/link_payload.h"
#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/link_seal.h"
#include "engine/member_info.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kScheme = "godwit:";
constexpr std::string_view kPrefix = "godwit:g#";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLabel = "godwit join request 1";
constexpr uint8_t kVersion = 1;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The label, and for whom a request is: fields of fixed sizes.
LinkSeal seal_of(const GroupLink& link) {
  crypto::Sha256 place;
  place.update(link.group.view());
  place.update(link.keeper.view());
  place.update(link.home.key.view());
  place.update(link.alias.view());
  place.update(link.public_key);
  Bytes info = to_bytes(as_bytes(kLabel));
  append(info, place.finish());
  return {kLabel, link.alias, link.key.value, std::move(info)};
}

}  // namespace

bool is_group_link(std::string_view text) { return trim(text).starts_with(kPrefix); }

std::string to_text(const GroupLink& link) {
  return std::string(kPrefix) + codec::to_link_payload(codec::encoded(link));
}

Result<GroupLink> parse_group_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotGodwit, "a group's link starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkOther, "a group's link starts with godwit:g#");
  text.remove_prefix(kPrefix.size());
  if (text.ends_with(kCallLinkMark)) text.remove_suffix(kCallLinkMark.size());
  const auto bytes = codec::from_link_payload(text);
  REQUIRE(bytes.has_value() && !bytes->empty(), kLinkDamaged, "a group's link has a checksum that fits");
  REQUIRE(bytes->front() <= kVersion, kLinkNewer, "a group's link of version 1");
  auto link = codec::decoded<GroupLink>(*bytes);
  const bool sound = link && link->version == kVersion && link->group != ChatId{} && check_given_name(link->name) &&
                     wire::check_home_address(link->home) && link->expires_ms >= 0;
  REQUIRE(sound, kLinkDamaged, "a group's link is well-formed");
  link->name = shown_name(link->name);
  return link;
}

Result<Bytes> seal_join_request(const JoinRequest& request, const GroupLink& link, Random& random) {
  Bytes inside = codec::encoded(request);
  auto sealed = seal_for_link(seal_of(link), link.public_key, inside, random);
  crypto::wipe(inside);
  return sealed;
}

Result<JoinRequest> open_join_request(ByteView payload, const GroupLink& link, const crypto::Secret<32>& private_key) {
  Bytes inside = TRY(open_from_link(seal_of(link), private_key, payload));
  auto request = parse_join_request(inside);
  crypto::wipe(inside);
  return request;
}

Result<JoinRequest> parse_join_request(ByteView inside) {
  auto request = codec::decoded<JoinRequest>(inside);
  REQUIRE(request.has_value() && request->version == 1, kRequestDamaged, "a request to join is well-formed");
  REQUIRE(check_greeting(request->greeting), kRequestDamaged, "a request to join says little");
  return request;
}

}  // namespace godwit::engine
