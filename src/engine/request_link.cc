#include "engine/request_link.h"

#include "codec/link_payload.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/member_info.h"
#include "engine/name_commands.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kScheme = "godwit:";
constexpr std::string_view kPrefix = "godwit:m#";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLabel = "godwit contact request 1";
constexpr uint8_t kVersion = 1;
constexpr size_t kEncapsulatedSize = 32;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

const crypto::HpkeSuite kSuite{&crypto::dhkem_x25519(), &crypto::chacha20_poly1305()};

Result<RequestLink> decode(ByteView bytes) {
  REQUIRE(!bytes.empty(), kLinkDamaged, "a request link names its version");
  REQUIRE(bytes.front() <= kVersion, kLinkNewer, "a request link of version 1");
  auto link = codec::decoded<RequestLink>(bytes);
  const bool sound =
      link && link->version == kVersion && check_name(link->name) && wire::check_home_address(link->home);
  REQUIRE(sound, kLinkDamaged, "a request link is well-formed");
  return link;
}

crypto::AeadKey outer_key(const crypto::Secret<32>& key) {
  crypto::AeadKey out;
  crypto::hkdf_expand(key.reveal(), as_bytes(kLabel), out.fill());
  return out;
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

Status check_greeting(std::string_view text) {
  REQUIRE(is_utf8(text), kNotText, "a greeting is UTF-8");
  size_t characters = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    REQUIRE(byte >= 0x20 && byte != 0x7f, kNotText, "a greeting has no control characters");
    characters += (byte & 0xc0) != 0x80 ? 1 : 0;
  }
  // As in a name: nothing rewrites the line in which it is shown. U+202A to U+202E, U+2066 to U+2069.
  for (size_t at = 0; at + 2 < text.size(); ++at) {
    const auto last = static_cast<uint8_t>(text[at + 2]);
    const bool first_range = text.substr(at, 2) == "\xe2\x80" && last >= 0xaa && last <= 0xae;
    const bool second_range = text.substr(at, 2) == "\xe2\x81" && last >= 0xa6 && last <= 0xa9;
    REQUIRE(!first_range && !second_range, kNotText, "a greeting has no direction overrides");
  }
  REQUIRE(characters <= kGreetingCharactersMax, kTooLong, "a greeting has at most 200 characters");
  return {};
}

}  // namespace

bool is_request_link(std::string_view text) { return trim(text).starts_with(kPrefix); }

std::string to_text(const RequestLink& link) {
  return std::string(kPrefix) + codec::to_link_payload(codec::encoded(link));
}

Result<RequestLink> parse_request_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotGodwit, "a request link starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkDamaged, "a request link starts with godwit:m#");
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
  const auto sealed = TRY(crypto::hpke_seal(kSuite, link.public_key, info_of(link), {}, plaintext, random));
  Bytes inner = sealed.kem_output;
  append(inner, sealed.ciphertext);
  return crypto::box_seal(outer_key(link.key.value), random, link.alias.view(), inner);
}

Result<Bytes> seal_request(ContactRequest request, const crypto::Ed25519KeyPair& device, const RequestLink& link,
                           Random& random) {
  TRY(check_greeting(request.greeting));
  request.device = device.public_key;
  request.signature = device.sign(to_be_signed(request, link));
  codec::Writer writer;
  writer.opaque(codec::encoded(request));
  Bytes plaintext = writer.take();
  pad(plaintext);
  auto sealed = seal_for(link, plaintext, random);
  crypto::wipe(plaintext);
  return sealed;
}

Result<OpenedRequest> open_request(ByteView payload, const RequestLink& link, const crypto::Secret<32>& private_key) {
  const auto inner = crypto::box_open(outer_key(link.key.value), link.alias.view(), payload);
  REQUIRE(inner.has_value() && inner->size() > kEncapsulatedSize, kRequestDamaged,
          "a request opens with its link's key");
  const crypto::HpkeCiphertext sealed{to_bytes(ByteView(*inner).first(kEncapsulatedSize)),
                                      to_bytes(ByteView(*inner).subspan(kEncapsulatedSize))};
  const auto plaintext =
      crypto::hpke_open(kSuite, sealed, crypto::SecretBuffer::copy_of(private_key.reveal()), info_of(link), {});
  REQUIRE(plaintext.has_value(), kRequestDamaged, "a request opens with its link's private key");
  codec::Reader reader(*plaintext);
  const auto inside = reader.opaque();
  REQUIRE(inside.has_value() && is_padding(reader.rest()), kRequestDamaged, "a request is well-formed");
  auto request = codec::decoded<ContactRequest>(*inside);
  REQUIRE(request.has_value() && request->version == 1, kRequestDamaged, "a request is well-formed");
  REQUIRE(check_name(request->name) && check_greeting(request->greeting), kRequestDamaged, "a request says little");
  const auto invite = parse_invite_link(request->invite);
  REQUIRE(invite.has_value(), kRequestDamaged, "a request brings an invite");
  const auto devices = DeviceList::validate(invite->account, request->devices);
  REQUIRE(devices.has_value() && devices->has(request->device), kRequestDamaged,
          "a request is of a device of its account");
  REQUIRE(crypto::ed25519_verify(request->device, to_be_signed(*request, link), request->signature).has_value(),
          kRequestDamaged, "a request is signed");
  return OpenedRequest{invite->account, std::move(*request)};
}

}  // namespace godwit::engine
