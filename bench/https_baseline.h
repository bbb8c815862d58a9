#pragma once
// The baseline of exchange_bench: one POST and its response over HTTPS, by OpenSSL with a full TLS 1.3 handshake on a fresh
// connection. The server is a process of its own.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace godwit::bench {

/// The server, and a client for it. Any failure ends the program.
class HttpsBaseline {
 public:
  /// Starts the server on a free port of `address`, in the network namespace that the program is in now; before the
  /// program has a second thread.
  explicit HttpsBaseline(const std::string& address);
  ~HttpsBaseline();
  HttpsBaseline(const HttpsBaseline&) = delete;
  HttpsBaseline& operator=(const HttpsBaseline&) = delete;

  /// One exchange with bodies of these sizes; gives steady_seconds() at its last useful byte.
  double exchange(size_t request_size, size_t response_size) const;

 private:
  std::string address_;
  uint16_t port_ = 0;
  pid_t process_ = 0;
};

}  // namespace godwit::bench
