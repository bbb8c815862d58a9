#include "routes/memory.h"

#include <algorithm>

#include "codec/codec.h"

namespace godwit::routes {
namespace {

// The record, in the order in which things were used, so that the order survives.
struct WayRecord {
  Bytes network;
  std::string uri;
  LookKind look{};
  int64_t succeeded_ms = 0;
  int64_t failed_ms = 0;
  uint32_t failures = 0;
  End why{};
  int64_t took_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.network, self.uri, self.look, self.succeeded_ms, self.failed_ms, self.failures, self.why,
                          self.took_ms);
  }
};
struct HostRecord {
  Bytes network;
  std::string host;
  int64_t curtained_until_ms = 0;
  uint32_t curtains = 0;
  int64_t stalled_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.network, self.host, self.curtained_until_ms, self.curtains, self.stalled_ms);
  }
};
struct AddressRecord {
  std::string host;
  std::vector<std::string> addresses;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.host, self.addresses);
  }
};
struct HelloRecord {
  Bytes network;
  HelloKind kind{};
  int64_t succeeded_ms = 0;
  int64_t failed_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.network, self.kind, self.succeeded_ms, self.failed_ms);
  }
};
struct NetworkRecord {
  Bytes network;
  int64_t hindered_until_ms = 0;
  uint32_t spoilt = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.network, self.hindered_until_ms, self.spoilt);
  }
};
// As versions before kVersion have written it; they knew nothing of networks as a whole.
struct RecordBefore {
  uint8_t version = 2;
  std::vector<WayRecord> ways;
  std::vector<HostRecord> hosts;
  std::vector<AddressRecord> addresses;
  std::vector<HelloRecord> hellos;
  uint32_t hello_seed = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.ways, self.hosts, self.addresses, self.hellos, self.hello_seed);
  }
};
constexpr uint8_t kVersion = 3;
struct MemoryRecord {
  RecordBefore before;  // its version is kVersion
  std::vector<NetworkRecord> networks;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.before, self.networks);
  }
};

// The longest time for which a mark may stand (policy.h); a record that says more was made under another clock.
constexpr Duration kMarkMax = hours(2);

// The same for networks.
constexpr Duration kHinderedMax = days(7);

constexpr const char* kRule = "a record of routes is as this version writes it";

const NetworkId& bounded(const NetworkId& network) {
  static const NetworkId kUnknown;
  return network.size() <= kNetworkIdSizeMax ? network : kUnknown;
}

