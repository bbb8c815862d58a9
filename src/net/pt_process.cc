#include "net/pt_process.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "net/child_process.h"
#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr Duration kPauseFirst = seconds(1);
constexpr Duration kPauseMax = minutes(5);
constexpr uint32_t kDoublingsMax = 9;

// SSL_CERT_FILE is among what a child gets anyway: transports that speak TLS need somebody's authorities.
std::vector<std::string> environment_of(const PtCommand& command) {
  std::vector<std::string> out;
  out.push_back("TOR_PT_MANAGED_TRANSPORT_VER=" + std::string(routes::kPtVersions));
  out.push_back("TOR_PT_STATE_LOCATION=" + command.state_folder);
  out.push_back("TOR_PT_EXIT_ON_STDIN_CLOSE=1");
  out.push_back((command.server ? "TOR_PT_SERVER_TRANSPORTS=" : "TOR_PT_CLIENT_TRANSPORTS=") + command.transport);
  out.insert(out.end(), command.environment.begin(), command.environment.end());
  return out;
}

}  // namespace

/// Whatever is told may destroy the process, so what tells it keeps this.
struct PtProcess::Impl : std::enable_shared_from_this<PtProcess::Impl> {
  Impl(EventLoop& owner, const PtCommand& command, PtEvents wanted)
      : transport(command.transport),
        greeting(command.server, command.with_proxy),
        events(std::move(wanted)),
        limit(owner) {}

  Status launch(EventLoop& loop, const PtCommand& command, const std::string& program);
  void said(ByteView bytes, bool error);
  void end(Error error);

  std::string transport;
  routes::PtGreeting greeting;
  PtEvents events;
  routes::PtLines lines[2];  ///< of its output and of its errors
  Timer limit;
  std::unique_ptr<ChildProcess> child;
  bool told_ready = false;
};

Status PtProcess::Impl::launch(EventLoop& loop, const PtCommand& command, const std::string& program) {
  ChildCommand starting;
  starting.program = program;
  starting.environment = environment_of(command);
  starting.ends_with_input = true;
  ChildEvents wanted;
  wanted.on_output = [this](ByteView bytes, bool error) { said(bytes, error); };
  wanted.on_end = [this] { end({kPtEnded, "PT 1.0: the program has ended by itself"}); };
  child = TRY(ChildProcess::start(loop, starting, std::move(wanted)));
  limit.set(command.start_limit, [this] {
    end({kPtHangs, "PT 1.0: the program has not said in time which methods it has"});
  });
  return {};
}

// What is said after the end was told is nobody's concern.
void PtProcess::Impl::said(ByteView bytes, bool error) {
  const auto keep = shared_from_this();
  for (const routes::PtLine& line : lines[error ? 1 : 0].feed(bytes)) {
    if (!events.on_end) return;
    const Status taken = greeting.on_line(line, transport);
    if (!taken) return end(taken.error());
    if (greeting.is_ready() && !std::exchange(told_ready, true)) {
      limit.cancel();
      const auto on_ready = events.on_ready;
      if (on_ready) on_ready(greeting.method());
    }
  }
}

void PtProcess::Impl::end(Error error) {
  const auto keep = shared_from_this();
  limit.cancel();
  const PtEvents taken = std::exchange(events, {});
  const std::string words = greeting.last_words();
  if (taken.on_end) taken.on_end(error, words);
}

Result<std::unique_ptr<PtProcess>> PtProcess::start(EventLoop& loop, const PtCommand& command, PtEvents events) {
  const std::string program = find_program(command.program);
  REQUIRE(!program.empty(), kPtMissing, "net: the program of the transport is not installed");
  std::error_code trouble;
  std::filesystem::create_directories(command.state_folder, trouble);
  REQUIRE(!trouble, kSystem, "net: the folder for the state of a transport cannot be made");
  ::chmod(command.state_folder.c_str(), 0700);
  auto impl = std::make_shared<Impl>(loop, command, std::move(events));
  TRY(impl->launch(loop, command, program));
  return std::unique_ptr<PtProcess>(new PtProcess(std::move(impl)));
}

PtProcess::PtProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

PtProcess::~PtProcess() { impl_->events = {}; }

Duration pt_pause(uint32_t failures) {
  if (failures == 0) return Duration{};
  return std::min(kPauseFirst * (int64_t{1} << std::min(failures - 1, kDoublingsMax)), kPauseMax);
}

}  // namespace godwit::net
