#pragma once
// What is said on a fresh TCP connection to a proxy before it leads to where a route wants to go. Not for other folders.

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "routes/proxy.h"

namespace godwit::net {

/// Where a proxy is to connect to, and how it is asked.
struct TunnelPlan {
  routes::Proxy::Kind kind = routes::Proxy::Kind::kSocks5;
  std::string host;  ///< a name, which the proxy resolves, or an address
  uint16_t port = 0;
  std::optional<routes::Socks5Login> login = {};
};

/// One opening of a tunnel, as a machine over bytes.
class Tunnel {
 public:
  virtual ~Tunnel() = default;
  /// Takes what is to be sent now; may be empty.
  virtual Bytes take_output() = 0;
  /// Takes from the front of `bytes` what belongs to the opening, and says how many those are. kProxyLogin, kProxyRefused,
  /// kProxyTarget, kBadProxyAnswer.
  virtual Result<size_t> feed(ByteView bytes) = 0;
  /// The tunnel stands.
  virtual bool is_done() const = 0;
};

/// Begins. kBadRoute: what the plan says does not fit into the protocol.
Result<std::unique_ptr<Tunnel>> make_tunnel(const TunnelPlan& plan);

}  // namespace godwit::net
