#include "engine/linking_channel.h"

#include "codec/link_payload.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "engine/errors.h"
#include "engine/member_info.h"
#include "engine/padding.h"
#include "wire/requests.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kPrefix = "godwit:d#";
constexpr uint8_t kVersion = 1;
constexpr size_t kMeetingDigits = 4;

// Damm's quasigroup of order 10: the check digit finds every single wrong digit and every two that changed places.
constexpr uint8_t kDamm[10][10] = {{0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
                                   {4, 2, 0, 6, 8, 7, 1, 3, 5, 9}, {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
                                   {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
                                   {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
                                   {9, 4, 3, 8, 6, 1, 7, 2, 0, 5}, {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};

uint8_t damm(std::string_view digits) {
  uint8_t state = 0;
  for (const char digit : digits) state = kDamm[state][digit - '0'];
  return state;
}

template <size_t N>
crypto::Secret<N> expand(const crypto::Secret<32>& key, std::string_view label) {
  crypto::Secret<N> out;
  crypto::hkdf_expand(key.reveal(), as_bytes(label), out.fill());
  return out;
}

// What names the two sides to CPace: only devices of people at this home, for this purpose.
Bytes channel_of(const LinkOffer& offer) {
  Bytes out = to_bytes(as_bytes("godwit device link 1"));
  append(out, offer.home.key.view());
  return out;
}

crypto::Cpace begin_run(crypto::CpaceRole role, const LinkOffer& offer, Random& random) {
  return crypto::Cpace::begin(role, offer.password.reveal(), channel_of(offer), offer.meeting.view(), random);
}

LinkKeys derive(const crypto::CpaceKey& run, const crypto::Secret<32>& kem, const LinkHello& hello,
                const LinkReply& reply) {
  const auto key = crypto::hkdf_extract(run.reveal(), kem.reveal());
  LinkKeys out{expand<32>(key, "godwit link new 1"), expand<32>(key, "godwit link old 1"), {}, {}};
  Bytes transcript = codec::encoded(hello);
  append(transcript, codec::encoded(reply));
  out.transcript = crypto::sha256(transcript);
  const auto check = expand<8>(key, "godwit link check 1");
  uint64_t number = 0;
  for (const uint8_t byte : check.reveal()) number = (number << 8) | byte;
  const std::string digits = std::to_string(number % 1'000'000);
  out.check = std::string(6 - digits.size(), '0') + digits;
  return out;
}

Bytes to_be_signed(const ByteArray<32>& transcript) {
  Bytes out = to_bytes(as_bytes("godwit link 1"));
  append(out, transcript);
  return out;
}

template <typename T>
Bytes seal(const crypto::Secret<32>& key, std::string_view label, const T& value, Random& random) {
  Bytes plaintext = codec::encoded(value);
  pad(plaintext);
  Bytes out = crypto::box_seal(key, random, as_bytes(label), plaintext);
  crypto::wipe(plaintext);
  return out;
}

template <typename T>
Result<T> open(const crypto::Secret<32>& key, std::string_view label, ByteView sealed) {
  auto plaintext = crypto::box_open(key, as_bytes(label), sealed);
  REQUIRE(plaintext.has_value(), kLinkingFailed, "what comes through the meeting opens");
  codec::Reader reader(*plaintext);
  auto value = codec::decode<T>(reader);
  const bool whole = value.has_value() && is_padding(reader.rest());
  crypto::wipe(*plaintext);
  REQUIRE(whole && value->version >= kVersion, kLinkingFailed, "what comes through the meeting is well-formed");
  return std::move(*value);
}

}  // namespace

LinkOffer make_link_offer(const wire::HomeAddress& home, Random& random) {
  LinkOffer out{home, {}, crypto::SecretBuffer::random(random, 32)};
  crypto::hkdf_expand(out.password.reveal(), as_bytes("godwit meeting 1"), out.meeting.value);
  return out;
}

std::string to_text(const LinkOffer& offer) {
  codec::Writer writer;
  writer.u8(kVersion);
  codec::encode(writer, offer.home);
  writer.raw(offer.password.reveal());
  return std::string(kPrefix) + codec::to_link_payload(writer.view());
}

Result<LinkOffer> parse_device_link(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  text = first == std::string_view::npos ? std::string_view() : text.substr(first);
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  REQUIRE(text.starts_with("godwit:"), kLinkNotGodwit, "a device link starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkOther, "a device link starts with godwit:d#");
  const auto bytes = codec::from_link_payload(text.substr(kPrefix.size()));
  REQUIRE(bytes.has_value(), kLinkDamaged, "a device link's checksum fits");
  codec::Reader reader(*bytes);
  const auto version = reader.u8();
  REQUIRE(version.has_value(), kLinkDamaged, "a device link names its version");
  REQUIRE(*version <= kVersion, kLinkNewer, "a device link of version 1");
  auto home = codec::decode<wire::HomeAddress>(reader);
  const auto secret = reader.raw(32);
  const bool whole = *version == kVersion && home.has_value() && secret.has_value() && reader.at_end() &&
                     wire::check_home_address(*home).has_value();
  REQUIRE(whole, kLinkDamaged, "a device link is well-formed");
  LinkOffer out{std::move(*home), {}, crypto::SecretBuffer::copy_of(*secret)};
  crypto::hkdf_expand(out.password.reveal(), as_bytes("godwit meeting 1"), out.meeting.value);
  return out;
}

std::string make_link_code(Random& random) {
  std::string out;
  while (out.size() + 1 < kCodeDigits) out += static_cast<char>('0' + random.below(10));
  out += static_cast<char>('0' + damm(out));
  return out;
}

std::string shown_code(std::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += digits[i];
  }
  return out;
}

Result<LinkOffer> offer_of_code(std::string_view code, const wire::HomeAddress& home) {
  std::string digits;
  for (const char c : code) {
    if (c == ' ' || c == '-' || c == '\n' || c == '\r' || c == '\t') continue;
    REQUIRE(c >= '0' && c <= '9' && digits.size() < kCodeDigits, kCodeMistyped, "a code has 12 digits");
    digits += c;
  }
  REQUIRE(digits.size() == kCodeDigits && damm(digits) == 0, kCodeMistyped, "a code's last digit fits the others");
  const std::string_view all = digits;
  LinkOffer out{home, {}, crypto::SecretBuffer::copy_of(as_bytes(all.substr(kMeetingDigits)))};
  Bytes name = to_bytes(as_bytes("godwit meeting code 1"));
  append(name, as_bytes(all.substr(0, kMeetingDigits)));
  const auto hash = crypto::sha256(name);
  std::copy_n(hash.begin(), wire::MeetingId::kSize, out.meeting.value.begin());
  return out;
}

LinkAsker LinkAsker::begin(const LinkOffer& offer, Random& random) {
  LinkAsker out(begin_run(crypto::CpaceRole::kInitiator, offer, random), crypto::XWingKeyPair::generate(random));
  out.hello_.share = out.run_.share();
  out.hello_.kem_key = to_bytes(out.kem_.public_key);
  return out;
}

Result<LinkKeys> LinkAsker::finish(const LinkReply& reply) const {
  const auto run = run_.finish(hello_.kem_key, reply.share, reply.kem_ciphertext);
  const auto kem = crypto::xwing_decapsulate(kem_, reply.kem_ciphertext);
  REQUIRE(reply.version >= kVersion && run.has_value() && kem.has_value(), kLinkingFailed, "a reply has what it needs");
  return derive(*run, *kem, hello_, reply);
}

Result<std::pair<LinkReply, LinkKeys>> answer_link(const LinkOffer& offer, const LinkHello& hello, Random& random) {
  const auto run = begin_run(crypto::CpaceRole::kResponder, offer, random);
  const auto kem = crypto::xwing_encapsulate(hello.kem_key, crypto::Secret<64>::random(random));
  REQUIRE(hello.version >= kVersion && kem.has_value(), kLinkingFailed, "a hello has what it needs");
  LinkReply reply{kVersion, run.share(), to_bytes(kem->ciphertext)};
  const auto key = run.finish(reply.kem_ciphertext, hello.share, hello.kem_key);
  REQUIRE(key.has_value(), kLinkingFailed, "a hello has what it needs");
  LinkKeys keys = derive(*key, kem->shared_secret, hello, reply);
  return std::pair{std::move(reply), std::move(keys)};
}

Bytes seal_request(const LinkKeys& keys, LinkRequest request, const crypto::Ed25519KeyPair& device, Random& random) {
  request.signature = device.sign(to_be_signed(keys.transcript));
  return seal(keys.by_new, "godwit link request 1", request, random);
}

Result<LinkRequest> open_request(const LinkKeys& keys, ByteView sealed) {
  auto request = TRY(open<LinkRequest>(keys.by_new, "godwit link request 1", sealed));
  REQUIRE(check_given_name(request.device.name).has_value(), kLinkingFailed, "a device has a name");
  REQUIRE(request.device.sync_key.size() == crypto::kXWingPublicKeySize, kLinkingFailed,
          "a device has a key to seal to");
  const Bytes message = to_be_signed(keys.transcript);
  REQUIRE(crypto::ed25519_verify(request.device.device_key, message, request.signature).has_value(), kLinkingFailed,
          "a device holds the key that it names");
  request.device.name = shown_name(request.device.name);
  return request;
}

Bytes seal_answer(const crypto::Secret<32>& by_old, const LinkAnswer& answer, Random& random) {
  return seal(by_old, "godwit link answer 1", answer, random);
}

Result<LinkAnswer> open_answer(const crypto::Secret<32>& by_old, ByteView sealed, const ByteArray<32>& device_key) {
  auto answer = TRY(open<LinkAnswer>(by_old, "godwit link answer 1", sealed));
  const auto list = DeviceList::validate(answer.account, answer.devices);
  const bool fits = list.has_value() && list->has(device_key) && check_given_name(answer.name).has_value() &&
                    wire::check_home_address(answer.home).has_value() && answer.own_devices.size() <= wire::kDevicesMax;
  REQUIRE(fits, kLinkingFailed, "an account that is handed over is whole");
  return answer;
}

}  // namespace godwit::engine
