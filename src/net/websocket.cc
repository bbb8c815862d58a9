#include "net/websocket.h"

#include <sys/types.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "net/errors.h"
#include "net/noise.h"

namespace godwit::net {
namespace {

// Of each role, as many as may be in the middle of a call at once, and some.
constexpr size_t kKeptMax = 4;

}  // namespace

// wslay's context has 8 KiB of buffers. Between frames it knows nothing that the next one would not know as well, whosever that is: so a
// connection has one only while there is a part of something, or after a close, and the others take turns with a few.
struct WebSocket::Impl {
  struct Context {
    ~Context() { wslay_event_context_free(wslay); }
    wslay_event_context_ptr wslay = nullptr;
    Impl* user = nullptr;
  };
  using ContextPtr = std::unique_ptr<Context>;

  explicit Impl(Role its_role) : role(its_role) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Contexts of that role that nobody has.
  static std::vector<ContextPtr>& kept(Role role) {
    thread_local std::array<std::vector<ContextPtr>, 2> by_role;
    return by_role[role == Role::kClient ? 0 : 1];
  }

  static ContextPtr make_context(Role role) {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = on_wanted;
    callbacks.send_callback = on_made;
    callbacks.genmask_callback = on_mask;
    callbacks.on_frame_recv_start_callback = on_frame_start;
    callbacks.on_frame_recv_chunk_callback = on_frame_chunk;
    auto made = std::make_unique<Context>();
    const int error = role == Role::kClient ? wslay_event_context_client_init(&made->wslay, &callbacks, made.get())
                                            : wslay_event_context_server_init(&made->wslay, &callbacks, made.get());
    ASSERT(error == 0);
    // Messages are passed on as they come, so nobody can make us hold a large one.
    wslay_event_config_set_no_buffering(made->wslay, 1);
    return made;
  }

  void wake() {
    if (context) return;
    std::vector<ContextPtr>& others = kept(role);
    if (others.empty()) others.push_back(make_context(role));
    context = std::move(others.back());
    others.pop_back();
    context->user = this;
  }

  void rest_if_possible() {
    if (unread != 0 || in_message || stays) return;
    context->user = nullptr;
    std::vector<ContextPtr>& others = kept(role);
    if (others.size() < kKeptMax) others.push_back(std::move(context));
    context.reset();
  }

  static Impl& self(void* user) { return *static_cast<Context*>(user)->user; }

  static ssize_t on_wanted(wslay_event_context_ptr ctx, uint8_t* out, size_t size, int, void* user) {
    ByteView& input = self(user).input;
    if (input.empty()) {
      wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const size_t count = std::min(size, input.size());
    self(user).unread -= count;
    std::copy_n(input.begin(), count, out);
    input = input.subspan(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t on_made(wslay_event_context_ptr, const uint8_t* bytes, size_t size, int, void* user) {
    self(user).output.append({bytes, size});
    return static_cast<ssize_t>(size);
  }

  static int on_mask(wslay_event_context_ptr, uint8_t* out, size_t size, void*) {
    draw_noise({out, size});
    return 0;
  }

  static void on_frame_start(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame, void* user) {
    Impl& impl = self(user);
    impl.in_data = !wslay_is_ctrl_frame(frame->opcode);
    if (impl.in_data) impl.in_message = frame->fin == 0;
    if (frame->opcode == WSLAY_TEXT_FRAME) impl.text_came = true;
    if (frame->opcode == WSLAY_CONNECTION_CLOSE) impl.stays = true;
    impl.unread += header_size(impl.role, frame->payload_length) + frame->payload_length;
  }

  static void on_frame_chunk(wslay_event_context_ptr, const wslay_event_on_frame_recv_chunk_arg* chunk, void* user) {
    Impl& impl = self(user);
    if (!impl.in_data || impl.text_came || chunk->data_length == 0) return;
    append(*impl.data, {chunk->data, chunk->data_length});
  }

  // RFC 6455 §5.2; wslay refuses a length that is not the shortest.
  static uint64_t header_size(Role role, uint64_t payload_size) {
    const uint64_t length = payload_size < 126 ? 2 : payload_size <= UINT16_MAX ? 4 : 10;
    return role == Role::kServer ? length + 4 : length;
  }

  void queue(uint8_t opcode, ByteView bytes) {
    wake();
    const wslay_event_msg message{opcode, bytes.data(), bytes.size()};
    // Refused only after a close frame, when nothing more may be sent.
    if (wslay_event_queue_msg(context->wslay, &message) == 0) drain();
    rest_if_possible();
  }

  void drain() {
    const int error = wslay_event_send(context->wslay);
    ASSERT(error == 0);  // on_made never fails; a failing random source ends the program
  }

  const Role role;
  ContextPtr context;
  uint64_t unread = 0;  // of the frames that have begun; "below" 0: bytes of a header that is not whole
  bool in_message = false;
  bool stays = false;
  ByteView input;
  Bytes* data = nullptr;
  ByteQueue output;
  bool in_data = false;
  bool text_came = false;
};

WebSocket::WebSocket(Role role) : impl_(std::make_unique<Impl>(role)) {}
WebSocket::~WebSocket() = default;

Status WebSocket::feed(ByteView bytes, Bytes& data) {
  impl_->wake();
  impl_->input = bytes;
  impl_->data = &data;
  const int error = wslay_event_recv(impl_->context->wslay);
  impl_->data = nullptr;
  impl_->input = {};
  if (impl_->text_came) close(WSLAY_CODE_UNSUPPORTED_DATA);
  impl_->drain();
  const bool reads = wslay_event_get_read_enabled(impl_->context->wslay) != 0;
  impl_->stays = impl_->stays || error != 0 || !reads;
  REQUIRE(!impl_->text_came, kBadWebSocket, "carrier-wss: messages are binary");
  REQUIRE(error == 0 && (reads || is_closed_by_peer()), kBadWebSocket, "RFC 6455 §5: a frame breaks a rule");
  impl_->rest_if_possible();
  return {};
}

void WebSocket::send(ByteView bytes) { impl_->queue(WSLAY_BINARY_FRAME, bytes); }

void WebSocket::fill(size_t size) {
  constexpr size_t kControlMax = 125;  // RFC 6455 §5.5
  std::array<uint8_t, kControlMax> noise{};
  while (size > 0) {
    const size_t part = std::min(size, kControlMax);
    draw_noise(ByteSpan(noise).first(part));
    impl_->queue(WSLAY_PONG, ByteView(noise).first(part));
    size -= part;
  }
}

void WebSocket::ping() { impl_->queue(WSLAY_PING, {}); }

void WebSocket::close(uint16_t code) {
  impl_->wake();
  impl_->stays = true;
  if (wslay_event_queue_close(impl_->context->wslay, code, nullptr, 0) == 0) impl_->drain();
}

ByteQueue& WebSocket::output() { return impl_->output; }

bool WebSocket::is_closed_by_peer() const {
  return impl_->context && wslay_event_get_close_received(impl_->context->wslay) == 1;
}

bool WebSocket::is_at_rest() const { return !impl_->context; }

}  // namespace godwit::net
