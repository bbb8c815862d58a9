#include "net/lan.h"

#include <algorithm>
#include <map>

#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/local_networks.h"
#include "net/socket_pipe.h"
#include "net/tls.h"

namespace godwit::net {
namespace {

using routes::LanName;
using tcp = asio::ip::tcp;
using udp = asio::ip::udp;

constexpr Duration kLook = seconds(10);        // networks come and go
constexpr Duration kConnectTime = seconds(5);  // of a dial, on a network without hops
constexpr Duration kPipeIdle = minutes(2);     // the engine closes earlier
constexpr Duration kAcceptPause = milliseconds(100);
constexpr int64_t kDelayMs = 20;  // RFC 6762 §5.2, §6: 20 to 120 ms, so that not all speak at once
constexpr uint64_t kDelaySpreadMs = 100;
// Pauses between askings, then a minute, a quarter of it at random.
constexpr std::array<Duration, 4> kAskPauses = {seconds(1), seconds(2), seconds(6), seconds(18)};
constexpr Duration kAskPauseLast = minutes(1);
constexpr uint32_t kDistantFrom = 2;  // the third asking
// Against floods.
constexpr size_t kConnectionsMax = 32;
constexpr size_t kConnectionsOfSourceMax = 4;
constexpr size_t kArrivalsOfSourceMax = 20;  // in kArrivalsTime
constexpr Duration kArrivalsTime = minutes(1);
constexpr size_t kSourcesMax = 256;
constexpr size_t kDialsMax = 16;
constexpr uint32_t kDialsOfNameMax = 3;  // in one round of asking: one who answers for all names wins little
constexpr int64_t kAnswersPerSecond = 20;
constexpr size_t kAnswersWaitingMax = 20;

const asio::ip::address_v4 kGroup(routes::kMdnsGroup);

asio::ip::address_v4 to_asio(const ByteArray<4>& address) { return asio::ip::address_v4(address); }

std::optional<ByteArray<4>> from_asio(const asio::ip::address& address) {
  if (!address.is_v4()) return std::nullopt;
  return address.to_v4().to_bytes();
}

bool has(const std::vector<LanName>& names, const LanName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One network with its sockets.
struct Network {
  Network(EventLoop& loop, LocalNetwork place)
      : where(std::move(place)), asker(io_of(loop)), acceptor(io_of(loop)), pause(loop) {}

  // False: the address has gone again.
  bool open() {
    asio::error_code error;
    acceptor.open(tcp::v4(), error);
    if (!error) acceptor.bind({to_asio(where.address), 0}, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) asker.open(udp::v4(), error);
    if (!error) asker.bind({to_asio(where.address), 0}, error);
    if (!error) asker.set_option(asio::ip::multicast::outbound_interface(to_asio(where.address)), error);
    if (!error) asker.set_option(asio::ip::multicast::hops(255), error);  // RFC 6762 §11
    if (!error) asker.non_blocking(true, error);
    if (!error) port = acceptor.local_endpoint(error).port();
    return !error;
  }
  void close() {
    asio::error_code ignored;
    acceptor.close(ignored);
    asker.close(ignored);
    pause.cancel();
  }
  // From the network itself: what is routed here from elsewhere is not from nearby.
  bool holds(const asio::ip::address& address) const {
    const auto bytes = from_asio(address);
    return bytes && is_local_address(*bytes) && where.holds(*bytes);
  }

  const LocalNetwork where;
  udp::socket asker;
  tcp::acceptor acceptor;
  uint16_t port = 0;
  Timer pause;
  udp::endpoint from;
  Bytes buffer = Bytes(routes::kMdnsMessageMax);
};

/// How often somebody came.
struct Source {
  size_t open = 0;
  size_t arrivals = 0;
  Instant since{};
};

}  // namespace

/// See the header. Handlers keep it alive until close() has ended them.
struct Lan::Impl : std::enable_shared_from_this<Lan::Impl> {
  Impl(EventLoop& owner, Random& source, AcceptLan taker)
      : loop(owner),
        random(source),
        on_pipe(std::move(taker)),
        group(io_of(owner)),
        look_timer(owner),
        ask_timer(owner) {}

  Duration delay() { return milliseconds(kDelayMs + static_cast<int64_t>(random.below(kDelaySpreadMs))); }

  // ---- networks ---------------------------------------------------------------------------------------------------

  void look() {
    if (!group.is_open()) open_group();
    const std::vector<LocalNetwork> present = local_networks();
    std::erase_if(networks, [&](auto& entry) {
      const bool gone = !std::binary_search(present.begin(), present.end(), entry.first);
      if (gone) entry.second->close();
      return gone;
    });
    bool news = false;
    for (const LocalNetwork& each : present) {
      // Joined every time: an adapter that was pulled out and put in again has forgotten it.
      asio::error_code ignored;
      group.set_option(asio::ip::multicast::join_group(kGroup, to_asio(each.address)), ignored);
      if (networks.contains(each)) continue;
      auto network = std::make_shared<Network>(loop, each);
      if (!network->open()) continue;
      networks.emplace(each, network);
      accept(network);
      hear_answer(network);
      news = true;
    }
    if (news) ask_soon();
    look_timer.set(kLook, [this] { look(); });
  }

