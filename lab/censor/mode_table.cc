#include "lab/censor/mode_table.h"

#include <algorithm>

#include "lab/censor/active_mode.h"

namespace godwit::lab {
namespace {

bool has_option(const ModeInfo& info, std::string_view name) {
  const auto named = [&](const OptionInfo& option) { return option.name == name; };
  return std::any_of(info.options.begin(), info.options.end(), named) ||
         std::any_of(common_options().begin(), common_options().end(), named);
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : preset_table()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

/// `modes` with "key=value" added to each that has the option; false if none has.
bool add_option(std::vector<std::string>& modes, const std::string& pair) {
  bool taken = false;
  for (std::string& spec : modes) {
    const ModeInfo* info = find_mode(std::string_view(spec).substr(0, spec.find(':')));
    if (info == nullptr || !has_option(*info, pair.substr(0, pair.find('=')))) continue;
    spec += (spec.find(':') == std::string::npos ? ":" : ",") + pair;
    taken = true;
  }
  return taken;
}

std::string add_options(std::string_view preset, const std::vector<std::string>& pairs,
                        std::vector<std::string>& modes) {
  for (const std::string& pair : pairs) {
    if (!add_option(modes, pair)) return "preset " + std::string(preset) + ": none of its modes has the option " + pair;
  }
  return "";
}

std::string expand_recover(const std::vector<std::string>& pairs, std::vector<std::string>& modes) {
  std::string of = "ru-2026-home";
  std::string after = "600";
  std::vector<std::string> others;
  for (const std::string& pair : pairs) {
    if (pair.starts_with("of=")) {
      of = pair.substr(3);
    } else if (pair.starts_with("after=")) {
      after = pair.substr(6);
    } else {
      others.push_back(pair);
    }
  }
  if (find_preset(of) != nullptr) {
    const std::string wrong = expand_preset(of, modes);
    if (!wrong.empty()) return wrong;
  } else if (find_mode(of) != nullptr) {
    modes = {of};
  } else {
    return "preset recover: of=" + of + " is neither a preset nor a mode";
  }
  others.push_back("stop=" + after);
  return add_options("recover", others, modes);
}

}  // namespace

const std::vector<ModeInfo>& mode_table() {
  static const std::vector<ModeInfo> table = {
      control_mode(),     dns_mode(),        throttle_mode(),  sni_rst_mode(), sni_drop_mode(),
      quic_mode(),        calls_mode(),      ech_doh_mode(),   tls_fp_mode(),  siberian_mode(),
      curtain_mode(),     fet_mode(),        inner_tls_mode(), learn_mode(),   ip_mode(),
      proto_allow_mode(), dest_allow_mode(), shutdown_mode(),  learned_mode(),
  };
  return table;
}

const ModeInfo* find_mode(std::string_view name) {
  for (const ModeInfo& info : mode_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const std::vector<Preset>& preset_table() {
  static const std::vector<Preset> table = {
      {"ru-2025-home",
       "a fixed line in Russia, 2025",
       {"dns", "sni-rst", "quic", "calls:parts=stun+ports", "curtain", "ip"}},
      {"ru-2026-home",
       "a fixed line in Russia, 2026; 2 % of the flows pass an overloaded box",
       {"dns:fail_open=0.02", "sni-drop:fail_open=0.02", "quic:fail_open=0.02", "calls:fail_open=0.02",
        "ech-doh:fail_open=0.02", "tls-fp:fail_open=0.02", "siberian:fail_open=0.02", "curtain:fail_open=0.02",
        "inner-tls:parts=big,fail_open=0.02", "learn:fail_open=0.02"}},
      {"ru-mobile-white",
       "a mobile network in Russia in its allow-list mode: server name and address must both be listed",
       {"dest-allow:variant=sni-and-cidr", "dns"}},
      {"ir-2025", "Iran in June 2025", {"proto-allow", "throttle:variant=flow"}},
      {"ir-2026",
       "Iran in 2026: a destination allow-list with UDP port 53 open, after ten minutes nothing across the border",
       {"dest-allow:udp53=on,rst_share=0.5,stop=600", "shutdown:start=600"}},
      {"cn", "China", {"dns", "sni-rst:variant=gfw", "quic:variant=gfw", "fet", "learn"}},
  };
  return table;
}

std::string expand_preset(std::string_view spec, std::vector<std::string>& modes) {
  const size_t colon = spec.find(':');
  const std::string_view name = spec.substr(0, colon);
  const std::vector<std::string> pairs =
      colon == std::string_view::npos ? std::vector<std::string>() : split(spec.substr(colon + 1), ',');
  if (name == "recover") return expand_recover(pairs, modes);
  const Preset* preset = find_preset(name);
  if (preset == nullptr) return "preset " + std::string(name) + ": there is no such preset; --list shows them all";
  modes.assign(preset->modes.begin(), preset->modes.end());
  return add_options(name, pairs, modes);
}

}  // namespace godwit::lab
