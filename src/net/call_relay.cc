#include "net/call_relay.h"

#include <algorithm>
#include <utility>

namespace godwit::net {
namespace {

// The address as far as it tells people apart: IPv6 by its network; empty for this machine itself, which is a proxy or a bridge.
Bytes source_name(const ByteArray<16>& address) {
  const bool mapped = std::all_of(address.begin(), address.begin() + 10, [](uint8_t byte) { return byte == 0; }) &&
                      address[10] == 0xff && address[11] == 0xff;
  ByteArray<16> loopback{};
  loopback[15] = 1;
  if ((mapped && address[12] == 127) || address == loopback) return {};
  return mapped ? Bytes(address.begin() + 12, address.end()) : Bytes(address.begin(), address.begin() + 8);
}

}  // namespace

void CallRelays::open_until(Instant until) { until_ = std::max(until_, until); }

size_t CallRelays::Places::from(const Bytes& source) const {
  const auto found = by_source.find(source);
  return found == by_source.end() ? 0 : found->second;
}

// An empty source is nobody's: it counts in all alone.
void CallRelays::Places::add(const Bytes& source) {
  ++all;
  if (!source.empty()) ++by_source[source];
}

void CallRelays::Places::drop(const Bytes& source) {
  --all;
  const auto found = by_source.find(source);
  if (found != by_source.end() && --found->second == 0) by_source.erase(found);
}

class CallRelays::Place final : public CallPlace {
 public:
  Place(std::shared_ptr<Held> held, Bytes source) : held_(std::move(held)), source_(std::move(source)) {
    held_->all.add(source_);
    held_->strangers.add(source_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() override {
    prove();
    held_->all.drop(source_);
  }
  void prove() override {
    if (!std::exchange(proved_, true)) held_->strangers.drop(source_);
  }

 private:
  std::shared_ptr<Held> held_;
  Bytes source_;
  bool proved_ = false;
};

std::unique_ptr<CallPlace> CallRelays::take(const ByteArray<16>& source) {
  if (!relay_ || held_->all.all >= relay_->connections_max || held_->strangers.all >= relay_->strangers_max)
    return nullptr;
  const Bytes name = sources_ ? source_name(source) : Bytes();
  if (held_->all.from(name) >= relay_->source_max || held_->strangers.from(name) >= relay_->stranger_source_max)
    return nullptr;
  return std::make_unique<Place>(held_, name);
}

}  // namespace godwit::net
