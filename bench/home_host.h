#pragma once
// The real godwit-home, from the folder that this program stands in, on a folder of its own: RocksDB, TLS 1.3, defaults.

#include <map>
#include <string>
#include <vector>

#include "bench/child.h"
#include "bench/temporary_folder.h"
#include "crypto/x25519.h"
#include "net/tls_trust.h"
#include "routes/route.h"

namespace godwit::bench {

/// How a home is run.
struct HomeSettings {
  int core = kAnyCore;                      ///< the only one it may use
  std::map<std::string, std::string> keys;  ///< of its configuration, as TOML writes the values
  size_t standbys =
      0;  ///< more homes with the same keys, each on a port of its own: fronts, of which one takes over when the first dies
};

/// The running home. Made before the program has a second thread; it lives in the network namespace that the program is
/// in then. It ends with this object, or with the program.
class HomeHost {
 public:
  /// Starts it on a free port of `address` and waits until it listens. Any failure ends the program.
  explicit HomeHost(const std::string& address, const HomeSettings& settings = {});
  /// Starts a godwit-bridge before it, on the same address; from now on route() and trust() are the bridge's.
  void add_bridge(const std::string& address);
  /// SIGKILL: as if the machine had stopped, but for what the system has of its files in memory. With standbys: of the one that is active.
  void kill();
  /// After kill(): starts it again on the same folder and port, and waits until it listens. With standbys: waits until one of them
  /// is active, and starts the killed one as a standby.
  void restart();
  /// With standbys: waits until one of all is active.
  void wait_for_active();
  ~HomeHost();
  HomeHost(const HomeHost&) = delete;
  HomeHost& operator=(const HomeHost&) = delete;

  /// As of its folder.
  bool is_in_memory() const { return folder_.is_in_memory(); }
  /// Ends a standby at once and starts it again. `number`: any.
  void kill_standby(size_t number);
  /// How to reach it.
  const routes::Route& route() const { return route_; }
  /// How to reach one of all homes, whatever it is at the moment. `number`: any; from one to the next it goes around.
  routes::Route route_of(size_t number) const;
  /// By what to know its certificate.
  const net::TlsTrust& trust() const { return trust_; }
  /// By what to know it.
  const crypto::X25519PublicKey& key() const { return key_; }
  /// A code that opens any number of mailboxes.
  const Bytes& admission_code() const { return admission_code_; }
  /// Its process; another one after restart().
  pid_t process() const { return home_.process; }
  /// Seconds of processor time that the process has used so far.
  double processor_seconds() const { return processor_seconds_of(home_.process); }
  /// Bytes of memory that the process has in use now.
  double resident_bytes() const { return resident_bytes_of(home_.process); }

 private:
  struct Twin {
    std::string folder;
    uint16_t port = 0;
    Child home;
  };
  void start(const std::string& port);
  void add_twin();
  Child begin(const std::string& folder, uint16_t port) const;
  bool is_active(const std::string& folder, const Child& home) const;
  void read_link(const std::string& text);

  TemporaryFolder folder_;
  std::string home_folder_;
  uint16_t home_port_ = 0;
  int core_;
  routes::Route route_;
  net::TlsTrust trust_;
  crypto::X25519PublicKey key_{};
  Bytes admission_code_;
  Child home_;
  std::vector<Twin> twins_;  // standbys; when one takes over it changes places with home_
  Child bridge_;
};

}  // namespace godwit::bench
