#pragma once
// A TUN device inside a network namespace, held from outside: the descriptor stays bound to the namespace it was made in.

#include <string>

#include "base/bytes.h"

namespace godwit::lab {

/// One device, named `wire0`. Addresses, routes and bringing it up are the topology's business; until then nothing comes.
class Tun {
 public:
  Tun() = default;
  ~Tun();
  Tun(Tun&& other) noexcept;
  Tun& operator=(Tun&&) = delete;
  Tun(const Tun&) = delete;
  Tun& operator=(const Tun&) = delete;

  /// Makes the device in `netns`, a name below /run/netns or a path. Empty, or why that cannot be. To be called once.
  std::string open(const std::string& netns);
  /// The descriptor, non-blocking.
  int descriptor() const { return descriptor_; }
  /// Reads the next packet; false if there is none.
  bool read(Bytes& out);
  /// Hands a packet to the namespace's kernel; false if it did not take it (the device is down, or its queue full).
  bool write(ByteView packet);

 private:
  int descriptor_ = -1;
};

}  // namespace godwit::lab
