#include "lab/censor/configuration.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/censor/control.h"
#include "lab/censor/mode_table.h"

namespace godwit::lab {
namespace {

using Json = nlohmann::json;

constexpr const char* kAbout =
    "godwit-censor: a censor in a box, for testing what gets past it.\n"
    "It is the wire between network namespaces: it puts a TUN device `wire0` into each, routes packets among them by\n"
    "destination, plays a network with delay and loss, and blocks what its modes block. It runs until stdin ends.";
constexpr const char* kMore =
    "Commands, one JSON object a line on stdin:\n"
    "  {\"cmd\":\"modes\",\"modes\":[\"curtain:n=25\"]}   {\"cmd\":\"preset\",\"name\":\"ru-2026-home\"}   {\"cmd\":\"counters\"}\n"
    "  {\"cmd\":\"verdict\",\"server\":\"192.0.2.1:443\",\"proxy\":true}   {\"cmd\":\"quit\"}\n"
    "Example, with the namespaces u and w made before:\n"
    "  godwit-censor --host user:u:inside:10.0.0.2 --host web:w:outside:192.0.2.0/24 --mode sni-drop:names=web.example";

struct Arguments {
  std::vector<std::string> hosts;
  std::vector<std::string> modes;
  std::string preset;
  std::string file;
  double rtt_ms = 60;
  double inside_rtt_ms = 10;
  bool list = false;
  bool json = false;
};

Time from_ms(double ms) { return from_seconds(ms / 1000); }

bool number_in(const Json& object, const char* key, double least, double most, double& out, std::string& wrong) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  if (!found->is_number() || found->get<double>() < least || found->get<double>() > most) {
    wrong = std::string(key) + " must be a number from " + std::to_string(least) + " to " + std::to_string(most);
    return false;
  }
  out = found->get<double>();
  return true;
}

std::string read_hosts(const Json& list, Configuration& out) {
  if (!list.is_array()) return "hosts must be a list";
  for (const Json& item : list) {
    if (item.is_string()) {
      HostPlan plan;
      const std::string wrong = parse_host(item.get<std::string>(), plan);
      if (!wrong.empty()) return "hosts: " + wrong;
      out.hosts.push_back(std::move(plan));
      continue;
    }
    return "hosts: each must be a text NAME:NETNS:inside|outside:CIDR+CIDR";
  }
  return "";
}

std::string read_modes(const Json& list, std::vector<std::string>& out) {
  if (!list.is_array()) return "modes must be a list";
  for (const Json& item : list) {
    if (!item.is_string()) return "modes: each must be a text";
    out.push_back(item.get<std::string>());
  }
  return "";
}

void add_options(CLI::App& app, Configuration& out, Arguments& arguments) {
  app.add_option("--host", arguments.hosts,
                 "NAME:NETNS:inside|outside:CIDR[+CIDR...], a host on the wire; repeat for each")
      ->allow_extra_args(false);
  app.add_option("--mode", arguments.modes, "NAME[:key=value,...], a mode in force from the start; repeat for each")
      ->allow_extra_args(false);
  app.add_option("--preset", arguments.preset, "NAME[:key=value,...], several modes at once");
  app.add_option("--seed", out.settings.seed, "of losses and of everything the modes decide by chance")
      ->capture_default_str();
  app.add_option("--rtt-ms", arguments.rtt_ms, "round trip between inside and outside")
      ->check(CLI::Range(0.0, 10000.0))
      ->capture_default_str();
  app.add_option("--inside-rtt-ms", arguments.inside_rtt_ms, "round trip between hosts of one side")
      ->check(CLI::Range(0.0, 10000.0))
      ->capture_default_str();
  app.add_option("--loss", out.settings.loss, "share of the packets lost in crossing, each way")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--rate-mbit", out.settings.rate_mbit, "each inside host's line across, each way; 0: no bound")
      ->check(CLI::Range(0.0, 100000.0))
      ->capture_default_str();
  app.add_option("--pcap", out.pcap, "write all packets that hosts send or the censor forges to this file");
  app.add_option("--features", out.features,
                 "write one JSON line with features for each flow that ended (for train.py)");
  app.add_option(
      "--config", arguments.file,
      "JSON file: seed, rtt_ms, inside_rtt_ms, loss, rate_mbit, pcap, features, hosts, modes, preset; arguments win");
  app.add_flag("--list", arguments.list, "show every mode and preset, and end");
  app.add_flag("--json", arguments.json, "with --list: as JSON");
}

std::string complete(const CLI::App& app, const Arguments& arguments, Configuration& out) {
  if (arguments.list) {
    out.reply = arguments.json ? catalogue_json() : catalogue_text();
    return "";
  }
  if (app.count("--rtt-ms") > 0 || arguments.file.empty()) out.settings.rtt = from_ms(arguments.rtt_ms);
  if (app.count("--inside-rtt-ms") > 0 || arguments.file.empty())
    out.settings.inside_rtt = from_ms(arguments.inside_rtt_ms);
  for (const std::string& text : arguments.hosts) {
    HostPlan plan;
    const std::string wrong = parse_host(text, plan);
    if (!wrong.empty()) return "--host " + text + ": " + wrong;
    out.hosts.push_back(std::move(plan));
  }
  std::set<std::string> names;
  for (const HostPlan& plan : out.hosts) {
    if (!names.insert(plan.host.name).second) return "--host: two hosts have the name " + plan.host.name;
  }
  if (out.hosts.empty()) return "--host: at least one host is needed";
  if (!arguments.modes.empty() || !arguments.preset.empty()) out.modes.clear();
  if (!arguments.preset.empty()) {
    const std::string wrong = expand_preset(arguments.preset, out.modes);
    if (!wrong.empty()) return "--preset " + arguments.preset + ": " + wrong;
  }
  out.modes.insert(out.modes.end(), arguments.modes.begin(), arguments.modes.end());
  std::string wrong;
  for (const std::string& mode : out.modes) {
    if (!ActiveMode::create(mode, 0, Time{}, 0, wrong)) return "--mode " + mode + ": " + wrong;
  }
  return "";
}

}  // namespace

