#pragma once
// Connections that begin with a TURN client's first message, handed to a TURN server on this machine: how many there may be, and for
// whom. Inside the listener only.

#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "net/listener.h"

namespace godwit::net {

/// Whom the listener hands on, and how many it has handed on now.
class CallRelays {
 public:
  /// With `sources` false connections come through a proxy, so that nothing tells people apart.
  explicit CallRelays(bool sources) : sources_(sources) {}

  /// Where to; none: nobody is handed on any more. Those who were go on.
  void set(std::optional<CallRelay> relay) { relay_ = relay; }
  /// Nobody is handed on from then on; a later time counts, an earlier one does not.
  void open_until(Instant until);
  /// True while a connection may be handed on at all.
  bool is_open(Instant now) const { return relay_.has_value() && now < until_; }
  /// Where to; only while it is open.
  const CallRelay& relay() const { return *relay_; }
  /// A place for one more connection, held until it is destroyed; null: there is none.
  std::shared_ptr<void> take(const ByteArray<16>& source);
  /// Handed on now.
  size_t count() const { return held_->all; }

 private:
  struct Held {
    size_t all = 0;
    std::map<Bytes, size_t> by_source;
  };
  bool sources_;
  std::optional<CallRelay> relay_;
  Instant until_{};
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

}  // namespace godwit::net
