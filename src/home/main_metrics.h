#pragma once
// Counts for an operator's monitoring, as OpenMetrics on 127.0.0.1. Counts only: no label names a person, a mailbox or an address. But who
// keeps what he reads here keeps when how much was going on (docs/THREATS.md), which the home does not. Only main files include this.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "home/main_status.h"
#include "home/open_metrics.h"
#include "net/event_loop.h"
#include "net/local_server.h"
#include "store/home_store.h"
#include "store/rocksdb_store.h"

namespace godwit::home {

/// What changes of the store took and came to.
struct CommitCounts {
  Histogram durations;  ///< from when it was asked until it was durable, or refused
  uint64_t failed = 0;  ///< of these, refused
};

/// A store that counts what goes through it.
class MeasuredStore final : public store::HomeStore {
 public:
  /// `store` must outlive it.
  explicit MeasuredStore(store::HomeStore& store) : store_(store) {}
  void submit(store::Operation operation, std::function<void(Result<store::Outcome>)> done) override;
  std::optional<store::Found> known(const store::Get& get) override { return store_.known(get); }
  size_t poll() override { return store_.poll(); }
  void on_ready(std::function<void()> wake) override { store_.on_ready(std::move(wake)); }
  /// What happened so far.
  const CommitCounts& counts() const { return *counts_; }

 private:
  store::HomeStore& store_;
  std::shared_ptr<CommitCounts> counts_ = std::make_shared<CommitCounts>();  // also of those who wait
};

/// What the system says of this program.
struct ProcessState {
  uint64_t memory_bytes = 0;
  uint64_t open_files = 0;
  uint64_t cpu_ms = 0;
};
/// Asks it.
ProcessState process_state();

/// All that is told.
struct MetricsState {
  HomeState home;
  Gauges gauges;
  CommitCounts commits;
  std::optional<store::RocksdbSizes> sizes;  ///< nothing: the store is busy
  ProcessState process;
};
/// `state` as OpenMetrics text.
std::string print_metrics(const MetricsState& state);

/// The server: `GET /metrics` on 127.0.0.1, one answer for each connection.
class ServedMetrics {
 public:
  /// Connections of which no whole request came by then are closed.
  static constexpr Duration kPatience = seconds(2);

  /// Listens on that port of 127.0.0.1. kAddressInUse, kAddressForbidden, kSystem.
  static Result<std::unique_ptr<ServedMetrics>> create(net::EventLoop& loop, uint16_t port,
                                                       std::function<std::string()> text);
  /// The port in use.
  uint16_t port() const { return server_->port(); }

 private:
  struct Connection {
    Bytes input;
    net::Timer patience;
  };
  ServedMetrics(net::EventLoop& loop, std::function<std::string()> text) : loop_(loop), text_(std::move(text)) {}
  void opened(net::LocalServer::ConnectionId id);
  void bytes_came(net::LocalServer::ConnectionId id, ByteView bytes);

  net::EventLoop& loop_;
  std::function<std::string()> text_;
  std::map<net::LocalServer::ConnectionId, Connection> connections_;
  std::unique_ptr<net::LocalServer> server_;  // last: it calls the others
};

}  // namespace godwit::home
