#pragma once
// The real godwit-home, from the folder that this program stands in, on a folder of its own: RocksDB, TLS 1.3, defaults.

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/temporary_folder.h"
#include "crypto/x25519.h"
#include "net/tls_trust.h"
#include "routes/route.h"

namespace godwit::bench {

/// The running home. Made before the program has a second thread; it lives in the network namespace that the program is
/// in then. It ends with this object, or with the program.
class HomeHost {
 public:
  /// Starts it on a free port of `address` and waits until it listens. Any failure ends the program.
  explicit HomeHost(const std::string& address);
  /// Starts a godwit-bridge before it, on the same address; from now on route() and trust() are the bridge's.
  void add_bridge(const std::string& address);
  ~HomeHost();
  HomeHost(const HomeHost&) = delete;
  HomeHost& operator=(const HomeHost&) = delete;

  /// As of its folder.
  bool is_in_memory() const { return folder_.is_in_memory(); }
  /// How to reach it.
  const routes::Route& route() const { return route_; }
  /// By what to know its certificate.
  const net::TlsTrust& trust() const { return trust_; }
  /// By what to know it.
  const crypto::X25519PublicKey& key() const { return key_; }
  /// A code that opens any number of mailboxes.
  const Bytes& admission_code() const { return admission_code_; }
  /// Seconds of processor time that the process has used so far.
  double processor_seconds() const;
  /// Bytes of memory that the process has in use now.
  double resident_bytes() const;

 private:
  void read_link(const std::string& text);

  TemporaryFolder folder_;
  routes::Route route_;
  net::TlsTrust trust_;
  crypto::X25519PublicKey key_{};
  Bytes admission_code_;
  pid_t process_ = 0;
  int output_ = -1;  ///< what it prints
  pid_t bridge_ = 0;
  int bridge_output_ = -1;
};

}  // namespace godwit::bench
