#pragma once
// What the files of net/ share of a loop. Not for other folders.

#include <asio.hpp>
#include <functional>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "net/event_loop.h"

namespace godwit::net {

/// The loop's side of its posters: `io` becomes null when the loop goes.
struct Poster::Inbox {
  std::mutex mutex;
  asio::io_context* io = nullptr;
};

/// One read from a socket takes at most this: four full TLS records and their frames.
inline constexpr size_t kReadBufferBytes = 64 * 1024;

/// The loop's asio part.
struct EventLoop::Impl {
  asio::io_context io{1};
  /// Keeps run() going when there is nothing to wait for.
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  asio::signal_set signals{io};
  std::function<void(Signal)> on_signal;
  std::shared_ptr<Poster::Inbox> inbox = std::make_shared<Poster::Inbox>();
  /// Every socket reads into this one buffer, since only one reads at a time: idle connections hold none.
  Bytes read_buffer = Bytes(kReadBufferBytes);
  /// The same for plaintext out of TLS.
  Bytes plain_buffer = Bytes(kReadBufferBytes);

  /// Waits for the next signal, again and again.
  void wait_for_signal();
};

/// The io_context of a loop.
inline asio::io_context& io_of(EventLoop& loop) { return loop.impl().io; }

}  // namespace godwit::net
