#include "home/main_store.h"

#include <filesystem>

#include "home/main_status.h"
#include "store/errors.h"
#include "store/rocksdb_store.h"

namespace godwit::home {
namespace {

constexpr Duration kStoreLook = seconds(1);

}  // namespace

bool is_store_away(const Config& config) { return store::names_nats(config.store); }

std::string store_name(const Place& place, const Config& config) {
  return is_store_away(config) ? config.store : place.file(config.store);
}

bool is_store_absent(const Place& place, const Config& config) {
  return !is_store_away(config) && !std::filesystem::exists(place.file(config.store));
}

store::NatsOptions nats_options(const Place& place, const Config& config) {
  const auto file = [&](const std::string& name) { return name.empty() ? name : place.file(name); };
  store::NatsOptions options;
  if (auto where = store::parse_nats_place(config.store)) options.place = std::move(*where);
  options.tls = {file(config.nats_authorities), file(config.nats_certificate), file(config.nats_certificate_key)};
  options.bytes_max = config.nats_bytes_max;
  options.lease = config.nats_lease;
  options.renew_every = milliseconds(config.nats_lease.ms / 4);
  return options;
}

Result<std::unique_ptr<store::HomeStore>> open_store(const Place& place, const Config& config) {
  REQUIRE(!is_store_away(config), store::kLocked, "home: commands leave a store on NATS to the homes");
  store::RocksdbOptions options;
  options.drop_unsynced_at_kill = config.drop_unsynced_at_kill;
  return store::open_rocksdb(place.file(config.store), options);
}

void gather_store(const Config& config, store::HomeStore& store, bool gathering) {
  if (!is_store_away(config)) store::gather_rocksdb(store, gathering);
}

StoreWatch::StoreWatch(net::EventLoop& loop, store::HomeStore& store, std::function<void(const Error&)> lost)
    : store_(store), lost_(std::move(lost)), timer_(loop) {
  look();
}

void StoreWatch::look() {
  if (const auto stopped = store::stopped_nats(store_)) lost_(*stopped);
  timer_.set(kStoreLook, [this] { look(); });
}

std::string nobody_to_ask(const Place& place, const Config& config) {
  if (!is_store_away(config)) return {};
  const auto running = running_home(place);
  const std::string advice = ": only the home that has a store on NATS can be asked about it, so run this in its folder";
  if (!running) return "no home runs on this folder" + advice + ", or start this one";
  return running->port == 0 ? "this home is a standby" + advice : std::string();
}

}  // namespace godwit::home
