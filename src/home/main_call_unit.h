#pragma once
// The forwarding unit for calls of many: Janus started and kept running beside coturn. Only main files include this.

#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "home/config.h"
#include "home/main_unit_rooms.h"
#include "net/kept_program.h"

namespace godwit::home {

/// Janus as a child of this home: on one loopback address that is another at each start, spoken with by a Unix socket, with nothing else open.
class ServedUnit {
 public:
  /// Starts it at once. `folder`: absolute, for its files, which are removed at its end. `settled` is called from the loop when it has begun to run, or has failed.
  /// `relay`: as CallRoomsOptions::relay.
  ServedUnit(net::EventLoop& loop, Random& random, Home& home, std::string folder, std::string address,
             const CallsConfig& calls, std::function<std::optional<wire::TurnCredentials>()> relay,
             std::function<void()> settled);
  ~ServedUnit();
  ServedUnit(const ServedUnit&) = delete;
  ServedUnit& operator=(const ServedUnit&) = delete;

  /// Before it goes, also where its own code stands below: nothing is called any more.
  void close();
  /// It neither runs nor has failed yet.
  bool is_starting() const { return !up_ && !error_; }
  /// How it is, in a line for the operator.
  std::string status() const;

 private:
  Result<net::ListensAt> prepare();
  Status write_files();
  void begin_rooms();
  void rooms_changed();
  void down(Error error, const std::string& words);
  std::string trouble() const;
  void say_down() const;
  void remove_files();

  net::EventLoop& loop_;
  Random& random_;
  Home& home_;
  std::string folder_;
  std::string address_;
  CallsConfig calls_;
  std::function<std::optional<wire::TurnCredentials>()> relay_;
  std::function<void()> settled_;
  std::string secret_;     // until the rooms have it
  std::string admin_key_;  // the same
  std::unique_ptr<UnitRooms> rooms_;
  std::unique_ptr<net::KeptProgram> program_;
  bool up_ = false;
  uint32_t starts_ = 0;
  std::optional<Error> error_;
  std::string words_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// How ServedUnit::status() begins if it does not run.
inline constexpr const char* kUnitDown = "unit: not working: ";

/// What to do if Janus is missing, or not whole; empty: it is there.
std::string janus_missing(const CallsConfig& calls);

}  // namespace godwit::home
