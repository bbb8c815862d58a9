#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "net/errors.h"
#include "net/tls_trust.h"

namespace godwit::net {
namespace {

constexpr size_t kTicketBytesMax = 8 * 1024;  // a session with a chain of two certificates has about 2 KB
constexpr size_t kServerNameMax = 300;        // "host:port"
constexpr uint8_t kFormat = 1;

using Key = std::pair<std::string, TlsTrust>;

/// One server's tickets, the oldest first, and when the last came (a count, not a time).
struct Tickets {
  std::deque<Bytes> queue;
  uint64_t touched = 0;
};

void put_size(Bytes& out, size_t size) {
  out.push_back(static_cast<uint8_t>(size >> 8));
  out.push_back(static_cast<uint8_t>(size & 0xff));
}

// A cursor over an export: each taking gives false when there is not enough left.
struct Cursor {
  ByteView rest;

  bool take(size_t count, ByteView& out) {
    if (count > rest.size()) return false;
    out = rest.first(count);
    rest = rest.subspan(count);
    return true;
  }
  bool take_sized(size_t max, ByteView& out) {
    ByteView size;
    if (!take(2, size)) return false;
    const size_t count = static_cast<size_t>(size[0] << 8 | size[1]);
    return count <= max && take(count, out);
  }
};

}  // namespace

struct TlsTickets::Store {
  std::map<Key, Tickets> servers;
  uint64_t clock = 0;

  void put(Key key, Bytes ticket) {
    if (ticket.empty() || ticket.size() > kTicketBytesMax || key.first.size() > kServerNameMax) return;
    Tickets& tickets = servers[std::move(key)];
    tickets.touched = ++clock;
    tickets.queue.push_back(std::move(ticket));
    if (tickets.queue.size() > kPerServerMax) tickets.queue.pop_front();
    if (servers.size() <= kServersMax) return;
    servers.erase(std::min_element(servers.begin(), servers.end(),
                                   [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; }));
  }
};

TlsTickets::TlsTickets() : store_(std::make_unique<Store>()) {}
TlsTickets::~TlsTickets() = default;

void TlsTickets::put(const std::string& server, const TlsTrust& trust, Bytes ticket) {
  store_->put({server, trust}, std::move(ticket));
}

Bytes TlsTickets::take(const std::string& server, const TlsTrust& trust) {
  const auto it = store_->servers.find({server, trust});
  if (it == store_->servers.end()) return {};
  Bytes ticket = std::move(it->second.queue.back());
  it->second.queue.pop_back();
  if (it->second.queue.empty()) store_->servers.erase(it);
  return ticket;
}

size_t TlsTickets::count(const std::string& server, const TlsTrust& trust) const {
  const auto it = store_->servers.find({server, trust});
  return it == store_->servers.end() ? 0 : it->second.queue.size();
}

Bytes TlsTickets::export_bytes() const {
  std::vector<std::pair<const Key*, const Tickets*>> order;
  for (const auto& [key, tickets] : store_->servers) order.emplace_back(&key, &tickets);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.second->touched < b.second->touched; });
  Bytes out{kFormat};
  for (const auto& [key, tickets] : order) {
    for (const Bytes& ticket : tickets->queue) {
      put_size(out, key->first.size());
      append(out, as_bytes(key->first));
      out.push_back(static_cast<uint8_t>(key->second.kind));
      append(out, key->second.pin);
      put_size(out, ticket.size());
      append(out, ticket);
    }
  }
  return out;
}

Status TlsTickets::import_bytes(ByteView bytes) {
  constexpr Error kNotTickets{kBadOption, "net: not an export of TLS tickets"};
  auto fresh = std::make_unique<Store>();
  Cursor cursor{bytes};
  ByteView format;
  if (!cursor.take(1, format) || format[0] != kFormat) return kNotTickets;
  while (!cursor.rest.empty()) {
    ByteView server;
    ByteView kind;
    ByteView pin;
    ByteView ticket;
    if (!cursor.take_sized(kServerNameMax, server) || !cursor.take(1, kind) || !cursor.take(32, pin) ||
        !cursor.take_sized(kTicketBytesMax, ticket) || ticket.empty() ||
        kind[0] > static_cast<uint8_t>(TlsTrust::Kind::kAny)) {
      return kNotTickets;
    }
    TlsTrust trust{static_cast<TlsTrust::Kind>(kind[0]), {}};
    std::copy(pin.begin(), pin.end(), trust.pin.begin());
    fresh->put({std::string(as_text(server)), trust}, to_bytes(ticket));
  }
  store_ = std::move(fresh);
  return {};
}

}  // namespace godwit::net
