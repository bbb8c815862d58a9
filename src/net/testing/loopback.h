#pragma once
// Real sockets on loopback for the tests of net/: a listener, clients that say anything, and servers that misbehave.

#include <asio.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/event_loop_impl.h"
#include "net/listener.h"
#include "net/tls_socket.h"
#include "net/wss_client.h"

namespace godwit::net::testing {

/// Longer than anything takes here, even under sanitizers on a busy machine.
inline constexpr Duration kPatience = seconds(30);

/// A folder that goes with its object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes a file below the folder, folders on the way included, and gives its path.
  std::string write(const std::string& name, std::string_view content) const;
  /// A path below the folder.
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A self-signed certificate on disk.
struct CertificateFiles {
  explicit CertificateFiles(const TemporaryFolder& folder, const std::string& name = "home");

  std::string certificate;
  std::string key;
  ByteArray<32> sha256{};
  ByteArray<32> spki{};
};

/// A loop and a listener on 127.0.0.1 whose pipes echo what they get; `echoes` may be turned off.
class LoopbackServer {
 public:
  explicit LoopbackServer(const std::function<void(ListenerOptions&)>& adjust = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  /// A wss:// route to it.
  routes::Route route(const std::string& path = "/ws") const;
  /// Runs the loop until `done`; false: patience is over.
  bool wait(const std::function<bool()>& done) { return loop->run_until(done, kPatience); }

  /// One pipe of the server's side.
  struct Peer {
    std::unique_ptr<Pipe> pipe;
    Bytes received;
    std::vector<Error> closed;
    Bytes unsent;  ///< What the pipe had no room for.
  };

  TemporaryFolder folder;
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<CertificateFiles> files;
  std::unique_ptr<Listener> listener;
  std::vector<std::shared_ptr<Peer>> peers;
  bool echoes = true;

 private:
  PipeEvents accept(Arrival arrival);
};

/// A client's pipe and what became of it.
struct Client {
  std::unique_ptr<Pipe> pipe;
  Bytes received;
  bool opened = false;
  int drained = 0;
  std::vector<Error> closed;

  /// Dials; a refusal at once is a failed test.
  void dial(EventLoop& loop, const routes::Route& route, WssOptions options = {});
  /// True after on_closed with this code.
  bool closed_with(const ErrorCode& code) const { return closed.size() == 1 && closed[0].code == code; }
};

/// A connection, with TLS or without, that sends what it is told and collects what comes.
class RawClient : public TlsSocketUser, public std::enable_shared_from_this<RawClient> {
 public:
  /// Connects to 127.0.0.1; what is given to say() is sent as soon as it can be.
  static std::shared_ptr<RawClient> create(EventLoop& loop, uint16_t port, bool with_tls);

  void say(std::string_view text);
  void on_secure() override;
  void on_plain(ByteView bytes) override { append(received, bytes); }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error error) override { closed.push_back(error); }
  /// What came, as text.
  std::string text() const { return std::string(as_text(received)); }

  Bytes received;
  std::vector<Error> closed;
  std::shared_ptr<TlsSocket> socket;

 private:
  std::string waiting_;
  bool secure_ = false;
};

/// A TCP server on 127.0.0.1 that accepts, reads what comes into `received`, and answers each new connection with `answer`.
class RawServer {
 public:
  RawServer(EventLoop& loop, std::string answer, bool then_close);
  uint16_t port() const { return port_; }

  std::string received;
  int accepted = 0;

 private:
  void accept();
  void read(const std::shared_ptr<asio::ip::tcp::socket>& socket);

  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> sockets_;
  std::string answer_;
  bool then_close_;
  uint16_t port_;
  std::array<char, 4096> buffer_{};
};

/// `size` bytes, the same each time and not repeating soon.
Bytes pattern(size_t size, uint8_t seed = 1);

}  // namespace godwit::net::testing
