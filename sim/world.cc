#include "sim/world.h"

#include <cstdio>

#include "base/assert.h"

namespace godwit::sim {
namespace {

constexpr Duration kPatience = minutes(20);  // of virtual time, for one step: retries back off to a minute
constexpr uint64_t kStepsMax = 400'000;      // of one wait
constexpr uint64_t kStandstillMax = 2'000;   // steps without any time passing: somebody's deadline stands still

}  // namespace

World::World(uint64_t seed)
    : seed_(seed), random_(seed), network_(clock_, random_), home_(clock_, network_, seed * 4 + 3) {
  const char* names[kPeople] = {"Anna", "Boris", "Vera"};
  for (size_t i = 0; i < kPeople; ++i) {
    people_.push_back(std::make_unique<ClientParty>(clock_, network_, names[i], seed * 4 + i));
    people_.back()->keep_stored();
  }
  for (size_t a = 0; a < kPeople; ++a) {
    for (size_t b = a + 1; b < kPeople; ++b) pairs_.push_back(Pair{a, b, false, {}, {}});
  }
}

World::~World() = default;

void World::log(const std::string& what) {
  if (verbose_)
    std::fprintf(stderr, "%10.3f s  %s\n", static_cast<double>(clock_.now().ms % 100'000'000) / 1000, what.c_str());
}

bool World::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
  log("FAILED: " + failure_);
  return false;
}

/// Lets everybody do what he can at this moment, until nobody can.
void World::pump_all() {
  for (int round = 0; round < 1000; ++round) {
    bool did = home_.pump();
    for (auto& person : people_) did = person->pump() || did;
    if (!did) return;
  }
  fail("somebody never stops doing things at one moment");
}

/// In every third life the home dies at one of its first operations.
store::StoreFaults World::home_faults() {
  store::StoreFaults faults;
  if (!faults_ || random_.below(3) != 0) return faults;
  faults.crash_at = random_.below(60);
  faults.crash_point = static_cast<store::CrashPoint>(random_.below(3));
  return faults;
}

store::ClientStoreFaults World::client_faults() {
  store::ClientStoreFaults faults;
  if (!faults_ || random_.below(3) != 0) return faults;
  faults.crash_at = random_.below(12);
  faults.crash_point = static_cast<store::BatchCrashPoint>(random_.below(2));
  return faults;
}

/// Whoever has died comes back after a while, perhaps to die again.
void World::revive() {
  if (!home_.alive()) {
    log("home starts");
    home_.start(home_faults());
  }
  for (auto& person : people_) {
    if (person->alive()) continue;
    log(person->name() + " starts");
    person->start(client_faults());
  }
}

