#pragma once
// What a device remembers of its routes: per network what worked and what did not, which hosts are curtained, and at which
// addresses a host's name was found last. Plain data with bounds; the engine keeps it sealed. It holds no secrets of a
// session, but it tells where its owner has been: it never leaves the device.

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "routes/hello.h"
#include "routes/looks.h"

namespace godwit::routes {

/// Names a network (a Wi-Fi, a mobile operator) in bytes that its host makes up. Empty: not known.
using NetworkId = Bytes;
/// A longer name is nobody's, and counts as not known: a hash is long enough.
constexpr size_t kNetworkIdSizeMax = 32;

/// How an attempt ended.
enum class End : uint8_t {
  kUnknown = 0,
  kRefused = 1,  ///< Somebody says at once that there is nothing: another look will not help.
  kReset = 2,    ///< Cut before the session stood.
  kTimeout = 3,  ///< Nothing came of it in time.
  kDns = 4,      ///< The name led to no address.
  kTls = 5,      ///< TLS did not come about.
  kSilent = 6,   ///< The session stood, or the pipe; then nothing came any more.
  kGarbled = 7,  ///< What answers is not the home.
  kLost = 8,     ///< The session stood and its pipe was closed, by whomever.
  kByUs = 9,     ///< We closed it for a reason of our own.
};

/// One look of one route.
struct WayKey {
  std::string uri;  ///< of the route as it was given
  LookKind look = LookKind::kAsGiven;
  friend auto operator<=>(const WayKey&, const WayKey&) = default;
};

/// What came of a way on one network.
struct WayMemory {
  Instant succeeded{};    ///< When a session last stood; 0: never.
  Instant failed{};       ///< When it last came to nothing or died; 0: never.
  uint32_t failures = 0;  ///< In a row.
  End why = End::kUnknown;
  Duration took{};  ///< From the dial to the session, last time.

  /// True if the last thing that happened was good.
  bool works() const { return succeeded > failed; }
};

/// What is known of a host on one network.
struct HostMemory {
  Instant curtained_until{};  ///< Until then only small exchanges are made with it.
  uint32_t curtains = 0;      ///< How often in a row that was found.
  Instant stalled{};          ///< When a fresh connection last fell silent early.
};

/// What is known of a look of the hello on one network.
struct HelloMemory {
  Instant succeeded{};  ///< When a session last stood under it; 0: never.
  Instant failed{};     ///< When TLS last came about under it and no session did; 0: never.
};

/// What is known of a network as a whole.
struct NetworkMemory {
  Instant hindered_until{};  ///< Until then it is thought to spoil what it recognises.
  uint32_t spoilt = 0;       ///< Calls that were, one after the other.
};

/// 24 routes with 4 looks on two networks, and room; beyond it what was used longest ago is forgotten.
constexpr size_t kWaysRememberedMax = 256;
/// Every look of the hello on so many networks.
constexpr size_t kHellosRememberedMax = 8 * kHelloKinds;
/// Every host of these routes.
constexpr size_t kHostsRememberedMax = 64;
/// Networks of which that much is known; a name is 32 bytes.
constexpr size_t kNetworksRememberedMax = 64;
/// Addresses per host: two of each IP version.
constexpr size_t kAddressesPerHostMax = 4;
/// The encoding of all that; larger records are not ours.
constexpr size_t kMemorySizeMax = 512 * 1024;

/// See above. Everything is found or not; nothing fails.
class RouteMemory {
 public:
  /// What is known of a way; zeros if nothing.
  WayMemory way(const NetworkId& network, const std::string& uri, LookKind look) const;
  /// The same.
  WayMemory way(const NetworkId& network, const WayKey& key) const { return way(network, key.uri, key.look); }
  /// Changes what is known.
  void set_way(const NetworkId& network, const WayKey& key, const WayMemory& memory);
  /// What is known of a host; zeros if nothing.
  HostMemory host(const NetworkId& network, const std::string& host) const;
  /// Changes what is known.
  void set_host(const NetworkId& network, const std::string& host, const HostMemory& memory);

  /// What is known of a look of the hello; zeros if nothing.
  HelloMemory hello(const NetworkId& network, HelloKind kind) const;
  /// Changes what is known.
  void set_hello(const NetworkId& network, HelloKind kind, const HelloMemory& memory);
  /// What decides in which order this device takes to the looks of the hello; 0: not drawn yet.
  uint32_t hello_seed() const { return hello_seed_; }
  /// Draws it, once.
  void set_hello_seed(uint32_t seed);

  /// What is known of a network; zeros if nothing.
  NetworkMemory network(const NetworkId& network) const;
  /// Changes what is known.
  void set_network(const NetworkId& network, const NetworkMemory& memory);

  /// A pipe to `host`, a name, was opened at `address`, as text. Others are ignored.
  void address_worked(const std::string& host, const std::string& address);
  /// The last good addresses of a name, the newest first.
  std::vector<std::string> addresses(const std::string& host) const;
  /// The name at whose last good addresses this one is; else nothing.
  std::optional<std::string> name_at(const std::string& address) const;

  /// Goes up with every change: what is stored is old when this is another number.
  uint64_t version() const { return version_; }
  /// As bytes, to be sealed.
  Bytes encode() const;
  /// The reverse. Times after `now` are taken for `now`: the clock was put back. An Error of codec/: throw it away.
  static Result<RouteMemory> decode(ByteView bytes, Instant now);

 private:
  template <typename Value>
  struct Used {
    Value value;
    uint64_t used = 0;
  };
  // Looked up by tuples of references: the policy asks often.
  std::map<std::tuple<NetworkId, std::string, LookKind>, Used<WayMemory>, std::less<>> ways_;
  std::map<std::tuple<NetworkId, std::string>, Used<HostMemory>, std::less<>> hosts_;
  std::map<std::string, Used<std::vector<std::string>>> addresses_;
  std::map<std::tuple<NetworkId, HelloKind>, Used<HelloMemory>> hellos_;
  std::map<NetworkId, Used<NetworkMemory>> networks_;
  uint32_t hello_seed_ = 0;
  uint64_t version_ = 0;
};

}  // namespace godwit::routes
