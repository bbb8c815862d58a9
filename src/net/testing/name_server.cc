#include "net/testing/name_server.h"

#include <algorithm>

namespace godwit::net::testing {

struct AnswerServer::Peer final : public TlsSocketUser {
  explicit Peer(Answer how) : answer(std::move(how)) {}
  void on_secure() override {}
  void on_plain(ByteView bytes) override {
    append(input, bytes);
    socket->write(answer(input));
  }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error) override {}

  Answer answer;
  Bytes input;
  std::shared_ptr<TlsSocket> socket;
};

AnswerServer::AnswerServer(EventLoop& loop, TlsServer* tls, Answer answer)
    : loop_(loop),
      tls_(tls),
      answer_(std::move(answer)),
      acceptor_(io_of(loop), {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()) {
  accept();
}

void AnswerServer::accept() {
  acceptor_.async_accept([this](const asio::error_code& error, asio::ip::tcp::socket socket) {
    if (error) return;
    ++accepted;
    const auto peer = std::make_shared<Peer>(answer_);
    peers_.push_back(peer);
    auto stream = tls_ == nullptr ? make_plain_stream() : tls_->accept().value();
    peer->socket = TlsSocket::create(loop_, std::move(socket), std::move(stream), nullptr);
    peer->socket->start(peer);
    accept();
  });
}

Bytes dns_answer(ByteView query, const std::vector<std::string>& addresses) {
  Bytes out = to_bytes(query);
  const bool wants_ipv4 = out[out.size() - 3] == 1;
  out[2] = 0x81;
  out[3] = addresses.empty() ? 0x83 : 0x80;
  for (const std::string& text : addresses) {
    const auto address = routes::parse_address(text).value();
    if (!wants_ipv4) break;
    append(out, Bytes{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4});
    append(out, ByteView(address).subspan(12));
    ++out[7];
  }
  return out;
}

AnswerServer::Answer over_tcp(std::vector<std::string> addresses) {
  return [addresses = std::move(addresses)](Bytes& input) -> Bytes {
    if (input.size() < 2 || input.size() < 2U + (size_t{input[0]} << 8 | input[1])) return {};
    const Bytes answer = dns_answer(ByteView(input).subspan(2), addresses);
    input.clear();
    Bytes out{static_cast<uint8_t>(answer.size() >> 8), static_cast<uint8_t>(answer.size())};
    append(out, answer);
    return out;
  };
}

AnswerServer::Answer over_https(std::vector<std::string> addresses) {
  return [addresses = std::move(addresses)](Bytes& input) -> Bytes {
    const std::string_view text = as_text(input);
    const size_t end = text.find("\r\n\r\n");
    const size_t length = text.find("Content-Length: ");
    if (end == std::string_view::npos || length == std::string_view::npos) return {};
    const size_t size = std::stoul(std::string(text.substr(length + 16, 5)));
    if (!text.starts_with("POST /dns-query HTTP/1.1\r\n") || input.size() < end + 4 + size) return {};
    const Bytes answer = dns_answer(ByteView(input).subspan(end + 4), addresses);
    input.clear();
    Bytes out = to_bytes(as_bytes("HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: " +
                                  std::to_string(answer.size()) + "\r\n\r\n"));
    append(out, answer);
    return out;
  };
}

}  // namespace godwit::net::testing
