#include "bench/https_baseline.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/tls_pair.h"

namespace godwit::bench {
namespace {

sockaddr_in socket_address(const std::string& address, uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  ASSERT(::inet_pton(AF_INET, address.c_str(), &out.sin_addr) == 1);
  return out;
}

void no_delay(int socket) {
  const int on = 1;
  ASSERT(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
}

// The head up to the empty line, and what came after it.
struct Head {
  std::string text;
  size_t body_seen = 0;
};

Head read_head(SSL* ssl) {
  std::string text;
  for (;;) {
    char buffer[16 * 1024];
    const int count = SSL_read(ssl, buffer, sizeof buffer);
    if (count <= 0) return {};
    text.append(buffer, static_cast<size_t>(count));
    const size_t end = text.find("\r\n\r\n");
    if (end != std::string::npos) return {text.substr(0, end), text.size() - end - 4};
  }
}

size_t number_after(const std::string& text, const std::string& label) {
  size_t number = 0;
  const size_t at = text.find(label);
  ASSERT(at != std::string::npos);
  std::from_chars(text.data() + at + label.size(), text.data() + text.size(), number);
  return number;
}

// Reads a message with a Content-Length; its head.
std::string read_message(SSL* ssl) {
  const Head head = read_head(ssl);
  if (head.text.empty()) return {};
  size_t missing = number_after(head.text, "Content-Length: ") - head.body_seen;
  while (missing > 0) {
    char buffer[16 * 1024];
    const int count = SSL_read(ssl, buffer, sizeof buffer);
    ASSERT(count > 0);
    missing -= static_cast<size_t>(count);
  }
  return head.text;
}

void write_message(SSL* ssl, std::string head, size_t body_size) {
  head += "\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n";
  const std::string message = head + std::string(body_size, 'x');
  ASSERT(SSL_write(ssl, message.data(), static_cast<int>(message.size())) > 0);
}

// Answers POSTs: "/<size>" wants a response of that size.
void serve(SSL_CTX* context, int socket) {
  no_delay(socket);
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket);
  if (SSL_accept(ssl) == 1) {
    const std::string head = read_message(ssl);
    if (!head.empty()) write_message(ssl, "HTTP/1.1 200 OK\r\nContent-Type: text/plain", number_after(head, "POST /"));
    SSL_shutdown(ssl);
  }
  SSL_free(ssl);
  ::close(socket);
}

}  // namespace

HttpsBaseline::HttpsBaseline(const std::string& address) : address_(address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = socket_address(address, 0);
  socklen_t size = sizeof name;
  ASSERT(::bind(listener, reinterpret_cast<const sockaddr*>(&name), size) == 0 && ::listen(listener, 8) == 0);
  ASSERT(::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size) == 0);
  port_ = ntohs(name.sin_port);
  std::fflush(nullptr);
  process_ = ::fork();
  ASSERT(process_ >= 0);
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_IGN);
    SSL_CTX* context = make_server_context();
    for (;;) {
      const int socket = ::accept(listener, nullptr, nullptr);
      if (socket >= 0) serve(context, socket);
    }
  }
  ::close(listener);
}

HttpsBaseline::~HttpsBaseline() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

double HttpsBaseline::exchange(size_t request_size, size_t response_size) const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in name = socket_address(address_, port_);
  ASSERT(::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  no_delay(socket);
  SSL_CTX* context = make_client_context();
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket);
  ASSERT(SSL_connect(ssl) == 1);
  write_message(ssl, "POST /" + std::to_string(response_size) + " HTTP/1.1\r\nHost: bench.example", request_size);
  ASSERT(!read_message(ssl).empty());
  const double done = steady_seconds();
  SSL_shutdown(ssl);
  SSL_free(ssl);
  SSL_CTX_free(context);
  ::close(socket);
  return done;
}

}  // namespace godwit::bench
