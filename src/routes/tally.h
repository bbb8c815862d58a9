#pragma once
// What went over one connection, and what that means to a box that counts packets. Estimated: core code sees no packets.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace godwit::routes {

/// Bytes and pieces of the session on one pipe; TLS and TCP are not in it.
struct Tally {
  uint64_t up = 0;
  uint64_t down = 0;
  uint64_t writes = 0;  ///< Flights of ours.
  uint64_t reads = 0;   ///< Pieces that came.
  // Of `up` and `writes`, what had gone when something last came: what went after it may never have passed.
  uint64_t up_heard = 0;
  uint64_t writes_heard = 0;

  /// We sent so many bytes at once.
  void sent(size_t bytes) {
    up += bytes;
    ++writes;
  }
  /// So many bytes came at once.
  void received(size_t bytes) {
    down += bytes;
    ++reads;
    up_heard = up;
    writes_heard = writes;
  }
};

/// Packets of a fresh connection before the first byte of ours: TCP's three, a resumed TLS handshake, the upgrade.
constexpr uint64_t kOpeningPackets = 8;
/// Bytes of ours in a packet, with TLS, WebSocket, TCP and IP around them in 1,500.
constexpr uint64_t kPacketBytes = 1350;
/// What a small exchange may cost, so that it is over when a box that allows 25 packets begins to count seriously.
constexpr uint64_t kSmallPacketsMax = 18;
/// Silence within these bounds on a connection that stood is a curtain: 25 packets (14 to 40 measured) or 16 KB (12 to 24),
/// with TLS around it.
constexpr uint64_t kCurtainPacketsMin = 15;
constexpr uint64_t kCurtainPacketsMax = 45;
constexpr uint64_t kCurtainBytesMin = 8 * 1024;
constexpr uint64_t kCurtainBytesMax = 25 * 1024;
/// What a connection has carried that no curtain hangs in front of.
constexpr uint64_t kWidePackets = 80;
constexpr uint64_t kWideBytes = 48 * 1024;

/// About how many packets both ways this was, acknowledgements counted.
constexpr uint64_t packets(const Tally& tally) {
  const uint64_t data = (tally.up + kPacketBytes - 1) / kPacketBytes + (tally.down + kPacketBytes - 1) / kPacketBytes;
  const uint64_t pieces = tally.writes + tally.reads;
  return kOpeningPackets + (data > pieces ? data : pieces) + pieces / 2;
}
/// True if silence now looks like a curtain. Counted up to the last thing that came: a box that drops the connections of a
/// name lets five to eight packets pass after the hello, fewer than a curtain.
constexpr bool is_curtain(const Tally& tally) {
  const Tally passed{tally.up_heard, tally.down, tally.writes_heard, tally.reads};
  const uint64_t bytes = passed.up + passed.down;
  const uint64_t count = packets(passed);
  return (bytes >= kCurtainBytesMin && bytes <= kCurtainBytesMax) ||
         (count >= kCurtainPacketsMin && count <= kCurtainPacketsMax);
}
/// True if no curtain would have let this through.
constexpr bool is_wide(const Tally& tally) {
  return tally.up + tally.down >= kWideBytes && packets(tally) >= kWidePackets;
}

}  // namespace godwit::routes
