#include "engine/home_of_link.h"

#include "engine/door_link.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/request_link.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Error link_error(const Error& error) {
  if (error.code == wire::kLinkNotHome) return {kLinkNotGodwit, error.rule};
  if (error.code == wire::kLinkNewer) return {kLinkNewer, error.rule};
  return {kLinkDamaged, error.rule};
}

}  // namespace

Result<wire::HomeLink> home_of_link(std::string_view text) {
  if (is_request_link(text)) return wire::HomeLink{TRY(parse_request_link(text)).home, {}};
  if (is_group_link(text)) return wire::HomeLink{TRY(parse_group_link(text)).home, {}};
  const auto invite = parse_invite_link(text);
  if (invite) return wire::HomeLink{invite->home, {}};
  if (!(invite.error().code == kLinkNotGodwit)) return invite.error();
  auto home = wire::parse_home_link(text);
  if (!home) return link_error(home.error());
  return home;
}

}  // namespace godwit::engine
