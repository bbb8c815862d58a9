// The course of a crowd's life, and what must hold at its end.

#include "sim/crowd.h"

#include <algorithm>
#include <cstdio>

namespace godwit::sim {
namespace {

// Of those who were never awake, how many have to find their way through the whole log at the end.
constexpr size_t kComparedMore = 20;

}  // namespace

bool Crowd::fail(const std::string& what) {
  if (!failed()) report_.failure = "entry " + std::to_string(log_.size()) + ": " + what;
  return false;
}

std::vector<Crowd::PersonId> Crowd::awake() const {
  std::vector<PersonId> out;
  for (PersonId id = 0; id < people_.size(); ++id) {
    if (people_[id].group) out.push_back(id);
  }
  return out;
}

std::vector<Crowd::PersonId> Crowd::asleep() const {
  std::vector<PersonId> out;
  for (PersonId id = 0; id < people_.size(); ++id) {
    const Person& one = people_[id];
    if (!one.group && !one.removed) out.push_back(id);
  }
  return out;
}

CrowdReport Crowd::run() {
  found();
  grow();
  for (uint32_t i = 0; i < options_.rounds && !failed(); ++i) round();
  if (!failed()) converge();
  report_.epochs = log_.size();
  return std::move(report_);
}

void Crowd::grow() {
  while (!failed()) {
    const auto size = static_cast<uint32_t>(people_[0].group->members().size());
    if (size >= options_.members) return;
    const uint32_t count = std::min(options_.batch, options_.members - size);
    if (suite_ == &mls::suite_xwing() && size + count > options_.hybrid_up_to) {
      move_on(0);
    } else {
      add_batch(0, count);
    }
    if (options_.verbose) std::printf("  grown to %zu\n", people_[0].group->members().size());
  }
}

void Crowd::round() {
  now_ = now_ + hours(18) + minutes(static_cast<int64_t>(random_.below(720)));
  wake_somebody();
  commit_first();
  if (!failed()) propose();
  const auto here = awake();
  if (failed() || here.empty()) return;
  std::vector<PersonId> racers;
  for (uint64_t i = random_.below(3) + 1; i > 0; --i) {
    const PersonId one = here[random_.below(here.size())];
    if (std::ranges::find(racers, one) == racers.end()) racers.push_back(one);
  }
  race(racers);
  for (const Letter& letter : std::exchange(late_, {})) {
    if (!failed()) deliver(letter);
  }
  if (!failed()) talk();
  if (!failed()) send_to_bed();
  if (options_.verbose) {
    std::printf("  epoch %zu, %zu people, %zu awake\n", log_.size(), people_.size(), awake().size());
  }
}

void Crowd::wake_somebody() {
  const auto sleepers = asleep();
  for (const PersonId id : sleepers) {
    const bool due = people_[id].ever_awake && people_[id].asleep_until <= now_;
    if (due && !failed() && awake().size() < 2 * options_.awake) wake(id);
  }
  while (!failed() && awake().size() < options_.awake) {
    const auto others = asleep();
    if (others.empty()) return;
    wake(others[random_.below(others.size())]);
  }
}

void Crowd::send_to_bed() {
  for (const PersonId id : awake()) {
    if (awake().size() <= 3) return;
    if (random_.below(4) != 0) continue;
    people_[id].asleep_until = now_ + days(static_cast<int64_t>(random_.below(35)));
    sleep(id);
  }
}

void Crowd::compare(PersonId id, const mls::Group& with) {
  const mls::Group& own = *people_[id].group;
  if (own.epoch() != with.epoch() || own.epoch_authenticator() != with.epoch_authenticator()) {
    fail(people_[id].name + " is in another state than the others");
  } else if (own.tree_hash() != with.tree_hash() || own.members() != with.members()) {
    fail(people_[id].name + " has another tree than the others");
  }
  ++report_.compared;
}

void Crowd::converge() {
  const auto here = awake();
  if (here.empty()) return static_cast<void>(fail("nobody is awake"));
  const mls::Group& reference = *people_[here[0]].group;
  for (const PersonId id : here) compare(id, reference);
  size_t more = kComparedMore;
  for (PersonId id = 0; id < people_.size() && !failed(); ++id) {
    Person& one = people_[id];
    if (one.group || one.knows_removed) continue;
    if (!one.ever_awake && (more == 0 || random_.below(10) != 0)) continue;
    more -= one.ever_awake ? 0 : 1;
    if (!wake(id)) return;
    if (one.removed != one.knows_removed) return static_cast<void>(fail(one.name + " has not seen his removal"));
    if (one.group) compare(id, reference);
    one.group.reset();
  }
}

}  // namespace godwit::sim
