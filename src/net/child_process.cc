#include "net/child_process.h"

#include <asio.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include "net/errors.h"
#include "net/event_loop_impl.h"

namespace godwit::net {
namespace {

// What a program has to end by itself once its input is closed, and then after SIGTERM.
constexpr int kEndPollMs = 50;
constexpr int kEndPolls = 20;

/// An owned descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Ends {
  Descriptor read;
  Descriptor write;
};

bool make_pipe(Ends& out) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  out.read = Descriptor(ends[0]);
  out.write = Descriptor(ends[1]);
  return true;
}

std::vector<std::string> environment_of(const ChildCommand& command) {
  std::vector<std::string> out;
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  out.insert(out.end(), command.environment.begin(), command.environment.end());
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Between fork and exec: nothing but calls that are safe there. Never returns.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment, int in, int out,
                         int err, pid_t parent) {
  ::setpgid(0, 0);  // Ctrl-C is for us
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // we have ended meanwhile
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(127);
  // Sockets of the loop are not marked to be closed.
  if (::close_range(3, ~0U, 0) != 0) {
    for (int each = 3; each < 4096; ++each) ::close(each);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execve(program, arguments, environment);
  ::_exit(127);
}

bool has_ended(pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; }

bool wait_for_end(pid_t pid) {
  for (int i = 0; i < kEndPolls; ++i) {
    if (has_ended(pid)) return true;
    ::usleep(kEndPollMs * 1000);
  }
  return false;
}

// Its input is closed already. On a thread of its own, since a program may take its time.
void see_off(pid_t pid, bool ends_with_input) {
  const auto work = [pid, ends_with_input] {
    if (ends_with_input && wait_for_end(pid)) return;
    ::kill(pid, SIGTERM);
    if (wait_for_end(pid)) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  };
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

}  // namespace

/// Handlers hold it weakly; what is left of it when the owner goes ends the program.
struct ChildProcess::Impl : std::enable_shared_from_this<ChildProcess::Impl> {
  Impl(EventLoop& owner, bool with_input, ChildEvents wanted)
      : ends_with_input(with_input),
        events(std::move(wanted)),
        out(io_of(owner)),
        err(io_of(owner)),
        ended(io_of(owner)) {}
  ~Impl() {
    input.reset();
    if (pid > 0) see_off(pid, ends_with_input);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  using Stream = asio::posix::stream_descriptor;
  Status launch(const ChildCommand& command);
  void read(Stream& stream);
  bool read_once(Stream& stream);
  void wait_for_exit();

  bool ends_with_input;
  ChildEvents events;
  Stream out;
  Stream err;
  Stream ended;
  Descriptor input;
  pid_t pid = -1;
};

Status ChildProcess::Impl::launch(const ChildCommand& command) {
  constexpr Error kNoRoom{kSystem, "net: no descriptor or process is left for another program"};
  Ends in, from_out, from_err;
  if (!make_pipe(in) || !make_pipe(from_out) || !make_pipe(from_err)) return kNoRoom;
  std::vector<std::string> arguments = command.arguments;
  arguments.insert(arguments.begin(), command.program);
  std::vector<std::string> environment = environment_of(command);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(environment);
  const pid_t self = ::getpid();
  pid = ::fork();
  if (pid == 0) {
    become(command.program.c_str(), argv.data(), envp.data(), in.read.get(), from_out.write.get(),
           from_err.write.get(), self);
  }
  if (pid < 0) return kNoRoom;
  input = std::move(in.write);
  const int exit = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // glibc has it for C alone
  if (exit < 0) return kNoRoom;
  asio::error_code error;
  ended.assign(exit, error);
  out.assign(from_out.read.release(), error);
  if (!error) err.assign(from_err.read.release(), error);
  if (!error) out.non_blocking(true, error);
  if (!error) err.non_blocking(true, error);
  if (error) return kNoRoom;
  read(out);
  read(err);
  wait_for_exit();
  return {};
}

void ChildProcess::Impl::read(Stream& stream) {
  stream.async_wait(Stream::wait_read, [weak = weak_from_this(), &stream](const asio::error_code& error) {
    const auto self = weak.lock();
    if (self && !error && self->read_once(stream)) self->read(stream);
  });
}

// False: nothing more comes. What nobody wants is read and forgotten, so that the program never waits for us.
bool ChildProcess::Impl::read_once(Stream& stream) {
  ByteArray<4096> buffer{};
  const ssize_t count = ::read(stream.native_handle(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (count <= 0) return false;
  const auto on_output = events.on_output;  // it may destroy us
  if (on_output) on_output(ByteView(buffer).first(static_cast<size_t>(count)), &stream == &err);
  return true;
}

void ChildProcess::Impl::wait_for_exit() {
  ended.async_wait(Stream::wait_read, [weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (!self || error) return;
    // What it has said last stands in its streams still.
    for (Stream* stream : {&self->out, &self->err}) {
      if (self->events.on_end) self->read_once(*stream);
    }
    if (has_ended(self->pid)) self->pid = -1;
    const ChildEvents taken = std::exchange(self->events, {});
    if (taken.on_end) taken.on_end();
  });
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(EventLoop& loop, const ChildCommand& command,
                                                          ChildEvents events) {
  auto impl = std::make_shared<Impl>(loop, command.ends_with_input, std::move(events));
  TRY(impl->launch(command));
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
}

ChildProcess::ChildProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

ChildProcess::~ChildProcess() { impl_->events = {}; }

int ChildProcess::pid() const { return std::max(impl_->pid, 0); }

std::string find_program(const std::string& name) {
  const auto runs = [](const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
  };
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos) {
    return runs(name) ? std::filesystem::absolute(name).string() : std::string();
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
  while (true) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::filesystem::path path = std::filesystem::path(rest.substr(0, end)) / name;
    if (path.is_absolute() && runs(path)) return path.string();
    if (end == rest.size()) return {};
    rest.remove_prefix(end + 1);
  }
}

}  // namespace godwit::net
