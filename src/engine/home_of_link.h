#pragma once
// Where a newcomer may make an account, from whatever link somebody has handed to him.

#include <string_view>

#include "wire/home_link.h"

namespace godwit::engine {

/// The home that a link of a home names, with its admission code; or, from an invite, an invite for many or a group's link,
/// the home of whoever gave it, without a code: it may open mailboxes by proof of work. kLinkNotGodwit: none of these.
/// kLinkOther, kLinkDamaged, kLinkNewer.
Result<wire::HomeLink> home_of_link(std::string_view text);

}  // namespace godwit::engine
