// `godwit-home invite`: a link that opens mailboxes here. It needs the key files only, so it works beside a running home
// and while none runs.

#include <iostream>

#include "crypto/random_sources.h"
#include "home/admission.h"
#include "home/main.h"
#include "wire/home_link.h"

namespace godwit::home {
int run_invite(const Place& place, const InviteOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  crypto::SystemRandom random;
  const auto keys = load_keys(place, *config, random);
  if (!keys) return kExitConfig;
  wire::HomeLink link;
  link.home.key = wire::HomeKey{keys->identity.public_key};
  const std::string complaint = public_routes(place, *config, link.home.routes);
  if (!complaint.empty()) return fail(kExitFix, complaint);
  const auto pin = certificate_pin(place, *config);
  if (!pin) return fail(pin.error(), place.file(config->certificate));
  link.home.pin = *pin;
  const bool by_work = config->options.admission == Admission::kWork || options.without_code;
  if (options.without_code && config->options.admission == Admission::kCode) {
    return fail(kExitFix, "this home wants a code (`admission` in its configuration): leave --no-code out");
  }
  if (!by_work) {
    const uint32_t expires = options.days == 0 ? 0 : wall_clock().day() + options.days;
    link.admission_code = make_admission_code(keys->admission_key, options.uses, expires, random);
  }
  if (const Status good = wire::check_home_address(link.home); !good) {
    return fail(kExitConfig, "`host`, `path` or `routes` in the configuration cannot stand in a link");
  }
  std::cout << wire::to_text(link) << std::endl;
  return kExitDone;
}

}  // namespace godwit::home
