#include "bench/load/xmpp_start.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bench/load/xmpp.h"

namespace godwit::bench::load {
namespace {

constexpr const char* kEjabberd = "/usr/sbin/ejabberdctl";
constexpr const char* kErlang = "/usr/bin/erl";
constexpr const char* kProsody = "/usr/bin/prosody";

bool is_installed(const char* program, const std::string& name, std::string& why) {
  if (::access(program, X_OK) == 0) return true;
  why = name + " is not installed (bench/load/install_peer " + name + ")";
  return false;
}

// Debian puts it below a folder of the machine's architecture.
std::string ejabberd_libraries() {
  std::error_code trouble;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", trouble)) {
    for (const auto& library : std::filesystem::directory_iterator(folder, trouble)) {
      if (library.path().filename().string().starts_with("ejabberd-")) return folder.path();
    }
  }
  return {};
}

void write_ejabberd_config(const std::string& folder, uint16_t port) {
  std::ofstream config(folder + "/ejabberd.yml");
  config << "hosts: [" << xmpp::kDomain << "]\n"
         << "loglevel: error\n"
         << "certfiles: [" << folder << "/cert.pem, " << folder << "/key.pem]\n"
         << "auth_method: internal\n"
         << "registration_timeout: infinity\n"
         << "max_fsm_queue: 100000\n"
         << "shaper_rules: {all_messages: 1000000}\n"
         << "listen:\n  - {port: " << port
         << ", ip: \"127.0.0.1\", module: ejabberd_c2s, tls: true, backlog: 1024, max_stanza_size: 262144}\n"
         << "modules:\n"
         << "  mod_register: {ip_access: all, access: all, password_strength: 0}\n"
         << "  mod_stream_mgmt: {max_ack_queue: infinity, ack_timeout: infinity}\n"
         << "  mod_offline: {access_max_user_messages: all_messages}\n"
         << "  mod_muc:\n    host: " << xmpp::kRooms
         << "\n    max_users: 5000\n    user_message_shaper: none\n    user_presence_shaper: none\n"
         // Who comes and goes is not told to each of a thousand: joining would take minutes.
         << "    default_room_options: {max_users: 5000, presence_broadcast: []}\n";
}

void write_prosody_config(const std::string& folder, uint16_t port) {
  std::ofstream config(folder + "/prosody.cfg.lua");
  config << "run_as_root = true\ndaemonize = false\n"
         << "data_path = '" << folder << "/data'\ncertificates = '" << folder << "'\n"
         << "log = { error = '*stderr' }\n"
         << "plugin_paths = {}\nnetwork_backend = 'epoll'\ngc = { mode = 'generational' }\n"
         << "interfaces = { '127.0.0.1' }\nc2s_ports = {}\ns2s_ports = {}\n"
         << "c2s_direct_tls_ports = { " << port << " }\n"
         << "ssl = { certificate = '" << folder << "/cert.pem', key = '" << folder << "/key.pem' }\n"
         << "c2s_direct_tls_ssl = ssl\n"
         << "modules_enabled = { 'roster', 'saslauth', 'tls', 'register', 'smacks', 'offline' }\n"
         << "modules_disabled = { 's2s' }\n"
         << "allow_registration = true\nauthentication = 'internal_plain'\nstorage = 'internal'\n"
         << "VirtualHost '" << xmpp::kDomain << "'\n"
         << "Component '" << xmpp::kRooms << "' 'muc'\n"
         << "  restrict_room_creation = false\n  muc_room_locking = false\n"
         << "  muc_room_default_presence_broadcast = { visitor = false; participant = false; moderator = false }\n";
}

}  // namespace

// What /usr/sbin/ejabberdctl foreground does, but for a name among other nodes, and without its change of user. Erlang's
// threads do not spin while there is nothing to do: that would count as work.
Child start_ejabberd(const std::string& folder, uint16_t port, int core, std::string& why) {
  if (!is_installed(kEjabberd, "ejabberd", why)) return {};
  write_ejabberd_config(folder, port);
  std::filesystem::create_directory(folder + "/data");
  return start_child("/usr/bin/env",
                     {"HOME=" + folder,
                      "ERL_LIBS=" + ejabberd_libraries(),
                      "EJABBERD_CONFIG_PATH=" + folder + "/ejabberd.yml",
                      "EJABBERD_LOG_PATH=" + folder + "/ejabberd.log",
                      "ERL_CRASH_DUMP_BYTES=0",
                      kErlang,
                      "+K",
                      "true",
                      "+P",
                      "250000",
                      "+sbwt",
                      "none",
                      "+sbwtdcpu",
                      "none",
                      "+sbwtdio",
                      "none",
                      "-noinput",
                      "-mnesia",
                      "dir",
                      "\"" + folder + "/data\"",
                      "-s",
                      "ejabberd"},
                     Hints::kHidden, core);
}

Child start_prosody(const std::string& folder, uint16_t port, int core, std::string& why) {
  if (!is_installed(kProsody, "prosody", why)) return {};
  write_prosody_config(folder, port);
  std::filesystem::create_directory(folder + "/data");
  return start_child(kProsody, {"--foreground", "--config", folder + "/prosody.cfg.lua"}, Hints::kHidden, core);
}

}  // namespace godwit::bench::load
