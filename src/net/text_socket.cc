#include "net/text_socket.h"

#include <openssl/rand.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <asio.hpp>
#include <optional>

#include "base/assert.h"
#include "net/byte_queue.h"
#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/upgrade.h"

namespace godwit::net {
namespace {

using Local = asio::local::stream_protocol;

// A path that is too long for the system's address is refused like one where nobody listens.
std::optional<Local::endpoint> endpoint_of(const std::string& path) {
  constexpr size_t kPathMax = 107;  // unix(7)
  if (path.empty() || path.size() > kPathMax) return std::nullopt;
  return Local::endpoint(path);
}

}  // namespace

/// Handlers hold it weakly.
struct TextSocket::Impl : std::enable_shared_from_this<TextSocket::Impl> {
  Impl(EventLoop& owner, TextSocketOptions chosen, TextSocketEvents wanted)
      : loop(owner), options(std::move(chosen)), events(std::move(wanted)), socket(io_of(owner)), timeout(owner) {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = on_wanted;
    callbacks.send_callback = on_made;
    callbacks.genmask_callback = on_mask;
    callbacks.on_msg_recv_callback = on_message;
    ASSERT(wslay_event_context_client_init(&frames, &callbacks, this) == 0);
    wslay_event_config_set_max_recv_msg_length(frames, options.message_bytes_max);
  }
  ~Impl() { wslay_event_context_free(frames); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static Impl& self(void* user) { return *static_cast<Impl*>(user); }
  static ssize_t on_wanted(wslay_event_context_ptr context, uint8_t* out, size_t size, int, void* user);
  static ssize_t on_made(wslay_event_context_ptr, const uint8_t* bytes, size_t size, int, void* user);
  static int on_mask(wslay_event_context_ptr, uint8_t* out, size_t size, void*);
  static void on_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* user);

  void start();
  void ask_upgrade();
  void read();
  void took(ByteView bytes);
  void take_upgrade();
  void take_frames(ByteView bytes);
  void write();
  void end(Error error);

  EventLoop& loop;
  TextSocketOptions options;
  TextSocketEvents events;
  Local::socket socket;
  Timer timeout;
  wslay_event_context_ptr frames = nullptr;
  ByteArray<16> nonce{};
  Bytes response;  ///< Until it is whole.
  ByteView input;  ///< While wslay reads.
  std::vector<std::string> came;
  ByteQueue output;
  Bytes sending;
  bool open = false;
  bool ended = false;
};

ssize_t TextSocket::Impl::on_wanted(wslay_event_context_ptr context, uint8_t* out, size_t size, int, void* user) {
  ByteView& input = self(user).input;
  if (input.empty()) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  const size_t count = std::min(size, input.size());
  std::copy_n(input.begin(), count, out);
  input = input.subspan(count);
  return static_cast<ssize_t>(count);
}

ssize_t TextSocket::Impl::on_made(wslay_event_context_ptr, const uint8_t* bytes, size_t size, int, void* user) {
  self(user).output.append({bytes, size});
  return static_cast<ssize_t>(size);
}

int TextSocket::Impl::on_mask(wslay_event_context_ptr, uint8_t* out, size_t size, void*) {
  return RAND_bytes(out, static_cast<int>(size)) == 1 ? 0 : -1;
}

// Given on when wslay has done its work: whoever is called may destroy this.
void TextSocket::Impl::on_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* user) {
  if (message->opcode != WSLAY_TEXT_FRAME) return;
  self(user).came.emplace_back(reinterpret_cast<const char*>(message->msg), message->msg_length);
}

void TextSocket::Impl::start() {
  const auto endpoint = endpoint_of(options.path);
  if (!endpoint) return end({kConnectionRefused, "unix(7): the path of a socket"});
  timeout.set(options.connect_timeout, [this] { end({kGenericTimeout, "net: connect_timeout has passed"}); });
  socket.async_connect(*endpoint, [weak = weak_from_this()](const asio::error_code& error) {
    const auto me = weak.lock();
    if (!me || me->ended) return;
    if (error) return me->end({kConnectionRefused, "net: nobody listens on this socket"});
    asio::error_code refused;
    me->socket.non_blocking(true, refused);
    if (refused) return me->end({kSystem, "net: a socket that does not block"});
    me->ask_upgrade();
  });
}

