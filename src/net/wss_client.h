#pragma once
// Dials a wss:// or bridge:// route: DNS, TCP, TLS 1.3, the HTTP upgrade, and gives a pipe. One attempt; when to try
// again is the business of routes::DialPacer.

#include <memory>

#include "base/time.h"
#include "net/connect_options.h"
#include "net/event_loop.h"
#include "net/pipe.h"
#include "net/tls.h"
#include "net/tls_trust.h"
#include "routes/pace.h"
#include "routes/route.h"

namespace godwit::net {

/// How to dial. The defaults are right for people; tests shorten the times.
struct WssOptions {
  /// Used unless the route has a pin of its own.
  TlsTrust trust;
  /// To whom the hello seems to belong. Not to be changed toward one host within 120 s (architecture, Routes).
  routes::HelloKind look = routes::HelloKind::kPlain;
  /// Tickets to resume TLS with, and where new ones go; null: always a full handshake. Must outlive the pipe.
  TlsTickets* tickets = nullptr;
  /// The session's first bytes, sent in one flight with the upgrade request, before the server's 101 is there: one
  /// round trip and two packets less. A server that refuses the upgrade sees ciphertext. At most 64 KiB.
  Bytes early_bytes;
  /// Names, the user's proxy, and what to remember of addresses.
  ConnectOptions connect = {};
  /// From the call until on_open: name, TCP, TLS and upgrade together.
  Duration connect_timeout = seconds(20);
  /// When silence is death, from the first byte sent.
  routes::StallTimes stall;
  /// Bytes that the pipe keeps for a peer that does not read; at least kPipeDrainedBytes.
  size_t queue_bytes_max = kPipeQueueBytesMax;
  /// True: no TLS, to a listener behind a proxy on this machine (ListenerOptions::plain_behind_proxy): only for a route
  /// whose host is a loopback address.
  bool plain_loopback = false;
};

/// Starts to dial `route` (Carrier::kWss or kBridge). Its shown name and its pin are respected (routes::shown_name,
/// routes::pin). The pipe is there at once and takes bytes, which leave after on_open.
/// on_closed tells why a dial failed: kConnectionRefused, kHostUnreachable, kNetworkUnreachable, kGenericTimeout, kDns...,
/// kSsl..., kUpgradeRefused, kBadHttp, kEof, kConnectionReset. Addresses of one name are tried one after another, never
/// at the same time, until one has shown the right certificate. kBadOption: early_bytes too long, or another carrier.
Result<std::unique_ptr<Pipe>> connect_wss(EventLoop& loop, const routes::Route& route, WssOptions options,
                                          PipeEvents events);

}  // namespace godwit::net
