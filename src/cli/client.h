#pragma once
// An open profile with its engine at work, as the commands use it: ask and wait.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "cli/host.h"
#include "cli/network.h"
#include "cli/profile.h"
#include "cli/terminal.h"

namespace godwit::cli {

/// What stands before the command on the command line.
struct Globals {
  std::string profile;
  SecretSources secrets;
  int64_t clock_offset_seconds = 0;  ///< for tests
  NetworkTexts network = {};
  net::DialOptions dial = {};  ///< what `network` and the profile say
};

/// How long a command waits for the home unless told otherwise: a slow network answers, and a person still waits.
constexpr Duration kWaitDefault = seconds(30);

/// One command's view of the engine.
class Client {
 public:
  /// Who hears what the system asks of the program.
  enum class Signals : uint8_t {
    kTaken,  ///< This, as long as it lives: waits end.
    kLeft,   ///< Whoever has made it (interrupt_when).
  };
  /// Starts the engine on `profile`. `loop` and `random` must outlive the client. `network` false: nothing is dialled.
  Client(net::EventLoop& loop, Random& random, Profile profile, const Globals& globals, bool network,
         Signals signals = Signals::kTaken);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Takes what happens besides answers; it may give commands with command().
  using TakeNotice = std::function<void(const engine::Notice&)>;
  /// What happens goes there from now on. Gives the one to which it went before.
  TakeNotice on_notice(TakeNotice handler) { return std::exchange(on_notice_, std::move(handler)); }
  /// True once waits are to end with kInterrupted, besides when the system asks for it; null: never.
  void interrupt_when(std::function<bool()> interrupt) { interrupt_ = std::move(interrupt); }
  /// What has interrupted is over: what is to be finished is waited for, until the system asks once more.
  void forget_interrupt() {
    interrupted_ = false;
    interrupt_ = nullptr;
  }
  /// From now on trouble of the disk is only said, and waits go on: for those who run until they are ended.
  void be_patient() { patient_ = true; }
  /// Gives a command and does not wait.
  engine::CommandId command(engine::Command command);
  /// Gives a command whose answer is looked up by `id` by somebody else; ids from kForeignIds up are free for that.
  void command(engine::CommandId id, engine::Command command) { host_.command(id, std::move(command)); }
  /// Where ids of others begin.
  static constexpr engine::CommandId kForeignIds{uint64_t{1} << 32};

  /// Gives a command and waits for its answer, showing `what` if it takes long. What the command is answered with, or
  /// kTimedOut, kInterrupted, or why the engine had to stop.
  template <typename Answer>
  Result<Answer> ask(engine::Command command, const char* what = "working", Duration limit = kWaitDefault) {
    engine::Answer answer = TRY(ask_any(std::move(command), what, limit));
    Answer* wanted = std::get_if<Answer>(&answer);
    ASSERT(wanted != nullptr);
    return std::move(*wanted);
  }
  /// Waits until `done`, showing `what` if it takes long. kTimedOut, kInterrupted, or why the engine had to stop.
  Status wait(const std::function<bool()>& done, const std::string& what, Duration limit);
  /// The same without a word, for those who wait for people.
  Status wait_quietly(const std::function<bool()>& done, Duration limit);
  /// Waits until nothing is on its way out. As wait().
  Status wait_idle(const std::string& what, Duration limit);

  /// Says a detail beside what is being waited for, on a terminal, where it takes the place of the one before.
  void show_detail(const std::string& text) {
    if (progress_ != nullptr && progress_->on_terminal()) progress_->detail(text);
  }
  /// How the device is connected, as far as it was told.
  const std::optional<engine::ConnectionChanged>& connection() const { return connection_; }
  /// Why something has not left in the time given: kHomeFull if that is known, else kStillQueued with `rule`.
  Error still_queued(const char* rule) const;
  /// True if the home may be asked.
  bool network() const { return network_; }
  /// The engine's host.
  Host& host() { return host_; }
  /// The loop.
  net::EventLoop& loop() { return loop_; }

 private:
  Result<engine::Answer> ask_any(engine::Command command, const char* what, Duration limit);
  void take(const engine::Notice& notice);

  net::EventLoop& loop_;
  bool network_;
  Profile profile_;
  Host host_;
  engine::CommandId next_id_{1};
  TakeNotice on_notice_;
  std::optional<engine::ConnectionChanged> connection_;
  std::optional<Error> stopped_;
  bool takes_signals_;
  bool interrupted_ = false;
  std::function<bool()> interrupt_;
  bool patient_ = false;
  engine::CommandId awaited_{};
  std::optional<Result<engine::Answer>> answer_;
  Progress* progress_ = nullptr;
};

/// The chat that a person means: by name, or by the first digits of its id. One that is not there yet is waited for a
/// moment, since somebody may just have taken our invite. kNoSuchChat, kAmbiguousName.
Result<engine::ChatInfo> find_chat(Client& client, std::string_view wanted);
/// The newest `count` messages of a chat, oldest first. As of Client::ask.
Result<std::vector<engine::Message>> read_messages(Client& client, const engine::ChatId& chat, uint64_t count);
/// One line about how a connection stands.
std::string print_connection(const engine::ConnectionChanged& connection);
/// That a home has no room left, in one line; empty if none is known to be full.
std::string print_room(const engine::ConnectionChanged& connection);
/// That somebody has a new device, and what to do about it, in one line.
std::string print_new_device(const engine::ContactDevicesChanged& changed);
/// That the log of a chat is at another home, in one line.
std::string print_log_moved(const engine::LogMoved& moved);

}  // namespace godwit::cli
