#include "net/input_reader.h"

#include <unistd.h>

#include "net/errors.h"
#include "net/event_loop_impl.h"

namespace godwit::net {

/// Outlives its reader while asio holds a handler.
struct InputReader::State : std::enable_shared_from_this<InputReader::State> {
  explicit State(EventLoop& owner) : loop(owner), input(io_of(owner)) {}

  void wait() {
    input.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const asio::error_code& error) { self->on_ready(error); });
  }

  // A file cannot be waited for (epoll refuses it) and is always ready: it is read turn by turn.
  void on_ready(const asio::error_code& error) {
    if (ended || error == asio::error::operation_aborted) return;
    Bytes& buffer = loop.impl().read_buffer;
    const ssize_t count = ::read(input.native_handle(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return wait();
    if (count <= 0) {
      const auto end = std::move(on_end);
      stop();
      if (end) end();
      return;
    }
    // A copy, because the callback may use sockets, which read into the same buffer.
    const Bytes chunk(buffer.begin(), buffer.begin() + count);
    on_bytes(chunk);
    if (!ended) wait();
  }

  void stop() {
    ended = true;
    asio::error_code ignored;
    input.close(ignored);
    on_end = nullptr;
  }

  EventLoop& loop;
  asio::posix::stream_descriptor input;
  std::function<void(ByteView)> on_bytes;
  std::function<void()> on_end;
  bool ended = false;
};

Result<std::unique_ptr<InputReader>> InputReader::create(EventLoop& loop, int descriptor,
                                                         std::function<void(ByteView)> on_bytes,
                                                         std::function<void()> on_end) {
  const int copy = ::dup(descriptor);
  REQUIRE(copy >= 0, kSystem, "net: the input cannot be duplicated");
  auto state = std::make_shared<State>(loop);
  asio::error_code error;
  state->input.assign(copy, error);
  if (error) {
    ::close(copy);
    return Error{kSystem, "net: the input cannot be waited for"};
  }
  state->on_bytes = std::move(on_bytes);
  state->on_end = std::move(on_end);
  state->wait();
  return std::unique_ptr<InputReader>(new InputReader(std::move(state)));
}

InputReader::InputReader(std::shared_ptr<State> state) : state_(std::move(state)) {}

InputReader::~InputReader() { state_->stop(); }

}  // namespace godwit::net
