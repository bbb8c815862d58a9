#pragma once
// A stranger's connection passed on to the web server that is the site: bytes both ways as they are, and each end as it
// came. Not for other folders.

#include <asio.hpp>
#include <functional>
#include <memory>

#include "net/event_loop.h"
#include "net/tls_socket.h"

namespace godwit::net {

/// Bounds of one connection that is passed on.
struct SpliceOptions {
  /// What waits for a side that does not read, before the other side is not read any more.
  size_t waiting_bytes_max = 128 * 1024;
  uint32_t unsent_bytes_max = 0;  ///< What the system holds for the client beyond what is on its way; 0: as it likes.
  uint32_t receive_buffer = 0;    ///< What it holds of the server's bytes that nobody reads yet; 0: as it likes.
  bool ends_with_client = false;  ///< A client that has said all waits for no answer.
  /// Hears what the server says, as it is passed on, until it returns false. Called inside the loop; it must not end the splice.
  std::function<bool(ByteView)> hear_server;
  Duration idle{};  ///< Ends both sides when nothing has come or gone for so long; 0: never.
};

/// Connects to the server at once, and takes the stranger's socket over when it is known that he is one.
class Splice : public std::enable_shared_from_this<Splice> {
 public:
  /// Begins to connect to `upstream`. `on_end` is called once, from the loop, when both sides have ended, or the server's
  /// side has before take(); it may release this object.
  static std::shared_ptr<Splice> create(EventLoop& loop, const asio::ip::tcp::endpoint& upstream, SpliceOptions options,
                                        std::function<void()> on_end);
  ~Splice();
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;

  /// From now on `client`'s bytes go to the server, `first` before them, and the server's to `client`. Once.
  void take(std::shared_ptr<TlsSocket> client, ByteView first);
  /// Ends both sides at once and calls nothing.
  void abort();

 private:
  struct Side final : TlsSocketUser {
    explicit Side(Splice& owner) : splice(owner) {}
    void on_secure() override {}
    void on_plain(ByteView bytes) override;
    void on_room() override;
    void on_progress(bool) override;
    bool on_peer_finished() override;
    void on_socket_closed(Error error) override;

    Splice& splice;
    std::shared_ptr<TlsSocket> socket;
  };

  Splice(EventLoop& loop, SpliceOptions options, std::function<void()> on_end);
  std::weak_ptr<TlsSocketUser> user(Side& side) { return std::shared_ptr<TlsSocketUser>(shared_from_this(), &side); }
  Side& other(const Side& side) { return &side == &client_ ? server_ : client_; }
  void watch(Duration time);
  void on_connected();
  void end(Side& ended, Error error);

  EventLoop& loop_;
  SpliceOptions options_;
  std::function<void()> on_end_;
  Timer idle_;
  Instant moved_{};  ///< When something last came or went.
  asio::ip::tcp::socket raw_;
  Side client_{*this};
  Side server_{*this};
  Bytes waiting_;  ///< For the server, until it is connected.
  bool client_finished_ = false;
};

}  // namespace godwit::net
