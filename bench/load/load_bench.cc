// What a home carries, beside other chat servers on the same machine in the same run: thousands of real sessions (TLS 1.3,
// WebSocket, handshake, mailbox) in this process on one thread, against the real godwit-home with RocksDB.
//
// The server may use one core only and this program another, so that neither takes the other's time. A machine on which
// other work runs spoils rates by the clock, but hardly those per second of the server's own processor time, which are what
// one core for itself would give if the disk were never waited for; both are printed. A message of 1 KiB counts when its
// receiver has opened it; "accepted" is when a server has said that it is its own now, which of a home means that it is on the
// disk. Medians of --runs runs; servers take turns.
//
// What differs: ours is durable before it is accepted and encrypted twice. Mosquitto (QoS 1, persistent sessions, TLS 1.3)
// writes its memory to the disk now and then, and loses what it accepted when it is killed. ejabberd and Prosody (XMPP with
// direct TLS 1.3) accept when they count a stanza (XEP-0198): Prosody has then written what is for somebody who is away,
// without waiting for the disk, and ejabberd may not have. Bodies are base64 there, a third longer. Limits that are to
// protect them from strangers are raised, since all people come from one address at once (xmpp_start.cc).

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <thread>

#include "bench/load/godwit_server.h"
#include "bench/load/mosquitto_server.h"
#include "bench/load/scenes.h"
#include "bench/load/xmpp_server.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/random_sources.h"

namespace godwit::bench::load {
namespace {

constexpr int kServerCore = 0;
constexpr int kOwnCore = 1;

// Memory is flat if it grows no more than by these: a tenth, and what an allocator keeps.
constexpr double kFlat = 1.1;
constexpr double kFlatMib = 8;

// The figures of all runs of one server.
struct Column {
  std::string name;
  std::vector<Figure> figures;                        // of the first run
  std::map<std::string, std::vector<double>> values;  // of all

  double median(const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? 0 : quantile(found->second, 0.5);
  }
};

void note(Column& column, std::vector<Figure> figures) {
  for (const Figure& figure : figures) column.values[figure.key].push_back(figure.value);
  if (column.figures.empty()) column.figures = std::move(figures);
}

Sizes sizes_of(const Options& options) {
  Sizes sizes;
  if (options.seconds > 0) sizes.seconds = options.seconds;
  sizes.scene = options.scene;
  std::erase_if(sizes.groups, [&](size_t members) { return members > static_cast<size_t>(options.members); });
  if (options.smoke) {
    sizes = Sizes{.connections = 10,
                  .pairs = 4,
                  .seconds = 0.2,
                  .patience = seconds(20),
                  .rate = 100,
                  .logins = 10,
                  .offline_people = 4,
                  .offline_messages = 50,
                  .scene = options.scene,
                  .groups = {10}};
    return sizes;
  }
  sizes.connections = static_cast<size_t>(options.connections);
  sizes.pairs = static_cast<size_t>(std::min(options.pairs, 500)) * 2 / 5;
  return sizes;
}

bool is_better(const Figure& figure, double ours, double theirs) {
  return figure.more_is_better ? ours > theirs : ours < theirs;
}

// One run of another server, if it can be had.
void play_peer(const std::string& name, net::EventLoop& loop, int core, const Sizes& sizes, std::vector<Column>& peers,
               std::vector<std::string>& skipped) {
  std::string why;
  std::unique_ptr<ChatServer> server;
  if (name == "mosquitto") {
    server = std::make_unique<MosquittoServer>(loop, core, why);
  } else if (name == "ejabberd") {
    server = std::make_unique<XmppServer>(loop, XmppKind::kEjabberd, core, why);
  } else if (name == "prosody") {
    server = std::make_unique<XmppServer>(loop, XmppKind::kProsody, core, why);
  } else {
    why = "no adapter speaks to " + name;
  }
  if (!why.empty()) {
    if (std::ranges::find(skipped, why) == skipped.end()) skipped.push_back(why);
    return;
  }
  auto column = std::ranges::find(peers, name, &Column::name);
  if (column == peers.end()) column = peers.insert(column, Column{name, {}, {}});
  note(*column, play(loop, *server, sizes));
}

// Runs take minutes, which depend on the machine: the first says how many are left.
void say_how_long(int done, const Options& options, Instant began, Instant now) {
  if (options.smoke || done >= options.runs) return;
  const int64_t each = (now - began).ms / done / 1'000;
  std::fprintf(stderr, "bench_load: run %d of %d is over; about %lld s more\n", done, options.runs,
               static_cast<long long>(each * (options.runs - done)));
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const bool two_cores = std::thread::hardware_concurrency() > 1 && stay_on_core(kOwnCore);
  const int server_core = two_cores ? kServerCore : kAnyCore;
  const Sizes sizes = sizes_of(options);

  Column godwit{"godwit", {}, {}};
  std::vector<Column> peers;
  std::vector<std::string> skipped;
  bool in_memory = false;
  Instant began;
  for (int i = 0; i < options.runs; ++i) {
    crypto::SystemRandom random;
    const auto loop = net::EventLoop::create().value();
    if (i == 0) began = loop->now();
    if (!options.smoke) {
      GodwitServer server(*loop, random, server_core);
      in_memory = server.home().is_in_memory();
      note(godwit, play(*loop, server, sizes));
    }
    for (const std::string& name : options.peers) play_peer(name, *loop, server_core, sizes, peers, skipped);
    say_how_long(i + 1, options, began, loop->now());
  }

  if (options.smoke) {
    for (const std::string& why : skipped) print_skipped("bench_load", why);
    return 0;
  }

  Report report("load", "one server on one core, " + std::to_string(sizes.connections) + " idle logins, " +
                            std::to_string(sizes.pairs) + " pairs; 1 KiB; medians of " + std::to_string(options.runs));
  for (const Figure& figure : godwit.figures) {
    const double ours = godwit.median(figure.key);
    std::string beside;
    for (Column& peer : peers) {
      if (!peer.values.contains(figure.key)) continue;
      const double theirs = peer.median(figure.key);
      beside += (beside.empty() ? "" : "; ") + peer.name + " " + print_number(theirs) + ", ours " +
                times(ours, theirs, "that") + (is_better(figure, ours, theirs) ? " (better)" : " (worse)");
      report.add_hidden(peer.name + "_" + figure.key, theirs);
    }
    report.add("godwit_" + figure.key, figure.label, ours, figure.unit, beside);
  }
  for (const std::string& why : skipped) report.remark("SKIPPED: " + why);
  if (!two_cores) report.remark("Server and clients could not be kept on cores of their own.");
  if (in_memory) report.remark(kInMemory);
  if (!report.finish(options)) return 1;
  const double early = godwit.median("soak_early_mib");
  const double late = godwit.median("soak_late_mib");
  if (late <= early * kFlat + kFlatMib) return 0;
  std::fprintf(stderr, "bench_load: the memory grew from %.1f to %.1f MiB\n", early, late);
  return 1;
}

}  // namespace
}  // namespace godwit::bench::load

int main(int argc, char** argv) {
  return godwit::bench::load::run(
      godwit::bench::parse_options(argc, argv, "what a home carries, beside other servers on the same core in the same run (docs/home-performance.md)"));
}
