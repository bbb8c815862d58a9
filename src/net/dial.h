#pragma once
// Opens a pipe along a route, whatever carries it. One attempt; which route to try, and when again, is the business of the
// policy (routes/).

#include <memory>
#include <optional>
#include <string>

#include "net/connect_options.h"
#include "net/event_loop.h"
#include "net/pipe.h"
#include "net/tls.h"
#include "net/tls_trust.h"
#include "net/transports.h"
#include "routes/pace.h"
#include "routes/route.h"

namespace godwit::net {

/// How to dial. The defaults are right for people.
struct DialOptions {
  /// SHA-256 of the home's certificate, if the invite said it. Asked of wss:// routes without a pin of their own; without
  /// any pin the system's authorities judge.
  std::optional<ByteArray<32>> home_pin = {};
  /// The session's first bytes; at most 64 KiB. They leave as early as the carrier can.
  Bytes early_bytes = {};
  /// Names, hints, the user's own proxy (socks5:// or http://), and what to remember of addresses. The proxy is in front of
  /// every carrier but onion: Tor has a configuration of its own.
  ConnectOptions connect = {};
  /// To whom the TLS hello seems to belong. Not to be changed toward one host within 120 s (architecture, Routes).
  routes::HelloKind look = routes::HelloKind::kPlain;
  /// As in WssOptions; must outlive the pipe.
  TlsTickets* tickets = nullptr;
  /// The programs of pluggable transports; null: routes that want one fail with kPtMissing.
  std::shared_ptr<Transports> transports;
  /// The SOCKS port of a running Tor.
  std::string tor_host = "127.0.0.1";
  uint16_t tor_port = 9050;
  /// From the call until on_open, and when silence is death, instead of what the carrier is known to need.
  std::optional<Duration> connect_timeout = {};
  std::optional<routes::StallTimes> stall = {};
};

/// What a carrier is known to need from the call until on_open.
Duration connect_timeout_of(routes::Carrier carrier);

/// Starts to dial. The pipe is there at once and takes bytes; in which form it carries them says routes::carried_form.
/// on_closed tells why a dial failed: as of connect_wss, and routes::kProxy... (a proxy, Tor, or the far side of a
/// transport), kPtMissing, kPtHangs, kPtEnded, routes::kPt.... kBadOption: early_bytes too long. routes::kBadRoute: the
/// parameters of a transport are too long for it.
Result<std::unique_ptr<Pipe>> dial(EventLoop& loop, const routes::Route& route, DialOptions options, PipeEvents events);

}  // namespace godwit::net
