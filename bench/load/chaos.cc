// A home that is killed with SIGKILL at random moments under load, again and again: every message that it acknowledged comes to
// its receiver, and comes once. Real sessions against the real godwit-home with RocksDB, in this process on one thread.
//
// Each sender has messages under way, repeats what was not acknowledged under the same delivery id when it is back, and goes on.
// Each receiver remembers the last sequence that it has seen, as a client's disk does, and fetches from there. In the end all
// that was acknowledged, and all that was sent, must have come once. With --lossy the home's files forget at the kill what was
// not synced, as at the loss of power; a kill alone leaves what the system has in memory.

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <set>

#include "bench/load/nats_cluster.h"
#include "bench/load/pair_under_fire.h"
#include "bench/rates.h"
#include "crypto/random_sources.h"

namespace godwit::bench::load {
namespace {

constexpr size_t kPairs = 12;
constexpr int kRestMax = 250;  ///< milliseconds between two kills at most
constexpr Duration kPatience = seconds(30);

struct ChaosOptions {
  unsigned kills = 200;
  unsigned seed = 1;
  bool lossy = false;
  bool nats = false;
};

[[noreturn]] void usage(int code) {
  std::printf(
      "chaos: kills a home under load and checks that nothing acknowledged is lost or doubled\n\n"
      "  --kills N   how often (default 200)\n"
      "  --seed N    of the moments (default 1)\n"
      "  --lossy     the home's files forget at the kill what was not synced\n"
      "  --nats      the store is in a cluster of three NATS servers, and three homes share it, over which the clients are spread: in\n"
      "              turn the home that has the store is killed, one of its fronts, and a NATS server\n");
  std::exit(code);
}

ChaosOptions parse(int argc, char** argv) {
  ChaosOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help") usage(0);
    if (name == "--lossy" || name == "--nats") {
      (name == "--lossy" ? options.lossy : options.nats) = true;
      continue;
    }
    unsigned* number = name == "--kills" ? &options.kills : name == "--seed" ? &options.seed : nullptr;
    if (number == nullptr || ++i == argc) usage(2);
    const std::string_view text = argv[i];
    if (std::from_chars(text.data(), text.data() + text.size(), *number).ec != std::errc()) usage(2);
  }
  return options;
}

HomeSettings settings_of(const ChaosOptions& options, const std::optional<NatsCluster>& cluster) {
  HomeSettings settings;
  settings.keys = {{"handshakes_per_second", "1000000"}};
  if (options.lossy) settings.keys["drop_unsynced_at_kill"] = "true";
  if (cluster) {
    settings.keys["store"] = "\"" + cluster->place("chaos") + "\"";
    settings.keys["nats_lease_seconds"] = "2";
    settings.standbys = 2;
  }
  return settings;
}

// One kill, and the wait until a home is there again.
void kill_once(unsigned kill, std::optional<NatsCluster>& cluster, HomeHost& home, std::mt19937& dice) {
  if (!cluster || kill % 3 == 0) {
    home.kill();
    return home.restart();
  }
  if (kill % 3 == 1) return home.kill_standby(dice());
  const size_t server = dice() % NatsCluster::kServers;
  cluster->kill(server);
  cluster->restart(server);
  home.wait_for_active();
}

int run(const ChaosOptions& options) {
  ASSERT(crypto::initialise());
  if (options.nats && nats_program().empty()) {
    std::printf("SKIPPED: chaos --nats: no nats-server here: tools/install fetches it\n");
    return 0;
  }
  std::optional<NatsCluster> cluster;
  if (options.nats) cluster.emplace();
  HomeHost home("127.0.0.1", settings_of(options, cluster));
  crypto::SystemRandom random;
  const auto loop = net::EventLoop::create().value();
  std::vector<std::unique_ptr<PairUnderFire>> pairs;
  for (size_t i = 0; i < kPairs; ++i) pairs.push_back(std::make_unique<PairUnderFire>(*loop, random, home, i));
  const auto all = [&](auto what) {
    return [&, what] {
      for (const auto& pair : pairs) {
        if (!what(*pair)) return false;
      }
      return true;
    };
  };
  const auto sum = [&](auto what) {
    size_t total = 0;
    for (const auto& pair : pairs) total += what(*pair);
    return total;
  };
  if (!loop->run_until(all([](const PairUnderFire& pair) { return pair.is_open(); }), kPatience)) {
    std::fprintf(stderr, "chaos: the mailboxes were not opened\n");
    return 1;
  }
  for (const auto& pair : pairs) pair->begin();
  std::mt19937 dice(options.seed);
  size_t under_way = 0;
  double longest = 0;
  for (unsigned kill = 0; kill < options.kills; ++kill) {
    const auto rest = static_cast<int>(dice() % kRestMax);
    loop->run_until([] { return false; }, milliseconds(rest));
    // Not before work is going on again: a home that was killed at its start alone would show little.
    const size_t done = sum([](const PairUnderFire& pair) { return pair.acknowledged(); });
    const auto goes_on = [&] { return sum([](const PairUnderFire& pair) { return pair.acknowledged(); }) > done; };
    if (!loop->run_until(goes_on, kPatience)) {
      std::printf("chaos: after %u kills nothing is acknowledged any more\n", kill);
      return 1;
    }
    under_way += sum([](const PairUnderFire& pair) { return pair.under_way(); });
    const double began = steady_seconds();
    kill_once(kill, cluster, home, dice);
    longest = std::max(longest, steady_seconds() - began);
  }
  for (const auto& pair : pairs) pair->end();
  const bool complete = loop->run_until(all([](const PairUnderFire& pair) { return pair.is_complete(); }), kPatience);
  const size_t lost = sum([](const PairUnderFire& pair) { return pair.lost(); });
  const size_t doubled = sum([](const PairUnderFire& pair) { return pair.doubled(); });
  std::
      printf(
          "chaos: %u kills%s, %zu messages under way at them, %zu acknowledged: %zu lost, %zu doubled%s; longest "
          "restart " "%.2f s\n",
          options.kills, options.nats ? " of homes and NATS servers" : options.lossy ? " that forget what was not synced" : "", under_way,
          sum([](const PairUnderFire& pair) { return pair.acknowledged(); }), lost, doubled,
          complete ? "" : ", NOT ALL CAME IN TIME", longest);
  if (under_way == 0 && options.kills > 0) std::printf("chaos: nothing was under way at any kill: nothing was shown\n");
  return complete && lost == 0 && doubled == 0 && (under_way > 0 || options.kills == 0) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench::load

int main(int argc, char** argv) { return godwit::bench::load::run(godwit::bench::load::parse(argc, argv)); }
