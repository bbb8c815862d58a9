#include "net/kept_program.h"

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

using AnyStream = asio::generic::stream_protocol;

AnyStream::endpoint endpoint_of(const ListensAt& at) {
  if (at.port != 0) return loopback(at.port);
  return asio::local::stream_protocol::endpoint(at.path);
}

// A Binding request without attributes; whatever is answered comes from who listens there.
constexpr std::array<uint8_t, 20> kStunBinding = {0,   1,   0,   0,   0x21, 0x12, 0xa4, 0x42, 'l', 'i',
                                                  's', 't', 'e', 'n', 's',  ' ',  'y',  'e',  't', '?'};

// The last line that says what is wrong. Janus colours what it says.
std::string complaint_in(const std::string& said) {
  std::string found;
  for (size_t at = 0; at < said.size();) {
    const size_t end = std::min(said.find('\n', at), said.size());
    const std::string line = said.substr(at, end - at);
    if (line.find("ERROR") != std::string::npos || line.find("[FATAL]") != std::string::npos ||
        line.find("annot") != std::string::npos) {
      found = line;
    }
    at = end + 1;
  }
  std::erase_if(found, [](char c) { return c < ' ' || c > '~'; });
  return found.substr(0, kWordsMax);
}

}  // namespace

/// Handlers hold it weakly.
struct KeptProgram::Impl : std::enable_shared_from_this<KeptProgram::Impl> {
  Impl(EventLoop& owner, KeptProgramOptions chosen, KeptProgramEvents wanted)
      : loop(owner),
        options(std::move(chosen)),
        events(std::move(wanted)),
        pause(owner),
        knock(owner),
        probe(io_of(owner)),
        datagrams(io_of(owner)) {}

  void start();
  Status launch();
  void ask();
  void ask_stun();
  void answered(const asio::error_code& error);
  void failed(Error error);

  EventLoop& loop;
  KeptProgramOptions options;
  KeptProgramEvents events;
  Timer pause;
  Timer knock;
  AnyStream::socket probe;
  asio::ip::udp::socket datagrams;
  std::array<uint8_t, 1500> answer{};
  std::unique_ptr<ChildProcess> child;
  std::string said;  ///< Until it is up.
  ListensAt at;
  bool up = false;
  Instant started{};
  uint32_t failures = 0;
};

void KeptProgram::Impl::start() {
  started = loop.steady_now();
  up = false;
  said.clear();
  if (const Status launched = launch(); !launched) return failed(launched.error());
  ask();
}

Status KeptProgram::Impl::launch() {
  const std::string program = find_program(options.program);
  REQUIRE(!program.empty(), kPtMissing, "net: the program is not installed");
  at = TRY(options.prepare());
  // A longer one does not fit the system's address of a socket (unix(7)).
  REQUIRE(at.port != 0 || (!at.path.empty() && at.path.size() < 100), kBadOption,
          "net: a port, or a path of less than 100 bytes");
  ChildCommand command;
  command.program = program;
  command.arguments = options.arguments;
  command.environment = options.environment;
  ChildEvents wanted;
  wanted.on_output = [this](ByteView bytes, bool) {
    // What it says later is about people: it is read, so that it never waits for us, and forgotten.
    if (!up && said.size() < 64 * 1024) said += as_text(bytes);
  };
  wanted.on_end = [this] { failed({kPtEnded, "net: the program has ended by itself"}); };
  child = TRY(ChildProcess::start(loop, command, std::move(wanted)));
  return {};
}

// Whether it listens.
void KeptProgram::Impl::ask() {
  if (!at.stun.empty()) return ask_stun();
  asio::error_code ignored;
  probe.close(ignored);
  probe.async_connect(endpoint_of(at), [weak = weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (self && error != asio::error::operation_aborted) self->answered(error);
  });
}

// A datagram may be lost, or come before anybody listens: asked again until one is answered.
void KeptProgram::Impl::ask_stun() {
  asio::error_code error;
  datagrams.close(error);
  const auto address = asio::ip::make_address(at.stun, error);
  if (!error) datagrams.connect({address, at.port}, error);
  if (!error) datagrams.send(asio::buffer(kStunBinding), 0, error);
  knock.set(kKnock, [this] { answered(asio::error::timed_out); });
  if (error) return;
  datagrams.async_receive(asio::buffer(answer), [weak = weak_from_this()](const asio::error_code& failure, size_t) {
    const auto self = weak.lock();
    if (self && !failure) self->answered(failure);
  });
}

void KeptProgram::Impl::answered(const asio::error_code& error) {
  if (!child || up) return;
  asio::error_code ignored;
  probe.close(ignored);
  datagrams.close(ignored);
  if (!error) {
    knock.cancel();
    up = true;
    said.clear();
    const auto on_up = events.on_up;
    if (on_up) on_up(at);
    return;
  }
  if (loop.steady_now() >= started + options.start_limit) {
    return failed({kPtHangs, "net: the program has not begun to listen in time"});
  }
  at.stun.empty() ? knock.set(kKnock, [this] { ask(); }) : ask();
}

void KeptProgram::Impl::failed(Error error) {
  const auto keep = shared_from_this();
  knock.cancel();
  asio::error_code ignored;
  datagrams.close(ignored);
  // Whoever called may still stand in the child's code.
  if (child) loop.post([gone = std::shared_ptr<ChildProcess>(std::move(child))] {});
  failures = up && loop.steady_now() >= started + kRanWell ? 1 : failures + 1;
  const std::string words = up ? std::string() : complaint_in(said);
  up = false;
  pause.set(pt_pause(failures), [this] { start(); });
  const auto on_down = events.on_down;
  if (on_down) on_down(error, words);
}

KeptProgram::KeptProgram(EventLoop& loop, KeptProgramOptions options, KeptProgramEvents events)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(events))) {
  // Not from inside this call: what becomes of it is told from the loop.
  loop.post([weak = std::weak_ptr<Impl>(impl_)] {
    if (const auto self = weak.lock()) self->start();
  });
}

KeptProgram::~KeptProgram() { impl_->events = {}; }

void KeptProgram::give_up(Error why) {
  if (impl_->child) impl_->failed(why);
}

int KeptProgram::pid() const { return impl_->child ? impl_->child->pid() : 0; }

uint16_t free_loopback_port(EventLoop& loop) {
  asio::error_code error;
  tcp::acceptor acceptor(io_of(loop));
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind(loopback(0), error);
  const tcp::endpoint local = error ? tcp::endpoint() : acceptor.local_endpoint(error);
  return error ? uint16_t{0} : local.port();
}

bool is_udp_port_free(EventLoop& loop, const std::string& address, uint16_t port) {
  asio::error_code error;
  asio::ip::udp::socket socket(io_of(loop));
  const auto place = asio::ip::make_address(address, error);
  if (!error) socket.open(place.is_v6() ? asio::ip::udp::v6() : asio::ip::udp::v4(), error);
  if (!error) socket.bind({place, port}, error);
  return error != asio::error::address_in_use;
}

}  // namespace godwit::net
