// A home that has turned against those who live at it: it has the keys, the certificate and the port of a real one's folder, keeps the
// session's rules, and answers what no home may. `hostile_home FOLDER LIE`, until it is ended; `hostile_home` names the lies.

#include <cstdio>
#include <iostream>
#include <map>
#include <string_view>
#include <utility>

#include "crypto/random_sources.h"
#include "home/config.h"
#include "home/keys.h"
#include "home/main.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "session/home_session.h"
#include "wire/replies.h"

namespace godwit {
namespace {

using wire::Request;

Bytes random_bytes(Random& random, size_t size) {
  Bytes out(size);
  random.fill(out);
  return out;
}

wire::Item item(Random& random, uint64_t sequence, size_t size) {
  wire::Item out{wire::Sequence{sequence}, {}, random_bytes(random, size)};
  if (size % 2 == 0) out.alias = {random.bytes<16>()};  // else as what one sends to oneself: nobody has sealed it again
  return out;
}

// Bytes that are no reply.
Bytes garbage(const Request&, Random& random) { return random_bytes(random, 777); }

// A reply that is whole and fits no request that this client makes.
Bytes of_another(const Request&, Random& random) {
  wire::MeetingMessage message{random_bytes(random, 40)};
  return wire::encode_reply(std::move(message));
}

// Where an honest home goes on.
uint64_t after(const Request& request) {
  const auto* fetch = std::get_if<wire::Fetch>(&request);
  return fetch == nullptr ? 0 : fetch->after.value;
}

// Events that cannot be: of no sender, backwards, twice, of before the first one, and always more of them.
Bytes impossible(const Request& request, Random& random) {
  const uint64_t last = after(request);
  wire::Items items{{}, true};
  for (const uint64_t sequence : {last, last, last / 2, uint64_t{0}, uint64_t{0}}) {
    items.items.push_back(item(random, sequence, 300));
    items.items.push_back(item(random, sequence, 1));
  }
  return wire::encode_reply(std::move(items));
}

// As much as a reply may have, and always more of it, further and further.
Bytes huge(const Request& request, Random& random) {
  wire::Items items{{}, true};
  for (uint64_t ahead = 1; ahead <= 8; ++ahead) items.items.push_back(item(random, after(request) + ahead, 120'000));
  return wire::encode_reply(std::move(items));
}

// A refusal that nobody knows, to be asked again at once.
Bytes refusal(const Request&, Random&) { return wire::encode_reply(wire::Refused{0xfffe, 0, 0xffffffff}); }

struct Lie {
  const char* name;
  const char* text;
  Bytes (*answer)(const Request&, Random&);
};
constexpr Lie kLies[] = {
    {"garbage", "replies that are none", garbage},
    {"another", "replies to what nobody has asked", of_another},
    {"impossible", "events of nobody, backwards, twice, and without end", impossible},
    {"huge", "events as large as may be, without end", huge},
    {"refusal", "refusals that nobody knows, and that want to be asked again at once", refusal},
};

const Lie* find_lie(std::string_view name) {
  for (const Lie& lie : kLies) {
    if (lie.name == name) return &lie;
  }
  return nullptr;
}

class HostileHome {
 public:
  HostileHome(const Lie& lie, net::EventLoop& loop, home::Keys keys)
      : lie_(lie), loop_(loop), keys_(std::move(keys)), gate_(crypto::Secret<32>::random(random_)) {}

  Status listen(const home::Place& place, const home::Config& config) {
    net::ListenerOptions options;
    options.addresses = config.addresses;
    options.port = config.port;
    options.certificate_file = place.file(config.certificate);
    options.key_file = place.file(config.certificate_key);
    options.websocket_path = config.path;
    listener_ = TRY(net::Listener::create(loop_, std::move(options),
                                          [this](net::Arrival arrival) { return accept(std::move(arrival)); }));
    return {};
  }

 private:
  struct Line {
    std::unique_ptr<net::Pipe> pipe;
    session::HomeSession session;
  };

  net::PipeEvents accept(net::Arrival arrival) {
    const uint64_t id = ++last_;
    session::HomeOptions options;
    options.identity = &keys_.identity;
    options.gate = &gate_;
    options.form = session::Form::kWebSocket;
    lines_.emplace(id, Line{std::move(arrival.pipe), session::HomeSession(options, random_, loop_.now())});
    net::PipeEvents events;
    events.on_bytes = [this, id](ByteView bytes) {
      const auto line = lines_.find(id);
      if (line == lines_.end()) return;
      static_cast<void>(line->second.session.receive(bytes, loop_.now()));
      turn(id);
    };
    events.on_drained = [this, id] { turn(id); };
    events.on_closed = [this, id](Error) { lines_.erase(id); };
    return events;
  }

  void turn(uint64_t id) {
    const auto found = lines_.find(id);
    if (found == lines_.end()) return;
    Line& line = found->second;
    bool over = false;
    while (const auto event = line.session.next_event()) {
      if (const auto* wanted = std::get_if<session::TicketWanted>(&*event)) {
        static_cast<void>(wanted);
        line.session.provide_ticket(std::nullopt, loop_.now());
      }
      if (const auto* request = std::get_if<session::Request>(&*event)) answer(line, *request);
      over = over || std::holds_alternative<session::Closed>(*event);
    }
    const Bytes bytes = line.session.take_output(loop_.now());
    if (!bytes.empty()) static_cast<void>(line.pipe->send(bytes));
    if (over) lines_.erase(id);
  }

  // Who lives here is believed, so that the lies are about what one is let in for.
  void answer(Line& line, const session::Request& asked) {
    const auto request = wire::decode_request(asked.bytes);
    if (!request) return;
    Bytes reply;
    if (std::holds_alternative<wire::MailboxProve>(*request)) {
      static_cast<void>(line.session.bind_mailbox(Bytes{1}));
      reply = wire::encode_reply(wire::Done{});
    } else {
      reply = lie_.answer(*request, random_);
      // Said in any case, also to who has not asked for it.
      static_cast<void>(line.session.push(lie_.answer(*request, random_), loop_.now()));
    }
    static_cast<void>(line.session.reply(asked.stream, std::move(reply), loop_.now()));
    if (++answered_ % 100 == 1) std::printf("answered %llu\n", static_cast<unsigned long long>(answered_));
  }

  const Lie& lie_;
  net::EventLoop& loop_;
  home::Keys keys_;
  crypto::SystemRandom random_;
  session::HandshakeGate gate_;
  std::unique_ptr<net::Listener> listener_;
  std::map<uint64_t, Line> lines_;
  uint64_t last_ = 0;
  uint64_t answered_ = 0;
};

int run(const std::string& folder, const Lie& lie) {
  const home::Place place{folder};
  const auto config = home::load_config(place);
  if (!config) return 1;
  crypto::SystemRandom random;
  auto keys = home::load_keys(place, *config, random);
  auto loop = net::EventLoop::create();
  if (!keys || !loop) return 1;
  HostileHome home(lie, **loop, std::move(*keys));
  if (const Status listening = home.listen(place, *config); !listening) {
    std::cerr << "hostile_home: " << listening.error().code.name << "\n";
    return 1;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  (*loop)->on_signal([&](net::Signal) { (*loop)->stop(); });
  (*loop)->run();
  return 0;
}

}  // namespace
}  // namespace godwit

int main(int argc, char** argv) {
  const godwit::Lie* lie = argc == 3 ? godwit::find_lie(argv[2]) : nullptr;
  if (lie != nullptr) return godwit::run(argv[1], *lie);
  std::cerr << "usage: hostile_home FOLDER LIE\n";
  for (const godwit::Lie& each : godwit::kLies) std::cerr << "  " << each.name << ": " << each.text << "\n";
  return 2;
}
