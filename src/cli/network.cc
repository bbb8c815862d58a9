#include "cli/network.h"

#include <filesystem>

#include "cli/errors.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "net/errors.h"
#include "routes/route.h"

namespace godwit::cli {
namespace {

constexpr size_t kResolversSizeMax = 64 * 1024;

Result<routes::ResolverList> read_resolvers(const std::string& profile, const std::string& chosen) {
  const std::string path = chosen.empty() ? profile + "/resolvers" : chosen;
  std::error_code ignored;
  if (chosen.empty() && !std::filesystem::exists(path, ignored)) return routes::default_resolvers();
  return routes::parse_resolver_list(as_text(TRY(read_file(path, kResolversSizeMax))));
}

Result<std::map<std::string, std::string>> read_programs(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    REQUIRE(equals != std::string::npos && equals > 0 && equals + 1 < text.size(), net::kBadOption,
            "cli: a transport is name=program");
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

}  // namespace

Result<net::DialOptions> read_network(net::EventLoop& loop, const std::string& profile, const NetworkTexts& texts) {
  net::DialOptions out;
  net::ResolverOptions resolver;
  resolver.servers = TRY(read_resolvers(profile, texts.resolvers));
  out.connect.resolver = std::make_shared<net::Resolver>(loop, std::move(resolver));
  net::TransportOptions transports;
  transports.state_folder = std::filesystem::absolute(profile).string() + "/transports";
  transports.programs = TRY(read_programs(texts.transports));
  transports.on_trouble = [](const std::string& text) { print_note("transport " + text); };
  if (!texts.proxy.empty()) {
    out.connect.proxy = TRY(routes::parse_proxy(texts.proxy));
    transports.proxy = out.connect.proxy;
  }
  out.transports = std::make_shared<net::Transports>(loop, std::move(transports));
  if (!texts.tor.empty()) {
    const auto tor = TRY(routes::parse_route("wss://" + texts.tor));
    out.tor_host = tor.host;
    out.tor_port = tor.port;
  }
  return out;
}

}  // namespace godwit::cli
