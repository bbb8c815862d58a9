#include "net/pt_server.h"

#include <algorithm>
#include <utility>

#include "net/errors.h"
#include "routes/route.h"

namespace godwit::net {
namespace {

// A program that ran this long before it ended is started anew after the shortest pause.
constexpr Duration kRanWell = minutes(1);

bool is_endpoint(const std::string& text) {
  const auto endpoint = routes::parse_route("wss://" + text);
  const size_t colon = text.rfind(':');
  return endpoint && routes::is_address(endpoint->host) && endpoint->path == "/" && endpoint->parameters.empty() &&
         colon != std::string::npos && text.find(']', colon) == std::string::npos;
}

// "obfs4:name=value;obfs4:name=value" (PT 1.0, TOR_PT_SERVER_TRANSPORT_OPTIONS).
std::string options_of(const std::string& transport, const std::string& options) {
  std::string out;
  for (size_t at = 0; at < options.size();) {
    const size_t end = std::min(options.find(';', at), options.size());
    if (!out.empty()) out += ';';
    out += transport + ":" + options.substr(at, end - at);
    at = end + 1;
  }
  return out;
}

}  // namespace

struct PtServer::Impl : std::enable_shared_from_this<PtServer::Impl> {
  Impl(EventLoop& owner, PtServerOptions chosen, PtServerEvents wanted)
      : loop(owner), options(std::move(chosen)), events(std::move(wanted)), pause(owner) {}

  void start() {
    PtCommand command;
    command.program = options.program;
    command.transport = options.transport;
    command.server = true;
    command.state_folder = options.state_folder;
    command.start_limit = options.start_limit;
    command.environment = {"TOR_PT_SERVER_BINDADDR=" + options.transport + "-" + options.listen,
                           "TOR_PT_ORPORT=127.0.0.1:" + std::to_string(options.orport)};
    if (!options.options.empty()) {
      command.environment.push_back("TOR_PT_SERVER_TRANSPORT_OPTIONS=" +
                                    options_of(options.transport, options.options));
    }
    PtEvents wanted;
    wanted.on_ready = [this](const routes::PtMethod& method) { events.on_ready(method); };
    wanted.on_end = [this](Error error, const std::string& words) { failed(error, words); };
    started = loop.steady_now();
    auto made = PtProcess::start(loop, command, std::move(wanted));
    if (made) {
      process = std::move(*made);
    } else {
      failed(made.error(), options.program);
    }
  }

  void failed(Error error, const std::string& words) {
    // Whoever called still stands in the process's code.
    loop.post([gone = std::shared_ptr<PtProcess>(std::move(process))] {});
    failures = loop.steady_now() >= started + kRanWell ? 1 : failures + 1;
    pause.set(pt_pause(failures), [this] { start(); });
    events.on_trouble(error, words);
  }

  EventLoop& loop;
  PtServerOptions options;
  PtServerEvents events;
  std::unique_ptr<PtProcess> process;
  Timer pause;
  Instant started{};
  uint32_t failures = 0;
};

Result<std::unique_ptr<PtServer>> PtServer::create(EventLoop& loop, PtServerOptions options, PtServerEvents events) {
  REQUIRE(is_endpoint(options.listen), kBadOption, "net: a transport listens at address:port");
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(events));
  // Not from inside this call: what becomes of it is told from the loop.
  loop.post([weak = std::weak_ptr<Impl>(impl)] {
    if (const auto self = weak.lock()) self->start();
  });
  return std::unique_ptr<PtServer>(new PtServer(std::move(impl)));
}

PtServer::PtServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

PtServer::~PtServer() = default;

}  // namespace godwit::net
