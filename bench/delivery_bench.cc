// How many durable deliveries per second one home takes, and how long each lasts: the real godwit-home with RocksDB, TLS
// and WebSocket around every session, 100 pairs of clients in this process on one thread. Each pair is an anonymous session
// that sends 1 KiB, and a mailbox session that fetches live, opens each item, and acknowledges. Done is answered after the
// disk has it.
//
//   closed loop   each sender sends as soon as its last delivery is Done: the highest rate
//   open loop     at half that rate, each delivery has a time at which it is due; latency counts from then, so a home that
//                 stalls is charged for all that was due meanwhile
//
// Baseline in the same run: the same store without home and network, as many writers as pairs, each waiting for its own
// append to be durable before the next one. Clients and home share this machine's cores.

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "bench/mailbox.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/random_sources.h"
#include "crypto/sealed_item.h"
#include "store/rocksdb_store.h"

namespace godwit::bench {
namespace {

constexpr size_t kPayloadSize = 1024;
constexpr size_t kInFlightMax = 60;  ///< of one sender; the session allows 64
constexpr Duration kSetUpPatience = seconds(60);
constexpr Duration kDrainPatience = seconds(30);

double process_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// What all pairs count together.
struct Counts {
  uint64_t done = 0;
  uint64_t pushed = 0;
  uint64_t acknowledged = 0;      ///< requests; one may cover several items
  std::vector<double> done_ms;    ///< due -> Done
  std::vector<double> pushed_ms;  ///< due -> at the receiver, opened
};

// A sender and a receiver.
class ClientPair {
 public:
  ClientPair(net::EventLoop& loop, Random& random, const HomeHost& home, Counts& counts)
      : random_(random),
        home_(home),
        counts_(counts),
        mailbox_(random),
        receiver_(loop, random, home, nullptr, receiver_events()),
        sender_(loop, random, home, nullptr, sender_events()) {}

  void connect() {
    receiver_.connect(0);
    sender_.connect(0);
  }
  bool is_ready() const { return receiver_replies_ >= 3 && sender_ready_; }
  bool is_idle() const { return due_.empty() && waiting_.empty() && !acknowledging_ && seen_ == acknowledged_; }

  /// In a closed loop each Done is followed by the next delivery.
  void set_closed_loop(bool closed) {
    closed_loop_ = closed;
    if (closed) send(steady_seconds());
  }
  /// Sends a delivery that was due at `due`, or queues it if too many are on their way.
  void send(double due) {
    waiting_.push_back(due);
    send_waiting();
  }

 private:
  ClientEvents sender_events() {
    ClientEvents events;
    events.on_established = [this] { sender_ready_ = true; };
    events.on_reply = [this](session::StreamId stream, const wire::Reply& reply) { on_done(stream, reply); };
    return events;
  }
  ClientEvents receiver_events() {
    ClientEvents events;
    events.on_established = [this] {
      receiver_.request(mailbox_.open(receiver_, home_.admission_code()));
      receiver_.request(mailbox_.create_address());
    };
    events.on_reply = [this](session::StreamId, const wire::Reply&) { on_receiver_reply(); };
    events.on_push = [this](const wire::Reply& push) { on_items(std::get<wire::Items>(push)); };
    return events;
  }

  void send_waiting() {
    while (!waiting_.empty() && due_.size() < kInFlightMax) {
      const double due = waiting_.front();
      waiting_.pop_front();
      Bytes payload(kPayloadSize);
      std::memcpy(payload.data(), &due, sizeof due);
      due_[sender_.request(mailbox_.deliver(std::move(payload), random_))] = due;
    }
  }

  void on_done(session::StreamId stream, const wire::Reply& reply) {
    ASSERT(std::holds_alternative<wire::Done>(reply));
    const auto found = due_.find(stream);
    ASSERT(found != due_.end());
    const double now = steady_seconds();
    ++counts_.done;
    counts_.done_ms.push_back((now - found->second) * 1000);
    due_.erase(found);
    if (closed_loop_) waiting_.push_back(now);
    send_waiting();
  }

  void on_receiver_reply() {
    if (++receiver_replies_ == 2) receiver_.request(wire::Fetch{{0}, 64 * 1024, true});
    if (receiver_replies_ <= 3) return;
    acknowledging_ = false;
    acknowledge();
  }

  void on_items(const wire::Items& items) {
    for (const wire::Item& item : items.items) {
      const Bytes payload = mailbox_.open_item(item);
      double due = 0;
      std::memcpy(&due, payload.data(), sizeof due);
      ++counts_.pushed;
      counts_.pushed_ms.push_back((steady_seconds() - due) * 1000);
      ASSERT(item.sequence > seen_);
      seen_ = item.sequence;
    }
    acknowledge();
  }

