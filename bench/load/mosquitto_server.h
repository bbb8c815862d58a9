#pragma once
// Eclipse Mosquitto as a chat server under load: MQTT 3.1.1 (OASIS), persistent sessions, QoS 1 both ways, TLS 1.3.

#include <optional>
#include <vector>

#include "base/random.h"
#include "bench/child.h"
#include "bench/load/chat.h"
#include "bench/temporary_folder.h"
#include "net/event_loop.h"
#include "net/tls_trust.h"

namespace godwit::bench::load {

/// Mosquitto on a core of its own, with a configuration and a folder of its own, on a free port of 127.0.0.1. A group is a
/// topic to which its members subscribe.
class MosquittoServer final : public ChatServer {
 public:
  /// Starts it; `loop` outlives it. `why` is set if it cannot be: then this object is good for nothing.
  MosquittoServer(net::EventLoop& loop, int core, std::string& why);
  ~MosquittoServer() override;

  std::string name() const override { return "mosquitto"; }
  double processor_seconds() const override { return processor_seconds_of(process_.process); }
  double resident_bytes() const override { return resident_bytes_of(process_.process); }
  std::unique_ptr<Person> person(size_t index, PersonEvents events) override;
  bool has_tickets() const override { return true; }

  /// The tickets of TLS that account `index` has.
  net::TlsTickets& tickets(size_t index);
  /// Where it listens.
  uint16_t port() const { return port_; }
  /// As given.
  net::EventLoop& loop() { return loop_; }

 private:
  net::EventLoop& loop_;
  TemporaryFolder folder_;
  Child process_;
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<net::TlsTickets>> tickets_;
};

}  // namespace godwit::bench::load
