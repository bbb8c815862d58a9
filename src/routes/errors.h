#pragma once
// Errors of routes/: block 600.

#include "base/error.h"

namespace godwit::routes {

inline constexpr ErrorCode kBadRoute{600, Action::kFix, "routes_bad_route"};
inline constexpr ErrorCode kUnknownScheme{601, Action::kDrop, "routes_unknown_scheme"};

// Proxies: the user's own, Tor's, or the program of a pluggable transport.
inline constexpr ErrorCode kBadProxy{620, Action::kFix, "routes_bad_proxy"};
inline constexpr ErrorCode kProxyLogin{621, Action::kFix, "proxy_login_refused"};
inline constexpr ErrorCode kProxyRefused{622, Action::kRetryLater, "proxy_refused"};
/// The proxy works; what is behind it does not answer.
inline constexpr ErrorCode kProxyTarget{623, Action::kRetryLater, "proxy_target_unreachable"};
inline constexpr ErrorCode kBadProxyAnswer{624, Action::kRetryLater, "proxy_invalid_response"};

// Programs of pluggable transports (PT 1.0 and 2.1).
inline constexpr ErrorCode kPtVersion{630, Action::kFix, "transport_version_refused"};
inline constexpr ErrorCode kPtEnvironment{631, Action::kFix, "transport_environment_refused"};
inline constexpr ErrorCode kPtProxy{632, Action::kFix, "transport_proxy_refused"};
inline constexpr ErrorCode kPtNoTransport{633, Action::kFix, "transport_not_served"};

// Names.
inline constexpr ErrorCode kBadDnsMessage{640, Action::kDrop, "dns_invalid_message"};
inline constexpr ErrorCode kBadResolverList{641, Action::kFix, "routes_bad_resolver_list"};

}  // namespace godwit::routes
