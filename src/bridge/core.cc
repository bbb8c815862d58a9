#include "bridge/core.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace godwit::bridge {
namespace {

// How exactly the idle time is kept: a pass over all passages so often.
constexpr Duration kSweepEvery = seconds(30);

constexpr size_t index_of(Side side) { return static_cast<size_t>(side); }
constexpr Side opposite(Side side) { return side == Side::kPerson ? Side::kHome : Side::kPerson; }

}  // namespace

std::string print_counters(const Counters& counters, size_t open) {
  return "open " + std::to_string(open) + ", passages " + std::to_string(counters.passages) + ", refused " +
         std::to_string(counters.refused_full) + " (full) " + std::to_string(counters.refused_bytes) +
         " (bytes of the day) " + std::to_string(counters.refused_by_home) + " (no answer from the home), ended idle " +
         std::to_string(counters.ended_idle) + ", bytes to homes " + std::to_string(counters.bytes_to_homes) +
         ", to persons " + std::to_string(counters.bytes_to_persons);
}

Core::Core(Limits limits, std::vector<size_t> ways)
    : limits_(limits), ways_(std::move(ways)), good_way_(ways_.size(), 0) {
  for (const size_t count : ways_) ASSERT(count > 0);
}

// Whether a day's bytes are used up, of all or of one source.
bool Core::is_over_day(const Bytes& source, Instant now) {
  if (now.day() != day_) {
    day_ = now.day();
    bytes_of_day_ = 0;
    bytes_of_source_.clear();
  }
  if (limits_.bytes_per_day_max != 0 && bytes_of_day_ >= limits_.bytes_per_day_max) return true;
  if (limits_.bytes_per_source_per_day_max == 0 || source.empty()) return false;
  const auto counted = bytes_of_source_.find(source);
  return counted != bytes_of_source_.end() && counted->second >= limits_.bytes_per_source_per_day_max;
}

// False: the day's bytes are used up by these.
bool Core::count_bytes(const Passage& passage, size_t size, Instant now) {
  if (is_over_day(passage.source, now)) return false;
  bytes_of_day_ += size;
  const bool by_source = limits_.bytes_per_source_per_day_max != 0 && !passage.source.empty();
  if (by_source && (bytes_of_source_.size() < kSourcesMax || bytes_of_source_.contains(passage.source))) {
    bytes_of_source_[passage.source] += size;
  }
  return !is_over_day(passage.source, now);
}

void Core::person_came(PassageId id, HomeIndex home, Bytes source, Instant now) {
  ASSERT(home.value < ways_.size() && !passages_.contains(id));
  const bool limited = limits_.passages_per_source_max != 0 && !source.empty();
  const auto of_source = limited ? passages_of_source_.find(source) : passages_of_source_.end();
  const bool full = passages_.size() >= limits_.passages_max ||
                    (of_source != passages_of_source_.end() && of_source->second >= limits_.passages_per_source_max);
  const bool spent = is_over_day(source, now);
  if (full || spent) {
    ++(full ? counters_.refused_full : counters_.refused_bytes);
    outputs_.push_back(Close{id, Side::kPerson});
    return;
  }
  if (limited) ++passages_of_source_[source];
  Passage passage;
  passage.home = home;
  passage.source = std::move(source);
  passage.way = good_way_[home.value];
  passage.answer_until = now + limits_.answer_within;
  passage.active = now;
  next_answer_ = std::min(next_answer_, passage.answer_until);
  if (next_sweep_ == kNever) next_sweep_ = now + kSweepEvery;
  passages_.emplace(id, std::move(passage));
  // The person's first bytes come right after this, and the dial takes them along: it is made in next_output().
  dials_waiting_.push_back(id);
}

// Dials whose turn has come.
void Core::dial_next(Instant now) {
  while (!dials_waiting_.empty() && now >= next_dial_) {
    const auto at = passages_.find(dials_waiting_.front());
    dials_waiting_.pop_front();
    if (at == passages_.end()) continue;
    start_dial(at);
    next_dial_ = now + limits_.dial_spacing;
  }
}

void Core::start_dial(Passages::iterator at) {
  Passage& passage = at->second;
  ++passage.ways_tried;
  passage.open[index_of(Side::kHome)] = true;
  passage.early_sent = std::min(passage.early.size(), kEarlyBytesMax);
  const auto end = passage.early.begin() + static_cast<ptrdiff_t>(passage.early_sent);
  outputs_.push_back(Dial{at->first, passage.home, passage.way, Bytes(passage.early.begin(), end)});
}

void Core::dial_failed(Passages::iterator at, Instant now) {
  Passage& passage = at->second;
  const size_t ways = ways_[passage.home.value];
  passage.open[index_of(Side::kHome)] = false;
  if (passage.ways_tried < ways && now < passage.answer_until) {
    passage.way = (passage.way + 1) % ways;
    dials_waiting_.push_back(at->first);
    return;
  }
  ++counters_.refused_by_home;
  end(at);
}

void Core::home_opened(PassageId id, Instant now) {
  const auto at = passages_.find(id);
  if (at == passages_.end() || at->second.accepted) return;
  Passage& passage = at->second;
  passage.accepted = true;
  passage.active = now;
  good_way_[passage.home.value] = passage.way;
  ++counters_.passages;
  outputs_.push_back(Accept{id});
  const Bytes early = std::exchange(passage.early, Bytes());
  const ByteView rest = ByteView(early).subspan(passage.early_sent);
  if (!rest.empty()) pass_on(at, Side::kHome, to_bytes(rest));
}

