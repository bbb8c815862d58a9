#include "net/coturn.h"

#include <asio.hpp>
#include <utility>

#include "net/child_process.h"
#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/pt_process.h"

namespace godwit::net {
namespace {

using asio::ip::tcp;

// How often it is asked whether it listens.
constexpr Duration kKnock = milliseconds(100);
// One that ran this long before it ended is started again after the shortest pause.
constexpr Duration kRanWell = minutes(1);
// What is kept of a complaint.
constexpr size_t kWordsMax = 200;

tcp::endpoint loopback(uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// A port that is free now; 0: none is. It may be taken by another before it is used: then the start fails, and the next one finds another.
uint16_t free_port(EventLoop& loop) {
  asio::error_code error;
  tcp::acceptor acceptor(io_of(loop));
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind(loopback(0), error);
  const tcp::endpoint local = error ? tcp::endpoint() : acceptor.local_endpoint(error);
  return error ? uint16_t{0} : local.port();
}

// The last line that says what is wrong.
std::string complaint_in(const std::string& said) {
  std::string found;
  for (size_t at = 0; at < said.size();) {
    const size_t end = std::min(said.find('\n', at), said.size());
    const std::string line = said.substr(at, end - at);
    if (line.find("ERROR") != std::string::npos || line.find("annot") != std::string::npos) found = line;
    at = end + 1;
  }
  std::erase_if(found, [](char c) { return c < ' ' || c > '~'; });
  return found.substr(0, kWordsMax);
}

}  // namespace

/// Handlers hold it weakly.
struct Coturn::Impl : std::enable_shared_from_this<Coturn::Impl> {
  Impl(EventLoop& owner, CoturnOptions chosen, CoturnEvents wanted)
      : loop(owner), options(std::move(chosen)), events(std::move(wanted)), pause(owner), knock(owner), probe(io_of(owner)) {}

  void start();
  Status launch();
  void ask();
  void answered(const asio::error_code& error);
  void failed(Error error);

  EventLoop& loop;
  CoturnOptions options;
  CoturnEvents events;
  Timer pause;
  Timer knock;
  tcp::socket probe;
  std::unique_ptr<ChildProcess> child;
  std::string said;  ///< Until it is up.
  uint16_t port = 0;
  bool up = false;
  Instant started{};
  uint32_t failures = 0;
};

void Coturn::Impl::start() {
  started = loop.steady_now();
  up = false;
  said.clear();
  if (const Status launched = launch(); !launched) return failed(launched.error());
  ask();
}

Status Coturn::Impl::launch() {
  const std::string program = find_program(options.program);
  REQUIRE(!program.empty(), kPtMissing, "net: the program of the call relay is not installed");
  port = free_port(loop);
  REQUIRE(port != 0, kSystem, "net: no port of this machine is left");
  TRY(options.configure(port));
  ChildCommand command;
  command.program = program;
  command.arguments = {"-c", options.config_file};
  ChildEvents wanted;
  wanted.on_output = [this](ByteView bytes, bool) {
    // What it says later is about people: it is read, so that it never waits for us, and forgotten.
    if (!up && said.size() < 64 * 1024) said += as_text(bytes);
  };
  wanted.on_end = [this] { failed({kPtEnded, "net: the call relay has ended by itself"}); };
  child = TRY(ChildProcess::start(loop, command, std::move(wanted)));
  return {};
}

// Whether it listens.
void Coturn::Impl::ask() {
  asio::error_code ignored;
  probe.close(ignored);
  probe.async_connect(loopback(port), [weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (self && error != asio::error::operation_aborted) self->answered(error);
  });
}

void Coturn::Impl::answered(const asio::error_code& error) {
  if (!child || up) return;
  asio::error_code ignored;
  probe.close(ignored);
  if (!error) {
    up = true;
    said.clear();
    const auto on_up = events.on_up;
    if (on_up) on_up(port);
    return;
  }
  if (loop.steady_now() >= started + options.start_limit) {
    return failed({kPtHangs, "net: the call relay has not begun to listen in time"});
  }
  knock.set(kKnock, [this] { ask(); });
}

void Coturn::Impl::failed(Error error) {
  const auto keep = shared_from_this();
  knock.cancel();
  // Whoever called may still stand in the child's code.
  if (child) loop.post([gone = std::shared_ptr<ChildProcess>(std::move(child))] {});
  failures = up && loop.steady_now() >= started + kRanWell ? 1 : failures + 1;
  const std::string words = up ? std::string() : complaint_in(said);
  up = false;
  pause.set(pt_pause(failures), [this] { start(); });
  const auto on_down = events.on_down;
  if (on_down) on_down(error, words);
}

Coturn::Coturn(EventLoop& loop, CoturnOptions options, CoturnEvents events)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(events))) {
  // Not from inside this call: what becomes of it is told from the loop.
  loop.post([weak = std::weak_ptr<Impl>(impl_)] {
    if (const auto self = weak.lock()) self->start();
  });
}

Coturn::~Coturn() { impl_->events = {}; }

int Coturn::pid() const { return impl_->child ? impl_->child->pid() : 0; }

}  // namespace godwit::net
