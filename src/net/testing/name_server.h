#pragma once
// A server on 127.0.0.1 whose answers a test writes: for DNS over TCP and over HTTPS.

#include <functional>
#include <memory>
#include <vector>

#include "net/testing/loopback.h"
#include "net/tls.h"
#include "routes/candidates.h"

namespace godwit::net::testing {

/// Accepts; everything a connection has received so far goes to `answer`, which takes from its front and gives bytes back.
class AnswerServer {
 public:
  using Answer = std::function<Bytes(Bytes& input)>;
  /// `tls` null: in clear.
  AnswerServer(EventLoop& loop, TlsServer* tls, Answer answer);
  uint16_t port() const { return port_; }

  int accepted = 0;

 private:
  struct Peer;
  void accept();

  EventLoop& loop_;
  TlsServer* tls_;
  Answer answer_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<Peer>> peers_;
  uint16_t port_;
};

/// What a name server has to say: addresses for A; nothing for AAAA. An empty list: the name does not exist.
Bytes dns_answer(ByteView query, const std::vector<std::string>& addresses);
/// An AnswerServer's answer over TCP and over HTTPS.
AnswerServer::Answer over_tcp(std::vector<std::string> addresses);
AnswerServer::Answer over_https(std::vector<std::string> addresses);

}  // namespace godwit::net::testing
