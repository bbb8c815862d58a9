#include "bench/load/peer_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <asio.hpp>
#include <fstream>

#include "base/assert.h"
#include "net/certificate.h"
#include "net/event_loop_impl.h"

namespace godwit::bench::load {

uint16_t free_port(net::EventLoop& loop) {
  asio::ip::tcp::acceptor acceptor(net::io_of(loop), {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

bool listens(net::EventLoop& loop, const Child& child, uint16_t port) {
  for (int i = 0; i < 600; ++i) {  // 30 seconds: ejabberd starts slowly on a busy machine
    asio::ip::tcp::socket socket(net::io_of(loop));
    asio::error_code error;
    socket.connect({asio::ip::address_v4::loopback(), port}, error);
    if (!error) return true;
    siginfo_t state{};
    if (::waitid(P_PID, static_cast<id_t>(child.process), &state, WEXITED | WNOHANG | WNOWAIT) != 0) return false;
    if (state.si_pid != 0) return false;
    ::usleep(50'000);
  }
  return false;
}

void write_certificate(net::EventLoop& loop, const std::string& folder, const std::string& name) {
  const auto certificate = net::make_self_signed_certificate({name}, loop.now());
  ASSERT(certificate.has_value());
  std::ofstream(folder + "/cert.pem") << certificate->certificate;
  std::ofstream(folder + "/key.pem") << certificate->key;
}

}  // namespace godwit::bench::load