template <typename Map>
void forget_oldest(Map& map, size_t size_max) {
  while (map.size() > size_max) {
    map.erase(std::min_element(map.begin(), map.end(),
                               [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
}

template <typename Map>
std::vector<typename Map::const_pointer> by_use(const Map& map) {
  std::vector<typename Map::const_pointer> out;
  for (const auto& entry : map) out.push_back(&entry);
  std::ranges::sort(out, {}, [](const auto* entry) { return entry->second.used; });
  return out;
}

Instant not_after(int64_t ms, Instant now) { return {std::clamp(ms, int64_t{0}, std::max(now.ms, int64_t{0}))}; }

}  // namespace

WayMemory RouteMemory::way(const NetworkId& network, const std::string& uri, LookKind look) const {
  const auto found =
      ways_.find(std::tuple<const NetworkId&, const std::string&, LookKind>(bounded(network), uri, look));
  return found == ways_.end() ? WayMemory{} : found->second.value;
}

void RouteMemory::set_way(const NetworkId& network, const WayKey& key, const WayMemory& memory) {
  ways_[{bounded(network), key.uri, key.look}] = {memory, ++version_};
  forget_oldest(ways_, kWaysRememberedMax);
}

HostMemory RouteMemory::host(const NetworkId& network, const std::string& host) const {
  const auto found = hosts_.find(std::tuple<const NetworkId&, const std::string&>(bounded(network), host));
  return found == hosts_.end() ? HostMemory{} : found->second.value;
}

void RouteMemory::set_host(const NetworkId& network, const std::string& host, const HostMemory& memory) {
  hosts_[{bounded(network), host}] = {memory, ++version_};
  forget_oldest(hosts_, kHostsRememberedMax);
}

HelloMemory RouteMemory::hello(const NetworkId& network, HelloKind kind) const {
  const auto found = hellos_.find({bounded(network), kind});
  return found == hellos_.end() ? HelloMemory{} : found->second.value;
}

void RouteMemory::set_hello(const NetworkId& network, HelloKind kind, const HelloMemory& memory) {
  hellos_[{bounded(network), kind}] = {memory, ++version_};
  forget_oldest(hellos_, kHellosRememberedMax);
}

void RouteMemory::set_hello_seed(uint32_t seed) {
  hello_seed_ = seed;
  ++version_;
}

NetworkMemory RouteMemory::network(const NetworkId& network) const {
  const auto found = networks_.find(bounded(network));
  return found == networks_.end() ? NetworkMemory{} : found->second.value;
}

void RouteMemory::set_network(const NetworkId& network, const NetworkMemory& memory) {
  networks_[bounded(network)] = {memory, ++version_};
  forget_oldest(networks_, kNetworksRememberedMax);
}

void RouteMemory::address_worked(const std::string& host, const std::string& address) {
  if (is_address(host) || !is_address(address)) return;
  auto& known = addresses_[host];
  if (!known.value.empty() && known.value.front() == address) return;
  std::erase(known.value, address);
  known.value.insert(known.value.begin(), address);
  if (known.value.size() > kAddressesPerHostMax) known.value.pop_back();
  known.used = ++version_;
  forget_oldest(addresses_, kHostsRememberedMax);
}

std::vector<std::string> RouteMemory::addresses(const std::string& host) const {
  const auto found = addresses_.find(host);
  return found == addresses_.end() ? std::vector<std::string>{} : found->second.value;
}

std::optional<std::string> RouteMemory::name_at(const std::string& address) const {
  for (const auto& [host, known] : addresses_) {
    if (std::ranges::find(known.value, address) != known.value.end()) return host;
  }
  return std::nullopt;
}

Bytes RouteMemory::encode() const {
  MemoryRecord whole;
  RecordBefore& record = whole.before;
  record.version = kVersion;
  for (const auto* entry : by_use(ways_)) {
    const auto& [network, uri, look] = entry->first;
    const WayMemory& way = entry->second.value;
    record.ways.push_back({network, uri, look, way.succeeded.ms, way.failed.ms, way.failures, way.why, way.took.ms});
  }
  for (const auto* entry : by_use(hosts_)) {
    const HostMemory& host = entry->second.value;
    record.hosts.push_back({std::get<0>(entry->first), std::get<1>(entry->first), host.curtained_until.ms,
                            host.curtains, host.stalled.ms});
  }
  for (const auto* entry : by_use(addresses_)) record.addresses.push_back({entry->first, entry->second.value});
  for (const auto* entry : by_use(hellos_)) {
    const HelloMemory& hello = entry->second.value;
    record.hellos.push_back(
        {std::get<0>(entry->first), std::get<1>(entry->first), hello.succeeded.ms, hello.failed.ms});
  }
  record.hello_seed = hello_seed_;
  for (const auto* entry : by_use(networks_)) {
    whole.networks.push_back({entry->first, entry->second.value.hindered_until.ms, entry->second.value.spoilt});
  }
  return codec::encoded(whole);
}

Result<RouteMemory> RouteMemory::decode(ByteView bytes, Instant now) {
  REQUIRE(bytes.size() <= kMemorySizeMax, codec::kTrailingBytes, kRule);
  MemoryRecord whole;
  if (!bytes.empty() && bytes[0] == kVersion) {
    whole = TRY(codec::decoded<MemoryRecord>(bytes));
  } else {
    whole.before = TRY(codec::decoded<RecordBefore>(bytes));
    REQUIRE(whole.before.version == 2, codec::kUnknownEnum, kRule);
  }
  const RecordBefore& record = whole.before;
  RouteMemory memory;
  for (const WayRecord& way : record.ways) {
    REQUIRE(way.look >= LookKind::kAsGiven && way.look <= LookKind::kOtherName && way.why <= End::kByUs,
            codec::kUnknownEnum, kRule);
    memory.set_way(way.network, {way.uri, way.look},
                   {not_after(way.succeeded_ms, now), not_after(way.failed_ms, now), way.failures, way.why,
                    milliseconds(std::max<int64_t>(way.took_ms, 0))});
  }
  for (const HostRecord& host : record.hosts) {
    memory.set_host(
        host.network, host.host,
        {not_after(host.curtained_until_ms, now + kMarkMax), host.curtains, not_after(host.stalled_ms, now)});
  }
  for (const AddressRecord& known : record.addresses) {
    for (auto address = known.addresses.rbegin(); address != known.addresses.rend(); ++address) {
      memory.address_worked(known.host, *address);
    }
  }
  for (const HelloRecord& hello : record.hellos) {
    REQUIRE(hello.kind >= HelloKind::kLean && hello.kind <= HelloKind::kVaried, codec::kUnknownEnum, kRule);
    memory.set_hello(hello.network, hello.kind, {not_after(hello.succeeded_ms, now), not_after(hello.failed_ms, now)});
  }
  for (const NetworkRecord& network : whole.networks) {
    memory.set_network(network.network, {not_after(network.hindered_until_ms, now + kHinderedMax), network.spoilt});
  }
  memory.hello_seed_ = record.hello_seed;
  return memory;
}

}  // namespace godwit::routes
