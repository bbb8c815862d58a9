#pragma once
// What every large world stands on: a clock, a network, homes and clients that die and come back, and time that passes.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/client_party.h"
#include "sim/home_party.h"

namespace godwit::sim {

/// Whoever lives on it decides what happens.
class Stage {
 public:
  explicit Stage(uint64_t seed);
  virtual ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Print what happens to stderr.
  void set_verbose(bool verbose) { verbose_ = verbose; }

 protected:
  /// Somebody has done something.
  virtual void moved(size_t device) = 0;

  HomeParty& add_home(const std::string& host);
  ClientParty& add_device(const std::string& name);
  /// Runs until `done`, or for `patience`; false if it was not, or something has failed.
  bool run_until(const std::function<bool()>& done, Duration patience);
  void pass(Duration time) {
    run_until([] { return false; }, time);
  }
  /// The answer to a command; none if whom it was given to died of it, or there is none for long.
  std::optional<Result<engine::Answer>> ask(size_t device, engine::Command command);
  void crash_home(size_t home);
  void crash_device(size_t device);
  /// These do not come back: whatever was there is gone.
  void lose_home(size_t home);
  void lose_device(size_t device);
  bool is_lost(size_t device) const { return lost_devices_.contains(device); }
  /// True if whoever is not lost runs.
  bool all_alive() const;
  /// True with a chance of one to `n`.
  bool one_in(uint64_t n) { return random_.below(n) == 0; }
  bool failed() const { return !failure_.empty(); }
  bool fail(std::string what);
  void log(const std::string& what);

  uint64_t seed_;
  crypto::SeededRandom random_;
  Clock clock_;
  Network network_;
  std::vector<std::unique_ptr<HomeParty>> homes_;
  std::vector<std::unique_ptr<ClientParty>> devices_;
  std::string failure_;
  bool faults_ = false;  ///< Whoever starts may die again at an operation on his store.
  Duration downtime_max_ = seconds(5);

 private:
  void pump_all();
  bool come_back();
  store::StoreFaults home_faults();
  store::ClientStoreFaults device_faults();

  std::set<size_t> lost_homes_;
  std::set<size_t> lost_devices_;
  std::vector<bool> home_comes_;
  std::vector<bool> device_comes_;
  bool verbose_ = false;
};

}  // namespace godwit::sim
