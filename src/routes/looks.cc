#include "routes/looks.h"

#include <array>

namespace godwit::routes {
namespace {

// Sites of free software and of standards: they are used from everywhere by programs as well as by people, over long
// connections, and no censor has had a reason to name them.
constexpr std::array kOrdinaryNames{std::string_view{"www.debian.org"},   std::string_view{"www.kernel.org"},
                                    std::string_view{"www.gnu.org"},      std::string_view{"www.postgresql.org"},
                                    std::string_view{"www.ietf.org"},     std::string_view{"www.sqlite.org"},
                                    std::string_view{"www.videolan.org"}, std::string_view{"www.gimp.org"}};

bool is_tls_of_ours(Carrier carrier) { return carrier == Carrier::kWss || carrier == Carrier::kBridge; }

}  // namespace

std::vector<LookKind> looks_of(const Route& route, bool address_known) {
  std::vector<LookKind> looks{LookKind::kAsGiven};
  if (!is_tls_of_ours(route.carrier)) return looks;
  if (!is_address(route.host) && address_known) looks.push_back(LookKind::kAddress);
  if (shown_name(route)) looks.push_back(LookKind::kNameless);
  looks.push_back(LookKind::kOtherName);
  return looks;
}

Route with_look(const Route& route, LookKind look, const std::optional<std::string>& address, const std::string& name) {
  if (look == LookKind::kAsGiven) return route;
  Route shown = route;
  const auto own = shown_name(route);
  if (address && !is_address(route.host)) shown.host = *address;
  const std::string key(kShownName);
  switch (look) {
    case LookKind::kAsGiven:
      break;
    case LookKind::kAddress:
      shown.parameters[key] = own.value_or(std::string(kNoName));
      break;
    case LookKind::kNameless:
      shown.parameters[key] = std::string(kNoName);
      break;
    case LookKind::kOtherName:
      shown.parameters[key] = name;
      break;
  }
  return shown;
}

std::string ordinary_name(Random& random) {
  return std::string(kOrdinaryNames[static_cast<size_t>(random.below(kOrdinaryNames.size()))]);
}

}  // namespace godwit::routes
