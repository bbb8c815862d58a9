#include "net/connector.h"

#include <utility>

#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/tls_socket.h"
#include "routes/errors.h"
#include "routes/pace.h"

namespace godwit::net {
namespace {

constexpr Error kNoAnswer{kGenericTimeout, "RFC 9293 §3.8.3: no answer to SYN, or none to what followed"};

}  // namespace

ConnectPlan plan_for(const std::string& host, uint16_t port, const ConnectOptions& options) {
  if (!options.proxy) return {host, port};
  const routes::Proxy& proxy = *options.proxy;
  return {proxy.host, proxy.port, TunnelPlan{proxy.kind, host, port, proxy.login}};
}

std::shared_ptr<Connector> Connector::create(EventLoop& loop, ConnectPlan plan, ConnectOptions options,
                                             ConnectEvents events) {
  return std::shared_ptr<Connector>(new Connector(loop, std::move(plan), std::move(options), std::move(events)));
}

Connector::Connector(EventLoop& loop, ConnectPlan plan, ConnectOptions options, ConnectEvents events)
    : loop_(loop),
      plan_(std::move(plan)),
      options_(std::move(options)),
      events_(std::move(events)),
      raw_(io_of(loop)),
      timer_(loop),
      spacing_(loop) {}

void Connector::start() {
  if (!options_.resolver) options_.resolver = std::make_shared<Resolver>(loop_, ResolverOptions{});
  std::vector<routes::MappedAddress> hints;
  // What worked for the route says nothing about the proxy.
  if (!plan_.tunnel) {
    for (const std::string& hint : options_.hints) {
      if (const auto address = routes::parse_address(hint)) hints.push_back(*address);
    }
  }
  lookup_ = options_.resolver->look_up(plan_.host, hints, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_change();
  });
}

void Connector::try_next(Error why) {
  if (ended_) return;
  const bool never_left = why.code == kNetworkUnreachable;
  abandon(why);
  // Nothing was sent: nobody has seen a dial that the next one would have to keep its distance from.
  if (never_left) not_before_ = {};
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->advance();
  });
}

void Connector::confirm() {
  if (ended_ || !current_) return;
  ended_ = true;
  timer_.cancel();
  spacing_.cancel();
  lookup_.reset();
  if (!plan_.tunnel) options_.resolver->remember(plan_.host, current_->address);
  report(true);
}

void Connector::cancel() {
  ended_ = true;
  ++attempt_;
  timer_.cancel();
  spacing_.cancel();
  asio::error_code ignored;
  raw_.close(ignored);
}

void Connector::on_change() {
  if (ended_) return;
  if (!current_) return advance();
  if (overdue_ && lookup_->has_one(current_->doubt)) try_next(kNoAnswer);
}

// Addresses are tried one after another: two dials to one host at once are what curtains look for.
void Connector::advance() {
  if (ended_ || current_) return;
  if (!upcoming_) upcoming_ = lookup_->next();
  if (!upcoming_) {
    // Every known address has failed, one of them told by a resolver that cannot be forged: another look will tell more
    // than the resolvers that are left.
    if (lookup_->is_finished() || (failure_ && lookup_->is_answered())) fail();
    return;
  }
  const Instant now = loop_.steady_now();
  if (now < not_before_) {
    spacing_.set(not_before_ - now, [this] { advance(); });
    return;
  }
  connect(*std::exchange(upcoming_, std::nullopt));
}

void Connector::connect(const routes::Candidate& candidate) {
  current_ = candidate;
  overdue_ = false;
  tunnel_.reset();
  const bool forbidden = options_.may_connect && !plan_.tunnel && !options_.may_connect(candidate.address);
  if (forbidden) return try_next({kBadAddress, "net: an address that may not be dialled"});
  if (plan_.tunnel) {
    auto tunnel = make_tunnel(*plan_.tunnel);
    if (!tunnel) return try_next(tunnel.error());
    tunnel_ = std::move(*tunnel);
  }
  const uint64_t attempt = ++attempt_;
  not_before_ = loop_.steady_now() + routes::kDialSpacing;
  timer_.set(options_.address_timeout, [this] { on_overdue(); });
  raw_ = asio::ip::tcp::socket(io_of(loop_));
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(routes::print_address(candidate.address)), plan_.port);
  if (options_.receive_buffer != 0) {
    asio::error_code ignored;
    raw_.open(endpoint.protocol(), ignored);
    raw_.set_option(asio::socket_base::receive_buffer_size(static_cast<int>(options_.receive_buffer)), ignored);
  }
  raw_.async_connect(endpoint, [weak = weak_from_this(), attempt](const asio::error_code& error) {
    const auto self = weak.lock();
    if (self && self->attempt_ == attempt && !self->ended_ && self->current_) self->on_tcp(error);
  });
}

void Connector::on_tcp(const asio::error_code& error) {
  if (error) return try_next(error_of(error));
  if (!tunnel_) return deliver({});
  asio::error_code trouble;
  raw_.non_blocking(true, trouble);
  on_answer();
}

void Connector::wait_for_answer() {
  raw_.async_wait(asio::ip::tcp::socket::wait_read,
                  [weak = weak_from_this(), attempt = attempt_](const asio::error_code& error) {
                    const auto self = weak.lock();
                    if (self && !error && self->attempt_ == attempt && !self->ended_ && self->current_)
                      self->on_answer();
                  });
}

// Reads what there is of the proxy's answer, and says what is to be said.
void Connector::on_answer() {
  asio::error_code error;
  ByteArray<2048> buffer{};
  const size_t count = raw_.read_some(asio::buffer(buffer), error);
  if (error && error != asio::error::would_block && error != asio::error::interrupted) return try_next(error_of(error));
  const ByteView bytes = ByteView(buffer).first(error ? 0 : count);
  const auto taken = tunnel_->feed(bytes);
  if (!taken) return try_next(taken.error());
  if (const Bytes output = tunnel_->take_output(); !output.empty()) {
    // A few hundred bytes on a fresh connection: the kernel takes them whole.
    const size_t written = raw_.write_some(asio::buffer(output), error);
    if (error || written != output.size())
      return try_next({kUnknownFailure, "net: the proxy does not take our request"});
  }
  if (tunnel_->is_done()) return deliver(to_bytes(bytes.subspan(*taken)));
  wait_for_answer();
}

void Connector::deliver(Bytes rest) {
  const auto events = events_;
  events.on_connected(std::move(raw_), std::move(rest));
}

// An address that has had its time is left for one that is as good, and only for that.
void Connector::on_overdue() {
  overdue_ = true;
  if (lookup_->has_one(current_->doubt)) try_next(kNoAnswer);
}

void Connector::abandon(Error why) {
  if (!current_) return;
  report(false);
  // The first failure of an address that somebody told us now is the one that tells most.
  const bool of_hint = current_->source == routes::AddressSource::kHint;
  if (!failure_ || (failure_is_of_hint_ && !of_hint)) {
    failure_ = why;
    failure_is_of_hint_ = of_hint;
  }
  current_.reset();
  ++attempt_;
  timer_.cancel();
  asio::error_code ignored;
  raw_.close(ignored);
}

void Connector::report(bool works) {
  if (!options_.on_address || plan_.tunnel) return;
  options_.on_address({plan_.host, routes::print_address(current_->address), current_->source, works});
}

void Connector::fail() {
  ended_ = true;
  const Error error = failure_.value_or(lookup_->error());
  const auto events = events_;
  events.on_failed(error);
}

}  // namespace godwit::net
