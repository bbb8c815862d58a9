// What a session costs in computing: full handshakes (NKhfs: X25519 and ML-KEM-768) and resumed first flights (NNpsk0) per
// second of one core, for both ends together and for each alone. Beside them, in the same rounds: the primitives that they
// are made of, and OpenSSL's TLS 1.3 doing the same exchange, full and resumed, both ends in one thread (its X25519 is
// classical: TLS here has no post-quantum part, and the session has no certificates).
//
// One exchange is everything from nothing to the reply in the client's hands: handshake, one request, one reply, and the
// tickets that each side gives by default. An end alone is fed a recording: all randomness comes from seeds, so that the
// other end would have said the same.

#include <cstdio>
#include <functional>

#include "bench/rates.h"
#include "bench/report.h"
#include "bench/tls_pair.h"
#include "crypto/mlkem768.h"
#include "crypto/random_sources.h"
#include "session/client_session.h"
#include "session/home_session.h"

namespace godwit::bench {
namespace {

constexpr Instant kNow{1'750'000'000'000};
constexpr size_t kSmallRequestSize = 32;
constexpr size_t kSmallReplySize = 32;
constexpr size_t kSendSize = 3'500;  ///< One delivery in a 4,096-byte bucket.
constexpr uint64_t kClientSeed = 1;
constexpr uint64_t kHomeSeed = 2;

// A home without a store: its key, and the one ticket that is used again and again.
struct HomeSide {
  crypto::SeededRandom random{7};
  crypto::X25519KeyPair identity = crypto::X25519KeyPair::generate(random);
  session::HandshakeGate gate{crypto::Secret<32>::random(random)};
  std::optional<session::TicketRecord> ticket;

