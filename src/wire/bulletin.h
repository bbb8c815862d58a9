#pragma once
// What a home says of itself: where it is reached, how requests are sealed to it, and where it reads mail. Dated, numbered
// and signed, so that it may come from anywhere: the home, a bridge, a web page, a file, a friend (docs/protocol/home.md).
//
// Not here: signing and checking, which need crypto/.

#include "codec/codec.h"
#include "wire/home_link.h"

namespace godwit::wire {

/// The Ed25519 public key that signs a home's bulletins. A client takes it from an authenticated session with that home,
/// and believes no other from then on until such a session says so.
using BulletinKey = OpaqueId<struct BulletinKeyTag, 32>;

/// Bounds, so that a bulletin fits one small exchange.
constexpr size_t kBulletinRoutesMax = 6;
constexpr size_t kBulletinMailsMax = 2;
constexpr size_t kBulletinUrlsMax = 2;
constexpr size_t kSealingKeySize = 1216;    ///< X-Wing public key
constexpr size_t kBulletinSizeMax = 2'950;  ///< signed and encoded, so that it fits a text and a bucket
/// How long one may be valid.
constexpr uint32_t kBulletinDaysMax = 30;
/// What the signature is over, before the encoded Bulletin.
constexpr char kBulletinLabel[] = "godwit bulletin 1";

/// What is signed.
struct Bulletin {
  HomeKey home;
  uint64_t number{};                ///< grows with each: one with a smaller number than the last is not taken
  uint32_t day{};                   ///< of issue, days since 1970
  uint32_t expires_day{};           ///< after this day it is stale
  Bytes sealing_key;                ///< empty: takes no sealed requests
  std::vector<std::string> routes;  ///< URIs (routes/route.h), of kRouteSizeMax
  std::vector<std::string> mails;   ///< mail addresses at which sealed requests are read
  std::vector<std::string> urls;    ///< where later bulletins can be had
  std::optional<CertificatePin> pin;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.number, self.day, self.expires_day, self.sealing_key, self.routes, self.mails,
                          self.urls, self.pin);
  }
  friend bool operator==(const Bulletin&, const Bulletin&) = default;
};

/// As it travels.
struct SignedBulletin {
  BulletinKey key;
  Bytes body;       ///< an encoded Bulletin
  Bytes signature;  ///< Ed25519 by `key` over kBulletinLabel || body
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.key, self.body, self.signature);
  }
};

/// The bytes that are signed after kBulletinLabel.
Bytes encode_bulletin(const Bulletin& bulletin);
/// The bytes that travel.
Bytes encode_signed_bulletin(const SignedBulletin& bulletin);
/// The reverse. kMalformed, kTooLarge: drop it. Nothing is said about the signature, or about `body`.
Result<SignedBulletin> decode_signed_bulletin(ByteView bytes);
/// Reads a `body` whose signature was checked. kMalformed, kTooLarge: drop it.
Result<Bulletin> decode_bulletin(ByteView body);

/// A signed bulletin as a text that people hand on: "godwit-bulletin:" and a link payload (codec/link_payload.h).
std::string bulletin_text(const SignedBulletin& bulletin);
/// The reverse; blanks around it are fine. kLinkNotHome, kLinkDamaged, kLinkNewer.
Result<SignedBulletin> parse_bulletin_text(std::string_view text);

}  // namespace godwit::wire
