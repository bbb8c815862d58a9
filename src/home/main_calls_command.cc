// `godwit-home calls enable|disable|status`, and `godwit-home status`: the operator's switch of the relay for calls. The home that
// runs on the folder is told (a file and SIGHUP).

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "home/call_config.h"
#include "home/main.h"
#include "home/main_calls.h"
#include "home/main_questions.h"
#include "home/main_status.h"
#include "net/local_networks.h"

namespace godwit::home {
namespace {

constexpr const char* kQuestion = "calls";

// Puts the switch into the configuration file. An exit code; kExitDone: it stands there.
int write_switch(const Place& place, bool on) {
  const std::string path = place.file("config.toml");
  const auto text = read_file(path);
  if (!text) return fail(kExitConfig, path + ": it cannot be read");
  const std::string changed = with_calls(*text, on);
  ConfigProblem problem;
  if (!parse_config(changed, problem)) {
    return fail(kExitConfig, path + ":" + std::to_string(problem.line) + ": " + problem.text);
  }
  if (changed == *text) return kExitDone;
  // Written by another user it would be his, and the home could not read it any more.
  struct stat held{};
  if (::stat(path.c_str(), &held) != 0 || held.st_uid != ::geteuid()) {
    return fail(kExitConfig, path + ": it belongs to another user; run this command as that one (sudo -u USER ...)");
  }
  const Status written = write_file(path, changed, true);
  return written ? int{kExitDone} : fail(written.error(), path);
}

// What the running home says of its calls; one that is not asked in time has none to say.
std::optional<std::string> ask_calls(const Place& place) {
  return running_home(place) ? ask_running(place, kQuestion, "status\n") : std::nullopt;
}

int print_status(const std::string& status) {
  std::cout << status << std::flush;
  const bool well = status.starts_with(std::string(kCallsWork) + "\n") || status.starts_with(kCallsOffLine);
  return well ? kExitDone : kExitFix;
}

// Of a home that does not run.
std::string resting_status(const Config& config) {
  if (!config.calls.on) return std::string(kCallsOffLine) + "\n";
  const std::string missing = coturn_missing(config.calls);
  return missing.empty() ? "calls: on when the home runs\n" : "calls: not working: " + missing + "\n";
}

int enable(const Place& place, const Config& config) {
  const std::string missing = coturn_missing(config.calls);
  if (!missing.empty()) return fail(kExitFix, missing + ". Nothing was changed");
  if (const int code = write_switch(place, true); code != kExitDone) return code;
  if (const auto status = ask_calls(place)) return print_status(*status);
  std::cout << "calls are on when the home is started\n";
  const auto addresses = config.calls.addresses.empty() ? net::own_addresses() : config.calls.addresses;
  for (const std::string& warning : call_warnings(config, addresses)) std::cout << "note: " << warning << "\n";
  std::cout << std::flush;
  return kExitDone;
}

}  // namespace

int run_calls(const Place& place, const CallsOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  if (options.action == "enable") return enable(place, *config);
  if (options.action == "disable") {
    if (const int code = write_switch(place, false); code != kExitDone) return code;
  }
  const auto status = ask_calls(place);
  if (!status && running_home(place)) return fail(kExitFix, "the home that runs on this folder does not answer");
  if (status) return print_status(*status);
  return print_status(resting_status(options.action == "disable" ? Config() : *config));
}

int run_status(const Place& place) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  const auto running = running_home(place);
  if (!running) {
    std::cout << "home: not running\n" << resting_status(*config) << std::flush;
    return kExitFix;
  }
  std::cout << "home: running, process " << running->pid << ", port " << running->port << "\n";
  const auto state = ask_running(place, "status", "status\n");
  const auto status = ask_calls(place);
  if (!state || !status) return fail(kExitFix, "it does not answer");
  std::cout << *state;
  return print_status(*status);
}

}  // namespace godwit::home
