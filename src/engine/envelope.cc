#include "engine/envelope.h"

#include "codec/codec.h"
#include "engine/errors.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {
constexpr uint8_t kVersion = 1;
}  // namespace

Bytes seal_envelope(const Envelope& envelope, const crypto::AeadKey& key, ByteView place, Random& random) {
  codec::Writer writer;
  writer.u8(kVersion);
  writer.u8(static_cast<uint8_t>(envelope.kind));
  writer.raw(envelope.ref.view());
  writer.u32(envelope.sender);
  writer.opaque(envelope.body);
  const size_t size = writer.view().size();
  writer.raw(Bytes(bucket_for(size + kBoxOverhead) - kBoxOverhead - size));
  return crypto::box_seal(key, random, place, writer.view());
}

Result<Envelope> open_envelope(ByteView payload, const crypto::AeadKey& key, ByteView place) {
  auto plaintext = crypto::box_open(key, place, payload);
  REQUIRE(plaintext.has_value(), kBadEnvelope, "an envelope opens with the chat's envelope key");
  auto envelope = parse_envelope(*plaintext);
  crypto::wipe(*plaintext);
  return envelope;
}

Result<Envelope> parse_envelope(ByteView plaintext) {
  codec::Reader reader(plaintext);
  const uint8_t version = TRY(reader.u8());
  REQUIRE(version == kVersion, kBadEnvelope, "an envelope of version 1");
  Envelope envelope;
  envelope.kind = static_cast<EnvelopeKind>(TRY(reader.u8()));
  REQUIRE(envelope.kind >= EnvelopeKind::kWelcome && envelope.kind <= EnvelopeKind::kLogAsked, kBadEnvelope,
          "an envelope of a known kind");
  envelope.ref = TRY(codec::decode<MessageId>(reader));
  envelope.sender = TRY(reader.u32());
  envelope.body = to_bytes(TRY(reader.opaque(wire::kPayloadSizeMax)));
  REQUIRE(is_padding(reader.rest()), kBadEnvelope, "padding is zero");
  return envelope;
}

void WelcomeBody::encode_to(codec::Writer& writer) const {
  codec::encode(writer, welcome);
  codec::encode(writer, home);
  codec::encode(writer, log);
  writer.raw(log_key.reveal());
  codec::encode(writer, keys);
  writer.u64(clock);
  codec::encode(writer, moves);
}

Result<WelcomeBody> WelcomeBody::decode_from(codec::Reader& reader) {
  WelcomeBody body;
  body.welcome = TRY(codec::decode<Bytes>(reader));
  body.home = TRY(codec::decode<wire::HomeAddress>(reader));
  body.log = TRY(codec::decode<wire::LogId>(reader));
  body.log_key = TRY(crypto::Secret<32>::copy_of(TRY(reader.raw(32))));
  body.keys = TRY(codec::decode<ChatKeys>(reader));
  body.clock = TRY(reader.u64());
  body.moves = TRY(codec::decode<std::vector<Bytes>>(reader));
  TRY(wire::check_home_address(body.home));
  return body;
}

}  // namespace godwit::engine
