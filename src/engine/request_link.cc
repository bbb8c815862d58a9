#include "engine/request_link.h"

#include "codec/link_payload.h"
#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/link_seal.h"
#include "engine/member_info.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kScheme = "godwit:";
constexpr std::string_view kPrefix = "godwit:m#";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLabel = "godwit contact request 1";
constexpr uint8_t kVersion = 1;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<RequestLink> decode(ByteView bytes) {
  REQUIRE(!bytes.empty(), kLinkDamaged, "a request link names its version");
  REQUIRE(bytes.front() <= kVersion, kLinkNewer, "a request link of version 1");
  auto link = codec::decoded<RequestLink>(bytes);
  const bool sound =
      link && link->version == kVersion && check_given_name(link->name) && wire::check_home_address(link->home);
  REQUIRE(sound, kLinkDamaged, "a request link is well-formed");
  link->name = shown_name(link->name);
  return link;
}

// The label, and for whom a request is: fields of fixed sizes.
Bytes info_of(const RequestLink& link) {
  crypto::Sha256 place;
  place.update(link.account.view());
  place.update(link.home.key.view());
  place.update(link.alias.view());
  place.update(link.public_key);
  Bytes info = to_bytes(as_bytes(kLabel));
  append(info, place.finish());
  return info;
}

LinkSeal seal_of(const RequestLink& link) { return {kLabel, link.alias, link.key.value, info_of(link)}; }

Bytes to_be_signed(const ContactRequest& request, const RequestLink& link) {
  codec::Writer writer;
  writer.raw(info_of(link));
  writer.u8(request.version);
  codec::encode(writer, request.name);
  codec::encode(writer, request.greeting);
  codec::encode(writer, request.invite);
  codec::encode(writer, request.devices);
  writer.raw(request.device);
  return writer.take();
}

}  // namespace

bool is_request_link(std::string_view text) { return trim(text).starts_with(kPrefix); }

std::string to_text(const RequestLink& link) {
  return std::string(kPrefix) + codec::to_link_payload(codec::encoded(link));
}

Result<RequestLink> parse_request_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotGodwit, "a request link starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkOther, "a request link starts with godwit:m#");
  const auto bytes = codec::from_link_payload(text.substr(kPrefix.size()));
  REQUIRE(bytes.has_value(), kLinkDamaged, "a request link's checksum fits");
  return decode(*bytes);
}

Bytes seal_card(const RequestLink& link, const crypto::AeadKey& key, const wire::NameId& name, Random& random) {
  codec::Writer writer;
  writer.opaque(codec::encoded(link));
  Bytes plaintext = writer.take();
  pad(plaintext);
  Bytes card = crypto::box_seal(key, random, name.view(), plaintext);
  crypto::wipe(plaintext);
  return card;
}

Result<RequestLink> open_card(ByteView card, const crypto::AeadKey& key, const wire::NameId& name) {
  const auto plaintext = crypto::box_open(key, name.view(), card);
  REQUIRE(plaintext.has_value(), kBadContent, "a card opens with the key of its name");
  codec::Reader reader(*plaintext);
  const auto inside = reader.opaque();
  REQUIRE(inside.has_value() && is_padding(reader.rest()), kBadContent, "a card is well-formed");
  return decode(*inside);
}

Result<Bytes> seal_for(const RequestLink& link, ByteView plaintext, Random& random) {
  return seal_padded_for_link(seal_of(link), link.public_key, plaintext, random);
}

Result<Bytes> seal_request(ContactRequest request, const crypto::Ed25519KeyPair& device, const RequestLink& link,
                           Random& random) {
  TRY(check_greeting(request.greeting));
  request.device = device.public_key;
  request.signature = device.sign(to_be_signed(request, link));
  return seal_for_link(seal_of(link), link.public_key, codec::encoded(request), random);
}

Result<OpenedRequest> open_request(ByteView payload, const RequestLink& link, const crypto::Secret<32>& private_key) {
  const Bytes inside = TRY(open_from_link(seal_of(link), private_key, payload));
  auto request = codec::decoded<ContactRequest>(inside);
  REQUIRE(request.has_value() && request->version == 1, kRequestDamaged, "a request is well-formed");
  REQUIRE(check_given_name(request->name) && check_greeting(request->greeting), kRequestDamaged,
          "a request says little");
  const auto invite = parse_invite_link(request->invite);
  REQUIRE(invite.has_value(), kRequestDamaged, "a request brings an invite");
  const auto devices = DeviceList::validate(invite->account, request->devices);
  REQUIRE(devices.has_value() && devices->has(request->device), kRequestDamaged,
          "a request is of a device of its account");
  REQUIRE(crypto::ed25519_verify(request->device, to_be_signed(*request, link), request->signature).has_value(),
          kRequestDamaged, "a request is signed");
  request->name = shown_name(request->name);
  return OpenedRequest{invite->account, std::move(*request)};
}

}  // namespace godwit::engine
