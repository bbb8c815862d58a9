// `godwit-home check`: what is wrong with a home, or soon will be, and what to do about it. Changes nothing. And `drain`.

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "home/call_config.h"
#include "home/main.h"
#include "home/main_calls.h"
#include "home/main_disk.h"
#include "home/main_questions.h"
#include "home/main_status.h"
#include "home/main_store.h"
#include "net/certificate.h"
#include "store/errors.h"

namespace godwit::home {
namespace {

constexpr uint64_t kDiskLow = uint64_t{1} << 30;
constexpr int64_t kYear2025Ms = 1'735'689'600'000;
constexpr int kDrainPatienceMs = 30'000;

/// The findings, printed as they come.
class Findings {
 public:
  void good(const std::string& about, const std::string& text) { print("ok    ", about, text); }
  void note(const std::string& about, const std::string& text) { print("note  ", about, text); }
  void wrong(const std::string& about, const std::string& text) {
    print("WRONG ", about, text);
    all_good_ = false;
  }
  bool all_good() const { return all_good_; }

 private:
  static void print(const char* kind, const std::string& about, const std::string& text) {
    std::cout << kind << about << ": " << text << std::endl;
  }
  bool all_good_ = true;
};

void check_secret_file(const Place& place, const std::string& name, bool is_key, Findings& findings) {
  const std::string path = place.file(name);
  struct stat held{};
  if (::stat(path.c_str(), &held) != 0) return findings.wrong(name, "it is missing: restore it from a backup");
  if (is_open_to_others(path)) return findings.wrong(name, "others may read it: chmod 600 " + path);
  auto text = read_file(path);
  if (!text) return findings.wrong(name, "it cannot be read by this user");
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  Bytes bytes;
  const bool good = !is_key || (from_base64url(*text, bytes) && bytes.size() == 32);
  crypto::wipe({reinterpret_cast<uint8_t*>(text->data()), text->size()});
  crypto::wipe(bytes);
  if (!good) return findings.wrong(name, "it is no key file (32 bytes as base64url): restore it from a backup");
  findings.good(name, "there, and for its owner only");
}

void check_keys(const Place& place, const Config& config, Findings& findings) {
  check_secret_file(place, config.identity_key, true, findings);
  check_secret_file(place, config.admission_key, true, findings);
  for (const std::string& name : {config.sealing_key, config.bulletin_key, config.web_push_key}) {
    if (std::filesystem::exists(place.file(name))) {
      check_secret_file(place, name, true, findings);
    } else {
      findings.note(name, "it is not there and will be made at the start");
    }
  }
  if (!config.ticket_key.empty()) check_secret_file(place, config.ticket_key, true, findings);
  if (config.ticket_key.empty() && is_store_away(config))
    findings.note(
        "tickets",
        "without a ticket_key that all homes of the cluster have, clients do a full handshake after a take-over");
  if (!config.behind_proxy) check_secret_file(place, config.certificate_key, false, findings);
}

void check_certificate(const Place& place, const Config& config, Findings& findings) {
  if (config.behind_proxy) return findings.note("certificate", "the web server before the home has it; not looked at");
  const auto pem = read_file(place.file(config.certificate));
  const auto times = pem ? net::certificate_times(*pem) : Result<net::CertificateTimes>(pem.error());
  const std::string trouble = certificate_trouble(place, config, wall_clock());
  if (trouble.empty()) return findings.good("certificate", "good for more than 14 days");
  if (times && wall_clock() < times->ends && times->begins <= wall_clock())
    return findings.note("certificate", trouble);
  findings.wrong("certificate", trouble);
}

// Whether the address and port are free, by binding them for a moment. Empty: they are; else what keeps from it.
std::string cannot_bind(const std::string& address, uint16_t port) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  auto* four = reinterpret_cast<sockaddr_in*>(&storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    size = sizeof *four;
  } else if (::inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    size = sizeof *six;
  } else {
    return "not an IP address";
  }
  const int socket = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return storage.ss_family == AF_INET6 ? "" : "no sockets here";  // without IPv6 it is passed over
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (storage.ss_family == AF_INET6) ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const int error = ::bind(socket, reinterpret_cast<sockaddr*>(&storage), size) == 0 ? 0 : errno;
  ::close(socket);
  if (error == EADDRINUSE) return "another program listens there";
  if (error == EACCES)
    return "a port below 1024 needs a permission: setcap cap_net_bind_service=+ep, or the systemd unit";
  if (error == EADDRNOTAVAIL && storage.ss_family == AF_INET) return "this machine has no such address";
  return "";
}

void check_ports(const Config& config, bool running, Findings& findings) {
  if (running) return findings.good("port", "the running home has it");
  for (const std::string& address : config.addresses) {
    const std::string about = "port " + std::to_string(config.port) + " at " + address;
    const std::string trouble = cannot_bind(address, config.port);
    trouble.empty() ? findings.good(about, "free") : findings.wrong(about, trouble);
  }
}

void check_servers(const Result<std::optional<store::NatsLook>>& look, Findings& findings) {
  if (!look) return findings.wrong("NATS", std::string(look.error().code.name) + ": " + explanation_of(look.error()));
  if (!*look) return findings.note("NATS", "the servers are fit; the stream is made at the first start");
  const store::NatsLook& is = **look;
  std::string text = std::to_string(is.messages);
  text.append(" messages of ").append(std::to_string(is.bytes)).append(" bytes in the stream, ");
  text.append(std::to_string(is.replicas_well)).append(" of ").append(std::to_string(is.replicas));
  text.append(is.is_released ? " servers have them; no home has it"
                             : " servers have them; a home has it, or died with it");
  if (2 * is.replicas_well <= is.replicas) return findings.wrong("NATS", text + ": most must, so nothing is taken");
  if (is.replicas_well < is.replicas) return findings.wrong("NATS", text + ": one more loss stops the home");
  if (is.replicas < 3) return findings.note("NATS", text + ": a single server is what all depends on");
  findings.good("NATS", text);
}

// Reads every entry of the store.
void check_store(const Place& place, const Config& config, Findings& findings) {
  if (is_store_away(config)) {
    const auto look = store::look_at_nats(nats_options(place, config));
    check_servers(look, findings);
    if (!look) return;  // the home could not read it either
  }
  if (const std::string nobody = nobody_to_ask(place, config); !nobody.empty()) return findings.note("store", nobody);
  if (is_store_absent(place, config)) return findings.note("store", "nothing yet; made at the start");
  std::string line;
  if (auto store = open_store(place, config); store) {
    Audit audit(**store, std::nullopt);
    while (!audit.done()) {
      if ((*store)->poll() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!audit.report()) return findings.wrong("store", "it cannot be read whole: restore a backup");
    line = audit_line(*audit.report());
    if (audit.report()->damaged + audit.report()->unknown > 0) return findings.wrong("store", line);
  } else if (store.error().code == store::kLocked) {
    const auto told = ask_owner(place, "audit", "");
    if (!told) return findings.wrong("store", why_silent(place, config));
    line = told->substr(0, told->find('\n'));
    if (line.starts_with(kAuditFailed))
      return findings.wrong("store", "the home cannot read it: " + line.substr(kAuditFailed.size()));
    if (line.find("UNKNOWN") != std::string::npos || line.find("DAMAGED") != std::string::npos)
      return findings.wrong("store", line);
  } else if (store.error().code == store::kDiskFull) {
    return findings.note("store", "it is looked at when there is room on the disk");
  } else {
    return findings.wrong("store",
                          std::string(store.error().code.name) + ": if it is store_corrupted, restore a backup");
  }
  findings.good("store", line);
}

void check_disk(const Place& place, const Config& config, Findings& findings) {
  if (const std::string full = disk_trouble(place, config); !full.empty()) return findings.wrong("disk", full);
  const auto free = free_bytes(place.folder);
  if (!free) return findings.note("disk", "the system does not say how much is free");
  const std::string text = std::to_string(*free >> 20) + " MiB free";
  if (*free < kDiskLow) return findings.note("disk", text + ", less than 1 GiB");
  findings.good("disk", text);
}

void check_clock(Findings& findings) {
  if (wall_clock().ms < kYear2025Ms) return findings.wrong("clock", "it says a time before 2025: set it, and run NTP");
  findings.good("clock", "after 2025; whether it is right nobody was asked");
}

void check_calls(const Config& config, Findings& findings) {
  if (!config.calls.on) return findings.good("calls", "off");
  const std::string missing = coturn_missing(config.calls);
  missing.empty() ? findings.good("calls", "coturn is there") : findings.wrong("calls", missing);
  if (!config.calls.unit) return;
  const std::string unit = janus_missing(config.calls);
  unit.empty() ? findings.good("calls", "Janus is there") : findings.wrong("calls", "the unit: " + unit);
}

}  // namespace

int run_check(const Place& place) {
  if (!is_own(place)) return fail(kExitFix, "the home belongs to another user; run this as that one (sudo -u)");
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  Findings findings;
  findings.good("configuration", "every key of it is known");
  const bool running = running_home(place).has_value();
  const bool standby = running && running_home(place)->port == 0;
  findings.note("home", standby ? "it is a standby" : running ? "it runs" : "it does not run");
  struct stat held{};
  if (::stat(place.folder.c_str(), &held) == 0 && (held.st_mode & 0077) != 0) {
    findings.wrong("folder", "others may look into it: chmod 700 " + place.folder);
  }
  check_keys(place, *config, findings);
  check_certificate(place, *config, findings);
  check_ports(*config, running && !standby, findings);
  check_disk(place, *config, findings);
  check_clock(findings);
  check_calls(*config, findings);
  check_store(place, *config, findings);
  return findings.all_good() ? kExitDone : kExitFix;
}

int run_drain(const Place& place) {
  const auto running = running_home(place);
  if (!running) return fail(kExitFix, "no home runs on this folder");
  // A descriptor of the process, not its number, which another one may have a moment later.
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, running->pid, 0));
  if (process < 0) return fail(kExitFix, "no home runs on this folder");
  const bool told = ::kill(running->pid, SIGTERM) == 0;
  pollfd ended{process, POLLIN, 0};
  const bool in_time = told && ::poll(&ended, 1, kDrainPatienceMs) == 1;
  ::close(process);
  if (!told) return fail(kExitFix, "it belongs to another user; run this as that one (sudo -u)");
  if (!in_time) return fail(kExitFix, "it has not ended after 30 seconds");
  std::cout << "it has finished what was asked and ended" << std::endl;
  return kExitDone;
}

}  // namespace godwit::home
