#pragma once
// How much waits in each queue, and by which address: what quotas are checked against. In memory only, counted out of the
// store when a queue is first delivered to; so there is nothing at rest that could drift, and nothing more to seize.

#include <map>
#include <vector>

#include "base/time.h"
#include "home/records.h"

namespace godwit::home {

/// Items and their bytes.
struct Amount {
  uint64_t items = 0;
  uint64_t bytes = 0;
};

/// The counts of the queues that were used lately.
class Usage {
 public:
  /// Queues remembered at most; others are forgotten and counted again when they are needed.
  static constexpr size_t kQueuesMax = 20'000;

  /// True if `queue` has been counted.
  bool knows(const Bytes& queue) const;
  /// When it was; long ago if it never was. What expired since then is still in the counts.
  Instant counted(const Bytes& queue) const;
  /// Starts counting `queue` anew, which is not known until then: everything in the store is to be noted, then finish()
  /// called, or abandon().
  void begin(const Bytes& queue);
  /// Counting is complete; without effect if the queue was forgotten since begin().
  void finish(const Bytes& queue, Instant now);
  /// Counting failed: the queue stays unknown.
  void abandon(const Bytes& queue);
  /// An item stands in the queue. Noting one twice is harmless.
  void note(const Bytes& queue, uint64_t sequence, const wire::Alias& alias, size_t size);
  /// The items up to and including `through` are gone.
  void trim(const Bytes& queue, uint64_t through);
  /// The queue is gone.
  void forget(const Bytes& queue);

  /// An item is on its way into the queue: it counts until release(), and note() if it arrived.
  void reserve(const Bytes& queue, const wire::Alias& alias, size_t size);
  /// It arrived or did not.
  void release(const Bytes& queue, const wire::Alias& alias, size_t size);

  /// What waits in all queues that are known, reservations included. Looks at each.
  struct Sum {
    uint64_t queues = 0;
    Amount amount;
  };
  /// The same.
  Sum sum() const;
  /// What waits in the queue, reservations included.
  Amount of_queue(const Bytes& queue) const;
  /// What waits in it by one address, reservations included.
  Amount of_address(const Bytes& queue, const wire::Alias& alias) const;

 private:
  struct Item {
    wire::Alias alias;
    size_t size;
  };
  struct Queue {
    bool complete = false;
    bool counting = false;  // between begin() and finish() or abandon(): not to be evicted
    Instant counted;
    uint64_t trimmed = 0;  // of those that were ever noted: counting may come upon them again
    uint64_t highest = 0;  // sequence noted so far
    size_t reservations = 0;
    Amount total;
    std::map<wire::Alias, Amount> by_address;
    std::map<uint64_t, Item> items;  // by sequence
  };
  static void add(Queue& queue, const wire::Alias& alias, size_t size);
  static void subtract(Queue& queue, const wire::Alias& alias, size_t size);
  void make_room();

  std::map<Bytes, Queue> queues_;
  Bytes last_evicted_;
};

}  // namespace godwit::home
