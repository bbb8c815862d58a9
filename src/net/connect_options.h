#pragma once
// How a TCP connection to a host is found: what all dials have in common.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/resolver.h"
#include "routes/proxy.h"

namespace godwit::net {

/// What an address that worked, or did not, is worth to whoever remembers.
struct AddressReport {
  std::string host;     ///< as it was asked for
  std::string address;  ///< "192.0.2.1"
  routes::AddressSource source = routes::AddressSource::kSystem;
  bool works = false;  ///< The dial got through to the peer there.
};

/// How to get there.
struct ConnectOptions {
  /// Null: the system's resolver alone. Need not outlive the dial.
  std::shared_ptr<Resolver> resolver;
  /// Addresses of the host that worked before, as text; what is none is passed over.
  std::vector<std::string> hints;
  /// Told for each address that was tried.
  std::function<void(const AddressReport&)> on_address;
  /// Asked of each address before it is connected to; false: it is passed over (kBadAddress if none is left). For dials
  /// whose goal a stranger has named. Not asked of the proxy's.
  std::function<bool(const routes::MappedAddress&)> may_connect = {};
  /// The user's own proxy: only its host is connected to, and it resolves the route's.
  std::optional<routes::Proxy> proxy;
  /// What the system holds of the peer's bytes that nobody reads yet; 0: as it likes. Set before it connects, since that settles the
  /// window.
  uint32_t receive_buffer = 0;
  /// What one address gets before the next one is tried, if a better one is known.
  Duration address_timeout = milliseconds(3500);
};

}  // namespace godwit::net
