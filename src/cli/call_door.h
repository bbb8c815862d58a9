#pragma once
// Leads the media of calls to the own home's relay by the way that messages take: a TURN server for the page, on a port of this machine,
// whose bytes go over the route in use, through a bridge, a pluggable transport or the person's proxy as they are.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "net/dial.h"
#include "net/joined_pipes.h"
#include "net/stream_listener.h"

namespace godwit::cli {

/// The door. Destroying it ends what goes through it.
class CallDoor {
 public:
  /// Connections at once: one for each connection of a call.
  static constexpr size_t kConnectionsMax = 32;

  /// `way` says how the home is reached now, as of Engine::way_home; it is asked for each connection. `dial` is how pipes are opened.
  CallDoor(net::EventLoop& loop, std::function<std::optional<engine::HomeWay>()> way, net::DialOptions dial);
  ~CallDoor();
  CallDoor(const CallDoor&) = delete;
  CallDoor& operator=(const CallDoor&) = delete;

  /// Puts this in the place of the own home's relays among these, and is open as long as their credentials are good. If it cannot be,
  /// they go: what the home names is nowhere where a browser should go by itself. Relays of other homes stay where the own home is
  /// reached as they would be, straight; else they go too.
  void take_over(std::vector<engine::CallRelay>& relays);
  /// True if the own home is reached now as a browser would reach it, without a bridge, a transport or a proxy: only then a page goes by itself
  /// where it could be led.
  bool goes_straight() const;
  /// Ends what goes through, and opens no more.
  void close();

 private:
  struct Passage;
  net::PipeEvents accept(net::Arrival arrival);
  void bytes_came(uint64_t id, ByteView bytes);
  bool open();
  void dial_next();
  void dial_waiting(uint64_t id, Passage& passage);
  void dialled(uint64_t id, bool works);
  void end(uint64_t id);

  net::EventLoop& loop_;
  std::function<std::optional<engine::HomeWay>()> way_;
  net::DialOptions dial_;
  Instant until_{};  // when the last credentials end
  bool closed_ = false;
  std::map<uint64_t, std::unique_ptr<Passage>> passages_;
  uint64_t next_ = 0;
  // One dial at a time, with a pause before the next one: many at once are what curtains look for (routes/pace.h).
  std::deque<uint64_t> waiting_;
  std::optional<uint64_t> dialling_;
  Duration pause_;
  Instant not_before_{};
  net::Timer spacing_;
  std::unique_ptr<net::StreamListener> listener_;
};

}  // namespace godwit::cli
