#include "wire/bulletin.h"

#include <algorithm>

#include "codec/link_payload.h"
#include "wire/errors.h"

namespace godwit::wire {
namespace {

constexpr std::string_view kScheme = "godwit-bulletin:";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr uint8_t kVersion = 1;
constexpr size_t kSignedSize = 64;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Status check_texts(const std::vector<std::string>& texts, size_t count_max) {
  REQUIRE(texts.size() <= count_max, kTooLarge, "a bulletin names few places");
  for (const std::string& text : texts) {
    REQUIRE(!text.empty() && text.size() <= kRouteSizeMax, kTooLarge, "a place has 1 to 256 characters");
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    REQUIRE(printable, kMalformed, "a place is printable ASCII");
  }
  return {};
}

Status check(const Bulletin& bulletin) {
  TRY(check_texts(bulletin.routes, kBulletinRoutesMax));
  TRY(check_texts(bulletin.mails, kBulletinMailsMax));
  TRY(check_texts(bulletin.urls, kBulletinUrlsMax));
  const bool sealing_fits = bulletin.sealing_key.empty() || bulletin.sealing_key.size() == kSealingKeySize;
  REQUIRE(sealing_fits, kMalformed, "an X-Wing key has 1,216 bytes");
  const bool days_fit = bulletin.expires_day >= bulletin.day && bulletin.expires_day - bulletin.day <= kBulletinDaysMax;
  REQUIRE(days_fit, kMalformed, "a bulletin is valid for some days");
  return {};
}

}  // namespace

Bytes encode_bulletin(const Bulletin& bulletin) { return codec::encoded(bulletin); }

Bytes encode_signed_bulletin(const SignedBulletin& bulletin) { return codec::encoded(bulletin); }

Result<SignedBulletin> decode_signed_bulletin(ByteView bytes) {
  REQUIRE(bytes.size() <= kBulletinSizeMax, kTooLarge, "wire: kBulletinSizeMax");
  auto bulletin = codec::decoded<SignedBulletin>(bytes);
  REQUIRE(bulletin.has_value(), kMalformed, "a signed bulletin is well-formed");
  REQUIRE(bulletin->signature.size() == kSignedSize, kMalformed, "an Ed25519 signature has 64 bytes");
  return bulletin;
}

Result<Bulletin> decode_bulletin(ByteView body) {
  auto bulletin = codec::decoded<Bulletin>(body);
  REQUIRE(bulletin.has_value(), kMalformed, "a bulletin is well-formed");
  TRY(check(*bulletin));
  return bulletin;
}

std::string bulletin_text(const SignedBulletin& bulletin) {
  Bytes bytes{kVersion};
  const Bytes encoded = encode_signed_bulletin(bulletin);
  bytes.insert(bytes.end(), encoded.begin(), encoded.end());
  return std::string(kScheme) + codec::to_link_payload(bytes);
}

Result<SignedBulletin> parse_bulletin_text(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotHome, "a bulletin starts with godwit-bulletin:");
  const auto bytes = codec::from_link_payload(text.substr(kScheme.size()));
  REQUIRE(bytes.has_value() && !bytes->empty(), kLinkDamaged, "a bulletin's checksum fits");
  REQUIRE(bytes->front() <= kVersion, kLinkNewer, "a bulletin of version 1");
  auto bulletin = decode_signed_bulletin(ByteView(*bytes).subspan(1));
  REQUIRE(bytes->front() == kVersion && bulletin.has_value(), kLinkDamaged, "a bulletin is well-formed");
  return bulletin;
}

}  // namespace godwit::wire
