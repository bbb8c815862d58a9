#include "lab/censor/control.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/censor/mode_table.h"

namespace godwit::lab {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

std::string base64(ByteView bytes) {
  std::string text = to_base64url(bytes);
  for (char& character : text) {
    if (character == '-') character = '+';
    if (character == '_') character = '/';
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

ControlAnswer set_modes(const std::vector<std::string>& specs, Censor& censor, Time now) {
  const std::string wrong = censor.set_modes(specs, now);
  return {wrong.empty() ? modes_line(censor) : error_line(wrong)};
}

ControlAnswer obey_modes(const Json& command, Censor& censor, Time now) {
  const auto found = command.find("modes");
  if (found == command.end() || !found->is_array()) return {error_line("modes: \"modes\" must be a list")};
  std::vector<std::string> specs;
  for (const Json& item : *found) {
    if (!item.is_string()) return {error_line("modes: each mode must be a text like \"curtain:n=25\"")};
    specs.push_back(item.get<std::string>());
  }
  return set_modes(specs, censor, now);
}

ControlAnswer obey_preset(const Json& command, Censor& censor, Time now) {
  std::vector<std::string> specs;
  const std::string wrong = expand_preset(text_of(command, "name"), specs);
  if (!wrong.empty()) return {error_line(wrong)};
  return set_modes(specs, censor, now);
}

ControlAnswer obey_verdict(const Json& command, Censor& censor, Time now) {
  Endpoint server;
  const auto proxy = command.find("proxy");
  if (!parse_endpoint(text_of(command, "server"), server))
    return {error_line("verdict: \"server\" must be ADDRESS:PORT")};
  if (proxy == command.end() || !proxy->is_boolean()) return {error_line("verdict: \"proxy\" must be true or false")};
  censor.on_verdict(server, proxy->get<bool>(), now);
  return {};
}

const char* kind_text(OptionKind kind) {
  switch (kind) {
    case OptionKind::kNumber:
      return "number";
    case OptionKind::kWhole:
      return "whole number";
    case OptionKind::kSwitch:
      return "on|off";
    case OptionKind::kChoice:
      return "one of";
    case OptionKind::kParts:
      return "some of, joined by +";
    case OptionKind::kNames:
      return "names joined by +, or @file";
    case OptionKind::kBlocks:
      return "CIDR blocks joined by +, or @file";
    case OptionKind::kPorts:
      return "ports or ranges joined by +, or @file";
    case OptionKind::kText:
      return "text";
  }
  return "";
}

std::string values_text(const OptionInfo& option) {
  std::ostringstream out;
  out << kind_text(option.kind);
  if (option.kind == OptionKind::kNumber || option.kind == OptionKind::kWhole) {
    out << " from " << option.least << " to " << option.most;
  }
  if (*option.choices != '\0') out << " " << option.choices;
  return out.str();
}

void write_options(std::ostringstream& out, const std::vector<OptionInfo>& options) {
  for (const OptionInfo& option : options) {
    out << "      " << option.name << "=" << option.initial << "\n          " << option.text << "; "
        << values_text(option) << "\n";
  }
}

Json options_json(const std::vector<OptionInfo>& options) {
  Json out = Json::array();
  for (const OptionInfo& option : options) {
    Json entry{{"name", option.name}, {"kind", kind_text(option.kind)}, {"default", option.initial}};
    if (option.kind == OptionKind::kNumber || option.kind == OptionKind::kWhole) {
      entry["least"] = option.least;
      entry["most"] = option.most;
    }
    if (*option.choices != '\0') entry["choices"] = split(option.choices, '|');
    entry["text"] = option.text;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::string ready_line() { return dump({{"event", "ready"}}); }

std::string error_line(const std::string& text) { return dump({{"event", "error"}, {"text", text}}); }

std::string modes_line(const Censor& censor) { return dump({{"event", "modes"}, {"modes", censor.mode_specs()}}); }

std::string counters_line(const Censor& censor) {
  Json modes = Json::object();
  for (const auto& mode : censor.modes()) {
    Json counters = Json::object();
    for (const auto& [name, value] : mode->mode().counters()) counters[name] = value;
    modes[mode->label()] = std::move(counters);
  }
  Json hosts = Json::object();
  for (const Host& host : censor.hosts()) {
    hosts[host.name] = {{"packets_out", host.packets_out},
                        {"bytes_out", host.bytes_out},
                        {"packets_in", host.packets_in},
                        {"bytes_in", host.bytes_in}};
  }
  return dump({{"event", "counters"}, {"modes", modes}, {"hosts", hosts}, {"lost", censor.lost()}});
}

std::string suspect_line(const Suspect& suspect) {
  return dump({{"event", "suspect"},
               {"server", suspect.server.text()},
               {"first_payload", base64(suspect.first_payload)},
               {"reason", suspect.reason}});
}

ControlAnswer obey(std::string_view line, Censor& censor, Time now) {
  const Json command = Json::parse(line, nullptr, false);
  if (!command.is_object()) return {error_line("a command is one JSON object on a line")};
  const std::string name = text_of(command, "cmd");
  if (name == "modes") return obey_modes(command, censor, now);
  if (name == "preset") return obey_preset(command, censor, now);
  if (name == "counters") return {counters_line(censor)};
  if (name == "verdict") return obey_verdict(command, censor, now);
  if (name == "quit") return {"", true};
  return {error_line("cmd must be modes, preset, counters, verdict or quit, not '" + name + "'")};
}

std::string catalogue_text() {
  std::ostringstream out;
  out << "Modes: --mode NAME or --mode NAME:key=value,key=value. Each option is shown with its default.\n";
  for (const ModeInfo& info : mode_table()) {
    out << "\n"
        << info.number << "  " << info.name << "\n    " << info.text << "\n    survives: " << info.survives << "\n";
    write_options(out, info.options);
  }
  out << "\nEvery mode also has:\n";
  write_options(out, common_options());
  out << "\nPresets: --preset NAME or --preset NAME:key=value; a pair goes to every mode that has the option.\n\n";
  for (const Preset& preset : preset_table()) {
    out << "    " << preset.name << "\n          " << preset.text << ":";
    for (const char* mode : preset.modes) out << " " << mode;
    out << "\n";
  }
  out << "    recover\n          another preset, or one mode, that ends: recover:of=ru-2026-home,after=600\n";
  return out.str();
}

std::string catalogue_json() {
  Json modes = Json::array();
  for (const ModeInfo& info : mode_table()) {
    modes.push_back({{"number", info.number},
                     {"name", info.name},
                     {"text", info.text},
                     {"survives", info.survives},
                     {"options", options_json(info.options)}});
  }
  Json presets = Json::array();
  for (const Preset& preset : preset_table()) {
    presets.push_back({{"name", preset.name}, {"text", preset.text}, {"modes", preset.modes}});
  }
  return Json{{"modes", modes}, {"common", options_json(common_options())}, {"presets", presets}}.dump(2);
}

}  // namespace godwit::lab
