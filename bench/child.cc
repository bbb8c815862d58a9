#include "bench/child.h"

#include <fcntl.h>
#include <sched.h>
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

namespace godwit::bench {

std::string program_beside(const std::string& name) {
  std::error_code trouble;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", trouble);
  const std::string program = (self.parent_path() / name).string();
  if (trouble || !std::filesystem::exists(program)) {
    std::fprintf(stderr, "bench: %s is not there: build it first (make build-release)\n", program.c_str());
    std::exit(1);
  }
  return program;
}

Child start_child(const std::string& program, std::vector<std::string> arguments, Hints hints, int core) {
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
    if (core != kAnyCore && !stay_on_core(core)) ::_exit(126);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ::close(output[1]);
  return {process, output[0]};
}

void kill_child(Child& child) {
  if (child.process == 0) return;
  ::kill(child.process, SIGKILL);
  ::waitpid(child.process, nullptr, 0);
  ::close(child.output);
  child = {};
}

std::string read_line(int output) {
  std::string line;
  char c = 0;
  while (::read(output, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

std::string run_child(const std::string& program, std::vector<std::string> arguments, int& status) {
  const Child child = start_child(program, std::move(arguments), Hints::kHidden);
  std::string line = read_line(child.output);
  ::close(child.output);
  ASSERT(::waitpid(child.process, &status, 0) == child.process);
  return line;
}

double processor_seconds_of(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double resident_bytes_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

bool stay_on_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<size_t>(core), &cores);
  return ::sched_setaffinity(0, sizeof cores, &cores) == 0;
}

}  // namespace godwit::bench
