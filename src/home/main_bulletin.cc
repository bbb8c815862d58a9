// `godwit-home bulletin`: what everybody may know of this home, signed, as a text for a web page, a letter or a QR code. It needs the
// key files only, so it works beside a running home.

#include <iostream>

#include "crypto/random_sources.h"
#include "home/bulletin.h"
#include "home/main.h"
#include "net/certificate.h"

namespace godwit::home {

Result<std::optional<wire::CertificatePin>> certificate_pin(const Place& place, const Config& config) {
  if (!config.pin_certificate || config.behind_proxy) return std::optional<wire::CertificatePin>();
  const std::string pem = TRY(read_file(place.file(config.certificate)));
  const auto pin = TRY(net::certificate_sha256(pem));
  return std::optional(wire::CertificatePin{pin});
}

std::string bulletin_plan(const Place& place, const Config& config, BulletinPlan& plan) {
  plan = plan_of(config);
  if (config.bulletin.public_routes.empty()) {
    const std::string complaint = public_routes(place, config, plan.routes);
    if (!complaint.empty()) return complaint;
  }
  const auto pin = certificate_pin(place, config);
  if (!pin) return place.file(config.certificate) + ": the certificate cannot be read";
  plan.pin = *pin;
  return {};
}

int run_bulletin(const Place& place, const BulletinOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  crypto::SystemRandom random;
  const auto keys = load_keys(place, *config, random);
  if (!keys) return kExitConfig;
  BulletinPlan plan;
  const std::string complaint = bulletin_plan(place, *config, plan);
  if (!complaint.empty()) return fail(kExitFix, complaint);
  const std::string text = wire::bulletin_text(make_bulletin(*keys, plan, {}, wall_clock())) + "\n";
  if (options.out.empty()) {
    std::cout << text << std::flush;
    return kExitDone;
  }
  const Status written = write_file(options.out, text, true);
  return written ? kExitDone : fail(written.error(), options.out);
}

}  // namespace godwit::home