void TextSocket::Impl::ask_upgrade() {
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) return end({kSystem, "net: no random bytes"});
  output.append(as_bytes(upgrade_request("localhost", "/", nonce, options.protocol)));
  write();
  read();
}

void TextSocket::Impl::read() {
  auto& buffer = loop.impl().read_buffer;
  socket.async_wait(Local::socket::wait_read, [weak = weak_from_this(), &buffer](const asio::error_code& waited) {
    const auto me = weak.lock();
    if (!me || me->ended) return;
    if (waited) return me->end({kConnectionReset, "net: the program has gone"});
    asio::error_code error;
    const size_t count = me->socket.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) return me->read();
    if (error) return me->end({kEof, "net: the program has closed the connection"});
    me->took(ByteView(buffer).first(count));
    if (!me->ended) me->read();
  });
}

void TextSocket::Impl::took(ByteView bytes) {
  if (open) return take_frames(bytes);
  append(response, bytes);
  take_upgrade();
}

void TextSocket::Impl::take_upgrade() {
  const auto parsed = parse_http_response(response, kUpgradeResponseBytesMax);
  if (parsed.progress == HttpProgress::kIncomplete) return;
  if (parsed.progress == HttpProgress::kBad) return end({kBadHttp, "RFC 9112 §4: not an HTTP response"});
  const Status accepted = check_upgrade_response(parsed.message, nonce, options.protocol);
  if (!accepted) return end(accepted.error());
  timeout.cancel();
  open = true;
  const Bytes rest = to_bytes(ByteView(response).subspan(parsed.consumed));
  response.clear();
  const auto on_open = events.on_open;
  if (on_open) on_open();
  if (!ended && !rest.empty()) take_frames(rest);
}

void TextSocket::Impl::take_frames(ByteView bytes) {
  input = bytes;
  const int error = wslay_event_recv(frames);
  input = {};
  const bool closed = wslay_event_get_close_received(frames) == 1;
  const bool broken = error != 0 || (wslay_event_get_read_enabled(frames) == 0 && !closed);
  ASSERT(wslay_event_send(frames) == 0);  // on_made never fails
  write();
  for (const std::string& text : std::exchange(came, {})) {
    const auto on_text = events.on_text;
    if (!ended && on_text) on_text(text);
  }
  if (broken) return end({kBadWebSocket, "RFC 6455 §5: a frame breaks a rule, or is too long"});
  if (closed) end({kClosedByPeer, "net: the program ends the connection"});
}

// What is on its way stays where it is while more is appended.
void TextSocket::Impl::write() {
  if (!sending.empty() || ended || output.empty()) return;
  sending = to_bytes(output.view());
  output.clear();
  asio::async_write(socket, asio::buffer(sending), [weak = weak_from_this()](const asio::error_code& error, size_t) {
    const auto me = weak.lock();
    if (!me || me->ended) return;
    if (error) return me->end({kConnectionReset, "net: the program has gone"});
    me->sending.clear();
    me->write();
  });
}

void TextSocket::Impl::end(Error error) {
  if (ended) return;
  ended = true;
  timeout.cancel();
  asio::error_code ignored;
  socket.close(ignored);
  const auto on_closed = events.on_closed;
  if (on_closed) on_closed(error);
}

TextSocket::TextSocket(EventLoop& loop, TextSocketOptions options, TextSocketEvents events)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(events))) {
  loop.post([weak = std::weak_ptr<Impl>(impl_)] {
    if (const auto me = weak.lock()) me->start();
  });
}

TextSocket::~TextSocket() {
  impl_->events = {};
  impl_->ended = true;
  asio::error_code ignored;
  impl_->socket.close(ignored);
}

void TextSocket::send(std::string_view text) {
  Impl& impl = *impl_;
  if (!impl.open || impl.ended) return;
  const wslay_event_msg message{WSLAY_TEXT_FRAME, reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  if (wslay_event_queue_msg(impl.frames, &message) != 0) return;  // after a close frame
  ASSERT(wslay_event_send(impl.frames) == 0);
  if (impl.output.size() > impl.options.queue_bytes_max) {
    impl.loop.post([weak = std::weak_ptr<Impl>(impl_)] {
      if (const auto me = weak.lock()) me->end({kPipeFull, "net: the program does not read"});
    });
    return;
  }
  impl.write();
}

}  // namespace godwit::net
