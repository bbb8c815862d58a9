#include "net/stream_client.h"

#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/socket_pipe.h"
#include "net/tls.h"

namespace godwit::net {
namespace {

/// Owned by its pipe, which it fails or attaches, once.
class Dial final : public StreamDial, public std::enable_shared_from_this<Dial> {
 public:
  Dial(EventLoop& loop, StreamOptions options, std::weak_ptr<SocketPipe> pipe)
      : loop_(loop), options_(std::move(options)), pipe_(std::move(pipe)), timeout_(loop) {}

  void start() {
    timeout_.set(options_.connect_timeout,
                 [this] { fail({kGenericTimeout, "net: connect_timeout has passed before there was a way"}); });
  }

  void go(ConnectPlan plan) override {
    ConnectEvents events;
    events.on_connected = [weak = weak_from_this()](asio::ip::tcp::socket socket, const Bytes& rest) {
      if (const auto self = weak.lock()) self->on_connected(std::move(socket), rest);
    };
    events.on_failed = [weak = weak_from_this()](Error error) {
      if (const auto self = weak.lock()) self->fail(error);
    };
    connector_ = Connector::create(loop_, std::move(plan), options_.connect, std::move(events));
    connector_->start();
  }

  void fail(Error error) override {
    if (const auto pipe = pipe_.lock()) pipe->fail(error);
  }

 private:
  void on_connected(asio::ip::tcp::socket connected, const Bytes& rest) {
    connector_->confirm();
    timeout_.cancel();
    const auto pipe = pipe_.lock();
    if (!pipe) return;
    auto socket = TlsSocket::create(loop_, std::move(connected), make_plain_stream(), nullptr);
    socket->start(pipe);
    pipe->attach(std::move(socket), rest);
  }

  EventLoop& loop_;
  StreamOptions options_;
  std::weak_ptr<SocketPipe> pipe_;
  Timer timeout_;
  std::shared_ptr<Connector> connector_;
};

}  // namespace

std::weak_ptr<StreamDial> connect_stream(EventLoop& loop, StreamOptions options, PipeEvents events,
                                         std::unique_ptr<Pipe>& pipe) {
  auto made = SocketPipe::create_client(loop, std::move(events), options.stall, kPipeQueueBytesMax,
                                        routes::CarriedForm::kStream);
  if (!options.early_bytes.empty()) static_cast<void>(made->send(options.early_bytes));  // an empty queue takes it
  auto dial = std::make_shared<Dial>(loop, std::move(options), made);
  made->set_dial(dial);
  dial->start();
  pipe = SocketPipe::make_handle(std::move(made));
  return dial;
}

}  // namespace godwit::net