  // One at a time: what comes meanwhile is covered by the next.
  void acknowledge() {
    if (acknowledging_ || seen_ == acknowledged_) return;
    acknowledging_ = true;
    acknowledged_ = seen_;
    ++counts_.acknowledged;
    receiver_.request(wire::Acknowledge{seen_});
  }

  Random& random_;
  const HomeHost& home_;
  Counts& counts_;
  Mailbox mailbox_;
  Client receiver_;
  Client sender_;
  bool sender_ready_ = false;
  bool closed_loop_ = false;
  bool acknowledging_ = false;
  int receiver_replies_ = 0;
  wire::Sequence seen_;
  wire::Sequence acknowledged_;
  std::map<session::StreamId, double> due_;  // on their way
  std::deque<double> waiting_;
};

// What one phase gave.
struct Phase {
  double rate = 0;  ///< Done per second
  double home_cores = 0;
  double client_cores = 0;
  Counts counts;
};

class Load {
 public:
  Load(const HomeHost& home, int pairs) : home_(home), loop_(net::EventLoop::create().value()), timer_(*loop_) {
    for (int i = 0; i < pairs; ++i) pairs_.push_back(std::make_unique<ClientPair>(*loop_, random_, home, counts_));
  }

  // Gives the seconds that it took.
  double connect() {
    const double begin = steady_seconds();
    for (const auto& pair : pairs_) pair->connect();
    wait([this] { return std::ranges::all_of(pairs_, &ClientPair::is_ready, as_reference); }, kSetUpPatience);
    return steady_seconds() - begin;
  }

  Phase closed_loop(double warm_up, double duration) {
    for (const auto& pair : pairs_) pair->set_closed_loop(true);
    run_for(warm_up);
    const Phase phase = measure(duration);
    for (const auto& pair : pairs_) pair->set_closed_loop(false);
    drain();
    return phase;
  }

  Phase open_loop(double rate, double duration) {
    rate_ = rate;
    began_ = steady_seconds();
    sent_ = 0;
    counts_ = Counts();
    tick();
    const Phase phase = measure(duration);
    rate_ = 0;
    drain();
    return {phase.rate, phase.home_cores, phase.client_cores, std::exchange(counts_, Counts())};
  }

  // True if everything that was Done was also pushed, once, in order.
  bool is_complete() const { return complete_; }

 private:
  static const ClientPair& as_reference(const std::unique_ptr<ClientPair>& pair) { return *pair; }

  template <typename Done>
  void wait(Done done, Duration patience) {
    if (loop_->run_until(done, patience)) return;
    std::fprintf(stderr, "bench_delivery: the home did not answer in time\n");
    std::exit(1);
  }

  void run_for(double duration) {
    loop_->run_until([] { return false; }, milliseconds(static_cast<int64_t>(duration * 1000)));
  }

  Phase measure(double duration) {
    const uint64_t done = counts_.done;
    const double begin = steady_seconds();
    const double home = home_.processor_seconds();
    const double clients = process_seconds();
    run_for(duration);
    const double seconds_passed = steady_seconds() - begin;
    return {static_cast<double>(counts_.done - done) / seconds_passed,
            (home_.processor_seconds() - home) / seconds_passed,
            (process_seconds() - clients) / seconds_passed,
            {}};
  }

  // Sends what is due, every millisecond.
  void tick() {
    if (rate_ == 0) return;
    const double now = steady_seconds();
    for (double due = began_ + static_cast<double>(sent_) / rate_; due <= now;
         due = began_ + static_cast<double>(sent_) / rate_) {
      pairs_[sent_ % pairs_.size()]->send(due);
      ++sent_;
    }
    timer_.set(milliseconds(1), [this] { tick(); });
  }

  void drain() {
    wait(
        [this] {
          return std::ranges::all_of(pairs_, &ClientPair::is_idle, as_reference) && counts_.pushed >= counts_.done;
        },
        kDrainPatience);
    if (counts_.pushed != counts_.done) complete_ = false;
  }

