// The program: devices, stdin and the clock around the box.

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "lab/censor/configuration.h"
#include "lab/censor/control.h"
#include "lab/censor/features.h"
#include "lab/censor/pcap.h"
#include "lab/censor/tun.h"

namespace godwit::lab {
namespace {

constexpr size_t kReadsPerTurn = 64;          // so that one busy host does not starve the others
constexpr size_t kLineMax = 4 * 1024 * 1024;  // a command with long lists
constexpr uint64_t kInput = UINT64_MAX;       // epoll's mark of stdin
constexpr Time kTick = std::chrono::milliseconds(50);

volatile std::sig_atomic_t interrupted = 0;

void print(const std::string& line) {
  if (line.empty()) return;
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

/// All that runs.
class Program {
 public:
  explicit Program(const Configuration& configuration)
      : start_(std::chrono::steady_clock::now()), censor_(configuration.settings, hosts_of(configuration)) {}

  /// Makes the devices. Empty, or why that cannot be.
  std::string open(const Configuration& configuration);
  /// Carries packets until stdin ends or says so.
  int run();

 private:
  static std::vector<Host> hosts_of(const Configuration& configuration) {
    std::vector<Host> hosts;
    for (const HostPlan& plan : configuration.hosts) hosts.push_back(plan.host);
    return hosts;
  }
  Time now() const { return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now() - start_); }
  bool read_commands();
  bool collect_features(const std::string& path);
  void read_packets(size_t host);
  void deliver();
  void wait(std::vector<epoll_event>& events);

  std::chrono::steady_clock::time_point start_;
  Censor censor_;
  std::vector<Tun> devices_;
  PcapWriter pcap_;
  FeatureCollector features_;
  std::ofstream features_file_;
  std::string input_;
  int epoll_ = -1;
};

std::string Program::open(const Configuration& configuration) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  devices_.resize(configuration.hosts.size());
  for (size_t i = 0; i < devices_.size(); ++i) {
    const std::string wrong = devices_[i].open(configuration.hosts[i].netns);
    if (!wrong.empty()) return "--host " + configuration.hosts[i].host.name + ": " + wrong;
    epoll_event event{EPOLLIN, {.u64 = i}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, devices_[i].descriptor(), &event);
  }
  epoll_event event{EPOLLIN, {.u64 = kInput}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) {
    return "stdin must be a pipe or a terminal: commands come there, and its end ends the program";
  }
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  if (!configuration.pcap.empty() && !pcap_.open(configuration.pcap))
    return "--pcap " + configuration.pcap + ": cannot be written";
  if (!configuration.features.empty() && !collect_features(configuration.features)) {
    return "--features " + configuration.features + ": cannot be written";
  }
  if (!configuration.pcap.empty()) censor_.on_injection = [this](const Bytes& packet) { pcap_.add(packet, now()); };
  return censor_.set_modes(configuration.modes, now());
}

bool Program::collect_features(const std::string& path) {
  features_file_.open(path, std::ios::trunc);
  censor_.on_crossing = [this](const Flow& flow, const Packet& packet, Direction direction, const Sighting& sighting,
                               Time at) { features_.on_packet(flow, packet, direction, sighting.repeated, at); };
  censor_.on_flow_end = [this](const Flow& flow) {
    const std::vector<FeatureVector> stages = features_.on_end(flow);
    if (!stages.empty()) features_file_ << feature_line(flow, stages) << std::endl;
    features_.sweep(flow.last_seen);
  };
  return features_file_.good();
}

bool Program::read_commands() {
  char buffer[65536];
  while (true) {
    const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    input_.append(buffer, static_cast<size_t>(size));
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const ControlAnswer answer = obey(line, censor_, now());
      print(answer.line);
      if (answer.quit) return false;
    }
    if (input_.size() > kLineMax) {
      print(error_line("a line is longer than 4 MiB"));
      input_.clear();
    }
  }
}

void Program::read_packets(size_t host) {
  Bytes packet;
  for (size_t i = 0; i < kReadsPerTurn && devices_[host].read(packet); ++i) {
    const Time at = now();
    pcap_.add(packet, at);
    censor_.on_packet(host, std::move(packet), at);
  }
}

void Program::deliver() {
  Departure departure;
  const Time at = now();
  while (censor_.take_departure(at, departure)) devices_[departure.host].write(departure.bytes);
}

void Program::wait(std::vector<epoll_event>& events) {
  const Time left = std::clamp(censor_.next_departure() - now(), Time{}, kTick);
  timespec timeout{};
  timeout.tv_nsec = std::chrono::nanoseconds(left).count();
  events.resize(devices_.size() + 1);
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  events.resize(count > 0 ? static_cast<size_t>(count) : 0);
}

int Program::run() {
  print(ready_line());
  std::vector<epoll_event> events;
  bool going = true;
  while (going && interrupted == 0) {
    wait(events);
    for (const epoll_event& event : events) {
      if (event.data.u64 == kInput) {
        going = read_commands();
      } else {
        read_packets(event.data.u64);
      }
    }
    censor_.on_time(now());
    for (const Suspect& suspect : censor_.take_suspects()) print(suspect_line(suspect));
    deliver();
  }
  censor_.end_flows();
  pcap_.flush();
  return 0;
}

int run_program(int count, const char* const* arguments) {
  Configuration configuration;
  const int status = read_arguments(count, arguments, configuration);
  if (status >= 0) return status;
  if (!configuration.reply.empty()) {
    print(configuration.reply);
    return 0;
  }
  Program program(configuration);
  const std::string wrong = program.open(configuration);
  if (!wrong.empty()) {
    std::fprintf(stderr, "godwit-censor: %s\n", wrong.c_str());
    return 2;
  }
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = 1; });
  std::signal(SIGPIPE, SIG_IGN);
  return program.run();
}

}  // namespace
}  // namespace godwit::lab

int main(int count, char** arguments) { return godwit::lab::run_program(count, arguments); }