  session::HomeOptions options() {
    return {.identity = &identity, .gate = &gate, .form = session::Form::kWebSocket, .source = {}};
  }
};

// What an exchange consists of.
struct Exchange {
  size_t request_size;
  size_t reply_size;
  const session::Ticket* ticket;  ///< Null: a full handshake.
};

// One flight of a recorded exchange.
struct Flight {
  bool from_client;
  Bytes bytes;
};

session::ClientOptions client_options(const HomeSide& home, const Exchange& exchange) {
  session::ClientOptions options;
  options.home_key = home.identity.public_key;
  options.form = session::Form::kWebSocket;
  if (exchange.ticket != nullptr) options.tickets_wanted = 1;
  return options;
}

session::ClientSession start_client(HomeSide& home, const Exchange& exchange, Random& random) {
  const session::ClientOptions options = client_options(home, exchange);
  Bytes request(exchange.request_size);
  if (exchange.ticket != nullptr) {
    std::vector<Bytes> first_flight;
    first_flight.push_back(std::move(request));
    auto resumed =
        session::ClientSession::resume(options, exchange.ticket->clone(), std::move(first_flight), random, kNow);
    ASSERT(resumed.has_value());
    return std::move(resumed).value();
  }
  auto client = session::ClientSession::connect(options, random, kNow);
  ASSERT(client.send_request(std::move(request), kNow).has_value());
  return client;
}

// Answers everything that the home's session asks its host for.
void serve(HomeSide& home, session::HomeSession& session, const Exchange& exchange) {
  while (auto event = session.next_event()) {
    if (std::get_if<session::TicketWanted>(&*event) != nullptr) {
      session.provide_ticket(home.ticket->clone(), kNow);
    } else if (const auto* request = std::get_if<session::Request>(&*event)) {
      ASSERT(session.reply(request->stream, Bytes(exchange.reply_size), kNow).has_value());
    } else if (auto* issued = std::get_if<session::TicketIssued>(&*event)) {
      if (!home.ticket) home.ticket = std::move(issued->record);
    } else {
      ASSERT(std::get_if<session::Closed>(&*event) == nullptr);
    }
  }
}

// Takes the client's events; true once the reply is there. A ticket goes to `granted` if that is empty.
bool has_reply(session::ClientSession& client, std::optional<session::Ticket>* granted) {
  bool reply = false;
  while (auto event = client.next_event()) {
    ASSERT(std::get_if<session::Closed>(&*event) == nullptr);
    if (std::get_if<session::Reply>(&*event) != nullptr) reply = true;
    auto* ticket = std::get_if<session::TicketGranted>(&*event);
    if (ticket != nullptr && granted != nullptr && !*granted) *granted = std::move(ticket->ticket);
  }
  return reply;
}

// Both ends, until nobody has anything more to say; the flights of it.
std::vector<Flight> run_both(HomeSide& home, const Exchange& exchange,
                             std::optional<session::Ticket>* granted = nullptr) {
  crypto::SeededRandom client_random(kClientSeed);
  crypto::SeededRandom home_random(kHomeSeed);
  session::ClientSession client = start_client(home, exchange, client_random);
  session::HomeSession server(home.options(), home_random, kNow);
  std::vector<Flight> flights;
  bool reply = false;
  for (;;) {
    Bytes up = client.take_output(kNow);
    if (!up.empty()) {
      ASSERT(server.receive(up, kNow).has_value());
      flights.push_back({true, std::move(up)});
    }
    serve(home, server, exchange);
    Bytes down = server.take_output(kNow);
    const bool silent = down.empty();
    if (!silent) {
      ASSERT(client.receive(down, kNow).has_value());
      flights.push_back({false, std::move(down)});
    }
    if (has_reply(client, granted)) reply = true;
    if (silent && reply) break;
    ASSERT(flights.size() < 100);
  }
  return flights;
}

// The client's end alone, against a recording.
void run_client(HomeSide& home, const Exchange& exchange, const std::vector<Flight>& flights) {
  crypto::SeededRandom random(kClientSeed);
  session::ClientSession client = start_client(home, exchange, random);
  bool reply = false;
  for (const Flight& flight : flights) {
    if (flight.from_client) {
      ASSERT(client.take_output(kNow).size() == flight.bytes.size());
    } else {
      ASSERT(client.receive(flight.bytes, kNow).has_value());
      if (has_reply(client, nullptr)) reply = true;
    }
  }
  ASSERT(reply);
}

// The home's end alone, against a recording.
void run_home(HomeSide& home, const Exchange& exchange, const std::vector<Flight>& flights) {
  crypto::SeededRandom random(kHomeSeed);
  session::HomeSession server(home.options(), random, kNow);
  for (const Flight& flight : flights) {
    if (flight.from_client) {
      ASSERT(server.receive(flight.bytes, kNow).has_value());
      serve(home, server, exchange);
    } else {
      ASSERT(server.take_output(kNow).size() == flight.bytes.size());
    }
  }
}

size_t bytes_of(const std::vector<Flight>& flights, bool from_client) {
  size_t sum = 0;
  for (const Flight& flight : flights) sum += flight.from_client == from_client ? flight.bytes.size() : 0;
  return sum;
}

void add_session_rows(Report& report, const std::vector<Task>& tasks, const std::string& prefix,
                      const std::string& label) {
  const double both = rate_of(tasks, prefix + "_both");
  report.add(prefix + "_both_per_s", label + ", both ends", both, "/s",
             times(both, rate_of(tasks, "tls_" + prefix), "TLS 1.3 " + prefix));
  const double x25519 = rate_of(tasks, "x25519");
  for (const char* end : {"home", "client"}) {
    const double rate = rate_of(tasks, prefix + "_" + end);
    report.add(prefix + "_" + end + "_per_s", label + ", " + end + " alone", rate, "/s",
               "costs " + print_number(x25519 / rate) + " X25519");
  }
}

std::vector<Task> primitive_tasks() {
  auto random = std::make_shared<crypto::SeededRandom>(5);
  auto keys = std::make_shared<crypto::X25519KeyPair>(crypto::X25519KeyPair::generate(*random));
  auto kem = std::make_shared<crypto::MlKem768KeyPair>(crypto::MlKem768KeyPair::generate(*random));
  auto m = std::make_shared<crypto::Secret<32>>(crypto::Secret<32>::random(*random));
  auto sealed = crypto::mlkem768_encapsulate(kem->public_key, *m);
  ASSERT(sealed.has_value());
  const crypto::MlKem768Ciphertext ciphertext = sealed->ciphertext;
  std::vector<Task> tasks;
  tasks.push_back({"x25519", "X25519 scalar multiplication",
                   [keys] { ASSERT(crypto::x25519(keys->private_key, keys->public_key).has_value()); }});
  tasks.push_back({"mlkem768_encapsulate", "ML-KEM-768 encapsulation",
                   [kem, m] { ASSERT(crypto::mlkem768_encapsulate(kem->public_key, *m).has_value()); }});
  tasks.push_back({"mlkem768_generate", "ML-KEM-768 key generation",
                   [random] { (void)crypto::MlKem768KeyPair::generate(*random); }});
  tasks.push_back({"mlkem768_decapsulate", "ML-KEM-768 decapsulation",
                   [kem, ciphertext] { ASSERT(crypto::mlkem768_decapsulate(*kem, ciphertext).has_value()); }});
  return tasks;
}

int run(const Options& options) {
  ASSERT(crypto::initialise());
  HomeSide home;
  TlsPair tls;
  std::optional<session::Ticket> ticket;
  const Exchange full{kSmallRequestSize, kSmallReplySize, nullptr};
  const std::vector<Flight> full_flights = run_both(home, full, &ticket);
  ASSERT(ticket.has_value() && home.ticket.has_value());
  const Exchange resumed{kSendSize, kSmallReplySize, &*ticket};
  const std::vector<Flight> resumed_flights = run_both(home, resumed);

  std::vector<Task> tasks = primitive_tasks();
  tasks.push_back({"full_both", "", [&] { run_both(home, full); }});
  tasks.push_back({"full_home", "", [&] { run_home(home, full, full_flights); }});
  tasks.push_back({"full_client", "", [&] { run_client(home, full, full_flights); }});
  tasks.push_back({"resumed_both", "", [&] { run_both(home, resumed); }});
  tasks.push_back({"resumed_home", "", [&] { run_home(home, resumed, resumed_flights); }});
  tasks.push_back({"resumed_client", "", [&] { run_client(home, resumed, resumed_flights); }});
  tasks.push_back({"tls_full", "", [&] { tls.full_exchange(kSmallRequestSize, kSmallReplySize); }});
  tasks.push_back({"tls_resumed", "", [&] { tls.resumed_exchange(kSendSize, kSmallReplySize); }});
  measure_rates(tasks, options.seconds > 0 ? options.seconds : 8);

  Report report("session", "sessions per second of one core (processor time, median of rounds)");
  report.heading("full handshake, 32-byte request and reply, tickets");
  add_session_rows(report, tasks, "full", "session (hybrid)");
  report.add("tls_full_per_s", "OpenSSL TLS 1.3, both ends", rate_of(tasks, "tls_full"), "/s", "baseline");
  report.heading("resumed, 3,500-byte request in the first flight, 32-byte reply, one ticket");
  add_session_rows(report, tasks, "resumed", "session");
  report.add("tls_resumed_per_s", "OpenSSL TLS 1.3, both ends", rate_of(tasks, "tls_resumed"), "/s", "baseline");
  report.heading("primitives");
  for (const char* key : {"x25519", "mlkem768_generate", "mlkem768_encapsulate", "mlkem768_decapsulate"}) {
    const auto& task = *std::ranges::find(tasks, std::string(key), &Task::key);
    report.add(task.key + "_per_s", task.label, task.rate, "/s");
  }
  report.heading("bytes inside the carrier");
  report.add("full_client_bytes", "full, from the client", static_cast<double>(bytes_of(full_flights, true)), "B");
  report.add("full_home_bytes", "full, from the home", static_cast<double>(bytes_of(full_flights, false)), "B");
  report.add("resumed_client_bytes", "resumed, from the client", static_cast<double>(bytes_of(resumed_flights, true)),
             "B");
  report.add("resumed_home_bytes", "resumed, from the home", static_cast<double>(bytes_of(resumed_flights, false)),
             "B");
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "session handshakes and resumptions per second"));
}