std::string parse_host(const std::string& text, HostPlan& out) {
  out = {};
  // The blocks come last and may hold colons themselves (IPv6).
  const size_t first = text.find(':');
  const size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  const size_t third = second == std::string::npos ? second : text.find(':', second + 1);
  if (third == std::string::npos) return "it must be NAME:NETNS:inside|outside:CIDR[+CIDR...]";
  out.host.name = text.substr(0, first);
  out.netns = text.substr(first + 1, second - first - 1);
  const std::string side = text.substr(second + 1, third - second - 1);
  if (side != "inside" && side != "outside") return "'" + side + "' is neither inside nor outside";
  if (out.host.name.empty() || out.netns.empty()) return "its name and its namespace must not be empty";
  out.host.inside = side == "inside";
  for (const std::string& item : split(std::string_view(text).substr(third + 1), '+')) {
    Cidr block;
    if (!parse_cidr(item, block)) return "'" + item + "' is not a CIDR block";
    out.host.addresses.blocks.push_back(block);
  }
  return out.host.addresses.blocks.empty() ? "it needs at least one CIDR block" : "";
}

std::string read_configuration(const std::string& json, Configuration& out) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return "it is not a JSON object";
  std::string wrong;
  double value = 0;
  for (const auto& [key, item] : object.items()) {
    if (key == "hosts") {
      wrong = read_hosts(item, out);
    } else if (key == "modes") {
      wrong = read_modes(item, out.modes);
    } else if (key == "preset" && item.is_string()) {
      wrong = expand_preset(item.get<std::string>(), out.modes);
    } else if (key == "pcap" && item.is_string()) {
      out.pcap = item.get<std::string>();
    } else if (key == "features" && item.is_string()) {
      out.features = item.get<std::string>();
    } else if (key == "seed") {
      if (number_in(object, "seed", 0, 0x1p53, value, wrong)) out.settings.seed = static_cast<uint64_t>(value);
    } else if (key == "rtt_ms") {
      if (number_in(object, "rtt_ms", 0, 10000, value, wrong)) out.settings.rtt = from_ms(value);
    } else if (key == "inside_rtt_ms") {
      if (number_in(object, "inside_rtt_ms", 0, 10000, value, wrong)) out.settings.inside_rtt = from_ms(value);
    } else if (key == "loss") {
      number_in(object, "loss", 0, 1, out.settings.loss, wrong);
    } else if (key == "rate_mbit") {
      number_in(object, "rate_mbit", 0, 100000, out.settings.rate_mbit, wrong);
    } else {
      wrong = key + ": there is no such key, or its value is of the wrong kind";
    }
    if (!wrong.empty()) return wrong;
  }
  return "";
}

int read_arguments(int count, const char* const* arguments, Configuration& out) {
  CLI::App app(kAbout, "godwit-censor");
  app.footer(kMore);
  app.get_formatter()->column_width(28);
  Arguments given;
  add_options(app, out, given);
  try {
    app.parse(count, arguments);
    if (!given.file.empty()) {
      std::string contents;
      std::string wrong = read_file(given.file, contents) ? "" : "it cannot be read";
      if (wrong.empty()) wrong = read_configuration(contents, out);
      if (!wrong.empty()) throw CLI::ValidationError("--config " + given.file, wrong);
      app.clear();
      app.parse(count, arguments);  // once more, since what stands there wins
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::string wrong = complete(app, given, out);
  if (wrong.empty()) return -1;
  std::fprintf(stderr, "godwit-censor: %s\n", wrong.c_str());
  return 2;
}

}  // namespace godwit::lab
