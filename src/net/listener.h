#pragma once
// A TLS 1.3 web server: an ordinary small site to anybody, and a pipe for whoever upgrades the right path to WebSocket.
// A wrong upgrade gets what the site answers for a path that is not there.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/event_loop.h"
#include "net/pipe.h"
#include "net/stun_start.h"

namespace godwit::net {

class CallPassage;
class CallPlace;

/// How long a stranger may take, and how much he may hold.
struct ListenerLimits {
  /// Connections at once, pipes included; a connection beyond is closed at once. About 30 KB of memory each.
  size_t connections_max = 20'000;
  /// From accept to the end of the first request's headers, TLS handshake included; and for each later request from its
  /// first byte.
  Duration header_timeout = seconds(15);
  /// Between two requests of one connection.
  Duration keep_alive = seconds(65);
  /// A response of which the peer takes nothing for this long.
  Duration write_timeout = seconds(30);
  /// A pipe from which nothing comes: longer than twice the longest keepalive of the session (10 minutes).
  Duration pipe_idle = minutes(25);
  /// Request line and headers together.
  size_t header_bytes_max = 8 * 1024;
  /// Bytes that a pipe keeps for a peer that does not read; at least kPipeDrainedBytes.
  size_t pipe_queue_bytes_max = kPipeQueueBytesMax;
  /// From one address (IPv6: one /64), where addresses are real; loopback and proxies count as none. One beyond is closed at once, before
  /// TLS. 0: no bound. Connections that are no pipe yet, those with a TURN server not counted:
  size_t waiting_source_max = 0;
  /// New connections at once, and then one in this time.
  uint32_t accepts_source_burst = 0;
  Duration accepts_source_interval = {};
};

/// Where and as what to listen.
struct ListenerOptions {
  /// IP addresses, no names. An IPv6 address on a machine without IPv6 is passed over if another one works.
  std::vector<std::string> addresses = {"0.0.0.0", "::"};
  /// 0: a free one, see Listener::port(); it is the same for all addresses.
  uint16_t port = 443;
  /// PEM files: the leaf (ECDSA P-256 keeps flights short), then at most one intermediate; and its private key.
  std::string certificate_file;
  std::string key_file;
  /// True: no TLS, since a web server on this machine terminates it; then only loopback addresses are allowed.
  bool plain_behind_proxy = false;
  /// The path whose WebSocket upgrades become pipes; must start with '/'.
  std::string websocket_path = "/ws";
  /// More such paths; Arrival::path tells which it was.
  std::vector<std::string> more_websocket_paths;
  /// True: an upgrade is answered when its taker calls Arrival::accept, and by the site if he destroys the pipe before.
  bool answer_later = false;
  /// Static files for everybody; empty: a small built-in page.
  std::string site_folder;
  /// "address:port" of a web server that is the site instead: a connection whose first request is not an upgrade of a
  /// WebSocket path is passed on to it byte for byte, in clear, with its ends. Empty: none.
  std::string site_upstream;
  ListenerLimits limits;
};

/// A new pipe, and whence it came.
struct Arrival {
  std::unique_ptr<Pipe> pipe;
  /// The peer's address, IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2). For limits in memory: never stored, never logged.
  ByteArray<16> source{};
  /// 0: websocket_path; n: more_websocket_paths[n - 1].
  size_t path = 0;
  /// With answer_later: switches to WebSocket. Until then bytes come already (at most kEarlyBytesMax) and nothing leaves.
  /// Later than limits.header_timeout it does nothing: the site has answered and on_closed was called.
  std::function<void()> accept;
};

/// Bytes of an upgrade that is not answered yet; beyond it nothing is read.
inline constexpr size_t kEarlyBytesMax = 64 * 1024;

/// A TURN server on this machine (RFC 8656) to which connections are handed whose first words are those of its clients, in clear,
/// byte for byte: so calls look like everything else that goes over this port.
struct CallRelay {
  uint16_t port = 0;             ///< On 127.0.0.1, TCP.
  size_t connections_max = 500;  ///< At once; one beyond gets the site's answer. About 200 KB of memory each at most.
  size_t source_max = 64;        ///< Of these from one address (IPv6: one /64), where addresses are real; the same. At least 1.
  /// Of these, such as have shown no credentials yet: the server has given them no place of its own. They are strangers, so they are
  /// bounded apart from the others, and may not keep those who have shown them from a place. One beyond gets the site's answer.
  size_t strangers_max = 64;
  size_t stranger_source_max = 8;    ///< Of strangers from one address, as `source_max`. At least 1.
  Duration stranger = seconds(10);   ///< A stranger's connection is closed after so long: two round trips and a lost packet or two.
  /// One over which nothing goes either way for so long is closed: an allocation lasts 10 min unless its client renews it.
  Duration idle = minutes(11);
};

/// Takes a pipe and gives its events; called before any byte of it is delivered. A taker that wants none destroys it.
using AcceptPipe = std::function<PipeEvents(Arrival)>;

/// Counts since the start: for metrics and benchmarks.
struct ListenerCounts {
  uint64_t accepted = 0;            ///< Connections.
  uint64_t refused = 0;             ///< Closed at once, over connections_max,
  uint64_t refused_waiting = 0;     ///< over waiting_source_max,
  uint64_t refused_fast = 0;        ///< or over accepts_source_burst.
  uint64_t handshakes = 0;          ///< TLS handshakes completed.
  uint64_t handshakes_resumed = 0;  ///< Of these, by ticket.
  uint64_t handshakes_failed = 0;   ///< Connections that ended before one was completed.
  uint64_t requests = 0;            ///< HTTP requests answered by the site.
  uint64_t pipes = 0;               ///< Upgrades to WebSocket.
  size_t open = 0;                  ///< Connections now.
  uint64_t relays = 0;              ///< Handed to the TURN server.
  uint64_t relays_refused = 0;      ///< Not handed to it: over a bound of CallRelay.
  size_t relays_open = 0;           ///< With it now.
};

/// The server. Destroying it closes the sockets and every connection of the site; pipes live on with their owners.
class Listener {
 public:
  /// Starts to listen. kAddressInUse, kAddressForbidden (a port below 1024 without permission), kBadAddress,
  /// kBadCertificate, kBadPrivateKey, kKeyMismatch, kBadSiteFolder, kBadOption.
  static Result<std::unique_ptr<Listener>> create(EventLoop& loop, ListenerOptions options, AcceptPipe on_pipe);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The port in use.
  uint16_t port() const;
  /// Reads certificate and key anew for connections from now on; tickets given out stay good. On an error (as in
  /// create) the old ones stay in use.
  Status reload_certificate();
  /// Stops accepting and ends the connections of the site; pipes live on. For a shutdown in good order.
  void close();
  /// Where TURN clients are handed from now on; none: they get the site's answer, as at first. Those who were handed on stay.
  void relay_calls(std::optional<CallRelay> relay);
  /// Somebody may come to the relay until then (EventLoop::now). Without this, and afterwards, whoever tries gets the site's answer:
  /// while no call is about to be made, nobody can find out by asking that there is a relay.
  void expect_calls_until(Instant until);
  /// Whether a pipe, whatever has carried it here, begins as a TURN client does while somebody may come to the relay: such a one is no
  /// session's. By its first bytes; kMore: more of them are needed.
  StunStart begins_call(ByteView first) const;
  /// A place for such a pipe, under the bounds of CallRelay; `source` as of Arrival, zeros: nobody's in particular. Null: there is none,
  /// and the pipe is to be treated like any other.
  std::unique_ptr<CallPlace> take_call_place(const ByteArray<16>& source);
  /// Passes it on. `on_end`: as of CallPassage.
  std::unique_ptr<CallPassage> pass_call(std::unique_ptr<CallPlace> place, std::unique_ptr<Pipe> pipe, ByteView first,
                                         std::function<void()> on_end);
  /// What happened so far.
  ListenerCounts counts() const;

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
