#include "bench/load/scenes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "base/assert.h"
#include "bench/rates.h"

namespace godwit::bench::load {
namespace {

constexpr size_t kPayload = 1'024;
constexpr size_t kReceipt = 64;
constexpr size_t kDialsAtOnce = 32;
constexpr Duration kTick = milliseconds(1);
constexpr double kSoakShare = 0.7;

// A payload begins with the time at which it was due.
Bytes payload_due(double due, size_t size) {
  Bytes payload(size);
  std::memcpy(payload.data(), &due, sizeof due);
  return payload;
}
double due_of(ByteView payload) {
  double due = 0;
  std::memcpy(&due, payload.data(), sizeof due);
  return due;
}

// People, and what has happened to them so far.
class Crowd {
 public:
  Crowd(net::EventLoop& loop, ChatServer& server, Duration patience)
      : loop_(loop), server_(server), patience_(patience) {}

  /// Makes account `first` and those behind it. `on_message`: beside counting.
  void add(size_t first, size_t count, std::function<void(size_t, ByteView)> on_message = {}) {
    for (size_t i = 0; i < count; ++i) {
      const size_t at = people_.size();
      PersonEvents events;
      events.on_ready = [this] { ++ready_; };
      events.on_message = [this, at, on_message](ByteView payload) {
        ++messages_;
        if (on_message) on_message(at, payload);
      };
      events.on_accepted = [this, at](size_t more) {
        accepted_ += more;
        if (on_accepted_) on_accepted_(at, more);
      };
      people_.push_back(server_.person(first + i, std::move(events)));
    }
  }
  /// Logs all in, a few at a time.
  void log_in(bool again = false) {
    const size_t before = ready_;
    for (size_t i = 0; i < people_.size(); ++i) {
      wait("log in", [&] { return before + i - ready_ < kDialsAtOnce || ready_ > before + i; });
      people_[i]->log_in(again);
    }
    wait("log in", [&] { return ready_ >= before + people_.size(); });
  }
  void log_out() {
    for (const auto& person : people_) person->log_out();
    rest(0.2);
  }
  void join_group() {
    const size_t before = ready_;
    for (size_t i = 0; i < people_.size(); ++i) {
      people_[i]->join_group(people_.size());
      wait("join", [&] { return before + i < ready_ + kDialsAtOnce; });
    }
    wait("join", [&] { return ready_ >= before + people_.size(); });
  }
  void on_accepted(std::function<void(size_t, size_t)> work) { on_accepted_ = std::move(work); }

  template <typename Done>
  void wait(const char* what, Done done) {
    if (loop_.run_until(done, patience_)) return;
    fail((std::string("nothing more came: ") + what).c_str());
  }
  [[noreturn]] void fail(const char* why) {
    std::fprintf(stderr, "bench_load: %s: %s\n", server_.name().c_str(), why);
    std::exit(1);
  }
  void rest(double time) {
    loop_.run_until([] { return false; }, milliseconds(static_cast<int64_t>(time * 1000)));
  }
  Person& person(size_t at) { return *people_[at]; }
  size_t size() const { return people_.size(); }
  uint64_t messages() const { return messages_; }
  uint64_t accepted() const { return accepted_; }

 private:
  net::EventLoop& loop_;
  ChatServer& server_;
  Duration patience_;
  std::vector<std::unique_ptr<Person>> people_;
  size_t ready_ = 0;
  uint64_t messages_ = 0;
  uint64_t accepted_ = 0;
  std::function<void(size_t, size_t)> on_accepted_;
};

class Play {
 public:
  Play(net::EventLoop& loop, ChatServer& server, const Sizes& sizes) : loop_(loop), server_(server), sizes_(sizes) {}

  std::vector<Figure> all() {
    const auto wanted = [this](const char* name) { return sizes_.scene.empty() || sizes_.scene == name; };
    if (wanted("idle")) idle();
    if (wanted("logins")) logins();
    if (wanted("online")) online();
    if (wanted("paced")) paced();
    if (sizes_.scene == "soak") soak();
    if (wanted("offline")) offline();
    for (const size_t members : sizes_.groups) {
      if (wanted("groups")) group(members);
    }
    return std::move(figures_);
  }

 private:
  // From here on time and processor time count.
  void begin() {
    began_ = steady_seconds();
    used_ = server_.processor_seconds();
  }
  double passed() const { return steady_seconds() - began_; }
  double used() const { return server_.processor_seconds() - used_; }
  void add(std::string key, std::string label, std::string unit, double value, bool more = true) {
    figures_.push_back({std::move(key), std::move(label), std::move(unit), value, more});
  }
  // A rate by the clock, and what it would be if the server had its core for itself.
  void add_rate(const std::string& key, const std::string& label, double count, double time, double processor) {
    add(key + "_per_s", label, "/s", count / time);
    add(key + "_per_core_s", label + ", per second of its processor time", "/s", count / std::max(processor, 1e-6));
  }
  // Accounts are never used by two scenes: what one leaves must not slow another.
  size_t take_accounts(size_t count) { return std::exchange(next_account_, next_account_ + count); }

