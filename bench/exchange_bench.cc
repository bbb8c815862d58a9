// Bytes and packets of one exchange with the real godwit-home on a fresh TCP connection, TLS 1.3 and WebSocket around it,
// from SYN to the last useful byte, both directions, ACKs and all headers included: one send (Deliver) and one fetch, each
// filling a 4,096-byte bucket, resumed and not. Counted from packets on a wire between two network namespaces (tun_wire.h),
// MTU 1500, 25 ms each way. The target for the resumed ones is 8 KB and 18 packets (docs/protocol/session.md, "Budget").
//
// Baseline in the same run: one POST over plain HTTPS with a full handshake, by OpenSSL alone: 4,096 bytes up, and 4,096
// bytes down. Native clients only: a browser sends a larger hello and more headers.

#include <algorithm>
#include <cstdio>

#include "bench/exchange_tally.h"
#include "bench/https_baseline.h"
#include "bench/mailbox.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "crypto/random_sources.h"
#include "crypto/sealed_item.h"

namespace godwit::bench {
namespace {

constexpr size_t kBytesMax = 8 * 1024;
constexpr size_t kPacketsMax = 18;
constexpr size_t kBucketSize = 4096;
constexpr int kRuns = 5;  ///< of each resumed exchange; the worst counts
constexpr std::chrono::milliseconds kDelay{25};
constexpr std::chrono::milliseconds kQuiet{150};
constexpr Duration kPatience = seconds(20);

// The largest payload of which `size_of` gives no more than `size_max`.
size_t largest_payload(size_t size_max, const std::function<size_t(size_t)>& size_of) {
  size_t payload = size_max;
  while (size_of(payload) > size_max) --payload;
  return payload;
}

// One exchange that was counted.
struct Counted {
  Tally tally;
  ExchangeFacts facts;
  std::vector<Packet> packets;
};

// Who takes part: a mailbox with one item in it that fills a bucket, its owner's tickets and a correspondent's.
class Scene {
 public:
  Scene(TunWire& wire, const HomeHost& home)
      : wire_(wire), home_(home), loop_(net::EventLoop::create().value()), mailbox_(random_) {
    send_size_ = largest_payload(session::kFirstFlightRequestMax, [this](size_t size) {
      return wire::encode_request(mailbox_.deliver(Bytes(size), random_)).size();
    });
    fetch_size_ = largest_payload(session::kFirstFlightReplyMax, [](size_t size) {
      wire::Items items;
      items.items.push_back({{1}, {}, Bytes(size + crypto::kSealedItemOverhead)});
      wire::PartState state;
      state.bytes = wire::encode_reply(items);
      return wire::encode_reply(state).size();
    });
  }

  // Opens the mailbox, puts an item into it, and collects tickets of TLS and of both kinds of sessions.
  void set_up() {
    size_t replies = 0;
    ClientEvents events;
    events.on_reply = [&replies](session::StreamId, const wire::Reply&) { ++replies; };
    Client* opening = nullptr;
    events.on_established = [this, &opening] {
      opening->request(mailbox_.open(*opening, home_.admission_code()));
      opening->request(mailbox_.create_address());
    };
    Client owner(*loop_, random_, home_, &tls_tickets_, events);
    opening = &owner;
    owner.connect();
    wait([&] { return replies == 2 && owner.tickets().size() == session::kTicketsKept; });
    events.on_established = nullptr;
    Client other(*loop_, random_, home_, &tls_tickets_, events);
    other.connect();
    other.request(mailbox_.deliver(Bytes(fetch_size_), random_));
    wait([&] { return replies == 3 && other.tickets().size() == session::kTicketsKept; });
    owner_tickets_ = std::move(owner.tickets());
    other_tickets_ = std::move(other.tickets());
  }
  // What set_up() left on the wire.
  void settle() {
    loop_->run_until([] { return false; }, milliseconds(300));
    wire_.take_packets(kQuiet);
  }