bool World::run_until(const std::function<bool()>& done, Duration patience) {
  const Instant end = clock_.now() + patience;
  Instant last = clock_.now();
  uint64_t standstill = 0;
  for (uint64_t step = 0; step < kStepsMax; ++step) {
    standstill = clock_.now() == last ? standstill + 1 : 0;
    last = clock_.now();
    if (standstill > kStandstillMax) return fail(who_is_due() + " is due and does nothing about it");
    pump_all();
    if (!failure_.empty()) return false;
    if (done()) return true;
    bool somebody_dead = !home_.alive();
    Instant next = std::min(clock_.next(), home_.next_deadline());
    for (auto& person : people_) {
      next = std::min(next, person->next_deadline());
      somebody_dead = somebody_dead || !person->alive();
    }
    if (somebody_dead && !reviving_) {
      reviving_ = true;
      clock_.after(milliseconds(static_cast<int64_t>(100 + random_.below(5'000))), [this] {
        reviving_ = false;
        revive();
      });
      continue;
    }
    if (next > end) {
      clock_.advance(std::max(end, clock_.now()));
      break;
    }
    clock_.advance(std::max(next, clock_.now()));
  }
  return false;
}

std::string World::who_is_due() {
  if (home_.next_deadline() <= clock_.now()) return "the home";
  for (auto& person : people_) {
    if (person->next_deadline() <= clock_.now()) return person->name();
  }
  return "nobody";
}

std::optional<Result<engine::Answer>> World::ask(ClientParty& person, engine::Command command) {
  if (!run_until([&] { return person.alive(); }, kPatience)) return std::nullopt;
  const uint64_t lives = person.crashes();
  auto answer = std::make_shared<std::optional<Result<engine::Answer>>>();
  person.command(std::move(command), [answer](const Result<engine::Answer>& came) { answer->emplace(came); });
  run_until([&] { return answer->has_value() || person.crashes() != lives; }, kPatience);
  return answer->has_value() ? std::optional(**answer) : std::nullopt;
}

std::vector<engine::ChatInfo> World::chats_of(ClientParty& person) {
  for (int i = 0; i < 50; ++i) {
    const auto answer = ask(person, engine::ListChats{});
    if (!answer || !*answer) continue;
    if (const auto* chats = std::get_if<engine::Chats>(&**answer)) return chats->chats;
  }
  fail(person.name() + " cannot list the chats");
  return {};
}

std::vector<std::string> World::history(ClientParty& person, engine::ChatId chat, bool own) {
  for (int i = 0; i < 50; ++i) {
    const auto answer = ask(person, engine::ReadHistory{chat, std::nullopt, 10'000});
    if (!answer || !*answer) continue;
    std::vector<std::string> texts;
    for (const auto& message : std::get<engine::Messages>(**answer).messages) {
      if (message.own == own) texts.push_back(message.text);
    }
    return texts;
  }
  fail(person.name() + " cannot read the history");
  return {};
}

Report World::run() {
  faults_ = random_.below(2) == 0;  // in half of the worlds from the first moment
  home_.start(home_faults());
  for (auto& person : people_) person->start(client_faults());
  make_accounts();
  for (auto& pair : pairs_) {
    if (failure_.empty()) meet(pair);
  }
  if (failure_.empty()) talk();
  // In some worlds all of them are a group as well.
  const bool has_group = random_.below(3) == 0;
  if (has_group && failure_.empty()) make_group();
  if (has_group && failure_.empty()) talk_in_group();
  // One race is enough for a world; a pair may be unable to have one (somebody keeps dying), so the others are there.
  const size_t first = random_.below(pairs_.size());
  for (size_t i = 0; i < pairs_.size() && failure_.empty() && epoch_conflicts() == 0; ++i) {
    race(pairs_[(first + i) % pairs_.size()]);
  }
  if (failure_.empty()) reconnect();
  count_crashes();
  if (failure_.empty()) settle();
  if (failure_.empty()) check_nothing_twice();
  if (has_group && failure_.empty()) check_group();
  for (auto& pair : pairs_) {
    if (failure_.empty()) check_messages(pair);
    if (failure_.empty()) check_epochs(pair);
    if (failure_.empty()) check_used_keys(pair);
  }
  return report();
}

uint64_t World::epoch_conflicts() const {
  uint64_t sum = 0;
  for (const auto& person : people_) sum += person->counters().epoch_conflicts;
  return sum;
}

/// settle() restarts everybody, which proves nothing.
void World::count_crashes() {
  crashes_.crashes_at_home = home_.crashes();
  crashes_.crashes_at_operation = home_.crashes_at_operation();
  for (const auto& person : people_) {
    crashes_.crashes_of_clients += person->crashes();
    crashes_.crashes_at_operation += person->crashes_at_operation();
  }
}

Report World::report() {
  Report out = crashes_;
  out.failure = failure_;
  for (const auto& person : people_) {
    out.resumed += person->counters().sessions_resumed;
    out.small += person->counters().small_exchanges;
    out.conflicts += person->counters().epoch_conflicts;
    out.duplicates += person->counters().duplicates;
    out.resends += person->counters().resends;
  }
  for (const auto& pair : pairs_) {
    for (const auto& said : pair.said) {
      for (const auto& one : said) out.messages += one.acknowledged ? 1 : 0;
    }
  }
  out.keys_gone = keys_gone_;
  out.blocked = blocked_;
  out.virtual_time = clock_.now() - Clock().now();
  out.weather = network_.report();
  return out;
}

}  // namespace godwit::sim
