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

/// One connection's place, from when it is handed on until this is destroyed.
class CallPlace {
 public:
  virtual ~CallPlace() = default;
  /// Its client has shown credentials: it is a stranger no more. Again: nothing.
  virtual void prove() = 0;
};

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
  /// A place for one more connection, a stranger's at first; null: there is none.
  std::unique_ptr<CallPlace> take(const ByteArray<16>& source);
  /// Handed on now.
  size_t count() const { return held_->all.all; }

 private:
  struct Places {
    size_t all = 0;
    std::map<Bytes, size_t> by_source;

    size_t from(const Bytes& source) const;
    void add(const Bytes& source);
    void drop(const Bytes& source);
  };
  struct Held {
    Places all;
    Places strangers;
  };
  class Place;
  bool sources_;
  std::optional<CallRelay> relay_;
  Instant until_{};
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

}  // namespace godwit::net
