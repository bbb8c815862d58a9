#pragma once
// Packets on their way: each comes out when it is due, and those due together in the order they came in.

#include <vector>

#include "base/bytes.h"
#include "lab/censor/time.h"

namespace godwit::lab {

/// A packet and where it goes.
struct Departure {
  Time due{};
  size_t host = 0;  ///< index of the receiving host
  Bytes bytes;
};

/// A queue ordered by time.
class Schedule {
 public:
  static constexpr size_t kPacketsMax = 100'000;  ///< some 150 MB; more than any line here can hold

  /// Adds a packet; false if the queue is full, and then the packet is lost.
  bool add(Departure departure);
  /// When the next packet is due; Time::max() if there is none.
  Time next() const { return heap_.empty() ? Time::max() : heap_.front().due; }
  /// Takes the next packet if it is due at `now`.
  bool take(Time now, Departure& out);

 private:
  struct Entry {
    Time due;
    uint64_t number;
    size_t host;
    Bytes bytes;
    bool operator<(const Entry& other) const { return due != other.due ? due > other.due : number > other.number; }
  };
  std::vector<Entry> heap_;
  uint64_t number_ = 0;
};

}  // namespace godwit::lab
