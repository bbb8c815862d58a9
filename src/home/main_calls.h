#pragma once
// The relay for calls of a running home: coturn started and kept running, its secret, and what the home and its listener are told of it.
// Only main files include this.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "home/home.h"
#include "home/main.h"
#include "home/main_call_udp.h"
#include "home/main_call_unit.h"
#include "net/kept_program.h"
#include "net/listener.h"

namespace godwit::home {

/// The relay, on or off.
class ServedCalls {
 public:
  /// Everything must outlive it. Nothing is started before set().
  ServedCalls(net::EventLoop& loop, const Place& place, const Config& config, Random& random, Home& home,
              net::Listener& listener);
  ~ServedCalls();
  ServedCalls(const ServedCalls&) = delete;
  ServedCalls& operator=(const ServedCalls&) = delete;

  /// Starts the relay, starts it anew with other settings, or ends it; with what it runs with already it goes on.
  void set(const CallsConfig& calls);
  /// Gives the status to `then` as soon as a relay that is being started stands or has failed; at once if there is nothing to wait for.
  void when_settled(std::function<void(std::string status)> then);
  /// How it is, in lines for the operator; the first is kCallsWork if all is well.
  std::string status() const;

 private:
  enum class State : uint8_t { kOff, kStarting, kUp, kDown };
  void start();
  void stop();
  void up(uint16_t port);
  void down(Error error, const std::string& words);
  void tell_home();
  CoturnPlan plan();
  void settle(State state);
  bool is_settled() const;
  Result<net::ListensAt> configure();
  std::string password_of(std::string_view username, Instant until);
  std::string trouble() const;

  net::EventLoop& loop_;
  const Place& place_;
  const Config& config_;
  Random& random_;
  Home& home_;
  net::Listener& listener_;
  CallsConfig calls_;
  std::vector<std::string> addresses_;
  std::string folder_;
  crypto::Secret<32> secret_;
  std::optional<CallRelayPlan> relay_;  // while it runs
  std::unique_ptr<net::KeptProgram> coturn_;
  std::string unit_address_;
  std::unique_ptr<ServedUnit> unit_;     // none: it is off
  std::unique_ptr<ServedUdpRelay> udp_;  // the same
  State state_ = State::kOff;
  uint32_t starts_ = 0;
  std::optional<Error> error_;
  std::string words_;
  std::vector<std::function<void(std::string)>> waiting_;
};

/// The first lines of ServedCalls::status().
inline constexpr const char* kCallsWork = "calls: on";
inline constexpr const char* kCallsOffLine = "calls: off";

/// What an operator has to know of this configuration before he relies on it: a line each.
std::vector<std::string> call_warnings(const Config& config, const std::vector<std::string>& addresses);
/// What to do if coturn is missing; empty: it is there.
std::string coturn_missing(const CallsConfig& calls);

}  // namespace godwit::home
