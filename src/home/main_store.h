#pragma once
// The home's store as the configuration names it: a folder of this machine, or a stream of a NATS cluster. Only main files include this.

#include <functional>
#include <memory>
#include <optional>

#include "home/main.h"
#include "net/event_loop.h"
#include "store/home_store.h"
#include "store/nats_store.h"

namespace godwit::home {

/// True if the store is on NATS.
bool is_store_away(const Config& config);
/// The store for people: the path of its folder, or "nats://...".
std::string store_name(const Place& place, const Config& config);
/// True if there was never a store: nothing was written yet. Of one that is away that cannot be told: false.
bool is_store_absent(const Place& place, const Config& config);
/// How the configuration wants one on NATS opened; it must name one.
store::NatsOptions nats_options(const Place& place, const Config& config);

/// Opens a store on this machine for a command. Errors as of store::open_rocksdb(). kLocked, at once: it is away, where a command that
/// opened it would take it from a home; the running home is to be asked.
Result<std::unique_ptr<store::HomeStore>> open_store(const Place& place, const Config& config);
/// Why the home that has a store on NATS cannot be asked here, and what to do. Empty: it can, or the store is on this machine.
std::string nobody_to_ask(const Place& place, const Config& config);

/// As gather_rocksdb(); nothing of a store that is away.
void gather_store(const Config& config, store::HomeStore& store, bool gathering);

/// Looks once a second whether another home has taken a store on NATS: one that was frozen or cut off learns so without a request.
class StoreWatch {
 public:
  /// `lost` is called from the loop, once a second from then on. All references outlive it.
  StoreWatch(net::EventLoop& loop, store::HomeStore& store, std::function<void(const Error&)> lost);

 private:
  void look();

  store::HomeStore& store_;
  std::function<void(const Error&)> lost_;
  net::Timer timer_;
};

/// Opens the store for `run`. One on NATS that another home has, or most of whose servers do not answer, is waited for, as a standby
/// that serves as a front of whichever home has it (main_front.h): it says so in the log and to `status`. Null: told to end meanwhile.
/// `was_active`: this process had it before, so that what is unfit now may well pass. Errors as of store::open_rocksdb() or
/// store::open_nats(). Takes the loop's signals.
Result<std::unique_ptr<store::HomeStore>> open_or_stand_by(const Place& place, const Config& config, const Keys& keys,
                                                           net::EventLoop& loop, bool was_active);

}  // namespace godwit::home
