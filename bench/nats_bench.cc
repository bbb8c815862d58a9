// What the store on NATS costs: three real nats-servers on loopback that sync what they acknowledge, a store of this process in them,
// and a real home. How many durable appends a second, what a message and an account take in the stream and in memory, and how fast a
// store is read when another home takes over.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/assert.h"
#include "bench/load/nats_cluster.h"
#include "bench/mailbox.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/random_sources.h"
#include "store/nats_store.h"

namespace godwit::bench {
namespace {

constexpr size_t kItems = 20'000;
constexpr size_t kItemSize = 1024;
constexpr size_t kQueues = 1'000;
constexpr size_t kInFlight = 64;
constexpr size_t kAccounts = 480;
constexpr size_t kAtOnce = 16;
constexpr Instant kNow{1'700'000'000'000};
constexpr Duration kPatience = seconds(60);

std::unique_ptr<store::HomeStore> open(const store::NatsOptions& options) {
  crypto::SystemRandom random;
  for (int i = 0; i < 240; ++i) {  // until the servers are a cluster
    auto opened = store::open_nats(options, random);
    if (opened) return std::move(*opened);
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  std::fprintf(stderr, "bench: the NATS servers do not become a cluster\n");
  std::exit(1);
}

// Appends all items, kInFlight of them under way; gives how many a second.
double fill(store::HomeStore& store) {
  std::mutex mutex;
  std::condition_variable woken;
  bool ready = false;
  store.on_ready([&] {
    const std::lock_guard hold(mutex);
    ready = true;
    woken.notify_one();
  });
  size_t submitted = 0;
  size_t done = 0;
  const double began = steady_seconds();
  while (done < kItems) {
    for (; submitted < kItems && submitted - done < kInFlight; ++submitted) {
      Bytes queue(16, 0);
      queue[0] = static_cast<uint8_t>(submitted % kQueues);
      queue[1] = static_cast<uint8_t>(submitted % kQueues >> 8);
      store::Append append{queue, {}, Bytes(kItemSize, 1), kNow + days(30), kNow + days(31), kNow};
      for (size_t i = 0; i < 8; ++i) append.id.value[i] = static_cast<uint8_t>(submitted >> (8 * i));
      store.submit(std::move(append), [&](Result<store::Outcome> outcome) {
        ASSERT(outcome.has_value());
        ++done;
      });
    }
    std::unique_lock lock(mutex);
    woken.wait(lock, [&] { return ready; });
    ready = false;
    lock.unlock();
    store.poll();
  }
  store.on_ready({});
  return static_cast<double>(kItems) / (steady_seconds() - began);
}

double stream_bytes(const store::NatsOptions& options) {
  const auto look = store::look_at_nats(options);
  ASSERT(look.has_value() && look->has_value());
  return static_cast<double>((*look)->bytes);
}

void measure_store(const load::NatsCluster& cluster, Report& report) {
  store::NatsOptions options;
  options.place = *store::parse_nats_place(cluster.place("items"));
  auto store = open(options);
  const double before = resident_bytes_of(::getpid());
  const double rate = fill(*store);
  const double memory = (resident_bytes_of(::getpid()) - before) / kItems;
  store.reset();
  const double bytes = stream_bytes(options);
  const double began = steady_seconds();
  store = open(options);
  const double took = steady_seconds() - began;
  report.heading("messages of 1 KiB that wait, in 1,000 queues");
  report.add("appends_s", "durable appends, 64 under way", rate, "/s");
  report.add("item_stream_bytes", "of one, in the stream of each server", bytes / kItems, "bytes");
  report.add("item_memory_bytes", "of one, in the home's memory", memory, "bytes");
  report.add("replay_mb_s", "reading the stream when a home starts", bytes / 1e6 / took, "MB/s");
}

// Opens mailboxes with one address each, without a client that stays.
void open_accounts(net::EventLoop& loop, Random& random, const HomeHost& home) {
  for (size_t i = 0; i < kAccounts; i += kAtOnce) {
    std::vector<std::unique_ptr<Mailbox>> mailboxes;
    std::vector<std::unique_ptr<Client>> clients;
    size_t replies = 0;
    for (size_t j = 0; j < kAtOnce; ++j) {
      mailboxes.push_back(std::make_unique<Mailbox>(random));
      const Mailbox& mailbox = *mailboxes.back();
      ClientEvents events;
      events.on_established = [&, j] {
        clients[j]->request(mailbox.open(*clients[j], home.admission_code()));
        clients[j]->request(mailbox.create_address());
      };
      events.on_reply = [&](session::StreamId, const wire::Reply&) { ++replies; };
      clients.push_back(std::make_unique<Client>(loop, random, home, nullptr, std::move(events)));
      clients.back()->connect(0);
    }
    ASSERT(loop.run_until([&] { return replies == 2 * kAtOnce; }, kPatience));
  }
}

void measure_accounts(const load::NatsCluster& cluster, Report& report) {
  HomeSettings settings;
  settings.keys = {{"handshakes_per_second", "1000000"}, {"store", "\"" + cluster.place("accounts") + "\""}};
  HomeHost home("127.0.0.1", settings);
  crypto::SystemRandom random;
  const auto loop = net::EventLoop::create().value();
  store::NatsOptions options;
  options.place = *store::parse_nats_place(cluster.place("accounts"));
  open_accounts(*loop, random, home);  // so that the memory of the first sessions is not taken for theirs
  const double memory = home.resident_bytes();
  const double bytes = stream_bytes(options);
  open_accounts(*loop, random, home);
  report.heading("accounts: a mailbox, a device and an address, opened and left");
  report.add("account_stream_bytes", "of one, in the stream of each server", (stream_bytes(options) - bytes) / kAccounts, "bytes");
  report.add("account_memory_bytes", "of one, in the home's memory", (home.resident_bytes() - memory) / kAccounts, "bytes");
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  if (load::nats_program().empty()) {
    print_skipped("nats", "no nats-server here: tools/install fetches it");
    return 0;
  }
  Report report("nats", "The store on NATS: three servers on this machine, each synced, and one home");
  // Homes are started before this process has threads of its own.
  const load::NatsCluster cluster;
  measure_accounts(cluster, report);
  measure_store(cluster, report);
  report.remark("All on one machine: the three servers share its processors and its disk.");
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) { return godwit::bench::run(godwit::bench::parse_options(argc, argv, "what the store on NATS costs")); }
