#pragma once
// The owner of one channel, as thin as can be: he makes it and writes in it.

#include "bench/client.h"
#include "crypto/ed25519.h"

namespace godwit::bench {

/// Whoever has its key writes.
class ChannelOwner {
 public:
  explicit ChannelOwner(Random& random);

  /// Its id.
  const wire::ChannelId& channel() const { return channel_; }
  /// Sequence of the newest entry made; 0: none.
  uint64_t newest() const { return newest_; }
  /// The request that makes the channel, with a grant of a mailbox.
  wire::Request create(Bytes grant) const;
  /// The request that appends the next entry, signed; `content` is what readers get.
  wire::Request append(Bytes content);

 private:
  crypto::Ed25519KeyPair key_;
  wire::ChannelId channel_;
  uint64_t newest_ = 0;
  ByteArray<32> newest_hash_{};
};

}  // namespace godwit::bench
