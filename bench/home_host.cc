#include "bench/home_host.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/assert.h"
#include "wire/home_link.h"

namespace godwit::bench {
namespace {

// Runs godwit-home to its end and gives the line that it prints.
std::string run(const std::string& program, std::vector<std::string> arguments) {
  int status = 0;
  std::string line = run_child(program, std::move(arguments), status);
  if (status == 0) return line;
  std::fprintf(stderr, "bench: godwit-home ended with %d\n", WEXITSTATUS(status));
  std::exit(1);
}

// Keys that stand before the first table of the configuration.
void configure(const std::string& path, const std::map<std::string, std::string>& settings) {
  std::ifstream in(path);
  std::ostringstream rest;
  for (std::string line; std::getline(in, line);) {
    const std::string key = line.substr(0, line.find_first_of(" ="));
    if (!settings.contains(key)) rest << line << "\n";
  }
  in.close();
  std::ofstream out(path);
  for (const auto& [key, value] : settings) out << key << " = " << value << "\n";
  out << rest.str();
  ASSERT(out.good());
}

}  // namespace

HomeHost::HomeHost(const std::string& address, const HomeSettings& settings) : core_(settings.core) {
  const std::string program = program_beside("godwit-home");
  home_folder_ = folder_.path() + "/home";
  run(program, {"--folder", home_folder_, "init", "--host", address, "--address", address, "--port", "0"});
  if (!settings.keys.empty()) configure(home_folder_ + "/config.toml", settings.keys);
  start("0");
  read_link(run(program, {"--folder", home_folder_, "invite", "--uses", "0"}));
}

void HomeHost::start(const std::string& port) {
  home_ = start_child(program_beside("godwit-home"), {"--folder", home_folder_, "run", "--port", port}, Hints::kShown,
                      core_);
  if (read_line(home_.output).empty()) {
    std::fprintf(stderr, "bench: godwit-home does not listen\n");
    std::exit(1);
  }
}

void HomeHost::kill() { kill_child(home_); }

void HomeHost::restart() { start(std::to_string(route_.port)); }

void HomeHost::read_link(const std::string& text) {
  const auto link = wire::parse_home_link(text);
  ASSERT(link.has_value() && !link->home.routes.empty() && link->home.pin.has_value());
  const auto route = routes::parse_route(link->home.routes.front());
  ASSERT(route.has_value());
  route_ = *route;
  trust_ = {net::TlsTrust::Kind::kCertificateSha256, link->home.pin->value};
  key_ = link->home.key.value;
  admission_code_ = link->admission_code;
}

void HomeHost::add_bridge(const std::string& address) {
  routes::Route to_home = route_;
  to_home.parameters.emplace(routes::kPin, to_base64url(trust_.pin));
  bridge_ = start_child(program_beside("godwit-bridge"),
                        {"run", "--folder", folder_.path() + "/bridge", "--home", routes::to_uri(to_home), "--host",
                         address, "--address", address, "--port", "0"},
                        Hints::kHidden);
  const auto route = routes::parse_route(read_line(bridge_.output));
  ASSERT(route.has_value() && routes::pin(*route).has_value());
  route_ = *route;
  trust_.pin = *routes::pin(*route);
}

HomeHost::~HomeHost() {
  kill_child(bridge_);
  kill_child(home_);
}

}  // namespace godwit::bench
