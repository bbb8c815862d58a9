#include "engine/invite_link.h"

#include "codec/link_payload.h"
#include "engine/errors.h"
#include "engine/member_info.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kScheme = "godwit:";
constexpr std::string_view kPrefix = "godwit:i#";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr uint8_t kVersion = 1;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<InviteLink> decode(codec::Reader& reader) {
  InviteLink link;
  link.account = TRY(codec::decode<AccountId>(reader));
  link.name = TRY(codec::decode<std::string>(reader));
  link.home = TRY(codec::decode<wire::HomeAddress>(reader));
  link.alias = TRY(codec::decode<wire::Alias>(reader));
  link.token = TRY(crypto::Secret<32>::copy_of(TRY(reader.raw(32))));
  link.key = TRY(crypto::Secret<32>::copy_of(TRY(reader.raw(32))));
  TRY(reader.finish());
  TRY(check_given_name(link.name));
  TRY(wire::check_home_address(link.home));
  link.name = shown_name(link.name);
  return link;
}

}  // namespace

std::string to_text(const InviteLink& link) {
  codec::Writer writer;
  writer.u8(kVersion);
  codec::encode(writer, link.account);
  codec::encode(writer, link.name);
  codec::encode(writer, link.home);
  codec::encode(writer, link.alias);
  writer.raw(link.token.reveal());
  writer.raw(link.key.reveal());
  return std::string(kPrefix) + codec::to_link_payload(writer.view());
}

Result<InviteLink> parse_invite_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotGodwit, "an invite starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkOther, "an invite starts with godwit:i#");
  const auto bytes = codec::from_link_payload(text.substr(kPrefix.size()));
  REQUIRE(bytes.has_value(), kLinkDamaged, "an invite's checksum fits");
  codec::Reader reader(*bytes);
  const auto version = reader.u8();
  REQUIRE(version.has_value(), kLinkDamaged, "an invite names its version");
  REQUIRE(*version <= kVersion, kLinkNewer, "an invite of version 1");
  auto link = decode(reader);
  REQUIRE(*version == kVersion && link.has_value(), kLinkDamaged, "an invite is well-formed");
  return link;
}

}  // namespace godwit::engine
