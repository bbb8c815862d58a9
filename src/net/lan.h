#pragma once
// The local network: answers who asks for one of our names, asks for those of others, and dials who answers
// (docs/protocol/carrier-lan.md). It exists only while somebody has turned it on. IPv4 so far.
//
// Not here: who somebody is (the engine's), what a question looks like (routes/mdns.h).

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "net/event_loop.h"
#include "net/pipe.h"
#include "routes/mdns.h"

namespace godwit::net {

/// A connection with somebody on the local network.
struct LanArrival {
  std::unique_ptr<Pipe> pipe;
  std::optional<routes::LanName> dialled;  ///< Under which name he was found; nothing: he came to us.
};
/// Takes a connection and says what to call. From the loop, never from inside a call.
using AcceptLan = std::function<PipeEvents(LanArrival)>;

/// Whom to answer and whom to look for.
struct LanNames {
  std::vector<routes::LanName> own;
  std::vector<routes::LanName> wanted;
  std::vector<routes::LanName> distant;  ///< Asked for from the third asking on.
};

/// See above. Destroying it closes all its sockets; pipes live on with their owners.
class Lan {
 public:
  /// Begins at once, on every network that is there, and on those that come. `loop` and `random` must outlive it.
  static std::unique_ptr<Lan> create(EventLoop& loop, Random& random, AcceptLan on_pipe);
  ~Lan();
  Lan(const Lan&) = delete;
  Lan& operator=(const Lan&) = delete;

  /// Instead of what was said before.
  void watch(LanNames names);

  /// The work.
  struct Impl;

 private:
  explicit Lan(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
