#include "engine/link_seal.h"

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "engine/errors.h"
#include "engine/member_info.h"
#include "engine/name_commands.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

constexpr size_t kEncapsulatedSize = 32;

const crypto::HpkeSuite kSuite{&crypto::dhkem_x25519(), &crypto::chacha20_poly1305()};

crypto::AeadKey outer_key(const LinkSeal& link) {
  crypto::AeadKey out;
  crypto::hkdf_expand(link.key.reveal(), as_bytes(link.label), out.fill());
  return out;
}

}  // namespace

Result<Bytes> seal_padded_for_link(const LinkSeal& link, const ByteArray<32>& public_key, ByteView plaintext,
                                   Random& random) {
  const auto sealed = TRY(crypto::hpke_seal(kSuite, public_key, link.info, {}, plaintext, random));
  Bytes inner = sealed.kem_output;
  append(inner, sealed.ciphertext);
  return crypto::box_seal(outer_key(link), random, link.alias.view(), inner);
}

Result<Bytes> seal_for_link(const LinkSeal& link, const ByteArray<32>& public_key, ByteView inside, Random& random) {
  codec::Writer writer;
  writer.opaque(inside);
  Bytes plaintext = writer.take();
  pad(plaintext);
  auto sealed = seal_padded_for_link(link, public_key, plaintext, random);
  crypto::wipe(plaintext);
  return sealed;
}

Result<Bytes> open_from_link(const LinkSeal& link, const crypto::Secret<32>& private_key, ByteView payload) {
  const auto inner = crypto::box_open(outer_key(link), link.alias.view(), payload);
  REQUIRE(inner.has_value() && inner->size() > kEncapsulatedSize, kRequestDamaged,
          "a request opens with its link's key");
  const crypto::HpkeCiphertext sealed{to_bytes(ByteView(*inner).first(kEncapsulatedSize)),
                                      to_bytes(ByteView(*inner).subspan(kEncapsulatedSize))};
  const auto plaintext =
      crypto::hpke_open(kSuite, sealed, crypto::SecretBuffer::copy_of(private_key.reveal()), link.info, {});
  REQUIRE(plaintext.has_value(), kRequestDamaged, "a request opens with its link's private key");
  codec::Reader reader(*plaintext);
  const auto inside = reader.opaque();
  REQUIRE(inside.has_value() && is_padding(reader.rest()), kRequestDamaged, "a request is well-formed");
  return to_bytes(*inside);
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

}  // namespace godwit::engine