  Counted send(bool resumed) {
    const wire::Request request = mailbox_.deliver(Bytes(send_size_), random_);
    return exchange(request, resumed ? &other_tickets_ : nullptr, false);
  }
  // As a link asks it where connections do not last (docs/protocol/routes.md, "Small exchanges").
  Counted fetch(bool resumed) {
    wire::PartPut request;
    random_.fill(request.transfer.value);
    request.bytes = wire::encode_request(wire::Fetch{{0}, 1, false});
    request.total = static_cast<uint32_t>(request.bytes.size());
    request.reply_bytes = session::kFirstFlightReplyMax;
    return exchange(request, resumed ? &owner_tickets_ : nullptr, true);
  }
  Counted baseline(const HttpsBaseline& https, size_t up, size_t down) {
    ExchangeFacts facts;
    facts.done_at = https.exchange(up, down);
    return counted(facts);
  }

 private:
  std::string server_name() const { return home_.route().host + ":" + std::to_string(home_.route().port); }

  template <typename Done>
  void wait(Done done) {
    if (loop_->run_until(done, kPatience)) return;
    std::fprintf(stderr, "bench_exchange: the home did not answer in time\n");
    std::exit(1);
  }

  Counted exchange(const wire::Request& request, std::vector<session::Ticket>* tickets, bool needs_mailbox) {
    ExchangeFacts facts;
    Client* self = nullptr;
    bool done = false;
    const bool proves = needs_mailbox && tickets == nullptr;
    ClientEvents events;
    events.on_established = [&] {
      if (proves) self->request(mailbox_.prove(*self));
    };
    events.on_reply = [&, proof = proves](session::StreamId, const wire::Reply&) mutable {
      if (std::exchange(proof, false)) {
        self->request(request);
        return;
      }
      facts = {steady_seconds(), self->bytes_sent(), self->bytes_received()};
      done = true;
    };
    {
      Client client(*loop_, random_, home_, tickets != nullptr ? &tls_tickets_ : nullptr, events);
      self = &client;
      if (tickets != nullptr) {
        ASSERT(!tickets->empty() && tls_tickets_.count(server_name(), home_.trust()) > 0);
        session::Ticket ticket = std::move(tickets->back());
        tickets->pop_back();
        client.resume(std::move(ticket), {request});
      } else {
        client.connect(1);
        if (!proves) client.request(request);
      }
      wait([&] { return done; });
      ASSERT(client.is_resumed() == (tickets != nullptr));
    }
    return counted(facts);
  }

  Counted counted(const ExchangeFacts& facts) {
    loop_->run_until([] { return false; }, milliseconds(250));  // the end of the connection
    Counted out{{}, facts, wire_.take_packets(kQuiet)};
    ASSERT(!out.packets.empty());
    const uint16_t port = out.packets.front().client_port;
    ASSERT(std::ranges::all_of(out.packets, [port](const Packet& packet) { return packet.client_port == port; }));
    out.tally = tally(out.packets, facts);
    return out;
  }

