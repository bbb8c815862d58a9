#pragma once
// The relay for calls that is open to the world by UDP: a coturn of its own beside the one behind the home's port, so that strangers who reach it
// are not beside the calls of those who come by TLS. Only main files include this.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "home/call_config.h"
#include "net/kept_program.h"

namespace godwit::home {

/// The second coturn, as a child of this home.
class ServedUdpRelay {
 public:
  /// Starts it at once. `plan` is asked before each start: with `folder`, absolute, for its files; they go at its end. `changed` is called from the loop when it
  /// has begun to listen, has failed, or has ended.
  ServedUdpRelay(net::EventLoop& loop, std::string folder, const CallsConfig& calls, std::function<CoturnPlan()> plan,
                 std::function<void()> changed);
  ~ServedUdpRelay();
  ServedUdpRelay(const ServedUdpRelay&) = delete;
  ServedUdpRelay& operator=(const ServedUdpRelay&) = delete;

  /// Before it goes, also where its own code stands below: nothing is called any more.
  void close() {
    changed_ = [] {};
  }
  /// It listens.
  bool is_up() const { return up_; }
  /// It neither runs nor has failed yet.
  bool is_starting() const { return !up_ && !error_; }
  /// How it is, in a line for the operator.
  std::string status() const;

 private:
  Result<net::ListensAt> prepare();
  std::string config_path() const;
  std::string trouble() const;

  net::EventLoop& loop_;
  std::string folder_;
  CallsConfig calls_;
  std::function<CoturnPlan()> plan_;
  std::function<void()> changed_;
  std::unique_ptr<net::KeptProgram> program_;
  bool up_ = false;
  uint32_t starts_ = 0;
  std::optional<Error> error_;
  std::string words_;
};

/// How ServedUdpRelay::status() begins if it does not run.
inline constexpr const char* kUdpDown = "by UDP: not working: ";

}  // namespace godwit::home
