#pragma once
// Blocks that outlive what caused them: a key, and until when.

#include <algorithm>
#include <map>

#include "lab/censor/address.h"
#include "lab/censor/time.h"

namespace godwit::lab {

/// Keys that are blocked for some time. Small: modes block few things, and what is over is forgotten by sweep().
template <typename Key>
class ResidualTable {
 public:
  /// Blocks `key` from now on until `until`, or longer if it was.
  void block(const Key& key, Time until) { block(key, Time::min(), until); }
  /// Blocks `key` from `from` on. Where it was blocked already, the earlier start and the later end count.
  void block(const Key& key, Time from, Time until) {
    const auto [place, fresh] = blocks_.try_emplace(key, Span{from, until});
    if (fresh) return;
    place->second.from = std::min(place->second.from, from);
    place->second.until = std::max(place->second.until, until);
  }
  /// True if `key` is blocked at `now`.
  bool blocked(const Key& key, Time now) const {
    const auto found = blocks_.find(key);
    return found != blocks_.end() && found->second.from <= now && now < found->second.until;
  }
  /// Forgets what is over.
  void sweep(Time now) {
    std::erase_if(blocks_, [&](const auto& entry) { return entry.second.until <= now; });
  }

 private:
  struct Span {
    Time from;
    Time until;
  };
  std::map<Key, Span> blocks_;
};

/// A client and a server's port: the key of blocks that later connections meet.
struct ClientServer {
  Address client;
  Endpoint server;
  friend auto operator<=>(const ClientServer&, const ClientServer&) = default;
};

/// A client and a host, or the base of a host's block.
struct ClientHost {
  Address client;
  Address host;
  friend auto operator<=>(const ClientHost&, const ClientHost&) = default;
};

}  // namespace godwit::lab
