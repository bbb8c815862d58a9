// How many followers of one channel one home carries: the real godwit-home with RocksDB, TLS and WebSocket around every
// session, followers in this process on one thread. An owner writes entries of 500 bytes.
//
//   live    so many sessions as one address may have follow the channel; an entry each second is pushed to all of them
//   polls   followers that come, ask what is new, and go: each with a ticket and its question in the first flight
//   crowd   100,000 followers, each with a ticket of his own, who all come once for it and once again
//
// Baseline in the same run: the same question over a session that stands. Followers and home share this machine's cores.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "bench/channel_owner.h"
#include "bench/follower_crowd.h"
#include "bench/mailbox.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/random_sources.h"

namespace godwit::bench {
namespace {

constexpr size_t kEntrySize = 500;
constexpr size_t kLiveFollowers = 1'900;  ///< a home takes 2,000 pipes from one address
constexpr size_t kDialsAtOnce = 100;
constexpr size_t kPollers = 32;
constexpr size_t kCrowdStep = 10'000;
constexpr uint32_t kReadBytes = 64 * 1024;
constexpr Duration kPatience = seconds(120);

// What all followers count together.
struct Counts {
  size_t ready = 0;
  uint64_t pushed = 0;
  uint64_t polls = 0;
  std::vector<double> pushed_ms;  ///< append -> at a follower
  std::vector<double> poll_ms;    ///< dial -> answer
};

double time_in(const wire::ChannelEntry& entry) {
  double time = 0;
  std::memcpy(&time, entry.content->data(), sizeof time);
  return time;
}

// A session that follows.
class LiveFollower {
 public:
  LiveFollower(net::EventLoop& loop, Random& random, const HomeHost& home, const wire::ChannelId& channel,
               Counts& counts)
      : channel_(channel), counts_(counts), client_(loop, random, home, nullptr, events()) {}

  void connect() { client_.connect(0); }

 private:
  ClientEvents events() {
    ClientEvents events;
    events.on_established = [this] { client_.request(wire::ChannelFollow{channel_, 0, kReadBytes}); };
    events.on_reply = [this](session::StreamId, const wire::Reply& reply) {
      ASSERT(std::holds_alternative<wire::ChannelEntries>(reply));
      ++counts_.ready;
    };
    events.on_push = [this](const wire::Reply& push) {
      for (const wire::ChannelEntry& entry : std::get<wire::ChannelEntries>(push).entries) {
        ++counts_.pushed;
        counts_.pushed_ms.push_back((steady_seconds() - time_in(entry)) * 1000);
      }
    };
    return events;
  }

  const wire::ChannelId channel_;
  Counts& counts_;
  Client client_;
};

// Comes, asks and goes, again and again.
class Poller {
 public:
  Poller(net::EventLoop& loop, Random& random, const HomeHost& home, const ChannelOwner& owner, Counts& counts)
      : loop_(loop), random_(random), home_(home), owner_(owner), counts_(counts), timer_(loop) {}

  // The first time, for a ticket: it comes with the first answer.
  void connect() {
    ClientEvents events;
    events.on_established = [this] { client_->request(question()); };
    client_ = std::make_unique<Client>(loop_, random_, home_, &tls_, std::move(events));
    client_->connect(1);
  }
  bool has_ticket() const { return client_ && !client_->tickets().empty(); }
  void set_polling(bool polling) {
    polling_ = polling;
    if (polling) poll();
  }
  bool is_idle() const { return !under_way_; }

 private:
  void poll() {
    if (!polling_) return;
    session::Ticket ticket = std::move(client_->tickets().front());
    ClientEvents events;
    events.on_reply = [this](session::StreamId, const wire::Reply& reply) { on_answer(reply); };
    client_ = std::make_unique<Client>(loop_, random_, home_, &tls_, std::move(events));
    began_ = steady_seconds();
    under_way_ = true;
    client_->resume(std::move(ticket), {question()});
  }
  wire::Request question() const { return wire::ChannelRead{owner_.channel(), owner_.newest() - 1, kReadBytes}; }
  void on_answer(const wire::Reply& reply) {
    ASSERT(std::get<wire::ChannelEntries>(reply).entries.size() == 1);
    ++counts_.polls;
    counts_.poll_ms.push_back((steady_seconds() - began_) * 1000);
    await_ticket();
  }
  // Not from inside of the client, which poll() ends.
  void await_ticket() {
    under_way_ = !has_ticket();
    timer_.set(milliseconds(under_way_ ? 1 : 0), [this] { has_ticket() ? poll() : await_ticket(); });
  }

