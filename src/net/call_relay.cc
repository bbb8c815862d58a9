#include "net/call_relay.h"

#include <algorithm>

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

std::shared_ptr<void> CallRelays::take(const ByteArray<16>& source) {
  if (!relay_ || held_->all >= relay_->connections_max) return nullptr;
  const Bytes name = sources_ ? source_name(source) : Bytes();
  if (!name.empty()) {
    size_t& from_there = held_->by_source[name];  // a new one is below any limit but 0
    if (from_there >= relay_->source_max) return nullptr;
    ++from_there;
  }
  ++held_->all;
  return std::shared_ptr<void>(held_.get(), [held = held_, name](void*) {
    --held->all;
    const auto found = held->by_source.find(name);
    if (found != held->by_source.end() && --found->second == 0) held->by_source.erase(found);
  });
}

}  // namespace godwit::net
