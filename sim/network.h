#pragma once
// The network between clients and the home: pipes that delay, cut their bytes anywhere, break, fall silent, lose a piece,
// deliver a piece twice, and are replayed by somebody who recorded them.
//
// A real pipe is TCP, where a lost or doubled piece does not reach us; here it does, because a route is not trusted.

#include <map>
#include <set>
#include <string>

#include "base/random.h"
#include "engine/effects.h"
#include "home/home.h"
#include "sim/clock.h"

namespace godwit::sim {

/// How bad the network is; chances are per million pieces of bytes.
struct Weather {
  Duration delay_min = milliseconds(5);
  Duration delay_max = milliseconds(60);
  uint32_t lose = 0;        ///< the piece is gone, the pipe goes on
  uint32_t twice = 0;       ///< the piece arrives a second time
  uint32_t disconnect = 0;  ///< both ends see the pipe close
  uint32_t silence = 0;     ///< nothing arrives on this pipe any more, and nobody is told
  uint32_t replay = 0;      ///< everything a client has sent so far on a pipe is sent again on a pipe of its own
};

/// What a censor does to the pipes of one host; chance decides per pipe where that is said.
struct Block {
  bool gone = false;        ///< nothing comes back from a dial
  bool mute = false;        ///< a pipe opens, then nothing arrives
  uint32_t budget = 0;      ///< pieces after which a pipe falls silent, both directions counted; 0: no end
  uint32_t name_reset = 0;  ///< chance per million that a dial that shows the host's own name is cut
};

/// How a client is away from the network.
enum class CutOff : uint8_t {
  kNot,
  kRefused,  ///< it is told: pipes break, and none can be had
  kSilent,   ///< nobody is told: pipes stand, and nothing arrives
};

/// Counts what the weather did.
struct WeatherReport {
  uint64_t pieces = 0;
  uint64_t lost = 0;
  uint64_t doubled = 0;
  uint64_t disconnected = 0;
  uint64_t silenced = 0;
  uint64_t replayed = 0;
  uint64_t blocked = 0;    ///< pipes that a censor kept from opening or made mute
  uint64_t curtained = 0;  ///< pipes that fell silent at the end of their budget

  friend bool operator==(const WeatherReport&, const WeatherReport&) = default;
};

/// Whoever has a client's end of pipes.
class PipeUser {
 public:
  virtual ~PipeUser() = default;
  /// What became of a pipe, or what came on it.
  virtual void pipe_event(engine::Event event) = 0;
};

/// Whoever has the home's end of pipes.
class PipeServer {
 public:
  virtual ~PipeServer() = default;
  /// A new pipe; false if there is nobody to take it.
  virtual bool accept(home::PipeId pipe) = 0;
  /// What came on a pipe.
  virtual void bytes(home::PipeId pipe, ByteView bytes) = 0;
  /// The pipe is gone.
  virtual void closed(home::PipeId pipe) = 0;
};

/// All pipes of the world.
class Network {
 public:
  Network(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  /// Who answers at `host`; empty: wherever nobody else does. Null: nobody any more.
  void serve(const std::string& host, PipeServer* server) { servers_[host] = server; }
  /// From now on the weather is this.
  void set_weather(const Weather& weather) { weather_ = weather; }
  /// From now on the censor does this to pipes to `host`, also to those that are open.
  void set_block(const std::string& host, const Block& block) { blocks_[host] = block; }
  /// From now on he does nothing.
  void lift_blocks() { blocks_.clear(); }
  /// From now on nothing gets through between this client and any home, or it does again.
  void cut_off(PipeUser& user, CutOff how);
  /// What it did so far.
  const WeatherReport& report() const { return report_; }

  /// Opens a pipe for `user`, whose first bytes are `early`.
  void open(PipeUser& user, engine::PipeId pipe, const routes::Route& route, Bytes early);
  /// Bytes from the client's end.
  void client_sends(PipeUser& user, engine::PipeId pipe, Bytes bytes);
  /// The client closes its end.
  void client_closes(PipeUser& user, engine::PipeId pipe);
  /// The client died: its ends are gone.
  void client_died(PipeUser& user);
  /// Bytes from the home's end.
  void home_sends(home::PipeId pipe, Bytes bytes);
  /// The home closes its end.
  void home_closes(home::PipeId pipe);
  /// The home died: its ends are gone.
  void home_died(PipeServer& server);
  /// Closes every pipe, as a network does that goes away for a moment.
  void break_all();

 private:
  struct Pipe {
    PipeUser* user = nullptr;  // none: the client's end is gone
    PipeServer* server = nullptr;
    engine::PipeId client;
    bool at_home = false;  // the home has its end
    bool silent = false;
    Instant to_home;       // nothing arrives there before
    Instant to_client;     // nothing arrives there before
    Bytes recorded;        // what the client has sent
    std::string host;      // empty: of somebody who replays
    uint32_t carried = 0;  // pieces both ways
  };
  using Key = uint64_t;

  Key* find(PipeUser& user, engine::PipeId pipe);
  Instant arrival(Instant& not_before);
  bool chance(uint32_t per_million);
  Block block_of(const std::string& host) const;
  PipeServer* server_of(const std::string& host) const;
  CutOff cut_off_of(PipeUser* user) const;
  bool swallows(Pipe& pipe, size_t size);
  void carry(Key key, Bytes bytes, bool up);
  void piece(Key key, Bytes bytes, bool up);
  void arrive(Key key, const Bytes& bytes, bool up);
  void break_pipe(Key key);
  void end_pipe(Key key, Error why);
  void replay(Key key);

  Clock& clock_;
  Random& random_;
  std::map<std::string, PipeServer*> servers_;
  std::map<PipeUser*, CutOff> cut_off_;
  Weather weather_;
  WeatherReport report_;
  std::map<std::string, Block> blocks_;
  Key next_ = 1;
  std::map<Key, Pipe> pipes_;
  std::map<std::pair<PipeUser*, engine::PipeId>, Key> by_client_;
};

}  // namespace godwit::sim
