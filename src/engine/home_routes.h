#pragma once
// The routes to each home and the policy over them: one per home for all links, since dials are spaced by host and what one link
// finds out serves all.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "routes/policy.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// Routes that the user may add for his own home.
constexpr size_t kAddedRoutesMax = 8;
/// A route that is added may be longer than one in a link: pluggable transports bring keys and lists of fronts.
constexpr size_t kAddedRouteSizeMax = 2048;

/// Routes that are taken of a home's bulletins: those for everybody, and those for this mailbox.
constexpr size_t kBulletinRoutesTaken = 8;

/// See above.
class HomeRoutes {
 public:
  /// `random` outlives it.
  explicit HomeRoutes(Random& random) : world_(random) {}

  /// The policy of a home; what `home` says of routes is added to what is known. It lives as long as this.
  routes::HomePolicy& policy_of(const wire::HomeAddress& home);
  /// These are the routes that the user has added for a home, from now on. Those that this version does not understand are
  /// passed over.
  void set_added(const wire::HomeKey& home, const std::vector<std::string>& uris);
  /// These are the routes that the home's bulletin names, from now on, and the certificate that its own address shows, if it
  /// says.
  void set_bulletin(const wire::HomeKey& home, const std::vector<std::string>& uris,
                    const std::optional<wire::CertificatePin>& pin);
  /// The certificate that the home's own address has to show: the bulletin's word goes before the link's.
  std::optional<wire::CertificatePin> pin_of(const wire::HomeAddress& home) const;
  /// The device is on another network.
  void network_changed(const routes::NetworkId& network);
  /// What all homes share.
  routes::RouteWorld& world() { return world_; }
  /// The same.
  const routes::RouteWorld& world() const { return world_; }

 private:
  struct Home {
    std::vector<routes::KnownRoute> given;
    std::vector<routes::KnownRoute> told;  // by its bulletin
    std::vector<routes::KnownRoute> added;
    std::optional<wire::CertificatePin> pin;
    std::unique_ptr<routes::HomePolicy> policy;
  };
  Home& home_of(const wire::HomeKey& key);
  static void refresh(Home& home);

  routes::RouteWorld world_;
  std::map<wire::HomeKey, Home> homes_;
};

}  // namespace godwit::engine
