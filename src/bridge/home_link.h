#pragma once
// What a bridge reads of a home link: where the home is. The rest (the home's key, an admission code) is not kept, and the
// code that reads all of it belongs to folders that a bridge does not include, so that it cannot look into a session.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::bridge {

/// The part of a home link that a bridge needs.
struct HomeLink {
  std::vector<std::string> routes;   ///< URIs, best first; 1 to 8.
  std::optional<ByteArray<32>> pin;  ///< SHA-256 of the certificate behind them.
};

/// True if `text` begins like a home link.
bool is_home_link(std::string_view text);
/// Reads `godwit-home:<base64url>` (docs/protocol/chat.md, "Links"). kDamagedLink: it is not one, or not whole; a newer
/// version's is refused likewise.
Result<HomeLink> parse_home_link(std::string_view text);

}  // namespace godwit::bridge
