#pragma once
// A client of a home as thin as can be: a session over a wss pipe, requests and replies of wire/. No engine, no store.

#include <functional>
#include <memory>
#include <optional>

#include "bench/home_host.h"
#include "crypto/ed25519.h"
#include "net/event_loop.h"
#include "net/wss_client.h"
#include "session/client_session.h"
#include "wire/replies.h"

namespace godwit::bench {

/// What a client tells. Any may be empty; called from the loop.
struct ClientEvents {
  std::function<void()> on_established;
  std::function<void(session::StreamId, const wire::Reply&)> on_reply;
  std::function<void(const wire::Reply&)> on_push;
  /// The connection or the session is over, once; the client is of no use any more, and to be destroyed later, not from
  /// inside this call. Empty: that ends the program.
  std::function<void()> on_lost = {};
  /// The home refused one request, or its session did. Empty: that ends the program.
  std::function<void(session::StreamId, uint16_t code)> on_refused = {};
};

/// One session on one connection. Whatever fails and has no event ends the program with a message.
class Client {
 public:
  /// `tickets` of TLS may be null: then TLS is never resumed.
  Client(net::EventLoop& loop, Random& random, const HomeHost& home, net::TlsTickets* tickets, ClientEvents events);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Before it dials: by this way, instead of the home's own.
  void go_by(routes::Route route) { route_ = std::move(route); }
  /// Dials, with a full handshake of the session. `tickets` are asked for.
  void connect(uint8_t tickets = session::kTicketsKept);
  /// Dials with a ticket and these requests in the first flight.
  void resume(session::Ticket ticket, const std::vector<wire::Request>& requests);
  /// Sends one.
  session::StreamId request(const wire::Request& request);
  /// After on_established: the proof for MailboxOpen and MailboxProve.
  Bytes mailbox_proof(const crypto::Ed25519KeyPair& key, const wire::MailboxId& mailbox) const;
  /// Tickets granted so far, the oldest first; for the caller to take out.
  std::vector<session::Ticket>& tickets() { return granted_; }
  /// After on_established: the session came from a ticket.
  bool is_resumed() const { return established_ && established_->resumed; }
  /// Bytes of the session, inside the carrier, so far.
  size_t bytes_sent() const { return bytes_sent_; }
  /// The same, the other way.
  size_t bytes_received() const { return bytes_received_; }

 private:
  void dial();
  void settle();
  void take(session::ClientEvent event);
  void lost(const char* what, unsigned code, const char* rule);
  void refused(session::StreamId stream, unsigned code);

  net::EventLoop& loop_;
  Random& random_;
  const HomeHost& home_;
  net::TlsTickets* tls_tickets_;
  std::optional<routes::Route> route_;
  ClientEvents events_;
  session::ClientOptions options_;
  std::optional<session::ClientSession> session_;
  std::unique_ptr<net::Pipe> pipe_;
  net::Timer timer_;
  std::optional<session::ClientEstablished> established_;
  std::vector<session::Ticket> granted_;
  bool lost_ = false;
  size_t bytes_sent_ = 0;
  size_t bytes_received_ = 0;
};

}  // namespace godwit::bench
