#pragma once
// Which devices are to be woken by way of their browsers' push services, and when: one push to a device, then none until it has been
// here. In memory only; the subscriptions are in the store ("z"). Pure.

#include <map>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/time.h"
#include "home/options.h"

namespace godwit::home {

/// A device that is back so soon after something came for it needs no push.
constexpr Duration kWebPushWait = seconds(2);
/// Between two pushes to one device, though it was here in between; and after its subscription was set, so that another one does not
/// shorten it.
constexpr Duration kWebPushSpacing = seconds(20);
/// After failures: the pause, doubling, and how often it is tried before the next thing that comes. A push service's own wish counts
/// up to kWebPushPauseMax.
constexpr Duration kWebPushPauseFirst = minutes(1);
constexpr Duration kWebPushPauseMax = hours(12);
constexpr uint32_t kWebPushTriesMax = 6;
/// A push service that refuses so often in a row, hours apart, takes nothing for this subscription: it is forgotten.
constexpr uint32_t kWebPushRefusalsMax = 4;
constexpr Duration kWebPushRefusedPause = hours(1);

/// The devices with a subscription, each named by its queue's key.
class WebPushes {
 public:
  /// The device has a subscription, another one than before.
  void learn(const Bytes& queue, Instant now);
  /// It has none.
  void forget(const Bytes& queue);
  /// Something waits for the device, which is not connected. Devices without a subscription are passed over.
  void wanted(const Bytes& queue, Instant now);
  /// The device was here: what was wanted is not wanted any more.
  void seen(const Bytes& queue);
  /// Takes a device whose time has come; finished() follows.
  std::optional<Bytes> take_due(Instant now);
  /// When take_due() has one; kNever if there is none.
  Instant next_due() const { return due_.empty() ? kNever : due_.begin()->first; }
  /// What came of a push to a device. True: its subscription is of no use and is to be removed.
  bool finished(const Bytes& queue, const WebPushResult& result, Instant now);

  /// Times are by so much earlier from now on.
  void clock_went_back(Duration by);

 private:
  struct Device {
    Instant due = kNever;
    Instant not_before{};
    bool told = false;  // a push is out, or was, since it was last here
    uint32_t failures = 0;
    uint32_t refusals = 0;
  };
  void set_due(const Bytes& queue, Device& device, Instant due);
  void try_later(const Bytes& queue, Device& device, Duration pause, Instant now);

  std::map<Bytes, Device> devices_;
  std::set<std::pair<Instant, Bytes>> due_;
};

}  // namespace godwit::home
