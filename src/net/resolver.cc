#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "net/dns_question.h"
#include "net/errors.h"

namespace godwit::net {
namespace {

using routes::AddressSource;
using routes::MappedAddress;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

MappedAddress mapped(const sockaddr& address) {
  MappedAddress out{};
  if (address.sa_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    out[10] = out[11] = 0xff;
    std::copy_n(reinterpret_cast<const uint8_t*>(&ipv4.sin_addr), 4, out.begin() + 12);
  } else {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::copy_n(reinterpret_cast<const uint8_t*>(&ipv6.sin6_addr), 16, out.begin());
  }
  return out;
}

/// A lookup's part that callbacks and the system's thread hold weakly.
class Race final : public std::enable_shared_from_this<Race> {
 public:
  Race(EventLoop& loop, const ResolverOptions& options, std::string host, std::function<void()> on_change)
      : loop_(loop),
        options_(options),
        host_(std::move(host)),
        on_change_(std::move(on_change)),
        local_(routes::is_local_name(host_)),
        candidates_(local_),
        stagger_(loop),
        settle_(loop) {}

  void start(const std::vector<MappedAddress>& hints) {
    if (const auto address = routes::parse_address(host_)) {
      candidates_.add(*address, AddressSource::kHint);
      source_ = AddressSource::kRoute;
      settled_ = true;
      return tell_later();
    }
    for (const MappedAddress& hint : hints) candidates_.add(hint, AddressSource::kHint);
    if (!hints.empty()) tell_later();
    ask_system_resolver();
    if (local_) return;
    to_ask_ = options_.servers.https.size() + options_.servers.tcp.size();
    settle_.set(options_.settle_time, [this] {
      settled_ = true;
      tell();
    });
    if (to_ask_ > 0) stagger_.set(options_.stagger, [this] { ask_next(); });
  }

  std::optional<routes::Candidate> next() {
    auto candidate = candidates_.next(is_settled());
    if (candidate && source_) candidate->source = *source_;
    return candidate;
  }
  bool has_one(int doubt_max) const { return candidates_.has_one(is_settled(), doubt_max); }
  bool is_finished() const { return pending_ == 0 && to_ask_ == 0; }
  bool is_answered() const { return answered_; }
  Error error() const { return error_; }
  void forget() {
    on_change_ = nullptr;
    questions_.clear();
    stagger_.cancel();
    settle_.cancel();
  }

 private:
  bool is_settled() const { return settled_ || is_finished(); }

  void tell() {
    const auto on_change = on_change_;
    if (on_change) on_change();
  }
  void tell_later() {
    loop_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->tell();
    });
  }

  void ask_system_resolver() {
    ++pending_;
    auto answered = [weak = weak_from_this()](const SystemAnswer& answer) {
      const auto self = weak.lock();
      if (!self) return;
      --self->pending_;
      if (!answer) self->error_ = answer.error();
      if (answer) self->add(*answer, AddressSource::kSystem);
      self->tell();
    };
    try {
      std::thread([host = host_, ask = options_.system, poster = loop_.poster(), answered]() mutable {
        const SystemAnswer answer = ask(host);
        poster.post([answer, answered = std::move(answered)] { answered(answer); });
      }).detach();
    } catch (const std::system_error&) {
      loop_.post([answered] { answered(Error{kSystem, "net: no thread for the resolver"}); });
    }
  }

