#pragma once
// Whether a relay for calls, as a home names it, is that home's own machine. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::routes {

/// True if `url` (RFC 7065: "turns:home.example:443?transport=tcp") has the host of one of `uris`, which are a home's routes as its link
/// names them; ports may differ. Routes that this version does not understand have no host. Nothing else is true of anything that
/// does not fit exactly: so a home cannot send its people's calls, and with them their addresses, to a machine that they never chose.
bool is_relay_of(std::string_view url, const std::vector<std::string>& uris);

/// What a home puts behind the address of a relay by UDP: only where nothing speaks for a censor (HomePolicy::is_clear). Clients that do not know the
/// condition pass the address over, as one of a kind that they do not understand.
inline constexpr std::string_view kWhenClear = "&when=clear";
/// The address without the condition, "turn:home.example:3478?transport=udp", if it has one, is by UDP and is_relay_of is true of it.
std::optional<std::string> udp_relay_of(std::string_view url, const std::vector<std::string>& uris);

}  // namespace godwit::routes