  // Bound to the group's address, so that unicast to port 5353 still reaches whichever program has that port.
  void open_group() {
    asio::error_code error;
    group.open(udp::v4(), error);
    if (!error) group.set_option(udp::socket::reuse_address(true), error);
    if (!error) group.bind({kGroup, routes::kMdnsPort}, error);
    if (!error) group.non_blocking(true, error);
    if (error) {
      group.close(error);
      return;
    }
    hear_question();
  }

  void close() {
    closed = true;
    asio::error_code ignored;
    group.close(ignored);
    for (auto& [where, network] : networks) network->close();
    networks.clear();
    look_timer.cancel();
    ask_timer.cancel();
  }

  // ---- being found ------------------------------------------------------------------------------------------------

  void hear_question() {
    group.async_receive_from(asio::buffer(group_buffer), group_from,
                             [self = shared_from_this()](const asio::error_code& error, size_t size) {
                               if (self->closed || error == asio::error::operation_aborted) return;
                               if (!error) self->on_question(ByteView(self->group_buffer).first(size));
                               self->hear_question();
                             });
  }

  void on_question(ByteView bytes) {
    const auto network = std::find_if(networks.begin(), networks.end(),
                                      [&](const auto& entry) { return entry.second->holds(group_from.address()); });
    if (network == networks.end() || names.own.empty()) return;
    const auto question = routes::parse_mdns_question(bytes);
    if (!question) return;
    std::vector<LanName> mine;
    std::copy_if(question->names.begin(), question->names.end(), std::back_inserter(mine),
                 [&](const LanName& name) { return has(names.own, name); });
    if (mine.empty() || !may_answer()) return;
    ++answers_waiting;
    const auto timer = std::make_shared<Timer>(loop);
    Bytes answer = routes::mdns_answer(question->id, mine, network->second->port, network->second->where.address);
    timer->set(delay(), [this, weak = weak_from_this(), timer, to = group_from, answer = std::move(answer)] {
      const auto self = weak.lock();
      if (!self || closed) return;
      --answers_waiting;
      asio::error_code ignored;
      group.send_to(asio::buffer(answer), to, 0, ignored);
    });
  }

  bool may_answer() {
    const Instant now = loop.steady_now();
    const int64_t room = kAnswersPerSecond * 1000;
    answer_credit = std::min(room, answer_credit + (now - answer_time).ms * kAnswersPerSecond);
    answer_time = now;
    if (answer_credit < 1000 || answers_waiting >= kAnswersWaitingMax) return false;
    answer_credit -= 1000;
    return true;
  }

  void accept(const std::shared_ptr<Network>& network) {
    network->acceptor.async_accept(
        [self = shared_from_this(), network](const asio::error_code& error, tcp::socket socket) {
          if (self->closed || !network->acceptor.is_open() || error == asio::error::operation_aborted) return;
          if (!error) self->on_accepted(*network, std::move(socket));
          if (!error || error == asio::error::connection_aborted) return self->accept(network);
          network->pause.set(kAcceptPause, [impl = self.get(), again = network.get()] {
            const auto found = impl->networks.find(again->where);
            if (found != impl->networks.end()) impl->accept(found->second);
          });
        });
  }

  void on_accepted(const Network& network, tcp::socket socket) {
    asio::error_code error;
    const asio::ip::address from = socket.remote_endpoint(error).address();
    if (error || !network.holds(from) || !admit(from)) return;
    ++*open;
    ++sources[from].open;
    std::shared_ptr<void> lease(nullptr, [weak = weak_from_this(), count = open, from](void*) {
      --*count;
      if (const auto self = weak.lock()) --self->sources[from].open;
    });
    serve(std::move(socket), std::move(lease), std::nullopt);
  }

  bool admit(const asio::ip::address& from) {
    if (*open >= kConnectionsMax) return false;
    const Instant now = loop.steady_now();
    std::erase_if(sources, [&](const auto& entry) {
      return entry.second.open == 0 && entry.second.since + kArrivalsTime <= now;
    });
    if (!sources.contains(from) && sources.size() >= kSourcesMax) return false;
    Source& source = sources[from];
    if (source.since + kArrivalsTime <= now) {
      source.since = now;
      source.arrivals = 0;
    }
    return source.open < kConnectionsOfSourceMax && source.arrivals++ < kArrivalsOfSourceMax;
  }

  void serve(tcp::socket socket, std::shared_ptr<void> lease, std::optional<LanName> dialled) {
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto pipe = SocketPipe::create_server(loop, kPipeIdle, kPipeQueueBytesMax, routes::CarriedForm::kStream);
    pipe->set_events(on_pipe({SocketPipe::make_handle(pipe), dialled}));
    auto connection = TlsSocket::create(loop, std::move(socket), make_plain_stream(), std::move(lease));
    connection->start(pipe);
    pipe->attach(std::move(connection), {});
  }