  // HTTPS and TCP by turns, so that a network where one of them is blocked costs one stagger.
  void ask_next() {
    const auto self = shared_from_this();
    const auto& servers = options_.servers;
    const size_t turn = asked_++;
    const size_t pairs = std::min(servers.https.size(), servers.tcp.size());
    const bool https = turn < 2 * pairs ? turn % 2 == 0 : servers.https.size() > pairs;
    const size_t index = turn < 2 * pairs ? turn / 2 : turn - pairs;
    --to_ask_;
    ++pending_;
    DnsEvents events;
    events.on_addresses = [this, https](const std::vector<MappedAddress>& addresses) {
      add(addresses, https ? AddressSource::kHttps : AddressSource::kTcp);
      answered_ = answered_ || (https && !addresses.empty());
      tell();
    };
    events.on_end = [this] {
      --pending_;
      tell();
    };
    questions_.push_back(https
                             ? ask_https(loop_, servers.https[index], host_, options_.question_limit, std::move(events))
                             : ask_tcp(loop_, servers.tcp[index], host_, options_.question_limit, std::move(events)));
    if (to_ask_ > 0) stagger_.set(options_.stagger, [this] { ask_next(); });
  }

  void add(const std::vector<MappedAddress>& addresses, AddressSource source) {
    for (const MappedAddress& address : addresses) candidates_.add(address, source);
  }

  EventLoop& loop_;
  ResolverOptions options_;
  std::string host_;
  std::function<void()> on_change_;
  bool local_;
  routes::Candidates candidates_;
  std::optional<AddressSource> source_;  ///< Of an address that needed no resolving.
  Timer stagger_;
  Timer settle_;
  std::vector<std::unique_ptr<DnsQuestion>> questions_;
  size_t asked_ = 0;
  size_t to_ask_ = 0;
  size_t pending_ = 0;
  bool settled_ = false;
  bool answered_ = false;  // by HTTPS
  Error error_{kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address"};
};

class RaceHandle final : public Lookup {
 public:
  explicit RaceHandle(std::shared_ptr<Race> race) : race_(std::move(race)) {}
  ~RaceHandle() override { race_->forget(); }
  RaceHandle(const RaceHandle&) = delete;
  RaceHandle& operator=(const RaceHandle&) = delete;
  std::optional<routes::Candidate> next() override { return race_->next(); }
  bool has_one(int doubt_max) const override { return race_->has_one(doubt_max); }
  bool is_finished() const override { return race_->is_finished(); }
  bool is_answered() const override { return race_->is_answered(); }
  Error error() const override { return race_->error(); }

 private:
  std::shared_ptr<Race> race_;
};

}  // namespace

SystemAnswer ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  int code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  if (code != 0) {
    // A machine with nothing but loopback has no address that AI_ADDRCONFIG counts.
    hints.ai_flags = 0;
    code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  }
  if (code != 0) return error_of_resolver(code);
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  std::vector<MappedAddress> out;
  for (const addrinfo* entry = list.get(); entry != nullptr && out.size() < routes::kDnsAddressesMax;
       entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    const MappedAddress address = mapped(*entry->ai_addr);
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
  }
  REQUIRE(!out.empty(), kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address");
  return out;
}

Error error_of_resolver(int code) {
  switch (code) {
    case EAI_NONAME:
      return {kDnsNxdomain, "RFC 1034 §4.3.2: there is no such name"};
    case EAI_NODATA:
      return {kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address"};
    case EAI_MEMORY:
      return {kSystem, "net: the resolver ran out of memory"};
    default:
      return {kDnsTemporaryFailure, "RFC 1034 §5.3.3: no name server gave an answer"};
  }
}

std::unique_ptr<Lookup> Resolver::look_up(const std::string& host, const std::vector<MappedAddress>& hints,
                                          std::function<void()> on_change) {
  std::vector<MappedAddress> known;
  if (const auto found = remembered_.find(host); found != remembered_.end()) known.push_back(found->second.address);
  known.insert(known.end(), hints.begin(), hints.end());
  auto race = std::make_shared<Race>(loop_, options_, host, std::move(on_change));
  race->start(known);
  return std::make_unique<RaceHandle>(std::move(race));
}

void Resolver::remember(const std::string& host, const MappedAddress& address) {
  if (routes::parse_address(host)) return;
  remembered_[host] = {address, ++clock_};
  if (remembered_.size() <= kRememberedMax) return;
  remembered_.erase(std::min_element(remembered_.begin(), remembered_.end(),
                                     [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; }));
}

}  // namespace godwit::net
