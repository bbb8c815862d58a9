// The two packets that begin a link.

#include "codec/codec.h"
#include "crypto/hash.h"
#include "home/errors.h"
#include "home/front_link.h"
#include "home/front_messages.h"

namespace godwit::home {
namespace {

// Before what is sealed, in clear, and the same in every version: the kind, the version, and where the answer goes.
constexpr size_t kHelloHeadSize = 1 + 2 + FrontInboxId::kSize;
constexpr size_t kWelcomeHeadSize = 1 + 2;
constexpr const char* kForm = "docs/protocol/fronts.md: a packet of the handshake has its form";

struct HelloInside {
  FrontInboxId inbox;
  ByteArray<crypto::kXWingPublicKeySize> exchange{};
  Bytes name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.inbox, self.exchange, self.name);
  }
};
struct WelcomeInside {
  FrontLinkId link;
  FrontInboxId inbox;
  ByteArray<crypto::kXWingCiphertextSize> exchange{};
  Bytes name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.link, self.inbox, self.exchange, self.name);
  }
};

crypto::AeadKey packet_key(const FrontClusterKey& key, std::string_view label) {
  crypto::AeadKey out;
  crypto::hkdf_expand(key.key.reveal(), as_bytes(label), out.fill());
  return out;
}
crypto::AeadKey hello_key(const FrontClusterKey& key) { return packet_key(key, "hello"); }
crypto::AeadKey welcome_key(const FrontClusterKey& key) { return packet_key(key, "welcome"); }

Bytes head_of(FrontPacketKind kind) {
  codec::Writer head;
  head.u8(static_cast<uint8_t>(kind));
  head.u16(kFrontLinkVersion);
  return head.take();
}

// Both directions' keys: of the cluster's key, the exchange, and all bytes of both packets.
FrontLink link_of(const FrontClusterKey& key, const crypto::Secret<32>& exchanged, ByteView hello, ByteView welcome,
                  const FrontLinkId& id, bool at_front) {
  crypto::Sha256 transcript;
  transcript.update(hello);
  transcript.update(welcome);
  crypto::SecretBuffer material(64);
  std::copy_n(key.key.reveal().begin(), 32, material.fill().begin());
  std::copy_n(exchanged.reveal().begin(), 32, material.fill().begin() + 32);
  const auto secret = crypto::hkdf_extract(transcript.finish(), material.reveal());
  crypto::AeadKey to_home;
  crypto::AeadKey to_front;
  crypto::hkdf_expand(secret.reveal(), as_bytes("to the home"), to_home.fill());
  crypto::hkdf_expand(secret.reveal(), as_bytes("to the front"), to_front.fill());
  return at_front ? FrontLink(id, std::move(to_home), std::move(to_front))
                  : FrontLink(id, std::move(to_front), std::move(to_home));
}

Status check_version(ByteView packet, size_t head_size) {
  REQUIRE(packet.size() >= head_size, kBadFrontMessage, kForm);
  codec::Reader reader(packet.subspan(1));
  REQUIRE(TRY(reader.u16()) == kFrontLinkVersion, kOtherFrontVersion,
          "docs/protocol/fronts.md: both ends are of one version");
  return {};
}

Bytes name_bytes(const std::string& name) {
  return to_bytes(as_bytes(name).first(std::min(name.size(), kFrontNameSizeMax)));
}

}  // namespace

Bytes front_other_version() { return head_of(FrontPacketKind::kOtherVersion); }

std::optional<FrontInboxId> front_inbox_of(ByteView hello) {
  FrontInboxId inbox;
  if (front_packet_kind(hello) != FrontPacketKind::kHello || hello.size() < kHelloHeadSize) return std::nullopt;
  if (!FrontInboxId::from(hello.subspan(kWelcomeHeadSize, FrontInboxId::kSize), inbox)) return std::nullopt;
  return inbox;
}

FrontCall::FrontCall(const FrontClusterKey& key, const FrontInboxId& inbox, const std::string& name, Random& random)
    : key_(key.clone()), exchange_(crypto::XWingKeyPair::generate(random)), hello_(head_of(FrontPacketKind::kHello)) {
  append(hello_, inbox.view());
  const Bytes inside = codec::encoded(HelloInside{inbox, exchange_.public_key, name_bytes(name)});
  append(hello_, crypto::box_seal(hello_key(key), random, Bytes(hello_), inside));
}

Result<FrontWelcome> front_welcome(const FrontClusterKey& key, const FrontInboxId& inbox, const std::string& name,
                                   ByteView hello, Random& random) {
  REQUIRE(front_packet_kind(hello) == FrontPacketKind::kHello, kBadFrontMessage, kForm);
  TRY(check_version(hello, kHelloHeadSize));
  const auto opened = crypto::box_open(hello_key(key), hello.first(kHelloHeadSize), hello.subspan(kHelloHeadSize));
  REQUIRE(opened.has_value(), kBadFrontMessage, "docs/protocol/fronts.md: who asks has the cluster's key");
  const auto asked = codec::decoded<HelloInside>(*opened);
  REQUIRE(asked.has_value() && asked->name.size() <= kFrontNameSizeMax, kBadFrontMessage, kForm);
  const auto encapsulated = crypto::xwing_encapsulate(asked->exchange, crypto::Secret<64>::random(random));
  REQUIRE(encapsulated.has_value(), kBadFrontMessage, kForm);
  const FrontLinkId id{random.bytes<FrontLinkId::kSize>()};
  Bytes packet = head_of(FrontPacketKind::kWelcome);
  Bytes bound = packet;
  append(bound, crypto::sha256(hello));
  const Bytes inside = codec::encoded(WelcomeInside{id, inbox, encapsulated->ciphertext, name_bytes(name)});
  append(packet, crypto::box_seal(welcome_key(key), random, bound, inside));
  FrontLink link = link_of(key, encapsulated->shared_secret, hello, packet, id, false);
  return FrontWelcome{std::move(link), asked->inbox, std::string(as_text(asked->name)), std::move(packet)};
}

Result<FrontCall::Answered> FrontCall::answered(ByteView packet) const {
  const auto kind = front_packet_kind(packet);
  REQUIRE(kind != FrontPacketKind::kOtherVersion, kOtherFrontVersion,
          "docs/protocol/fronts.md: both ends are of one version");
  REQUIRE(kind == FrontPacketKind::kWelcome, kBadFrontMessage, kForm);
  TRY(check_version(packet, kWelcomeHeadSize));
  Bytes bound = to_bytes(packet.first(kWelcomeHeadSize));
  append(bound, crypto::sha256(hello_));
  const auto opened = crypto::box_open(welcome_key(key_), bound, packet.subspan(kWelcomeHeadSize));
  REQUIRE(opened.has_value(), kBadFrontMessage,
          "docs/protocol/fronts.md: who answers has the cluster's key and this Hello");
  const auto told = codec::decoded<WelcomeInside>(*opened);
  REQUIRE(told.has_value() && told->name.size() <= kFrontNameSizeMax, kBadFrontMessage, kForm);
  const auto exchanged = crypto::xwing_decapsulate(exchange_, told->exchange);
  REQUIRE(exchanged.has_value(), kBadFrontMessage, kForm);
  FrontLink link = link_of(key_, *exchanged, hello_, packet, told->link, true);
  return Answered{std::move(link), told->inbox, std::string(as_text(told->name))};
}

}  // namespace godwit::home