  // ---- finding ----------------------------------------------------------------------------------------------------

  void watch(LanNames wanted) {
    const bool news = std::any_of(wanted.wanted.begin(), wanted.wanted.end(),
                                  [&](const LanName& name) { return !has(names.wanted, name); });
    names = std::move(wanted);
    if (news) return ask_soon();
    if (names.wanted.empty()) ask_timer.cancel();
  }

  void ask_soon() {
    round = 0;
    if (!names.wanted.empty()) ask_timer.set(delay(), [this] { ask(); });
  }

  void ask() {
    std::vector<LanName> all = names.wanted;
    if (round >= kDistantFrom) all.insert(all.end(), names.distant.begin(), names.distant.end());
    dials_of_round.clear();
    question_id = static_cast<uint16_t>(random.below(0x10000));
    for (size_t at = 0; at < all.size(); at += routes::kMdnsNamesMax) {
      const size_t end = std::min(all.size(), at + routes::kMdnsNamesMax);
      const Bytes question = routes::mdns_question(
          question_id, {all.begin() + static_cast<ptrdiff_t>(at), all.begin() + static_cast<ptrdiff_t>(end)});
      for (const auto& [where, network] : networks) {
        asio::error_code ignored;
        network->asker.send_to(asio::buffer(question), {kGroup, routes::kMdnsPort}, 0, ignored);
      }
    }
    Duration pause =
        kAskPauseLast - milliseconds(static_cast<int64_t>(random.below(static_cast<uint64_t>(kAskPauseLast.ms / 4))));
    if (round < kAskPauses.size()) pause = kAskPauses[round];
    ++round;
    ask_timer.set(pause, [this] { ask(); });
  }

  void hear_answer(const std::shared_ptr<Network>& network) {
    network->asker.async_receive_from(
        asio::buffer(network->buffer), network->from,
        [self = shared_from_this(), network](const asio::error_code& error, size_t size) {
          if (self->closed || !network->asker.is_open() || error == asio::error::operation_aborted) return;
          if (!error) self->on_answer(*network, ByteView(network->buffer).first(size));
          self->hear_answer(network);
        });
  }

  void on_answer(const Network& network, ByteView bytes) {
    if (!network.holds(network.from.address()) || network.from.port() != routes::kMdnsPort) return;
    const auto found = routes::parse_mdns_answer(bytes, question_id);
    if (!found) return;
    for (const routes::MdnsFound& each : *found) {
      if (has(names.wanted, each.name) || has(names.distant, each.name)) {
        dial(each.name, {network.from.address(), each.port});
      }
    }
  }

  // One connection to a name at a time.
  void dial(const LanName& name, const tcp::endpoint& to) {
    std::erase_if(dials, [](const auto& entry) { return entry.second.expired(); });
    if (dials.contains(name) || dials.size() >= kDialsMax || dials_of_round[name]++ >= kDialsOfNameMax) return;
    auto lease = std::make_shared<int>(0);
    dials.emplace(name, lease);
    const auto socket = std::make_shared<tcp::socket>(io_of(loop));
    const auto limit = std::make_shared<Timer>(loop);
    limit->set(kConnectTime, [socket] {
      asio::error_code ignored;
      socket->close(ignored);
    });
    socket->async_connect(to, [self = shared_from_this(), socket, limit, lease, name](const asio::error_code& error) {
      limit->cancel();
      if (self->closed || error || !socket->is_open()) return;
      self->serve(std::move(*socket), lease, name);
    });
  }

  EventLoop& loop;
  Random& random;
  AcceptLan on_pipe;
  LanNames names;
  std::map<LocalNetwork, std::shared_ptr<Network>> networks;
  udp::socket group;
  udp::endpoint group_from;
  Bytes group_buffer = Bytes(routes::kMdnsMessageMax);
  Timer look_timer;
  Timer ask_timer;
  uint32_t round = 0;
  uint16_t question_id = 0;
  std::map<LanName, std::weak_ptr<void>> dials;
  std::map<LanName, uint32_t> dials_of_round;
  int64_t answer_credit = 0;
  Instant answer_time{};
  size_t answers_waiting = 0;
  std::shared_ptr<size_t> open = std::make_shared<size_t>(0);
  std::map<asio::ip::address, Source> sources;
  bool closed = false;
};

std::unique_ptr<Lan> Lan::create(EventLoop& loop, Random& random, AcceptLan on_pipe) {
  auto impl = std::make_shared<Impl>(loop, random, std::move(on_pipe));
  impl->look();
  return std::unique_ptr<Lan>(new Lan(std::move(impl)));
}

Lan::Lan(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Lan::~Lan() { impl_->close(); }

void Lan::watch(LanNames names) { impl_->watch(std::move(names)); }

}  // namespace godwit::net