  net::EventLoop& loop_;
  Random& random_;
  const HomeHost& home_;
  const ChannelOwner& owner_;
  Counts& counts_;
  net::Timer timer_;
  net::TlsTickets tls_;
  std::unique_ptr<Client> client_;
  bool polling_ = false;
  bool under_way_ = false;
  double began_ = 0;
};

// What one phase gave.
struct Phase {
  double seconds = 0;
  double home_seconds = 0;  ///< of processor time
  uint64_t count = 0;
  double rate() const { return static_cast<double>(count) / seconds; }
  double home_ms() const { return home_seconds * 1000 / static_cast<double>(count); }
};

class Load {
 public:
  explicit Load(const HomeHost& home) : home_(home), loop_(net::EventLoop::create().value()), owner_(random_) {}

  // An open channel with one entry.
  void make_channel() {
    Mailbox mailbox(random_);
    Client resident(*loop_, random_, home_, nullptr, reply_events());
    connect(resident);
    ask(resident, mailbox.open(resident, home_.admission_code()));
    ask(resident, wire::ChannelGrant{});
    const Bytes grant = std::get<wire::ChannelGranted>(*reply_).grant;
    writer_ = std::make_unique<Client>(*loop_, random_, home_, nullptr, reply_events());
    connect(*writer_);
    ask(*writer_, owner_.create(grant));
    post();
  }

  // Gives the seconds that it took.
  double connect_followers() {
    const double begin = steady_seconds();
    while (followers_.size() < kLiveFollowers) {
      for (size_t i = 0; i < kDialsAtOnce && followers_.size() < kLiveFollowers; ++i) {
        followers_.push_back(std::make_unique<LiveFollower>(*loop_, random_, home_, owner_.channel(), counts_));
        followers_.back()->connect();
      }

      wait([this] { return counts_.ready == followers_.size(); });
    }
    return steady_seconds() - begin;
  }

  // An entry each second, until every follower has the last one.
  Phase push(double duration) {
    counts_ = {};
    return measure([&] {
      uint64_t posts = 0;
      for (const double begin = steady_seconds(); steady_seconds() - begin < duration;) {
        post();
        ++posts;
        wait([&] { return counts_.pushed == posts * followers_.size(); });
        run_for(begin + static_cast<double>(posts) - steady_seconds());
      }
      return counts_.pushed;
    });
  }
  void drop_followers() { followers_.clear(); }

  Phase poll(double duration) {
    for (size_t i = 0; i < kPollers; ++i) {
      pollers_.push_back(std::make_unique<Poller>(*loop_, random_, home_, owner_, counts_));
      pollers_.back()->connect();
    }
    wait([this] { return std::ranges::all_of(pollers_, [](const auto& each) { return each->has_ticket(); }); });
    counts_.polls = 0;
    const Phase phase = measure([&] {
      for (const auto& poller : pollers_) poller->set_polling(true);
      run_for(duration);
      return counts_.polls;
    });
    for (const auto& poller : pollers_) poller->set_polling(false);
    wait([this] { return std::ranges::all_of(pollers_, [](const auto& each) { return each->is_idle(); }); });
    return phase;
  }

  // All come once; told on the way, since it takes minutes.
  Phase crowd(FollowerCrowd& crowd, const char* what) {
    return measure([&] {
      crowd.begin();
      for (size_t told = 0; !crowd.is_done();) {
        const size_t until = told + kCrowdStep;
        wait([&] { return crowd.is_done() || crowd.gone() >= until; });
        told = crowd.gone();
        std::fprintf(stderr, "bench_followers: %zu followers have %s\n", told, what);
      }
      return crowd.gone();
    });
  }
  FollowerCrowd make_crowd(size_t count) { return {*loop_, random_, home_, owner_, count}; }

  // The baseline: one question after the other over the writer's session.
  Phase read(double duration) {
    return measure([&] {
      uint64_t reads = 0;
      for (const double begin = steady_seconds(); steady_seconds() - begin < duration; ++reads) {
        ask(*writer_, wire::ChannelRead{owner_.channel(), owner_.newest() - 1, kReadBytes});
      }
      return reads;
    });
  }

  Counts& counts() { return counts_; }