  TunWire& wire_;
  const HomeHost& home_;
  crypto::SystemRandom random_;
  std::unique_ptr<net::EventLoop> loop_;
  Mailbox mailbox_;
  net::TlsTickets tls_tickets_;
  std::vector<session::Ticket> owner_tickets_;
  std::vector<session::Ticket> other_tickets_;
  size_t send_size_ = 0;
  size_t fetch_size_ = 0;
};

std::string n(size_t number) { return print_number(static_cast<double>(number)); }

std::string verdict(size_t value, size_t target) {
  return value <= target ? "PASS, target " + n(target) : "OVER by " + n(value - target) + ", target " + n(target);
}

// The rows of one exchange, the worst of its runs.
void add_rows(Report& report, const std::string& key, const std::string& label, std::vector<Counted> runs, bool judged,
              bool verbose) {
  std::ranges::sort(runs, {}, [](const Counted& run) { return std::pair(run.tally.packets, run.tally.bytes); });
  const Counted& worst = runs.back();
  const Tally& t = worst.tally;
  std::string spread;
  if (runs.size() > 1) spread = " (worst of " + n(runs.size()) + ", best " + n(runs.front().tally.packets) + ")";
  report.heading(label);
  report.add(key + "_bytes", "bytes", static_cast<double>(t.bytes), "B", judged ? verdict(t.bytes, kBytesMax) : "");
  report.add(key + "_packets", "packets", static_cast<double>(t.packets), "",
             (judged ? verdict(t.packets, kPacketsMax) : std::string("no target")) + spread);
  report.add(key + "_ms", "time", t.milliseconds, "ms",
             print_number(t.milliseconds / (2.0 * kDelay.count())) + " round trips");
  report.line("      packets: TCP handshake " + n(t.tcp_handshake_packets) + ", data " + n(t.data_up_packets) + " up " +
              n(t.data_down_packets) + " down, bare ACKs " + n(t.ack_up_packets) + " up " + n(t.ack_down_packets) +
              " down, sent again " + n(t.again_packets) + "; the whole connection to its end " + n(t.whole_packets));
  report.line("      bytes: IP and TCP headers " + n(t.header_bytes) + ", TLS hellos " + n(t.tls_hello_up_bytes) +
              " up " + n(t.tls_hello_down_bytes) + " down, session " + n(t.session_up_bytes) + " up " +
              n(t.session_down_bytes) + " down, other carrier " + n(t.carrier_bytes) + ", sent again " +
              n(t.again_bytes) + "; whole " + n(t.whole_bytes));
  if (verbose) {
    std::printf("  %s\n", label.c_str());
    print_packets(worst.packets, worst.facts);
  }
}

std::vector<Counted> repeat(const std::function<Counted()>& once, int runs) {
  std::vector<Counted> out;
  for (int i = 0; i < runs; ++i) out.push_back(once());
  return out;
}

void measure(const Options& options, Scene& scene, const HttpsBaseline& https, Report& report) {
  const bool verbose = options.verbose;
  add_rows(report, "send_resumed", "one send, session and TLS resumed", repeat([&] { return scene.send(true); }, kRuns),
           true, verbose);
  add_rows(report, "fetch_resumed", "one fetch, session and TLS resumed",
           repeat([&] { return scene.fetch(true); }, kRuns), true, verbose);
  add_rows(report, "send_full", "one send, nothing resumed", repeat([&] { return scene.send(false); }, 1), false,
           verbose);
  add_rows(report, "fetch_full", "one fetch, nothing resumed", repeat([&] { return scene.fetch(false); }, 1), false,
           verbose);
  add_rows(report, "https_post", "baseline: HTTPS POST of 4,096 bytes, full handshake",
           repeat([&] { return scene.baseline(https, kBucketSize, 2); }, 1), false, verbose);
  add_rows(report, "https_response", "baseline: HTTPS response of 4,096 bytes, full handshake",
           repeat([&] { return scene.baseline(https, 2, kBucketSize); }, 1), false, verbose);
}

// The person's side of a bridge that stands beside its home: what it costs in packets, and no way between the two.
void measure_bridged(const Options& options, Scene& scene, Report& report) {
  add_rows(report, "bridge_send_resumed", "one send through a bridge, session and TLS resumed",
           repeat([&] { return scene.send(true); }, kRuns), true, options.verbose);
  add_rows(report, "bridge_fetch_resumed", "one fetch through a bridge, session and TLS resumed",
           repeat([&] { return scene.fetch(true); }, kRuns), true, options.verbose);
}

int skip(const std::string& why) {
  print_skipped("exchange", why + "; as root it works");
  return 0;
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  TunWire wire;
  if (const std::string why = wire.enter_home_side(); !why.empty()) return skip(why);
  const HomeHost home(TunWire::kHomeAddress);
  HomeHost bridged(TunWire::kHomeAddress);
  bridged.add_bridge(TunWire::kHomeAddress);
  const HttpsBaseline https(TunWire::kHomeAddress);
  if (const std::string why = wire.enter_client_side(); !why.empty()) return skip(why);
  wire.start(kDelay);
  Report report("exchange", "one exchange on a fresh connection, from packets on a wire (MTU 1500, 25 ms each way)");
  Scene scene(wire, home);
  scene.set_up();
  scene.settle();
  measure(options, scene, https, report);
  Scene bridge_scene(wire, bridged);
  bridge_scene.set_up();
  bridge_scene.settle();
  measure_bridged(options, bridge_scene, report);
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "bytes and packets of one exchange with a home"));
}
