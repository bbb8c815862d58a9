// `godwit-bridge run`: the pure bridge between sockets, until SIGTERM.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "base/terminal_qr.h"
#include "bridge/main.h"
#include "bridge/secrets.h"
#include "net/certificate.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "net/source_gate.h"
#include "net/tls_trust.h"
#include "net/wss_client.h"

namespace godwit::bridge {
namespace {

// One way to a home gets this long, so that another can follow within Limits::answer_within.
constexpr Duration kDialTimeout = seconds(8);
// How long the last bytes of closed pipes may take to leave at the end.
constexpr Duration kLastBytes = milliseconds(500);

/// What was read and made before the bridge can begin.
struct Setup {
  std::vector<std::vector<Way>> homes;
  std::vector<std::string> secrets;
  std::string certificate;
  std::string key;
  std::string host;
  bool pin = false;
};

class Program {
 public:
  Program(const RunOptions& options, const Setup& setup, const Limits& limits, net::EventLoop& loop)
      : options_(options),
        setup_(setup),
        loop_(loop),
        core_(limits, ways_of(setup)),
        connections_max_(size_t{limits.passages_max} + 1'000),
        deadline_(loop) {}

  Status listen();
  void run();
  uint16_t port() const { return listener_->port(); }

 private:
  struct Line {
    std::unique_ptr<net::Pipe> pipes[2];  // by Side
    std::function<void()> accept;
  };
  static std::vector<size_t> ways_of(const Setup& setup);
  net::PipeEvents accept(net::Arrival arrival);
  net::PipeEvents events_of(PassageId id, Side side);
  void turn();
  void later();
  void dial(Dial output);
  void send(Send output);
  void close(const Close& output);
  net::Pipe* pipe_of(PassageId id, Side side);
  void signalled(net::Signal signal);

  const RunOptions& options_;
  const Setup& setup_;
  net::EventLoop& loop_;
  net::TlsTickets tickets_;
  Core core_;
  size_t connections_max_;
  std::map<PassageId, Line> lines_;
  std::unique_ptr<net::Listener> listener_;
  net::Timer deadline_;
  uint64_t next_passage_ = 1;
  bool turning_ = false;
};

std::vector<size_t> Program::ways_of(const Setup& setup) {
  std::vector<size_t> ways;
  for (const auto& home : setup.homes) ways.push_back(home.size());
  return ways;
}

Status Program::listen() {
  net::ListenerOptions listening;
  if (options_.behind_proxy) listening.addresses = {"127.0.0.1"};
  if (!options_.addresses.empty()) listening.addresses = options_.addresses;
  listening.port = options_.port;
  listening.certificate_file = setup_.certificate;
  listening.key_file = setup_.key;
  listening.plain_behind_proxy = options_.behind_proxy;
  listening.websocket_path = "/" + setup_.secrets[0];
  for (size_t i = 1; i < setup_.homes.size(); ++i) listening.more_websocket_paths.push_back("/" + setup_.secrets[i]);
  listening.answer_later = true;
  listening.site_folder = options_.site_folder;
  constexpr std::string_view kHttp = "http://";
  const std::string& upstream = options_.site_upstream;
  listening.site_upstream = upstream.starts_with(kHttp) ? upstream.substr(kHttp.size()) : upstream;
  listening.limits.connections_max = connections_max_;
  listening.limits.pipe_queue_bytes_max = kPipeQueueBytes;
  listener_ = TRY(net::Listener::create(loop_, std::move(listening),
                                        [this](net::Arrival arrival) { return accept(std::move(arrival)); }));
  return {};
}

void Program::run() {
  loop_.on_signal([this](net::Signal signal) { signalled(signal); });
  loop_.run();
  listener_->close();
  core_.end_all();
  turn();
  lines_.clear();
  loop_.run_until([] { return false; }, kLastBytes);
}

void Program::signalled(net::Signal signal) {
  std::cerr << "godwit-bridge: " << print_counters(core_.counters(), core_.open()) << std::endl;
  if (signal == net::Signal::kTerminate) return loop_.stop();
  if (options_.behind_proxy) return;
  const Status reloaded = listener_->reload_certificate();
  if (!reloaded) {
    fail(reloaded.error(), "the certificate was not read again, the old one stays in use");
  } else {
    std::cerr << "godwit-bridge: the certificate was read again" << std::endl;
  }
}

net::PipeEvents Program::accept(net::Arrival arrival) {
  const PassageId id{next_passage_++};
  Line& line = lines_[id];
  line.pipes[0] = std::move(arrival.pipe);
  line.accept = std::move(arrival.accept);
  core_.person_came(id, HomeIndex{static_cast<uint32_t>(arrival.path)}, net::source_name(arrival.source), loop_.now());
  later();  // not from inside this call: the pipe has no events yet, and its first bytes come next
  return events_of(id, Side::kPerson);
}

net::PipeEvents Program::events_of(PassageId id, Side side) {
  net::PipeEvents events;
  if (side == Side::kHome) {
    events.on_open = [this, id] {
      core_.home_opened(id, loop_.now());
      turn();
    };
  }
  events.on_bytes = [this, id, side](ByteView bytes) {
    core_.bytes_came(id, side, bytes, loop_.now());
    turn();
  };
  events.on_drained = [this, id, side] {
    core_.pipe_drained(id, side);
    turn();
  };
  events.on_closed = [this, id, side](Error) {
    const auto line = lines_.find(id);
    if (line != lines_.end()) line->second.pipes[static_cast<size_t>(side)].reset();
    core_.pipe_closed(id, side, loop_.now());
    turn();
  };
  return events;
}

void Program::later() {
  loop_.post([this] { turn(); });
}

net::Pipe* Program::pipe_of(PassageId id, Side side) {
  const auto line = lines_.find(id);
  return line == lines_.end() ? nullptr : line->second.pipes[static_cast<size_t>(side)].get();
}

void Program::turn() {
  if (turning_) return;
  turning_ = true;
  while (auto output = core_.next_output(loop_.now())) {
    if (auto* dialling = std::get_if<Dial>(&*output)) dial(std::move(*dialling));
    if (auto* sending = std::get_if<Send>(&*output)) send(std::move(*sending));
    if (const auto* closing = std::get_if<Close>(&*output)) close(*closing);
    if (const auto* accepted = std::get_if<Accept>(&*output)) {
      const auto line = lines_.find(accepted->passage);
      if (line != lines_.end() && line->second.accept) line->second.accept();
    }
    if (const auto* reading = std::get_if<SetReading>(&*output)) {
      if (net::Pipe* pipe = pipe_of(reading->passage, reading->side)) pipe->set_reading(reading->reading);
    }
  }
  turning_ = false;
  deadline_.set_at(core_.next_deadline(), [this] {
    core_.handle_expiry(loop_.now());
    turn();
  });
}

void Program::dial(Dial output) {
  const Way& way = setup_.homes[output.home.value][output.way];
  net::WssOptions options;
  options.trust.kind = net::TlsTrust::Kind::kSystemAuthorities;
  options.tickets = &tickets_;
  options.early_bytes = std::move(output.early_bytes);
  options.connect_timeout = kDialTimeout;
  options.queue_bytes_max = kPipeQueueBytes;
  options.plain_loopback = way.plain;
  auto pipe = net::connect_wss(loop_, way.route, std::move(options), events_of(output.passage, Side::kHome));
  if (pipe) {
    lines_[output.passage].pipes[1] = std::move(*pipe);
  } else {
    core_.pipe_closed(output.passage, Side::kHome, loop_.now());
  }
}

void Program::send(Send output) {
  net::Pipe* pipe = pipe_of(output.passage, output.side);
  if (pipe == nullptr) return;
  const Status sent = pipe->send(output.bytes);
  if (sent || sent.error().code.action == Action::kCloseSession) return;  // else on_closed comes
  core_.pipe_full(output.passage, output.side, std::move(output.bytes));
}

// Destroying a pipe sends what it has, and closes it.
void Program::close(const Close& output) {
  const auto line = lines_.find(output.passage);
  if (line == lines_.end()) return;
  line->second.pipes[static_cast<size_t>(output.side)].reset();
  if (!line->second.pipes[0] && !line->second.pipes[1]) lines_.erase(line);
}

// ---- before it begins -------------------------------------------------------------------------------------------------

// The certificate that was given, or the one of the folder, made if it is missing.
Status provide_certificate(const RunOptions& options, Setup& setup) {
  if (options.behind_proxy) return {};
  const std::filesystem::path folder(options.folder);
  setup.certificate = options.certificate;
  setup.key = options.certificate_key;
  setup.pin = options.pin;
  if (!options.certificate.empty()) return {};
  setup.certificate = (folder / "certificate.pem").string();
  setup.key = (folder / "certificate.key").string();
  setup.pin = true;
  if (std::filesystem::exists(setup.certificate)) return {};
  const auto made = TRY(net::make_self_signed_certificate({setup.host}, wall_clock()));
  TRY(write_file(setup.key, made.key));
  return write_file(setup.certificate, made.certificate);
}

// What options say that cannot be; empty: all is well.
std::string contradiction(const RunOptions& options) {
  if (options.homes.size() > kSecretsMax) return "--home: at most 16 of them";
  if (options.certificate.empty() != options.certificate_key.empty()) return "--cert and --key belong together";
  if (options.behind_proxy && !options.certificate.empty()) {
    return "--cert: with --behind-proxy the web server in front has the certificate";
  }
  if (options.behind_proxy && options.pin) {
    return "--pin: with --behind-proxy the web server in front has the certificate, so its hash is not known here";
  }
  if (options.behind_proxy && options.limits.bytes_per_source_per_day_max != 0) {
    return "--source-bytes-per-day: with --behind-proxy all come from one address; limit them in the web server";
  }
  if (!options.site_folder.empty() && !options.site_upstream.empty()) return "--site or --site-upstream, not both";
  if (options.memory_max < kPassageMemory * 16) return "--memory: at least 10M";
  if (options.limits.passages_max == 0) return "--connections: at least 1";
  return {};
}

// Names and files; says itself what is wrong.
Result<Setup> set_up(const RunOptions& options, int& exit_code) {
  Setup setup;
  const auto complain = [&](const Error& error, const std::string& about) {
    exit_code = fail(error, about);
    return error;
  };
  for (const std::string& text : options.homes) {
    auto ways = parse_home(text);
    if (!ways) return complain(ways.error(), "--home");
    setup.homes.push_back(std::move(*ways));
  }
  setup.host = options.host.empty() ? own_address() : options.host;
  const routes::Route route{routes::Carrier::kBridge, setup.host, 443, "/"};
  if (const auto good = routes::parse_route(routes::to_uri(route)); !good) {
    exit_code = fail(kExitConfig, "--host: the name or IP address under which others reach this machine");
    return good.error();
  }
  if (const Status made = make_folder(options.folder); !made) return complain(made.error(), options.folder);
  const std::string file =
      options.secret_file.empty() ? (std::filesystem::path(options.folder) / "secret").string() : options.secret_file;
  SystemRandom random;
  auto secrets = load_secrets(file, setup.homes.size(), random);
  if (!secrets) return complain(secrets.error(), file);
  setup.secrets = std::move(*secrets);
  if (const Status made = provide_certificate(options, setup); !made) return complain(made.error(), options.folder);
  return setup;
}

Result<std::vector<std::string>> links_of(const RunOptions& options, const Setup& setup, uint16_t port) {
  routes::Route route{routes::Carrier::kBridge, setup.host, port, {}};
  if (options.behind_proxy) route.port = 443;
  if (options.public_port != 0) route.port = options.public_port;
  if (setup.pin) {
    const auto pin = TRY(net::certificate_sha256(TRY(read_file(setup.certificate))));
    route.parameters.emplace(routes::kPin, to_base64url(pin));
  }
  std::vector<std::string> links;
  for (size_t i = 0; i < setup.homes.size(); ++i) {
    route.path = "/" + setup.secrets[i];
    links.push_back(routes::to_uri(route));
  }
  return links;
}

void announce(const RunOptions& options, const Setup& setup, const std::vector<std::string>& links) {
  const bool people = ::isatty(STDOUT_FILENO) == 1;
  for (size_t i = 0; i < links.size(); ++i) {
    const std::string& host = setup.homes[i].front().route.host;
    if (people) std::cout << "To reach the home at " << host << ", hand out this link, to few, one by one:\n\n";
    std::cout << links[i] << "\n";
    if (people && !options.no_qr) std::cout << "\n" << qr_for_terminal(links[i]);
    std::cout << std::flush;
  }
  if (is_private_address(setup.host)) {
    std::cerr << "godwit-bridge: " << setup.host << " is an address that only its own network reaches: name the one of"
              << " your router with --host, and let the router pass the port on to this machine" << std::endl;
  }
}

}  // namespace

int run_run(const RunOptions& options) {
  const std::string complaint = contradiction(options);
  if (!complaint.empty()) return fail(kExitConfig, complaint);
  int exit_code = kExitDone;
  const auto setup = set_up(options, exit_code);
  if (!setup) return exit_code;
  Limits limits = options.limits;
  limits.idle = minutes(options.idle_minutes);
  limits.dial_spacing = milliseconds(options.dial_spacing_ms);
  limits.passages_max =
      static_cast<uint32_t>(std::min<uint64_t>(limits.passages_max, options.memory_max / kPassageMemory));
  auto loop = net::EventLoop::create();
  if (!loop) return fail(loop.error(), "the event loop");
  Program program(options, *setup, limits, **loop);
  if (const Status listening = program.listen(); !listening) {
    return fail(listening.error(), "port " + std::to_string(options.port));
  }
  const auto links = links_of(options, *setup, program.port());
  if (!links) return fail(links.error(), setup->certificate);
  announce(options, *setup, *links);
  std::string text;
  for (const std::string& link : *links) text += link + "\n";
  const std::string file = (std::filesystem::path(options.folder) / "link").string();
  if (const Status written = write_file(file, text); !written) fail(written.error(), file);
  program.run();
  return kExitDone;
}

}  // namespace godwit::bridge
