#include "bench/channel_owner.h"

#include "codec/codec.h"
#include "crypto/hash.h"

namespace godwit::bench {

ChannelOwner::ChannelOwner(Random& random) : key_(crypto::Ed25519KeyPair::generate(random)) {
  Bytes named = to_bytes(as_bytes(wire::kChannelIdLabel));
  godwit::append(named, key_.public_key);
  channel_ = {crypto::sha256(named)};
}

wire::Request ChannelOwner::create(Bytes grant) const {
  return wire::ChannelCreate{wire::ChannelKey{key_.public_key}, std::move(grant)};
}

wire::Request ChannelOwner::append(Bytes content) {
  wire::ChannelHeader header{++newest_, newest_hash_, crypto::sha256(content), {}, false};
  const Bytes encoded = codec::encoded(header);
  newest_hash_ = crypto::sha256(encoded);
  Bytes message = to_bytes(as_bytes(wire::kChannelEntryLabel));
  godwit::append(message, channel_.view());
  godwit::append(message, encoded);
  return wire::ChannelAppend{channel_, {std::move(header), to_bytes(key_.sign(message)), std::move(content)}};
}

}  // namespace godwit::bench