  void idle() {
    Crowd warm(loop_, server_, sizes_.patience);
    warm.add(take_accounts(50), 50);
    warm.log_in();
    warm.log_out();
    const double before = server_.resident_bytes();
    Crowd crowd(loop_, server_, sizes_.patience);
    crowd.add(take_accounts(sizes_.connections), sizes_.connections);
    crowd.log_in();
    crowd.rest(1);
    const double each = (server_.resident_bytes() - before) / static_cast<double>(sizes_.connections) / 1024;
    add("idle_kib", "memory per idle login", "KiB", each, false);
    begin();
    crowd.rest(sizes_.seconds);
    add("idle_core_percent", "processor time, all idle", "% of a core", used() / passed() * 100, false);
    crowd.log_out();
  }

  void logins() {
    const size_t first = take_accounts(sizes_.logins);
    Crowd crowd(loop_, server_, sizes_.patience);
    crowd.add(first, sizes_.logins);
    crowd.log_in();  // makes the accounts
    crowd.log_out();
    for (const bool again : {false, true}) {
      if (again && !server_.has_tickets()) continue;
      begin();
      crowd.log_in(again);
      const double each = used() * 1000 / static_cast<double>(sizes_.logins);
      add(again ? "login_again_ms" : "login_ms",
          again ? "processor time per login, with tickets" : "processor time per login, full", "ms", each, false);
      crowd.log_out();
    }
  }

  void online() { online_for(sizes_.seconds); }

  // Pairs of people: i and i + pairs. The second answers each message with a receipt. Gives the messages per second, by the clock.
  double online_for(double time) {
    const size_t pairs = sizes_.pairs;
    const size_t first = take_accounts(2 * pairs);
    Crowd crowd(loop_, server_, sizes_.patience);
    uint64_t receipts = 0;
    bool more = true;
    Crowd* all = &crowd;
    const auto send = [=](size_t at) {
      all->person(at).send(first + at + pairs, payload_due(steady_seconds(), kPayload));
    };
    crowd.add(first, 2 * pairs, [&, all](size_t at, ByteView payload) {
      if (at >= pairs) return all->person(at).send_receipt(first + at - pairs, payload_due(due_of(payload), kReceipt));
      ++receipts;
      if (more) send(at);
    });
    crowd.log_in();
    for (size_t i = 0; i < pairs * sizes_.window; ++i) send(i % pairs);
    crowd.wait("online", [&] { return receipts >= pairs * sizes_.window; });  // all are connected and warm
    begin();
    const uint64_t before = receipts;
    crowd.rest(time);
    const double rate = static_cast<double>(receipts - before) / passed();
    add_rate("online", "online with receipts, messages", static_cast<double>(receipts - before), passed(), used());
    more = false;
    crowd.wait("receipts", [&] { return crowd.messages() % 2 == 0 && crowd.messages() == crowd.accepted(); });
    crowd.log_out();
    return rate;
  }

  // So many messages per second, whatever becomes of them; gives how long each took from when it was due.
  std::vector<double> send_at(double rate, double time, const std::function<void()>& on_tick = [] {}) {
    const size_t pairs = sizes_.pairs;
    const size_t first = take_accounts(2 * pairs);
    Crowd crowd(loop_, server_, sizes_.patience);
    std::vector<double> latency_ms;
    crowd.add(first, 2 * pairs,
              [&](size_t, ByteView payload) { latency_ms.push_back((steady_seconds() - due_of(payload)) * 1000); });
    crowd.log_in();
    for (size_t i = 0; i < pairs; ++i) crowd.person(i).send(first + i + pairs, payload_due(steady_seconds(), kPayload));
    crowd.wait("paced", [&] { return crowd.messages() == pairs; });
    latency_ms.clear();
    begin();
    net::Timer timer(loop_);
    uint64_t sent = 0;
    const double began = steady_seconds();
    const auto total = static_cast<uint64_t>(rate * time);
    std::deque<std::pair<size_t, double>> late;
    std::vector<size_t> under_way(pairs);
    const auto send_late = [&] {  // a session takes 64 requests at once; what is late counts from when it was due
      for (size_t left = late.size(); left > 0; --left) {
        const auto [at, due] = late.front();
        late.pop_front();
        if (under_way[at] >= 60) {
          late.emplace_back(at, due);
        } else {
          ++under_way[at];
          crowd.person(at).send(first + at + pairs, payload_due(due, kPayload));
        }
      }
    };
    crowd.on_accepted([&](size_t at, size_t count) { under_way[at] -= std::min(count, under_way[at]); });
    std::function<void()> tick = [&] {
      on_tick();
      for (double due = began + static_cast<double>(sent) / rate; due <= steady_seconds() && sent < total;
           due = began + static_cast<double>(++sent) / rate) {
        late.emplace_back(sent % pairs, due);
      }
      send_late();
      if (sent < total || !late.empty()) timer.set(kTick, tick);
    };
    tick();
    crowd.wait("paced", [&] { return latency_ms.size() >= total; });
    crowd.on_accepted({});
    used_for_ = used();
    crowd.log_out();
    return latency_ms;
  }

