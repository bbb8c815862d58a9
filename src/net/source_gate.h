#pragma once
// How many connections one address may begin, and how many may stand before they are somebody's session: judged before TLS, when a refusal
// costs next to nothing. Pure. Addresses are in memory only, and forgotten with the next connection once their limits are whole again. The gate is inside the listener only.

#include <map>
#include <memory>

#include "base/bytes.h"
#include "base/time.h"

namespace godwit::net {

/// The address as far as it tells people apart: IPv4 whole, IPv6 by its /64; empty for this machine itself, which is a proxy or a bridge.
Bytes source_name(const ByteArray<16>& address);

/// The bounds for one source; 0: none.
struct SourceLimits {
  size_t waiting_max = 0;       ///< connections that are no pipe yet
  uint32_t burst = 0;           ///< new connections at once,
  Duration interval = {};       ///< and then one in this time
  size_t sources_max = 32'768;  ///< whose pace is remembered, twice (the last generation and this one)
};

/// Judges new connections.
class SourceGate {
 public:
  explicit SourceGate(const SourceLimits& limits) : limits_(limits) {}

  /// What becomes of a connection.
  enum class Verdict : uint8_t {
    kAdmit,
    kTooMany,  ///< waiting_max
    kTooFast,  ///< burst, interval
  };
  /// Judges one that comes now, and counts it in its source's pace if it is admitted. An empty source is always admitted. `now` must not
  /// jump (EventLoop::steady_now).
  Verdict judge(const Bytes& source, Instant now);
  /// Counts a connection of `source` among those that wait, until what is given is destroyed, which may be later than this object.
  std::shared_ptr<void> hold(const Bytes& source);
  /// How many sources are remembered.
  size_t sources() const { return recent_.size() + older_.size(); }

 private:
  struct Bucket {
    uint32_t tokens;
    Instant filled;
  };
  Bucket& bucket_of(const Bytes& source, Instant now);

  const SourceLimits limits_;
  std::map<Bytes, Bucket> recent_;  // since turned_
  std::map<Bytes, Bucket> older_;
  Instant turned_{};
  std::shared_ptr<std::map<Bytes, size_t>> waiting_ = std::make_shared<std::map<Bytes, size_t>>();
};

}  // namespace godwit::net
