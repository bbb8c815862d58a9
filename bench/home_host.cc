#include "bench/home_host.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

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

// One that nobody has at the moment.
uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  ASSERT(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
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
  while (twins_.size() < settings.standbys) add_twin();
}

// The same keys and configuration in a folder of its own.
void HomeHost::add_twin() {
  Twin twin{home_folder_ + std::to_string(twins_.size() + 2), free_port(), {}};
  std::filesystem::copy(home_folder_, twin.folder, std::filesystem::copy_options::recursive);
  std::filesystem::remove(twin.folder + "/running");
  twin.home = begin(twin.folder, twin.port);
  twins_.push_back(std::move(twin));
}

Child HomeHost::begin(const std::string& folder, uint16_t port) const {
  return start_child(program_beside("godwit-home"), {"--folder", folder, "run", "--port", std::to_string(port)},
                     Hints::kHidden, core_);
}

// A home notes its process, and the port on which it listens; 0: a standby.
bool HomeHost::is_active(const std::string& folder, const Child& home) const {
  std::ifstream in(folder + "/running");
  pid_t process = 0;
  unsigned port = 0;
  in >> process >> port;
  return home.process != 0 && process == home.process && port != 0;
}

void HomeHost::wait_for_active() {
  for (int i = 0; i < 6'000; ++i) {
    if (is_active(home_folder_, home_)) return;
    for (Twin& twin : twins_) {
      if (!is_active(twin.folder, twin.home)) continue;
      std::swap(twin.folder, home_folder_);
      std::swap(twin.home, home_);
      std::swap(twin.port, home_port_);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::fprintf(stderr, "bench: no home takes over\n");
  std::exit(1);
}

void HomeHost::start(const std::string& port) {
  home_ = start_child(program_beside("godwit-home"), {"--folder", home_folder_, "run", "--port", port}, Hints::kShown,
                      core_);
  if (read_line(home_.output).empty()) {
    std::fprintf(stderr, "bench: godwit-home does not listen\n");
    std::exit(1);
  }
}

void HomeHost::kill() {
  if (!twins_.empty()) wait_for_active();
  kill_child(home_);
}

void HomeHost::restart() {
  if (twins_.empty()) return start(std::to_string(route_.port));
  wait_for_active();
  for (Twin& twin : twins_) {
    if (twin.home.process == 0) twin.home = begin(twin.folder, twin.port);
  }
}

void HomeHost::kill_standby(size_t number) {
  Twin& twin = twins_[number % twins_.size()];
  kill_child(twin.home);
  twin.home = begin(twin.folder, twin.port);
}

routes::Route HomeHost::route_of(size_t number) const {
  routes::Route route = route_;
  const size_t home = number % (twins_.size() + 1);
  if (!twins_.empty()) route.port = home == 0 ? home_port_ : twins_[home - 1].port;
  return route;
}

void HomeHost::read_link(const std::string& text) {
  const auto link = wire::parse_home_link(text);
  ASSERT(link.has_value() && !link->home.routes.empty() && link->home.pin.has_value());
  const auto route = routes::parse_route(link->home.routes.front());
  ASSERT(route.has_value());
  route_ = *route;
  home_port_ = route_.port;
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
  for (Twin& twin : twins_) kill_child(twin.home);
  kill_child(home_);
}

}  // namespace godwit::bench
