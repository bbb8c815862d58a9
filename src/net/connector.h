#pragma once
// A TCP connection to a host by name or address, and through a proxy if one is asked for: what all dials begin with. One
// address after the other, never two at once. Not for other folders.

#include <asio.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/connect_options.h"
#include "net/tunnel.h"

namespace godwit::net {

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
  /// A search at rest; start() begins it.
  static std::shared_ptr<Connector> create(EventLoop& loop, ConnectPlan plan, ConnectOptions options,
                                           ConnectEvents events);

  /// Begins. Once.
  void start();
  /// The connection that was given is of no use: on_connected or on_failed follows.
  void try_next(Error why);
  /// It is of use: nothing more is tried.
  void confirm();
  /// It is not wanted any more: from here on nothing is called, also if it was on its way already.
  void cancel();

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
