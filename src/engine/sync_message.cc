#include "engine/sync_message.h"

#include "crypto/aead.h"
#include "engine/errors.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kLabel = "godwit sync 1";

Bytes to_be_signed(const SyncMessage& message) {
  codec::Writer writer;
  writer.raw(as_bytes(kLabel));
  writer.u8(message.version);
  writer.raw(message.sender);
  codec::encode(writer, message.clock);
  codec::encode(writer, message.items);
  return writer.take();
}

}  // namespace

Bytes seal_sync(const crypto::Secret<32>& key, SyncMessage message, const crypto::Ed25519KeyPair& device,
                Random& random) {
  message.sender = device.public_key;
  message.signature = device.sign(to_be_signed(message));
  Bytes plaintext = codec::encoded(message);
  pad(plaintext);
  return crypto::box_seal(key, random, as_bytes(kLabel), plaintext);
}

Result<SyncMessage> open_sync(const crypto::Secret<32>& key, ByteView payload) {
  const auto plaintext = crypto::box_open(key, as_bytes(kLabel), payload);
  REQUIRE(plaintext.has_value(), kBadSync, "what own devices say opens");
  codec::Reader reader(*plaintext);
  auto message = codec::decode<SyncMessage>(reader);
  REQUIRE(message.has_value() && message->version >= 1 && is_padding(reader.rest()), kBadSync,
          "what own devices say is well-formed");
  REQUIRE(crypto::ed25519_verify(message->sender, to_be_signed(*message), message->signature).has_value(), kBadSync,
          "what own devices say is signed by the device that says it");
  return std::move(*message);
}

}  // namespace godwit::engine
