#include "routes/pace.h"

#include <algorithm>

#include "base/assert.h"

namespace godwit::routes {
namespace {

// 400 ms * 2^8 is above kDialPauseMax already; the bound keeps the shift defined.
constexpr uint32_t kDoublingsMax = 8;

Duration draw_between(Duration low, Duration high, Random& random) {
  return low + milliseconds(static_cast<int64_t>(random.below(static_cast<uint64_t>((high - low).ms) + 1)));
}

Duration pause_after(uint32_t failures, Random& random) {
  const Duration whole = std::min(kDialSpacing * (int64_t{1} << std::min(failures, kDoublingsMax)), kDialPauseMax);
  return std::max(draw_between({whole.ms / 2}, whole, random), kDialSpacing);
}

// Which pause is a home's: of those for which there is no more room, the last.
template <typename Pauses>
PacedHome slot_of(const Pauses& pauses, PacedHome home) {
  return pauses.contains(home) || pauses.size() < kPacedHomesMax ? home : PacedHome{};
}

}  // namespace

Instant DialPacer::next_dial(const std::string& host, PacedHome home) const {
  const auto it = hosts_.find(host);
  if (it == hosts_.end()) return Instant{};
  const Host& entry = it->second;
  if (entry.dialling) return kNever;
  const auto pause = entry.pauses.find(slot_of(entry.pauses, home));
  return pause == entry.pauses.end() ? entry.spaced_until : std::max(entry.spaced_until, pause->second.until);
}

void DialPacer::on_dial(const std::string& host, Instant now) {
  if (!hosts_.contains(host) && hosts_.size() >= kPacedHostsMax) forget_oldest();
  Host& entry = hosts_[host];
  ASSERT(!entry.dialling && entry.spaced_until <= now);
  entry.dialling = true;
  entry.dialled = now;
  entry.spaced_until = now + kDialSpacing;
}

void DialPacer::on_outcome(const std::string& host, PacedHome home, DialOutcome outcome, Instant now, Random& random) {
  const auto it = hosts_.find(host);
  if (it == hosts_.end() || !it->second.dialling) return;
  Host& entry = it->second;
  entry.dialling = false;
  entry.spaced_until = std::max(entry.spaced_until, now + kDialSpacing);
  if (outcome == DialOutcome::kFailed) on_failed(host, home, now, random);
}

void DialPacer::on_failed(const std::string& host, PacedHome home, Instant now, Random& random) {
  const auto it = hosts_.find(host);
  if (it == hosts_.end()) return;
  Pause& pause = it->second.pauses[slot_of(it->second.pauses, home)];
  pause.failures = std::min(pause.failures + 1, kDoublingsMax);
  pause.until = now + pause_after(pause.failures, random);
}

void DialPacer::on_useful(const std::string& host, PacedHome home) {
  const auto it = hosts_.find(host);
  if (it != hosts_.end()) it->second.pauses.erase(slot_of(it->second.pauses, home));
}

void DialPacer::on_pipe_closed(const std::string& host, Instant now, Random& random) {
  const auto it = hosts_.find(host);
  if (it == hosts_.end()) return;
  Host& entry = it->second;
  entry.spaced_until = std::max(entry.spaced_until, now + draw_between(kDialSpacing, kDialSpacing * 2, random));
}

void DialPacer::on_network_changed() {
  for (auto& [name, entry] : hosts_) entry.pauses.clear();
}

void DialPacer::forget_oldest() {
  auto oldest = hosts_.end();
  for (auto it = hosts_.begin(); it != hosts_.end(); ++it) {
    if (it->second.dialling) continue;
    if (oldest == hosts_.end() || it->second.dialled < oldest->second.dialled) oldest = it;
  }
  if (oldest != hosts_.end()) hosts_.erase(oldest);
}

void StallWatch::on_sent(Instant now) {
  if (!is_outstanding()) {
    silent_since_ = now;
    probed_ = false;
  }
  unanswered_ = true;
}

void StallWatch::on_received(Instant now) {
  unanswered_ = false;
  probed_ = false;
  silent_since_ = now;
}

void StallWatch::on_awaiting(bool awaiting, Instant now) {
  if (awaiting && !is_outstanding()) {
    silent_since_ = now;
    probed_ = false;
  }
  awaiting_ = awaiting;
}

Instant StallWatch::deadline() const {
  if (!is_outstanding()) return kNever;
  return silent_since_ + (probed_ ? times_.dead_after : times_.probe_after);
}

StallWatch::Verdict StallWatch::on_expiry(Instant now) {
  if (!is_outstanding() || now < deadline()) return Verdict::kAlive;
  // A host that slept through both deadlines probes first: its silence was our own.
  if (!probed_) {
    probed_ = true;
    const Instant probe_due = silent_since_ + times_.probe_after;
    silent_since_ = silent_since_ + (now - probe_due);
    return Verdict::kProbe;
  }
  return Verdict::kDead;
}

StallTimes stall_times_of(Carrier carrier) {
  if (carrier == Carrier::kSnowflake) return {seconds(10), seconds(30)};
  if (carrier == Carrier::kOnion) return {seconds(6), seconds(15)};
  return {};
}

}  // namespace godwit::routes
