#include "bench/home_host.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/assert.h"
#include "wire/home_link.h"

namespace godwit::bench {
namespace {

// Beside this program.
std::string program_named(const std::string& name) {
  std::error_code trouble;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", trouble);
  const std::string program = (self.parent_path() / name).string();
  if (trouble || !std::filesystem::exists(program)) {
    std::fprintf(stderr, "bench: %s is not there: build it first (make build-release)\n", program.c_str());
    std::exit(1);
  }
  return program;
}

// A program that runs, and what it prints.
struct Child {
  pid_t process;
  int output;
};

// Starts godwit-home; it is killed when this program ends, however that happens. `hints`: whether what it says on stderr is seen.
enum class Hints { kShown, kHidden };
Child start(const std::string& program, std::vector<std::string> arguments, Hints hints) {
  std::vector<char*> words;
  arguments.insert(arguments.begin(), program);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  int output[2];
  ASSERT(::pipe2(output, O_CLOEXEC) == 0);
  std::fflush(nullptr);
  const pid_t process = ::fork();
  ASSERT(process >= 0);
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output[1], STDOUT_FILENO);
    if (hints == Hints::kHidden) ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ::close(output[1]);
  return {process, output[0]};
}

// One line, or what there is until the end.
std::string read_line(int output) {
  std::string line;
  char c = 0;
  while (::read(output, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

// Runs godwit-home to its end and gives the line that it prints.
std::string run(const std::string& program, std::vector<std::string> arguments) {
  const Child child = start(program, std::move(arguments), Hints::kHidden);
  std::string line = read_line(child.output);
  ::close(child.output);
  int status = 0;
  ASSERT(::waitpid(child.process, &status, 0) == child.process);
  if (status == 0) return line;
  std::fprintf(stderr, "bench: godwit-home ended with %d\n", WEXITSTATUS(status));
  std::exit(1);
}

}  // namespace

HomeHost::HomeHost(const std::string& address) {
  const std::string program = program_named("godwit-home");
  const std::string folder = folder_.path() + "/home";
  run(program, {"--folder", folder, "init", "--host", address, "--address", address, "--port", "0"});
  const Child home = start(program, {"--folder", folder, "run"}, Hints::kShown);
  process_ = home.process;
  if (read_line(home.output).empty()) {
    std::fprintf(stderr, "bench: godwit-home does not listen\n");
    std::exit(1);
  }
  output_ = home.output;  // stays open: it may print more
  read_link(run(program, {"--folder", folder, "invite", "--uses", "0"}));
}

void HomeHost::read_link(const std::string& text) {
  const auto link = wire::parse_home_link(text);
  ASSERT(link.has_value() && !link->home.routes.empty() && link->home.pin.has_value());
  const auto route = routes::parse_route(link->home.routes.front());
  ASSERT(route.has_value());
  route_ = *route;
  trust_ = {net::TlsTrust::Kind::kCertificateSha256, link->home.pin->value};
  key_ = link->home.key.value;
  admission_code_ = link->admission_code;
}

void HomeHost::add_bridge(const std::string& address) {
  routes::Route to_home = route_;
  to_home.parameters.emplace(routes::kPin, to_base64url(trust_.pin));
  const Child bridge = start(program_named("godwit-bridge"),
                             {"run", "--folder", folder_.path() + "/bridge", "--home", routes::to_uri(to_home),
                              "--host", address, "--address", address, "--port", "0"},
                             Hints::kHidden);
  bridge_ = bridge.process;
  bridge_output_ = bridge.output;
  const auto route = routes::parse_route(read_line(bridge.output));
  ASSERT(route.has_value() && routes::pin(*route).has_value());
  route_ = *route;
  trust_.pin = *routes::pin(*route);
}

HomeHost::~HomeHost() {
  if (bridge_ != 0) {
    ::kill(bridge_, SIGKILL);
    ::waitpid(bridge_, nullptr, 0);
    ::close(bridge_output_);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(output_);
}

double HomeHost::processor_seconds() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double HomeHost::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace godwit::bench
