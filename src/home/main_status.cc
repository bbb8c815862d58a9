#include "home/main_status.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "net/certificate.h"

namespace godwit::home {
namespace {

constexpr int64_t kDayMs = 24 * 3'600 * 1'000;

}  // namespace

bool is_own(const Place& place) {
  struct stat held{};
  return ::stat(place.folder.c_str(), &held) != 0 || held.st_uid == ::geteuid();
}

std::vector<std::pair<const char*, uint64_t>> limits_reached(const HomeState& before, const HomeState& now) {
  std::vector<std::pair<const char*, uint64_t>> out;
  const auto look = [&](const char* limit, uint64_t then, uint64_t current) {
    if (current > then) out.emplace_back(limit, current - then);
  };
  look("connections_max", before.listener.refused, now.listener.refused);
  look("strangers_source_max", before.listener.refused_waiting, now.listener.refused_waiting);
  look("connects_source_burst", before.listener.refused_fast, now.listener.refused_fast);
  look("sessions_max", before.home.pipes_refused_full, now.home.pipes_refused_full);
  look("pipes_source_max", before.home.pipes_refused_source, now.home.pipes_refused_source);
  look("output_bytes_max", before.home.sessions_cut, now.home.sessions_cut);
  look("calls_max", before.listener.relays_refused, now.listener.relays_refused);
  return out;
}

std::string print_state(const HomeState& state) {
  std::ostringstream out;
  out << "version: " << kVersion << "\n"
      << "uptime_seconds: " << state.uptime.ms / 1'000 << "\n"
      << "draining: " << (state.draining ? "yes" : "no") << "\n"
      << "connections: " << state.listener.open << "\n"
      << "sessions: " << state.sessions << "\n"
      << "fronts: " << state.fronts << "\n"
      << "front_sessions: " << state.front_sessions << "\n"
      << "call_connections: " << state.listener.relays_open << "\n"
      << "output_waiting_bytes: " << state.output_waiting << "\n";
  if (state.disk_free) out << "disk_free_bytes: " << *state.disk_free << "\n";
  out << "accepted: " << state.listener.accepted << "\n"
      << "refused_connections: "
      << state.listener.refused + state.listener.refused_waiting + state.listener.refused_fast << "\n"
      << "handshakes_tls: " << state.listener.handshakes << "\n"
      << "handshakes_full: " << state.home.sessions_full << "\n"
      << "handshakes_resumed: " << state.home.sessions_resumed << "\n"
      << "requests: " << state.home.requests << "\n"
      << "refused_requests: " << state.home.refused << "\n"
      << "delivered: " << state.home.delivered << "\n"
      << "duplicates: " << state.home.duplicates << "\n"
      << "pushes: " << state.home.pushes << "\n"
      << "web_pushes: " << state.home.web_pushes << "\n"
      << "damaged_records: " << state.home.damaged_records << "\n";
  return out.str();
}

std::string certificate_trouble(const Place& place, const Config& config, Instant now) {
  if (config.behind_proxy) return {};
  const auto pem = read_file(place.file(config.certificate));
  if (!pem) return config.certificate + ": it cannot be read";
  const auto times = net::certificate_times(*pem);
  if (!times) return config.certificate + ": it is no certificate";
  const std::string renew = "; put a new one there and send SIGHUP (docs/certificates.md)";
  if (now < times->begins) return "the certificate is not good yet, or this machine's clock is behind";
  if (times->ends <= now)
    return "the certificate has ended, and clients that ask the usual authorities refuse it" + renew;
  const int64_t left = (times->ends - now).ms / kDayMs;
  if (times->ends - now < kCertificateWarning)
    return "the certificate ends in " + std::to_string(left) + " days" + renew;
  return {};
}

std::optional<uint64_t> free_bytes(const std::string& path) {
  struct statvfs disk{};
  if (::statvfs(path.c_str(), &disk) != 0) return std::nullopt;
  return uint64_t{disk.f_bavail} * disk.f_frsize;
}

std::optional<Running> running_home(const Place& place) {
  auto running = read_running(place);
  if (running && ::kill(running->pid, 0) != 0 && errno == ESRCH) running.reset();
  return running;
}

}  // namespace godwit::home