 private:
  ClientEvents reply_events() {
    ClientEvents events;
    events.on_established = [this] { established_ = true; };
    events.on_reply = [this](session::StreamId, const wire::Reply& reply) { reply_ = reply; };
    return events;
  }
  void connect(Client& client) {
    established_ = false;
    client.connect(0);
    wait([this] { return established_; });
  }
  void ask(Client& client, const wire::Request& request) {
    reply_.reset();
    client.request(request);
    wait([this] { return reply_.has_value(); });
  }
  void post() {
    Bytes content(kEntrySize);
    const double now = steady_seconds();
    std::memcpy(content.data(), &now, sizeof now);
    ask(*writer_, owner_.append(std::move(content)));
  }
  template <typename Work>
  Phase measure(Work work) {
    const double begin = steady_seconds();
    const double home = home_.processor_seconds();
    const uint64_t count = work();
    return {steady_seconds() - begin, home_.processor_seconds() - home, count};
  }
  template <typename Done>
  void wait(Done done) {
    if (loop_->run_until(done, kPatience)) return;
    std::fprintf(stderr, "bench_followers: the home did not answer in time\n");
    std::exit(1);
  }
  void run_for(double duration) {
    if (duration > 0) loop_->run_until([] { return false; }, milliseconds(static_cast<int64_t>(duration * 1000)));
  }

  const HomeHost& home_;
  crypto::SystemRandom random_;
  std::unique_ptr<net::EventLoop> loop_;
  Counts counts_;
  ChannelOwner owner_;
  std::unique_ptr<Client> writer_;
  std::optional<wire::Reply> reply_;
  bool established_ = false;
  std::vector<std::unique_ptr<LiveFollower>> followers_;
  std::vector<std::unique_ptr<Poller>> pollers_;
};

void allow_many_connections() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  allow_many_connections();
  const double duration = options.seconds > 0 ? options.seconds : 8;
  const HomeHost home("127.0.0.1");
  Load load(home);
  load.make_channel();
  const double memory_before = home.resident_bytes();
  const double set_up = load.connect_followers();
  const double memory = home.resident_bytes() - memory_before;
  const Phase live = load.push(duration);
  std::vector<double> pushed_ms = std::move(load.counts().pushed_ms);
  load.drop_followers();
  const Phase polls = load.poll(duration);
  const Phase reads = load.read(duration / 2);
  const auto many = static_cast<size_t>(options.followers);
  FollowerCrowd crowd = load.make_crowd(many);
  const double memory_then = home.resident_bytes();
  const Phase first = load.crowd(crowd, "come for the first time");
  const Phase again = load.crowd(crowd, "come again");
  const double memory_of_crowd = home.resident_bytes() - memory_then;

  Report report("followers", "followers of one channel at one home over TLS, entries of 500 bytes");
  report.heading("live: an entry each second to " + print_number(kLiveFollowers) + " sessions");
  report.add("set_up_s", "time to connect all of them", set_up, "s");
  report.add("follower_kib", "memory of the home per follower", memory / kLiveFollowers / 1024, "KiB");
  report.add("pushed_p50_ms", "post -> at a follower, p50", quantile(pushed_ms, 0.5), "ms");
  report.add("pushed_max_ms", "post -> at the last follower of all posts", quantile(pushed_ms, 1), "ms");
  report.add("home_ms_per_push", "processor time of the home per push", live.home_ms(), "ms",
             times(live.home_ms(), reads.home_ms(), "a read on a session that stands"));
  report.heading("polls: come with a ticket, ask, go");
  report.add("polls_per_s", "polls", polls.rate(), "/s");
  report.add("poll_p50_ms", "dial -> answer, p50", quantile(load.counts().poll_ms, 0.5), "ms");
  report.add("poll_p99_ms", "dial -> answer, p99", quantile(load.counts().poll_ms, 0.99), "ms");
  report.add("home_ms_per_poll", "processor time of the home per poll", polls.home_ms(), "ms",
             times(polls.home_ms(), reads.home_ms(), "a read on a session that stands"));
  report.add("home_ms_per_read", "processor time of the home per read, session stands", reads.home_ms(), "ms",
             "baseline");
  report.heading("crowd: " + print_number(options.followers) +
                 " followers, each with a ticket of his own; TLS in full each time");
  report.add("crowd_first_s", "all come for the first time, with a full handshake", first.seconds, "s");
  report.add("crowd_first_home_s", "processor time of the home for it", first.home_seconds, "s");
  report.add("crowd_again_s", "all come again, with their tickets", again.seconds, "s");
  report.add("crowd_again_home_s", "processor time of the home for it", again.home_seconds, "s",
             times(again.home_ms(), reads.home_ms(), "a read on a session that stands, for each"));
  report.add("crowd_memory_mib", "more memory of the home after it", memory_of_crowd / (1024 * 1024), "MiB");
  if (home.is_in_memory()) report.remark(kInMemory);
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "followers of one channel at one home"));
}