  void paced() {
    std::vector<double> latency_ms = send_at(sizes_.rate, sizes_.seconds);
    const std::string label = "at " + std::to_string(static_cast<int>(sizes_.rate)) + " messages per second, one way";
    add("paced_p50_ms", label + ", p50", "ms", quantile(latency_ms, 0.5), false);
    add("paced_p99_ms", label + ", p99", "ms", quantile(latency_ms, 0.99), false);
    add("paced_core_us", "its processor time per message then", "us",
        used_for_ * 1e6 / static_cast<double>(latency_ms.size()), false);
  }

  // Whether memory stays what it was, at 70 % of what the server carried a moment before.
  void soak() {
    const double full = online_for(std::min(sizes_.seconds, 5.0));
    std::vector<double> mib;
    double next = steady_seconds();
    const double every = std::max(sizes_.seconds / 100, 0.1);
    std::vector<double> latency_ms = send_at(kSoakShare * full, sizes_.seconds, [&] {
      if (steady_seconds() < next) return;
      next = steady_seconds() + every;
      mib.push_back(server_.resident_bytes() / (1 << 20));
    });
    ASSERT(mib.size() >= 20);
    const auto tenth = [&](size_t at) {
      const auto begin = mib.begin() + static_cast<ptrdiff_t>(mib.size() * at / 10);
      std::vector<double> part(begin, begin + static_cast<ptrdiff_t>(mib.size() / 10));
      return quantile(part, 0.5);
    };
    add("soak_per_s", "sent at 70 % of that, messages", "/s", static_cast<double>(latency_ms.size()) / sizes_.seconds);
    add("soak_p50_ms", "one way, p50", "ms", quantile(latency_ms, 0.5), false);
    add("soak_p99_ms", "one way, p99", "ms", quantile(latency_ms, 0.99), false);
    // The first tenth fills caches and the store's memory.
    add("soak_early_mib", "memory in the second tenth of the time", "MiB", tenth(1), false);
    add("soak_late_mib", "memory in the last tenth", "MiB", tenth(9), false);
  }

  void offline() {
    const size_t people = sizes_.offline_people;
    const size_t first = take_accounts(2 * people);
    const auto total = static_cast<double>(people * sizes_.offline_messages);
    Crowd away(loop_, server_, sizes_.patience);
    away.add(first, people);
    away.log_in();
    away.log_out();
    Crowd senders(loop_, server_, sizes_.patience);
    std::vector<size_t> left(people, sizes_.offline_messages);
    const auto send = [&](size_t at) {
      if (left[at] == 0) return;
      --left[at];
      senders.person(at).send(first + at, payload_due(steady_seconds(), kPayload));
    };
    senders.add(first + people, people);
    senders.on_accepted([&](size_t at, size_t) { send(at); });
    senders.log_in();
    begin();
    for (size_t i = 0; i < people * sizes_.window; ++i) send(i % people);
    senders.wait("store", [&] { return senders.accepted() >= people * sizes_.offline_messages; });
    add_rate("store", "stored for people who are away", total, passed(), used());
    senders.log_out();
    begin();
    away.log_in();
    away.wait("drain", [&] { return away.messages() >= people * sizes_.offline_messages; });
    add_rate("drain", "drained at login", total, passed(), used());
    away.rest(0.3);
    if (away.messages() != people * sizes_.offline_messages) away.fail("what was stored came twice");
    away.log_out();
  }

  void group(size_t members) {
    // Its members are accounts 0 to members - 1 of the server: those of earlier scenes, who have nothing waiting.
    next_account_ = std::max(next_account_, members);
    Crowd crowd(loop_, server_, sizes_.patience);
    crowd.add(0, members);
    crowd.log_in();
    crowd.join_group();
    Crowd sender(loop_, server_, sizes_.patience);
    sender.add(take_accounts(1), 1);
    sender.log_in();
    const auto send = [&] { sender.person(0).send_group(members, payload_due(steady_seconds(), kPayload)); };
    bool more = true;
    sender.on_accepted([&](size_t, size_t) {
      if (more) send();
    });
    begin();
    for (int i = 0; i < 2; ++i) send();
    crowd.rest(sizes_.seconds);
    const double time = passed();
    const double processor = used();
    const auto delivered = static_cast<double>(crowd.messages());
    more = false;
    const std::string size = std::to_string(members);
    add_rate("group_" + size, "group of " + size + " online, deliveries", delivered, time, processor);
    crowd.wait("group", [&] { return crowd.messages() >= sender.accepted() * members; });
    crowd.rest(0.5);
    crowd.log_out();
    sender.log_out();
  }

  net::EventLoop& loop_;
  ChatServer& server_;
  Sizes sizes_;
  std::vector<Figure> figures_;
  size_t next_account_ = 0;
  double began_ = 0;
  double used_ = 0;
  double used_for_ = 0;  // of the last send_at()
};

}  // namespace

std::vector<Figure> play(net::EventLoop& loop, ChatServer& server, const Sizes& sizes) {
  Play play(loop, server, sizes);
  return play.all();
}

}  // namespace godwit::bench::load
