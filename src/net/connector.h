#pragma once
// A TCP connection to a host by name or address, and through a proxy if one is asked for: what all dials begin with. One
// address after the other, never two at once. Not for other folders.

#include <asio.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/resolver.h"
#include "net/tunnel.h"

namespace godwit::net {

/// What an address that worked, or did not, is worth to whoever remembers.
struct AddressReport {
  std::string host;     ///< as it was asked for
  std::string address;  ///< "192.0.2.1"
  routes::AddressSource source = routes::AddressSource::kSystem;
  bool works = false;  ///< The dial got through to the peer there.
};

/// How to get there.
struct ConnectOptions {
  /// Null: the system's resolver alone. Need not outlive the dial.
  std::shared_ptr<Resolver> resolver;
  /// Addresses of the host that worked before, as text; what is none is passed over.
  std::vector<std::string> hints;
  /// Told for each address that was tried.
  std::function<void(const AddressReport&)> on_address;
  /// The user's own proxy: only its host is connected to, and it resolves the route's.
  std::optional<routes::Proxy> proxy;
  /// What one address gets before the next one is tried, if a better one is known.
  Duration address_timeout = milliseconds(3500);
};

/// Where to.
struct ConnectPlan {
  std::string host;
  uint16_t port = 0;
  std::optional<TunnelPlan> tunnel = {};  ///< What is asked of the server there.
};
/// The plan for a peer, by the user's proxy if there is one.
ConnectPlan plan_for(const std::string& host, uint16_t port, const ConnectOptions& options);

/// What comes of it, from the loop only, never from inside a call.
struct ConnectEvents {
  /// A connection; `rest` is what the peer has sent behind a proxy's answer. May come again after try_next().
  std::function<void(asio::ip::tcp::socket, Bytes rest)> on_connected;
  /// No address is left; once.
  std::function<void(Error)> on_failed;
};

/// One search for a connection. Destroying it ends it.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  static std::shared_ptr<Connector> create(EventLoop& loop, ConnectPlan plan, ConnectOptions options,
                                           ConnectEvents events);

  /// Begins. Once.
  void start();
  /// The connection that was given is of no use: on_connected or on_failed follows.
  void try_next(Error why);
  /// It is of use: nothing more is tried.
  void confirm();

 private:
  Connector(EventLoop& loop, ConnectPlan plan, ConnectOptions options, ConnectEvents events);
  void on_change();
  void advance();
  void connect(const routes::Candidate& candidate);
  void on_tcp(const asio::error_code& error);
  void wait_for_answer();
  void on_answer();
  void deliver(Bytes rest);
  void on_overdue();
  void abandon(Error why);
  void report(bool works);
  void fail();

  EventLoop& loop_;
  ConnectPlan plan_;
  ConnectOptions options_;
  ConnectEvents events_;
  std::unique_ptr<Lookup> lookup_;
  asio::ip::tcp::socket raw_;
  std::unique_ptr<Tunnel> tunnel_;
  Timer timer_;    ///< The address's time.
  Timer spacing_;  ///< Until the next address may be tried.
  std::optional<routes::Candidate> current_;
  std::optional<routes::Candidate> upcoming_;  ///< Taken from the lookup, in want of its time.
  std::optional<Error> failure_;
  bool failure_is_of_hint_ = false;
  Instant not_before_{};
  uint64_t attempt_ = 0;  ///< Calls of earlier attempts are late.
  bool overdue_ = false;
  bool ended_ = false;
};

}  // namespace godwit::net
