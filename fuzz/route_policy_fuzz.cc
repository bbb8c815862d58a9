// Any sequence of outcomes, in any order and at any time, keeps the promises of the policy: one dial to a host at a time, spaced;
// races within their bound; bounded memory; and somebody who wants a session always has a deadline or an attempt under way.

#include <map>

#include "base/assert.h"
#include "routes/policy.h"

namespace {

using namespace godwit;
using namespace godwit::routes;

constexpr uint64_t kRacers = 4;

class Run {
 public:
  Run(const uint8_t* data, size_t size) : data_(data), size_(size), world_(random_), policy_(world_, routes()) {}

  void go() {
    while (at_ < size_) step();
    const auto again = RouteMemory::decode(world_.memory.encode(), now_);
    ASSERT(again.has_value());
    ASSERT(world_.memory.encode().size() <= kMemorySizeMax);
  }

 private:
  class Counting : public Random {
   public:
    void fill(ByteSpan out) override {
      for (uint8_t& byte : out) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<uint8_t>(state_ >> 56);
      }
    }

   private:
    uint64_t state_ = 1;
  };
  struct Open {
    uint64_t racer = 0;
    std::string key;
    bool small = false;
    bool probe = false;
    bool opened = false;
    bool established = false;
  };

  static std::vector<KnownRoute> routes() {
    std::vector<KnownRoute> out;
    for (const char* uri : {"wss://a.example/", "wss://a.example/?sni=none", "bridge://b.example/",
                            "bridge://192.0.2.7/", "webtunnel://a.example/", "obfs4://192.0.2.9:1?cert=x&iat-mode=0"}) {
      if (auto route = parse_route(uri)) out.push_back({*route, RouteSource::kInvite});
    }
    return out;
  }
  uint8_t byte() { return at_ < size_ ? data_[at_++] : uint8_t{0}; }
  Wants wants(uint8_t bits) const { return {true, (bits & 1) != 0, (bits & 2) != 0}; }

  void step() {
    const uint8_t what = byte();
    const uint8_t detail = byte();
    switch (what % 8) {
      case 0:
        now_ = now_ + milliseconds(int64_t{1} << (detail % 24));
        break;
      case 1:
      case 2:
        dial(1 + detail % kRacers, wants(static_cast<uint8_t>(detail >> 4)));
        break;
      case 3:
        if (Open* open = pick(detail)) {
          open->opened = true;
          policy_.on_opened(picked_, now_);
        }
        break;
      case 4:
        establish(detail);
        break;
      case 5:
        if (pick(detail) != nullptr) end(picked_, static_cast<End>(byte() % 10));
        break;
      case 6:
        world_.memory.address_worked(detail % 2 == 0 ? "a.example" : "b.example",
                                     detail % 4 < 2 ? "192.0.2.7" : "192.0.2.8");
        break;
      default:
        change(detail);
        break;
    }
    check(1 + detail % kRacers);
  }

  void change(uint8_t detail) {
    if (detail % 4 == 0) world_.network = Bytes(detail % 40, 1);
    if (detail % 4 <= 1) world_.pacer.on_network_changed();
    policy_.on_network_changed();
  }

  Open* pick(uint8_t detail) {
    if (open_.empty()) return nullptr;
    auto it = open_.begin();
    std::advance(it, detail % open_.size());
    picked_ = it->first;
    return &it->second;
  }

  void dial(uint64_t racer, const Wants& wants) {
    const auto next = policy_.next_dial(RacerId{racer}, wants, now_);
    if (!next) return;
    const std::string key = world_.host_key(next->route.host);
    size_t racing = 0;
    for (const auto& [id, open] : open_) {
      ASSERT(open.opened || open.established || open.key != key);
      if (open.racer == racer && !open.established && !open.small) ++racing;
    }
    ASSERT(racing < kRaceMax);
    const auto last = last_.find(key);
    ASSERT(last == last_.end() || now_ - last->second >= kDialSpacing);
    last_[key] = now_;
    ASSERT(next->open_by > now_);
    open_[next->attempt] = {racer, key, next->small, next->probe, false, false};
  }

  void establish(uint8_t detail) {
    Open* open = pick(detail);
    if (open == nullptr || !open->opened) return;
    open->established = true;
    policy_.on_established(picked_, now_);
    if (open->small) return;
    std::vector<AttemptId> others;
    for (const auto& [id, one] : open_) {
      if (one.racer == open->racer && id != picked_ && !one.small) others.push_back(id);
    }
    for (const AttemptId id : others) end(id, End::kByUs);
  }

  void end(AttemptId id, End why) {
    Tally tally;
    tally.sent(size_t{byte()} * 256);
    tally.received(size_t{byte()} * 256);
    policy_.on_carried(id, tally);
    open_.erase(id);
    policy_.on_ended(id, why, tally, now_);
  }

  void check(uint64_t racer) {
    ASSERT(policy_.attempts() == open_.size());
    const Instant at = policy_.next_dial_at(RacerId{racer}, {true, true, false}, now_);
    ASSERT(at >= now_);
    ASSERT(at != kNever || !open_.empty());
    static_cast<void>(policy_.best(now_));
  }

  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
  Counting random_;
  RouteWorld world_;
  HomePolicy policy_;
  Instant now_{1'790'000'000'000};
  std::map<AttemptId, Open> open_;
  AttemptId picked_;
  std::map<std::string, Instant> last_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Run(data, size).go();
  return 0;
}
