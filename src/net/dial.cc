#include "net/dial.h"

#include <utility>

#include "net/errors.h"
#include "net/stream_client.h"
#include "net/upgrade.h"
#include "net/wss_client.h"

namespace godwit::net {
namespace {

using routes::Carrier;

constexpr size_t kStreamEarlyBytesMax = 64 * 1024;

// Some transports connect to what their arguments say, and are given an address of no meaning (RFC 5737).
constexpr const char* kNowhere = "192.0.2.3";
constexpr uint16_t kNowherePort = 443;

/// What the program of a transport is asked for.
struct TransportTarget {
  const char* transport;
  std::string host;
  uint16_t port;
  std::map<std::string, std::string> arguments;
};

TransportTarget target_of(const routes::Route& route) {
  if (route.carrier == Carrier::kObfs4) {
    TransportTarget target{"obfs4", route.host, route.port, route.parameters};
    target.arguments.emplace("iat-mode", "0");  // the program insists on being told
    return target;
  }
  if (route.carrier == Carrier::kWebTunnel) {
    TransportTarget target{"webtunnel", kNowhere, kNowherePort, route.parameters};
    target.arguments.emplace("url", "https://" + authority_of(route.host, route.port) + route.path);
    return target;
  }
  return {"snowflake", kNowhere, kNowherePort, route.parameters};
}

Result<std::unique_ptr<Pipe>> dial_wss(EventLoop& loop, const routes::Route& route, DialOptions options,
                                       PipeEvents events) {
  WssOptions wss;
  // Who shows another name than the host's gets a certificate for the host, or for whatever stands before it: nobody can judge
  // it by name, and nobody has to, since the session inside authenticates the home.
  const bool disguised = route.parameters.contains(std::string(routes::kShownName));
  wss.trust.kind = disguised ? TlsTrust::Kind::kAny : TlsTrust::Kind::kSystemAuthorities;
  // The home's pin says nothing about somebody else's bridge.
  if (options.home_pin && route.carrier == Carrier::kWss) {
    wss.trust = {TlsTrust::Kind::kCertificateSha256, *options.home_pin};
  }
  wss.look = options.look;
  wss.tickets = options.tickets;
  wss.early_bytes = std::move(options.early_bytes);
  wss.connect = std::move(options.connect);
  wss.connect_timeout = options.connect_timeout.value_or(connect_timeout_of(route.carrier));
  wss.stall = options.stall.value_or(routes::stall_times_of(route.carrier));
  return connect_wss(loop, route, std::move(wss), std::move(events));
}

StreamOptions stream_options(const routes::Route& route, const DialOptions& options) {
  StreamOptions stream;
  stream.early_bytes = options.early_bytes;
  stream.connect_timeout = options.connect_timeout.value_or(connect_timeout_of(route.carrier));
  stream.stall = options.stall.value_or(routes::stall_times_of(route.carrier));
  // What is behind the program, or behind Tor, answers when it answers: the address is this machine's.
  stream.connect.address_timeout = stream.connect_timeout;
  stream.needs = options.transports;
  return stream;
}

Result<std::unique_ptr<Pipe>> dial_onion(EventLoop& loop, const routes::Route& route, const DialOptions& options,
                                         PipeEvents events) {
  std::unique_ptr<Pipe> pipe;
  const auto dial = connect_stream(loop, stream_options(route, options), std::move(events), pipe).lock();
  dial->go({options.tor_host, options.tor_port, TunnelPlan{routes::Proxy::Kind::kSocks5, route.host, route.port}});
  return pipe;
}

Result<std::unique_ptr<Pipe>> dial_transport(EventLoop& loop, const routes::Route& route, const DialOptions& options,
                                             PipeEvents events) {
  TransportTarget target = target_of(route);
  auto login = TRY(routes::socks5_login_of(target.arguments));
  std::unique_ptr<Pipe> pipe;
  const auto dial = connect_stream(loop, stream_options(route, options), std::move(events), pipe);
  TunnelPlan tunnel{routes::Proxy::Kind::kSocks5, target.host, target.port, std::move(login)};
  if (!options.transports) {
    loop.post([dial] {
      if (const auto waiting = dial.lock()) waiting->fail({kPtMissing, "net: transports are switched off here"});
    });
    return pipe;
  }
  options.transports->ask(target.transport, [dial, tunnel = std::move(tunnel)](const Result<routes::PtMethod>& method) {
    const auto waiting = dial.lock();
    if (!waiting) return;
    if (!method) return waiting->fail(method.error());
    waiting->go({method->host, method->port, tunnel});
  });
  return pipe;
}

}  // namespace

Duration connect_timeout_of(Carrier carrier) {
  return carrier == Carrier::kSnowflake || carrier == Carrier::kOnion ? seconds(60) : seconds(20);
}

Result<std::unique_ptr<Pipe>> dial(EventLoop& loop, const routes::Route& route, DialOptions options,
                                   PipeEvents events) {
  REQUIRE(options.early_bytes.size() <= kStreamEarlyBytesMax, kBadOption, "net: early_bytes has at most 64 KiB");
  switch (route.carrier) {
    case Carrier::kWss:
    case Carrier::kBridge:
      return dial_wss(loop, route, std::move(options), std::move(events));
    case Carrier::kOnion:
      return dial_onion(loop, route, options, std::move(events));
    case Carrier::kObfs4:
    case Carrier::kWebTunnel:
    case Carrier::kSnowflake:
      return dial_transport(loop, route, options, std::move(events));
  }
  return Error{kBadOption, "net: a carrier that this version does not know"};
}

}  // namespace godwit::net
