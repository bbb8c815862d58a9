// `godwit-home calls enable|disable|status`, and `godwit-home status`: the operator's switch of the relay for calls. The home that
// runs on the folder is told (a file and SIGHUP).

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "home/call_config.h"
#include "home/main.h"
#include "home/main_call_unit.h"
#include "home/main_calls.h"
#include "home/main_disk.h"
#include "home/main_questions.h"
#include "home/main_status.h"
#include "net/local_networks.h"

namespace godwit::home {
namespace {

constexpr const char* kQuestion = "calls";

// Puts the switch into the configuration file, and those of `with`, which are on. An exit code; kExitDone: they stand there.
int write_switch(const Place& place, bool on, const std::vector<std::string_view>& with = {}) {
  const std::string path = place.file("config.toml");
  const auto text = read_file(path);
  if (!text) return fail(kExitConfig, path + ": it cannot be read");
  std::string changed = with_switch(*text, "calls", on);
  for (const std::string_view key : with) changed = with_switch(changed, key, true);
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
std::optional<std::string> ask_calls(const Place& place, std::string_view question = "status\n") {
  return running_home(place) ? ask_running(place, kQuestion, question) : std::nullopt;
}

// Of calls with more than four, where they are not switched on.
std::string of_many(const Config& config) {
  if (!config.calls.on || config.calls.unit) return {};
  const std::string missing = janus_missing(config.calls);
  return "calls of more than four: off (" +
         (missing.empty() ? "`godwit-home calls enable --many` switches them on" : missing) + ")\n";
}

int print_status(const std::string& status, const Config& config) {
  std::cout << status << of_many(config) << std::flush;
  const bool well = status.starts_with(std::string(kCallsWork) + "\n") || status.starts_with(kCallsOffLine);
  const bool parts = status.find(kUnitDown) == std::string::npos && status.find(kUdpDown) == std::string::npos;
  return well && parts ? kExitDone : kExitFix;
}

// Of a home that does not run.
std::string resting_status(const Config& config) {
  if (!config.calls.on) return std::string(kCallsOffLine) + "\n";
  const std::string missing = coturn_missing(config.calls);
  const std::string unit = config.calls.unit ? janus_missing(config.calls) : std::string();
  const std::string of_unit = unit.empty() ? std::string() : kUnitDown + unit + "\n";
  return (missing.empty() ? "calls: on when the home runs\n" : "calls: not working: " + missing + "\n") + of_unit;
}

int enable(const Place& place, const Config& config, const CallsOptions& options) {
  std::string missing = coturn_missing(config.calls);
  if (missing.empty() && options.many) missing = janus_missing(config.calls);
  if (!missing.empty()) return fail(kExitFix, missing + ". Nothing was changed");
  std::vector<std::string_view> with;
  if (options.many) with.emplace_back("calls_unit");
  if (options.udp) with.emplace_back("calls_udp");
  if (const int code = write_switch(place, true, with); code != kExitDone) return code;
  Config changed = config;
  changed.calls.on = true;
  changed.calls.unit |= options.many;
  if (const auto status = ask_calls(place, kApplyCalls)) return print_status(*status, changed);
  std::cout << "calls are on when the home is started\n" << of_many(changed);
  const auto addresses = config.calls.addresses.empty() ? net::own_addresses() : config.calls.addresses;
  for (const std::string& warning : call_warnings(config, addresses)) std::cout << "note: " << warning << "\n";
  std::cout << std::flush;
  return kExitDone;
}

}  // namespace

int run_calls(const Place& place, const CallsOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  if (options.action == "enable") return enable(place, *config, options);
  if (options.action == "disable") {
    if (const int code = write_switch(place, false); code != kExitDone) return code;
  }
  const auto status = ask_calls(place, options.action == "disable" ? kApplyCalls : "status\n");
  if (!status && running_home(place)) return fail(kExitFix, why_silent(place, *config));
  const Config now = options.action == "disable" ? Config() : *config;
  return print_status(status ? *status : resting_status(now), now);
}

int run_status(const Place& place) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  const auto running = running_home(place);
  if (!running) {
    std::cout << "home: not running\n" << resting_status(*config) << std::flush;
    if (const std::string full = disk_trouble(place, *config); !full.empty())
      std::cout << "disk: " << full << std::endl;
    return kExitFix;
  }
  const auto state = ask_running(place, "status", "status\n");
  if (running->port == 0) {
    if (!state) return fail(kExitFix, "it does not answer");
    std::cout << "home: a standby, process " << running->pid << ": another home has the store\n"
              << *state << std::flush;
    return kExitDone;
  }
  std::cout << "home: running, process " << running->pid << ", port " << running->port << "\n";
  const auto status = ask_calls(place);
  const std::string full = disk_trouble(place, *config);
  if (!full.empty()) std::cout << "disk: " << full << std::endl;
  if (!state || !status) return full.empty() ? fail(kExitFix, "it does not answer") : int{kExitDiskFull};
  std::cout << *state;
  const int code = print_status(*status, *config);
  return full.empty() ? code : int{kExitDiskFull};
}

}  // namespace godwit::home
