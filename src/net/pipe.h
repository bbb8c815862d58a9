#pragma once
// An untrusted pipe of bytes to a peer: what a session runs in. It keeps order, and nothing else is promised: no
// secrecy, no identity, no message boundaries (chunks arrive split and joined as the network likes).

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::net {

/// Bytes that a pipe keeps at most for a peer that does not read: room for one blob window and the frames beside it.
inline constexpr size_t kPipeQueueBytesMax = 1024 * 1024;
/// on_drained comes when no more than this is left to send.
inline constexpr size_t kPipeDrainedBytes = 64 * 1024;
/// Both of a pipe that holds little.
inline constexpr size_t kPipeHeldLittle = 32 * 1024;

/// What went over the socket of a pipe so far, TLS and HTTP included, TCP and IP headers not.
struct Traffic {
  uint64_t bytes_written = 0;
  uint64_t bytes_read = 0;
  uint64_t writes = 0;  ///< Calls to the kernel that wrote: about one per flight when nothing is congested.
  uint64_t reads = 0;   ///< Calls to the kernel that read.
};

/// The callbacks of a pipe, on its loop's thread, never from inside a call to the pipe. Any may be empty, and any may
/// destroy the pipe. None is called after on_closed, or after the pipe's destruction. What they hold is released after
/// on_closed or with the pipe: an owner that they hold must destroy its pipe itself if it wants to go earlier.
struct PipeEvents {
  /// The peer is a WebSocket server that has accepted us. Clients only.
  std::function<void()> on_open;
  /// Some bytes came; valid during the call.
  std::function<void(ByteView)> on_bytes;
  /// After send() was refused with kPipeFull: there is room again.
  std::function<void()> on_drained;
  /// The end, once: why. The pipe is of no use any more and should be destroyed.
  std::function<void(Error)> on_closed;
};

/// One pipe, owned by whoever it was given to. Destroying it sends what is queued, if the peer takes it within a few
/// seconds, closes, and calls nothing back.
class Pipe {
 public:
  virtual ~Pipe() = default;

  /// Queues a copy of `bytes`. What is queued before control returns to the loop leaves as one flight: few TLS
  /// records, few packets. Before on_open the bytes wait. kPipeFull: nothing was taken, wait for on_drained;
  /// kPipeClosed: it has ended. One call may take more than kPipeQueueBytesMax if nothing else is queued.
  virtual Status send(ByteView bytes) = 0;
  /// Sends what is queued, then a WebSocket close frame (RFC 6455 §7.1.2); on_closed(kClosedByUs) follows.
  virtual void close() = 0;
  /// While `reading` is false nothing more is read, so that the peer's send queue fills: for an owner whose own
  /// queues are full. At the start it is true.
  virtual void set_reading(bool reading) = 0;
  /// Tells that the owner waits for an answer. While it waits, or while bytes we sent were not yet followed by any from
  /// the peer, silence is probed with a WebSocket ping and then ends the pipe with kGenericTimeout
  /// (routes::StallWatch). Clients only; a server's pipe ignores it.
  virtual void set_awaiting(bool awaiting) = 0;
  /// From now on little waits for the peer, here and in the kernel (kPipeHeldLittle each): for media, which are worth nothing late.
  /// kPipeFull and on_drained go by that bound then.
  virtual void hold_little() = 0;

  /// Bytes not yet handed to the kernel.
  virtual size_t queued_bytes() const = 0;
  /// What went over the socket.
  virtual Traffic traffic() const = 0;
};

}  // namespace godwit::net