void Core::bytes_came(PassageId id, Side side, ByteView bytes, Instant now) {
  const auto at = passages_.find(id);
  if (at == passages_.end()) return;
  Passage& passage = at->second;
  passage.active = now;
  (side == Side::kPerson ? counters_.bytes_to_homes : counters_.bytes_to_persons) += bytes.size();
  const bool spent = !count_bytes(passage, bytes.size(), now);
  if (passage.accepted) {
    pass_on(at, opposite(side), to_bytes(bytes));
  } else if (side == Side::kPerson) {
    append(passage.early, bytes);
  }
  if (spent) ++counters_.refused_bytes;
  if (spent || passage.early.size() > kKeptBytesMax || passage.kept[index_of(opposite(side))].size() > kKeptBytesMax) {
    end(at);
  }
}

// Bytes wait behind those that wait already, so that order stays.
void Core::pass_on(Passages::iterator at, Side to, Bytes bytes) {
  Passage& passage = at->second;
  if (!passage.open[index_of(to)]) return;
  Bytes& kept = passage.kept[index_of(to)];
  if (passage.paused[index_of(opposite(to))]) {
    append(kept, bytes);
  } else {
    outputs_.push_back(Send{at->first, to, std::move(bytes)});
  }
}

void Core::set_reading(Passages::iterator at, Side side, bool reading) {
  bool& paused = at->second.paused[index_of(side)];
  if (paused == !reading) return;
  paused = !reading;
  if (at->second.open[index_of(side)]) outputs_.push_back(SetReading{at->first, side, reading});
}

// Sends that follow in outputs_ were made before this one failed: they have to wait behind it.
void Core::pipe_full(PassageId id, Side side, Bytes bytes) {
  const auto at = passages_.find(id);
  if (at == passages_.end() || !at->second.open[index_of(side)]) return;
  Bytes& kept = at->second.kept[index_of(side)];
  append(kept, bytes);
  set_reading(at, opposite(side), false);
  std::erase_if(outputs_, [&](const Output& output) {
    const auto* send = std::get_if<Send>(&output);
    if (send == nullptr || send->passage != id || send->side != side) return false;
    append(kept, send->bytes);
    return true;
  });
}

void Core::pipe_drained(PassageId id, Side side) {
  const auto at = passages_.find(id);
  if (at == passages_.end()) return;
  Passage& passage = at->second;
  Bytes kept = std::exchange(passage.kept[index_of(side)], Bytes());
  set_reading(at, opposite(side), true);
  if (!kept.empty()) outputs_.push_back(Send{id, side, std::move(kept)});
  if (!passage.open[index_of(opposite(side))]) finishing_.push_back(id);
}

void Core::pipe_closed(PassageId id, Side side, Instant now) {
  const auto at = passages_.find(id);
  if (at == passages_.end()) return;
  Passage& passage = at->second;
  if (side == Side::kHome && !passage.accepted) return dial_failed(at, now);
  passage.open[index_of(side)] = false;
  finishing_.push_back(id);
}

void Core::close(Passages::iterator at, Side side) {
  if (std::exchange(at->second.open[index_of(side)], false)) outputs_.push_back(Close{at->first, side});
}

void Core::end(Passages::iterator at) {
  close(at, Side::kHome);
  close(at, Side::kPerson);
  const auto of_source = passages_of_source_.find(at->second.source);
  if (of_source != passages_of_source_.end() && --of_source->second == 0) passages_of_source_.erase(of_source);
  passages_.erase(at);
}

void Core::end_all() {
  while (!passages_.empty()) end(passages_.begin());
}

std::optional<Output> Core::next_output(Instant now) {
  if (outputs_.empty()) {
    // All that was sent was taken, or is kept and drained later.
    for (const PassageId id : std::exchange(finishing_, {})) {
      const auto at = passages_.find(id);
      if (at != passages_.end() && at->second.kept[0].empty() && at->second.kept[1].empty()) end(at);
    }
    dial_next(now);
  }
  if (outputs_.empty()) return std::nullopt;
  auto output = std::make_optional(std::move(outputs_.front()));
  outputs_.pop_front();
  return output;
}

Instant Core::next_deadline() const {
  const Instant dial = dials_waiting_.empty() ? kNever : next_dial_;
  return std::min({dial, next_sweep_, next_answer_});
}

void Core::handle_expiry(Instant now) {
  if (now < next_sweep_ && now < next_answer_) return;
  next_answer_ = kNever;
  for (auto next = passages_.begin(); next != passages_.end();) {
    const auto at = next++;
    Passage& passage = at->second;
    if (!passage.accepted && now >= passage.answer_until) {
      ++counters_.refused_by_home;
      end(at);
    } else if (!passage.accepted) {
      next_answer_ = std::min(next_answer_, passage.answer_until);
    } else if (now >= passage.active + limits_.idle) {
      ++counters_.ended_idle;
      end(at);
    }
  }
  next_sweep_ = passages_.empty() ? kNever : now + kSweepEvery;
}

}  // namespace godwit::bridge
