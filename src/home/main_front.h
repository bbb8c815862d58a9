#pragma once
// Homes with a store on NATS as one cluster: what goes between the home that has the store and its fronts, and a standby as a front. Only
// main files include this.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "crypto/random_sources.h"
#include "home/front.h"
#include "home/home.h"
#include "home/main.h"
#include "home/main_metrics.h"
#include "home/main_transports.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "store/nats_messages.h"

namespace godwit::home {

/// What the operator of a cluster knows this home by: the machine's name and the port.
std::string home_name(const Config& config);

/// Packets between homes.
class FrontPackets {
 public:
  /// Hears `inbox`, and if `has_store` those who look for whoever has the store. `came` is called from the loop, once for each packet, and
  /// `turn` after some. Errors as of store::NatsMessages::open(). `loop` must outlive it.
  static Result<std::unique_ptr<FrontPackets>> open(net::EventLoop& loop, const Place& place, const Config& config,
                                                    const FrontInboxId& inbox, bool has_store,
                                                    std::function<void(ByteView)> came, std::function<void()> turn);
  ~FrontPackets();
  FrontPackets(const FrontPackets&) = delete;
  FrontPackets& operator=(const FrontPackets&) = delete;

  /// Sends one.
  void send(const SendFrontPacket& packet);
  /// Waits a little until what was sent has left.
  void flush();

 private:
  FrontPackets(std::function<void(ByteView)> came, std::function<void()> turn)
      : came_(std::move(came)), turn_(std::move(turn)) {}
  void take();

  std::function<void(ByteView)> came_;
  std::function<void()> turn_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<store::NatsMessages> messages_;
};

/// Opens the home that has the store to fronts. `turn`: does what the home wants done. Null: that cannot be, which is said in the log; it
/// serves whoever dials it. All references outlive it.
std::unique_ptr<FrontPackets> serve_fronts(net::EventLoop& loop, const Place& place, const Config& config, Home& home,
                                           std::function<void()> turn);
/// Tells all fronts that this home ends, or has the store no more; of the home's outputs only those to fronts are taken notice of.
void leave_fronts(Home& home, FrontPackets& packets, Instant now);

/// A standby that serves as a front of the home that has the store, while it knows one.
class ServedFront {
 public:
  /// Looks for that home from now on. Everything must outlive it.
  ServedFront(net::EventLoop& loop, const Place& place, const Config& config, const Keys& keys);
  ~ServedFront();
  ServedFront(const ServedFront&) = delete;
  ServedFront& operator=(const ServedFront&) = delete;

  /// SIGHUP: reads the certificate anew.
  void reload();
  /// Takes nobody in any more and calls `done` once what was asked is answered, or after a while.
  void end_gently(std::function<void()> done);
  /// Lines of `status`.
  std::string print_state() const;

 private:
  struct Line {
    std::unique_ptr<net::Pipe> pipe;
    Bytes kept;  // what the pipe did not take
  };
  net::PipeEvents accept(net::Arrival arrival, session::Form form);
  void drained(PipeId id);
  void send(const SendBytes& output);
  void act(FrontOutput output);
  void listen();
  void stop_listening();
  void turn();
  void turn_soon();
  std::string metrics_text() const;
  HomeState state() const;
  void look_at_limits();

  net::EventLoop& loop_;
  const Place& place_;
  const Config& config_;
  const Keys& keys_;
  crypto::SystemRandom random_;
  Front front_;
  std::unique_ptr<FrontPackets> packets_;  // none: the servers cannot be used, and nothing is served
  std::map<PipeId, Line> lines_;
  std::unique_ptr<net::Listener> listener_;       // none: no home is known that has the store
  std::unique_ptr<ServedTransports> transports_;  // with listener_
  std::unique_ptr<ServedMetrics> metrics_;        // none: it is off
  net::Timer deadline_;
  net::Timer listen_again_;
  net::Timer patience_;
  net::Timer limits_look_;
  HomeState looked_;  // when limits_look_ was set
  Instant began_;
  bool wants_to_listen_ = false;
  bool complained_ = false;  // of not being able to
  bool told_version_ = false;
  bool announced_ = false;
  bool turning_ = false;  // turn_soon() is on its way
  uint64_t next_pipe_ = 1;
  std::function<void()> done_;                                                  // of end_gently()
  std::shared_ptr<ServedFront*> alive_ = std::make_shared<ServedFront*>(this);  // what is posted asks
};

}  // namespace godwit::home
