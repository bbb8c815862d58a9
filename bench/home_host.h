#pragma once
// A home in a process of its own: the core, its listener and RocksDB, put together as godwit-home does, but without its
// limit on handshakes per source, since all clients of a benchmark come from one address.

#include <sys/types.h>

#include <string>

#include "crypto/x25519.h"
#include "home/keys.h"
#include "routes/route.h"

namespace godwit::bench {

/// A new empty folder below the system's folder for temporary files; removed with all that is in it in the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  /// Absolute.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The running home. Made before the program has a second thread; it lives in the network namespace that the program is
/// in then. It dies with this object, or with the program.
class HomeHost {
 public:
  /// Starts it on a free port of `address` and waits until it listens. Any failure ends the program.
  explicit HomeHost(const std::string& address);
  ~HomeHost();
  HomeHost(const HomeHost&) = delete;
  HomeHost& operator=(const HomeHost&) = delete;

  /// How to reach it.
  const routes::Route& route() const { return route_; }
  /// By what to know it.
  const crypto::X25519PublicKey& key() const { return keys_.identity.public_key; }
  /// A code that opens any number of mailboxes.
  const Bytes& admission_code() const { return admission_code_; }
  /// Seconds of processor time that the process has used so far.
  double processor_seconds() const;

 private:
  TemporaryFolder folder_;
  home::Keys keys_;
  Bytes admission_code_;
  routes::Route route_;
  pid_t process_ = 0;
};

}  // namespace godwit::bench
