#pragma once
// A client and a home with a pipe between them, in memory, for tests: bytes may be cut anywhere, kept, changed or dropped.

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "crypto/random_sources.h"
#include "session/client_session.h"
#include "session/home_session.h"

namespace godwit::session::testing {

/// What a home has besides its sessions: keys, gate, and a store of sealed tickets.
struct TestHome {
  explicit TestHome(uint64_t seed = 1)
      : random(seed),
        identity(crypto::X25519KeyPair::generate(random)),
        gate(crypto::Secret<32>::random(random)),
        vault(crypto::Secret<32>::random(random)) {}

  crypto::SeededRandom random;
  crypto::X25519KeyPair identity;
  HandshakeGate gate;
  TicketVault vault;
  std::map<ByteArray<32>, Bytes> tickets;  ///< by TicketVault::name

  void keep(const TicketRecord& record) { tickets[vault.name(record.id)] = vault.seal(record, random); }
  std::optional<TicketRecord> take(const TicketId& id) {
    const auto found = tickets.find(vault.name(id));
    if (found == tickets.end()) return {};
    auto record = vault.open(id, found->second);
    tickets.erase(found);
    if (!record) return {};
    return std::move(record).value();
  }
  HomeOptions options(Form form = Form::kStream) { return {&identity, &gate, form}; }
};

/// Every event of one kind, in order, and all names of events in order.
struct ClientLog {
  std::vector<ClientEstablished> established;
  std::vector<Reply> replies;
  std::vector<Push> pushes;
  std::vector<StreamError> errors;
  std::vector<Ticket> tickets;
  std::vector<TicketId> refused;
  std::vector<Closed> closed;
};
struct HomeLog {
  std::vector<HomeEstablished> established;
  std::vector<Request> requests;
  std::vector<StreamId> cancelled;
  std::vector<Closed> closed;
};

/// One client, one home session, one pipe.
class SessionPair {
 public:
  SessionPair(TestHome& home, ClientSession client_session, Instant start, const HomeOptions& options)
      : home_(home), client(std::move(client_session)), server(options, home.random, start), now(start) {}
  SessionPair(TestHome& home, ClientSession client_session, Instant start = {})
      : SessionPair(home, std::move(client_session), start, home.options()) {}

  /// Moves bytes until nobody has anything to say. Pieces of `piece` bytes (0: as they come).
  void run(size_t piece = 0) {
    for (int quiet = 0; quiet < 2;) {
      const bool up = client_to_home(piece);
      const bool down = home_to_client(piece);
      quiet = up || down ? 0 : quiet + 1;
    }
  }
  bool client_to_home(size_t piece = 0) {
    Bytes bytes = client.take_output(now);
    if (on_client_bytes) on_client_bytes(bytes);
    to_home_size += bytes.size();
    deliver(bytes, piece, [this](ByteView part) { static_cast<void>(server.receive(part, now)); });
    drain_home();
    return !bytes.empty();
  }
  bool home_to_client(size_t piece = 0) {
    Bytes bytes = server.take_output(now);
    if (on_home_bytes) on_home_bytes(bytes);
    to_client_size += bytes.size();
    deliver(bytes, piece, [this](ByteView part) { static_cast<void>(client.receive(part, now)); });
    drain_client();
    return !bytes.empty();
  }
  void drain_home() {
    while (auto event = server.next_event()) {
      if (auto* established = std::get_if<HomeEstablished>(&*event)) home_log.established.push_back(*established);
      if (auto* closed = std::get_if<Closed>(&*event)) home_log.closed.push_back(*closed);
      if (auto* cancelled = std::get_if<Cancelled>(&*event)) home_log.cancelled.push_back(cancelled->stream);
      if (auto* wanted = std::get_if<TicketWanted>(&*event)) server.provide_ticket(home_.take(wanted->id), now);
      if (auto* issued = std::get_if<TicketIssued>(&*event)) home_.keep(issued->record);
      if (auto* request = std::get_if<Request>(&*event)) {
        home_log.requests.push_back(*request);
        if (on_request) on_request(*request);
      }
    }
  }
  void drain_client() {
    while (auto event = client.next_event()) {
      if (auto* established = std::get_if<ClientEstablished>(&*event)) client_log.established.push_back(*established);
      if (auto* reply = std::get_if<Reply>(&*event)) client_log.replies.push_back(std::move(*reply));
      if (auto* push = std::get_if<Push>(&*event)) client_log.pushes.push_back(std::move(*push));
      if (auto* error = std::get_if<StreamError>(&*event)) client_log.errors.push_back(*error);
      if (auto* granted = std::get_if<TicketGranted>(&*event)) {
        client_log.tickets.push_back(std::move(granted->ticket));
      }
      if (auto* refused = std::get_if<TicketRefused>(&*event)) client_log.refused.push_back(refused->id);
      if (auto* closed = std::get_if<Closed>(&*event)) client_log.closed.push_back(*closed);
    }
  }
  /// From now on every request is answered with its own bytes.
  void echo() {
    on_request = [this](const Request& request) {
      EXPECT_TRUE(server.reply(request.stream, request.bytes, now));
    };
  }

 private:
  template <typename Take>
  static void deliver(const Bytes& bytes, size_t piece, Take take) {
    const ByteView view(bytes);
    const size_t step = piece == 0 ? view.size() : piece;
    for (size_t at = 0; at < view.size(); at += step) take(view.subspan(at, std::min(step, view.size() - at)));
  }

  TestHome& home_;

 public:
  ClientSession client;
  HomeSession server;
  Instant now;
  ClientLog client_log;
  HomeLog home_log;
  std::function<void(const Request&)> on_request;
  std::function<void(Bytes&)> on_client_bytes;  ///< may change what crosses
  std::function<void(Bytes&)> on_home_bytes;
  size_t to_home_size = 0;
  size_t to_client_size = 0;
};

/// A client's options for `home`.
inline ClientOptions options_for(const TestHome& home, uint8_t tickets_wanted = 0) {
  ClientOptions options;
  options.home_key = home.identity.public_key;
  options.tickets_wanted = tickets_wanted;
  return options;
}

/// The bytes of a text.
inline Bytes text(std::string_view characters) { return to_bytes(as_bytes(characters)); }

}  // namespace godwit::session::testing
