#pragma once
// Which look of the TLS hello each host is shown. A look that may be the reason of a failure is changed, but not quickly:
// boxes that freeze a host for two minutes freeze it for ten when they see it change meanwhile (architecture, Routes).

#include <map>
#include <string>

#include "base/time.h"
#include "net/tls.h"

namespace godwit::net {

/// The choice, per host.
class TlsLooks {
 public:
  /// A host must not have been dialled for this long before its look changes.
  static constexpr Duration kRest = seconds(120);
  /// Hosts remembered; the one dialled longest ago is forgotten first.
  static constexpr size_t kHostsMax = 64;

  /// `first`: what a host is shown that was not dialled yet.
  explicit TlsLooks(TlsLook first) : first_(first) {}

  /// A dial to `host` begins.
  TlsLook choose(const std::string& host, Instant now);
  /// A dial to `host` has ended before anything was heard from the peer.
  void on_failure(const std::string& host);

 private:
  struct Host {
    TlsLook look;
    Instant dialled{};
    bool failed = false;
  };
  TlsLook first_;
  std::map<std::string, Host> hosts_;
};

}  // namespace godwit::net
