// `godwit-home init`: keys, certificate, configuration.

#include <sys/stat.h>

#include <filesystem>
#include <iostream>

#include "crypto/random_sources.h"
#include "home/errors.h"
#include "home/main.h"
#include "net/certificate.h"
#include "routes/route.h"

namespace godwit::home {
namespace {

bool is_everywhere(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

// The name under which clients reach the home, if the operator did not say it.
std::string host_of(const InitOptions& options) {
  if (!options.host.empty()) return options.host;
  for (const std::string& address : options.addresses) {
    if (!is_everywhere(address)) return address;
  }
  return {};
}

// Takes the given certificate, or makes one that is good for `host`.
Status provide_certificate(const Place& place, const InitOptions& options, Config& config) {
  if (!options.certificate.empty()) {
    config.certificate = std::filesystem::absolute(options.certificate).string();
    config.certificate_key = std::filesystem::absolute(options.certificate_key).string();
    config.pin_certificate = false;
    const std::string pem = TRY(read_file(config.certificate));
    TRY(net::certificate_sha256(pem));
    return {};
  }
  const auto made = TRY(net::make_self_signed_certificate({config.host}, wall_clock()));
  TRY(write_file(place.file(config.certificate), made.certificate, true));
  return write_file(place.file(config.certificate_key), made.key, true);
}

Status write_keys(const Place& place, const Config& config, Random& random) {
  TRY(write_file(place.file(config.identity_key), print_key(crypto::Secret<32>::random(random)), false));
  TRY(write_file(place.file(config.admission_key), print_key(crypto::Secret<32>::random(random)), false));
  TRY(write_file(place.file(config.sealing_key), print_key(crypto::Secret<32>::random(random)), false));
  TRY(write_file(place.file(config.bulletin_key), print_key(crypto::Secret<32>::random(random)), false));
  TRY(write_file(place.file(config.web_push_key), print_key(crypto::Secret<32>::random(random)), false));
  const bool ticket_file = !config.ticket_key.empty() && !std::filesystem::exists(place.file(config.ticket_key));
  if (ticket_file) TRY(write_file(place.file(config.ticket_key), print_key(crypto::Secret<32>::random(random)), false));
  return {};
}

// What `options` say, as a configuration. Empty text: fine; else what is wrong.
std::string configure(const InitOptions& options, Random& random, Config& config) {
  if (!options.addresses.empty()) config.addresses = options.addresses;
  config.port = options.port;
  config.host = host_of(options);
  if (config.host.empty()) {
    return "--host is needed: the name or IP address under which clients reach this home (it stands in the links)";
  }
  const auto random_path = random.bytes<9>();
  config.path = options.path.empty() ? "/" + to_base64url(random_path) : options.path;
  if (config.path[0] != '/') return "--path must begin with '/'";
  if (options.certificate.empty() != options.certificate_key.empty()) return "--cert and --key belong together";
  if (!options.ticket_key.empty()) config.ticket_key = std::filesystem::absolute(options.ticket_key).string();
  ConfigProblem problem;
  const auto admission = parse_config("admission = \"" + options.admission + "\"", problem);
  if (!admission) return "--admission must be code, work or \"code or work\"";
  config.options.admission = admission->options.admission;
  const routes::Route route{routes::Carrier::kWss, config.host, config.port == 0 ? uint16_t{443} : config.port,
                            config.path};
  if (!routes::parse_route(routes::to_uri(route))) return "--host or --path is not what an address can hold";
  return {};
}

}  // namespace

int run_init(const Place& place, const InitOptions& options) {
  crypto::SystemRandom random;
  Config config;
  const std::string complaint = configure(options, random, config);
  if (!complaint.empty()) return fail(kExitUsage, complaint);
  std::error_code trouble;
  std::filesystem::create_directories(place.folder, trouble);
  if (trouble) return fail(kExitFix, place.folder + ": the folder cannot be made: " + trouble.message());
  ::chmod(place.folder.c_str(), 0700);
  if (std::filesystem::exists(place.file("config.toml"))) {
    return fail(Error{kHomeExists, "home: init"}, place.folder);
  }
  const Status keys = write_keys(place, config, random);
  if (!keys) return fail(keys.error(), place.folder);
  const Status certificate = provide_certificate(place, options, config);
  if (!certificate) return fail(certificate.error(), options.certificate.empty() ? place.folder : options.certificate);
  // Last: a folder with a configuration is a whole home.
  const Status written = write_file(place.file("config.toml"), print_config(config), false);
  if (!written) return fail(written.error(), place.folder);
  std::cerr << "A home was made in " << place.folder
            << ". Its configuration, every key explained: " << place.file("config.toml") << "\n"
            << "Back up " << place.file(config.identity_key) << ": clients know the home by this key.\n"
            << "Start it:               godwit-home run --folder " << place.folder << "\n"
            << "Let somebody in:        godwit-home invite --folder " << place.folder << std::endl;
  return kExitDone;
}

}  // namespace godwit::home
