#include "home/unit_config.h"

namespace godwit::home {
namespace {

// A string of libconfig.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string set(const char* key, const std::string& value) {
  std::string out = "  ";
  return out.append(key).append(" = ").append(value).append("\n");
}

}  // namespace

std::map<std::string, std::string> janus_config(const UnitPlan& plan) {
  std::string main =
      "# Made by godwit-home at each start of the unit for calls of many, and removed at its end.\ngeneral: {\n";
  main += set("configs_folder", quoted(plan.folder));
  // Folders that hold what is used, and nothing that a package brings beside.
  main += set("plugins_folder", quoted(plan.folder + "/plugins"));
  main += set("transports_folder", quoted(plan.folder + "/transports"));
  main += set("events_folder", quoted(plan.folder + "/none"));
  main += set("loggers_folder", quoted(plan.folder + "/none"));
  main += set("interface", quoted(plan.address));
  main += set("api_secret", quoted(plan.secret));
  main += set("token_auth", "false");
  main += set("server_name", quoted("-"));
  main += set("hide_dependencies", "true");
  main += set("daemonize", "false");
  main += set("debug_level", "2");  // what is fatal, and errors
  main += set("debug_colors", "false");
  main += set("session_timeout", "60");
  main += set("reclaim_session_timeout", "0");
  main += set("event_loops", "2");  // else each connection has a thread
  main += set("allow_loop_indication", "false");
  main += "}\nmedia: {\n";
  main += set("ipv6", "false");
  main += set("rtp_port_range", quoted(std::to_string(kUnitPortFirst) + "-" + std::to_string(kUnitPortLast)));
  main += set("dtls_mtu", "1200");
  main += set("no_media_timer", "5");
  main += "}\nnat: {\n";
  main += set("ice_lite", "true");  // it answers, and looks for nobody
  main += set("full_trickle", "false");
  main += set("ignore_mdns", "true");
  main += set("ice_enforce_list", quoted(plan.address));
  main += "}\nevents: {\n" + set("broadcast", "false") + "}\n";
  const std::string room = "general: {\n" + set("admin_key", quoted(plan.admin_key)) + set("events", "false") +
                           set("string_ids", "false") + "}\n";
  std::string socket =
      "general: {\n" + set("json", quoted("compact")) + set("events", "false") + set("ws_logging", "0");
  socket += set("ws", "true") + set("ws_unix", quoted(plan.folder + "/" + kJanusSocket)) + set("wss", "false") + "}\n";
  socket += "admin: {\n" + set("admin_ws", "false") + set("admin_wss", "false") + "}\n";
  return {{kJanusConfig, main}, {"janus.plugin.videoroom.jcfg", room}, {"janus.transport.websockets.jcfg", socket}};
}

std::string unit_address(Random& random) {
  const auto part = [&] { return std::to_string(1 + random.below(254)); };
  // Not what programs choose by hand: 127.0.0.53 and the like.
  const std::string second = std::to_string(64 + random.below(190));
  return std::string("127.").append(second).append(".").append(part()).append(".").append(part());
}

}  // namespace godwit::home
