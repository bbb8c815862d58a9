#include "sim/stage.h"

#include <cstdio>

#include "base/assert.h"

namespace godwit::sim {
namespace {

constexpr Duration kPatience = minutes(20);  // of virtual time, for one answer: retries back off to a minute
constexpr uint64_t kStepsMax = 20'000'000;   // of one wait
constexpr uint64_t kStandstillMax = 20'000;  // steps without any time passing: somebody's deadline stands still

}  // namespace

Stage::Stage(uint64_t seed) : seed_(seed), random_(seed), network_(clock_, random_) {}

Stage::~Stage() = default;

HomeParty& Stage::add_home(const std::string& host) {
  homes_.push_back(std::make_unique<HomeParty>(clock_, network_, seed_ * 4096 + 4000 + homes_.size(), host));
  home_comes_.push_back(false);
  homes_.back()->start({});
  homes_.back()->on_forward([this](const wire::HomeAddress& to, Bytes sealed, std::function<void(Result<Bytes>)> done) {
    for (auto& home : homes_) {
      if (home->key() != to.key.value) continue;
      clock_.after(milliseconds(30), [&home, sealed, done] { home->bring_sealed(sealed, done); });
    }
  });
  return *homes_.back();
}

ClientParty& Stage::add_device(const std::string& name) {
  devices_.push_back(std::make_unique<ClientParty>(clock_, network_, name, seed_ * 4096 + devices_.size()));
  device_comes_.push_back(false);
  devices_.back()->start({});
  return *devices_.back();
}

void Stage::log(const std::string& what) {
  if (!verbose_) return;
  std::fprintf(stderr, "%10.3f s  %s\n", static_cast<double>(clock_.now().ms % 100'000'000) / 1000, what.c_str());
}

bool Stage::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
  log("FAILED: " + failure_);
  return false;
}

void Stage::crash_home(size_t home) {
  log("home " + std::to_string(home) + " dies");
  homes_[home]->crash();
}

void Stage::crash_device(size_t device) {
  log(devices_[device]->name() + " dies");
  devices_[device]->crash();
}

void Stage::lose_home(size_t home) {
  lost_homes_.insert(home);
  log("home " + std::to_string(home) + " is lost");
  homes_[home]->crash();
}

void Stage::lose_device(size_t device) {
  lost_devices_.insert(device);
  log(devices_[device]->name() + " is lost");
  devices_[device]->crash();
}

bool Stage::all_alive() const {
  for (size_t i = 0; i < homes_.size(); ++i) {
    if (!homes_[i]->alive() && !lost_homes_.contains(i)) return false;
  }
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (!devices_[i]->alive() && !is_lost(i)) return false;
  }
  return true;
}

/// Lets everybody do what he can at this moment, until nobody can.
void Stage::pump_all() {
  for (int round = 0; round < 1000 && !failed(); ++round) {
    bool did = false;
    for (auto& home : homes_) did = home->pump() || did;
    for (size_t i = 0; i < devices_.size(); ++i) {
      if (!devices_[i]->pump()) continue;
      did = true;
      moved(i);
    }
    if (!did) return;
  }
  if (!failed()) fail("somebody never stops doing things at one moment");
}

store::StoreFaults Stage::home_faults() {
  store::StoreFaults faults;
  if (!faults_ || !one_in(3)) return faults;
  faults.crash_at = random_.below(400);
  faults.crash_point = static_cast<store::CrashPoint>(random_.below(3));
  return faults;
}

store::ClientStoreFaults Stage::device_faults() {
  store::ClientStoreFaults faults;
  if (!faults_ || !one_in(3)) return faults;
  faults.crash_at = random_.below(30);
  faults.crash_point = static_cast<store::BatchCrashPoint>(random_.below(2));
  return faults;
}

/// Whoever has died comes back after a while, perhaps to die again. True if somebody is dead.
bool Stage::come_back() {
  bool dead = false;
  const auto pause = [this](Duration most) {
    return milliseconds(static_cast<int64_t>(100 + random_.below(static_cast<uint64_t>(most.ms))));
  };
  for (size_t i = 0; i < homes_.size(); ++i) {
    if (homes_[i]->alive() || lost_homes_.contains(i)) continue;
    dead = true;
    if (home_comes_[i]) continue;
    home_comes_[i] = true;
    clock_.after(pause(seconds(5)), [this, i] {
      home_comes_[i] = false;
      if (lost_homes_.contains(i)) return;
      log("home " + std::to_string(i) + " starts");
      homes_[i]->start(home_faults());
    });
  }
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i]->alive() || is_lost(i)) continue;
    dead = true;
    if (device_comes_[i]) continue;
    device_comes_[i] = true;
    clock_.after(pause(downtime_max_), [this, i] {
      device_comes_[i] = false;
      if (is_lost(i)) return;
      log(devices_[i]->name() + " starts");
      devices_[i]->start(device_faults());
    });
  }
  return dead;
}

bool Stage::run_until(const std::function<bool()>& done, Duration patience) {
  const Instant end = clock_.now() + patience;
  Instant last = clock_.now();
  uint64_t standstill = 0;
  for (uint64_t step = 0; step < kStepsMax && !failed(); ++step) {
    standstill = clock_.now() == last ? standstill + 1 : 0;
    last = clock_.now();
    if (standstill > kStandstillMax) return fail("somebody is due and does nothing about it");
    pump_all();
    if (failed()) return false;
    if (done()) return true;
    come_back();
    Instant next = clock_.next();
    for (auto& home : homes_) next = std::min(next, home->next_deadline());
    for (auto& device : devices_) next = std::min(next, device->next_deadline());
    if (next > end) {
      clock_.advance(std::max(end, clock_.now()));
      pump_all();
      return false;
    }
    clock_.advance(std::max(next, clock_.now()));
  }
  return false;
}

std::optional<Result<engine::Answer>> Stage::ask(size_t device, engine::Command command) {
  ClientParty& party = *devices_[device];
  if (is_lost(device) || !run_until([&] { return party.alive(); }, kPatience)) return std::nullopt;
  const uint64_t lives = party.crashes();
  auto answer = std::make_shared<std::optional<Result<engine::Answer>>>();
  party.command(std::move(command), [answer](const Result<engine::Answer>& came) { answer->emplace(came); });
  run_until([&] { return answer->has_value() || party.crashes() != lives; }, kPatience);
  return answer->has_value() ? std::optional(**answer) : std::nullopt;
}

}  // namespace godwit::sim
