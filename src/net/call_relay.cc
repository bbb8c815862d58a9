#include "net/call_relay.h"

#include <algorithm>
#include <utility>

#include "net/source_gate.h"

namespace godwit::net {
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
