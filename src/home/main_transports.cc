#include "home/main_transports.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "home/main_log.h"
#include "routes/route.h"
#include "wire/home_link.h"

namespace godwit::home {
namespace {

// The port of "address:port".
std::string port_of(const std::string& endpoint) { return endpoint.substr(endpoint.rfind(':') + 1); }

// "host:port" as people dial it.
std::string public_endpoint(const Config& config, const TransportConfig& transport) {
  if (!transport.address.empty()) return transport.address;
  const bool ipv6 = config.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + config.host + "]" : config.host) + ":" + port_of(transport.listen);
}

// The route by which people reach a transport; empty: none can be written.
std::string route_of(const Config& config, const TransportConfig& transport, const routes::PtMethod& method) {
  std::string uri = transport.name + "://" + public_endpoint(config, transport);
  char separator = '?';
  for (const auto& [name, value] : method.arguments) {
    uri += separator + name + "=" + value;
    separator = '&';
  }
  const auto route = routes::parse_route(uri);
  return route ? routes::to_uri(*route) : std::string();
}

}  // namespace

Result<std::unique_ptr<ServedTransports>> ServedTransports::create(net::EventLoop& loop, const Place& place,
                                                                   const Config& config, net::AcceptPipe on_pipe) {
  std::unique_ptr<ServedTransports> self(new ServedTransports(place, config));
  ::unlink(transports_file(place).c_str());
  if (config.transports.empty() && config.stream_port == 0) return self;
  self->listener_ = TRY(net::StreamListener::create(loop, config.stream_port, std::move(on_pipe)));
  for (const TransportConfig& transport : config.transports) {
    net::PtServerOptions options;
    options.transport = transport.name;
    options.program = transport.program;
    options.listen = transport.listen;
    options.orport = self->listener_->port();
    options.options = transport.options;
    options.state_folder = std::filesystem::absolute(place.file(kTransports)).string() + "/" + transport.name;
    net::PtServerEvents events;
    events.on_ready = [raw = self.get(), &transport](const routes::PtMethod& method) { raw->ready(transport, method); };
    events.on_trouble = [&transport](Error error, const std::string& words) {
      say(LogLevel::kWarning, "transport_trouble", error,
          "transport " + transport.name + (words.empty() ? "" : " (" + words + ")"));
    };
    self->servers_.push_back(TRY(net::PtServer::create(loop, std::move(options), std::move(events))));
  }
  return self;
}

ServedTransports::~ServedTransports() { close(); }

void ServedTransports::close() {
  if (!servers_.empty()) ::unlink(transports_file(place_).c_str());
  servers_.clear();
  if (listener_) listener_->close();
}

void ServedTransports::ready(const TransportConfig& transport, const routes::PtMethod& method) {
  const std::string uri = route_of(config_, transport, method);
  if (uri.empty()) {
    say(LogLevel::kWarning, "transport_without_route",
        {{"text", "transport " + transport.name +
                      " serves, but its route cannot be written: `address` must be an IP address and a port"}});
    return;
  }
  routes_[transport.name] = uri;
  note_routes();
  std::cout << "listening on " << uri << std::endl;
}

void ServedTransports::note_routes() {
  std::string text;
  for (const auto& [name, uri] : routes_) text += uri + "\n";
  const Status noted = write_file(transports_file(place_), text, true);
  if (!noted) say(LogLevel::kWarning, "transports_not_noted", noted.error(), transports_file(place_));
  if (on_routes_) on_routes_();
}

std::string transports_file(const Place& place) { return place.file("transports.routes"); }

std::string public_routes(const Place& place, const Config& config, std::vector<std::string>& routes) {
  routes = config.routes;
  if (routes.empty()) {
    routes::Route route{routes::Carrier::kWss, config.host, config.port, config.path};
    if (route.port == 0) {
      const auto running = read_running(place);
      if (!running) return "`port` is 0: the home has to run before its links can name the port";
      route.port = running->port;
    }
    routes.push_back(routes::to_uri(route));
  }
  std::istringstream served(read_file(transports_file(place)).value_or(""));
  for (std::string uri; std::getline(served, uri) && routes.size() < wire::kRoutesMax;) {
    if (std::find(routes.begin(), routes.end(), uri) == routes.end()) routes.push_back(uri);
  }
  return {};
}

int run_routes(const Place& place) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  std::vector<std::string> routes;
  const std::string complaint = public_routes(place, *config, routes);
  if (!complaint.empty()) return fail(kExitFix, complaint);
  for (const std::string& uri : routes) std::cout << uri << "\n";
  std::cout.flush();
  return kExitDone;
}

net::ListenerOptions listener_options(const Place& place, const Config& config) {
  net::ListenerOptions options;
  options.addresses = config.addresses;
  options.port = config.port;
  options.certificate_file = place.file(config.certificate);
  options.key_file = place.file(config.certificate_key);
  options.plain_behind_proxy = config.behind_proxy;
  options.websocket_path = config.path;
  if (!config.site.empty()) options.site_folder = place.file(config.site);
  const Limits& limits = config.options.limits;
  options.limits.connections_max = size_t{limits.sessions_max} + 1'000;
  options.limits.waiting_source_max = limits.strangers_source_max;
  options.limits.accepts_source_burst = limits.connects_source_burst;
  options.limits.accepts_source_interval = milliseconds(1'000 / limits.connects_source_per_second);
  return options;
}

}  // namespace godwit::home