  const HomeHost& home_;
  crypto::SystemRandom random_;
  std::unique_ptr<net::EventLoop> loop_;
  net::Timer timer_;
  Counts counts_;
  std::vector<std::unique_ptr<ClientPair>> pairs_;
  double rate_ = 0;
  double began_ = 0;
  size_t sent_ = 0;
  bool complete_ = true;
};

// The store alone: appends per second that were durable, with `writers` waiting each for its own.
class StoreBaseline {
 public:
  explicit StoreBaseline(int writers) : writers_(writers) {
    auto store = store::open_rocksdb(folder_.path() + "/store");
    ASSERT(store.has_value());
    store_ = std::move(store).value();
    store_->on_ready([this] {
      const std::lock_guard lock(mutex_);
      ready_ = true;
      wake_.notify_one();
    });
  }

  /// Durable appends per second; how much processor time each took is in append_ms().
  double measure(double duration) {
    const double used = process_seconds();
    for (int writer = 0; writer < writers_; ++writer) append(writer);
    const double begin = steady_seconds();
    while (steady_seconds() - begin < duration) poll();
    const double rate = static_cast<double>(done_) / (steady_seconds() - begin);
    append_ms_ = (process_seconds() - used) * 1000 / static_cast<double>(done_);
    stopping_ = true;
    while (waiting_ > 0) poll();
    return rate;
  }

  double append_ms() const { return append_ms_; }

 private:
  void poll() {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(50), [this] { return ready_; });
      ready_ = false;
    }
    store_->poll();
  }

  void append(int writer) {
    const Instant now{1'750'000'000'000};
    store::Append request{.queue = to_bytes(as_bytes("queue " + std::to_string(writer))),
                          .id = {},
                          .item = Bytes(kPayloadSize + crypto::kSealedItemOverhead),
                          .expires = now + days(1),
                          .remember_until = now + days(2),
                          .now = now};
    random_.fill(request.id.value);
    ++waiting_;
    store_->submit(std::move(request), [this, writer](Result<store::Outcome> outcome) {
      ASSERT(outcome.has_value());
      --waiting_;
      ++done_;
      if (!stopping_) this->append(writer);
    });
  }

  TemporaryFolder folder_;
  crypto::SystemRandom random_;
  int writers_;
  size_t waiting_ = 0;
  size_t done_ = 0;
  double append_ms_ = 0;
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ready_ = false;
  std::unique_ptr<store::HomeStore> store_;  // last: its threads call on_ready
};

void allow_many_connections() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string cores(const Phase& phase) {
  return "home uses " + print_number(phase.home_cores) + " cores, clients " + print_number(phase.client_cores);
}

void add_latency(Report& report, const std::string& key, const std::string& label, std::vector<double> values) {
  report.add(key + "_p50_ms", label + ", p50", quantile(values, 0.5), "ms");
  report.add(key + "_p99_ms", label + ", p99", quantile(values, 0.99), "ms");
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  allow_many_connections();
  const double duration = options.seconds > 0 ? options.seconds : 8;
  const HomeHost home("127.0.0.1");
  Load load(home, options.pairs);
  const double set_up = load.connect();
  const Phase closed = load.closed_loop(1.5, duration);
  StoreBaseline store(options.pairs);
  const double store_rate = store.measure(duration / 2);
  const Phase open = load.open_loop(closed.rate / 2, duration);

  Report report("delivery", std::to_string(options.pairs) + " pairs of clients, 1 KiB each, through one home over TLS");
  report.add("set_up_s", "time to connect all of them and open the mailboxes", set_up, "s");
  report.heading("closed loop: each sender waits for Done");
  report.add("deliveries_per_s", "durable deliveries", closed.rate, "/s",
             times(closed.rate, store_rate, "the store alone"));
  report.add("store_appends_per_s", "store alone, " + std::to_string(options.pairs) + " writers waiting", store_rate,
             "/s", "baseline");
  const double home_ms = closed.home_cores * 1000 / closed.rate;
  report.add("home_ms_per_delivery", "processor time of the home per delivery", home_ms, "ms",
             times(home_ms, store.append_ms(), "the store's per append") + "; " + cores(closed));
  report.heading("open loop at half that rate, from the time each was due");
  report.add("open_rate_per_s", "rate", open.rate, "/s", cores(open));
  add_latency(report, "done", "send -> Done", open.counts.done_ms);
  add_latency(report, "pushed", "send -> at the receiver, opened", open.counts.pushed_ms);
  report.add("acknowledges_per_delivery", "Acknowledge requests per delivery",
             static_cast<double>(open.counts.acknowledged) / static_cast<double>(open.counts.done), "");
  report.remark(load.is_complete() ? "Every delivery that was Done came to its receiver, once and in order."
                                   : "LOST OR REPEATED: deliveries that were Done and pushes do not match.");
  if (home.is_in_memory()) report.remark(kInMemory);
  return report.finish(options) && load.is_complete() ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "durable deliveries per second through one home"));
}
