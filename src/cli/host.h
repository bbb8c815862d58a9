#pragma once
// Runs an engine on this machine: pipes from net/, records in a ClientStore, the system's clock and randomness. It decides
// nothing; it does what the engine asks, in the order in which it asks (the loop is in engine.h).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/random.h"
#include "cli/call_door.h"
#include "cli/lan_host.h"
#include "cli/mail_carrier.h"
#include "cli/transfer_files.h"
#include "engine/engine.h"
#include "net/dial.h"
#include "net/event_loop.h"
#include "net/https_get.h"
#include "net/pipe.h"
#include "net/tls_trust.h"
#include "store/client_store.h"

namespace godwit::cli {

/// What a host may choose.
struct HostOptions {
  /// False: pipes are never opened, for commands that only look at what is on this device.
  bool network = true;
  /// Added to the system's clock; for tests with a clock that is wrong.
  Duration clock_offset{};
  /// How pipes are opened; what changes with each pipe is filled in here.
  net::DialOptions dial = {};
  engine::Options engine;
};

/// Used keys and removed messages are gone from the disk so long after the last batch, and so long after it at the latest
/// when batches do not end. Each time costs one more fsync.
constexpr Duration kEraseWhenQuiet = seconds(2);
constexpr Duration kEraseAtLatest = seconds(60);

/// One engine at work. Everything happens on the thread of its loop.
class Host {
 public:
  /// `loop`, `store` and `random` must outlive the host. `on_notice` is called for everything the engine tells, and may
  /// give commands. `on_stop` is called once if nothing more can be done (the store is damaged): end the program.
  Host(net::EventLoop& loop, store::ClientStore& store, engine::StorageKey key, HostOptions options, Random& random,
       std::function<void(const engine::Notice&)> on_notice, std::function<void(Error)> on_stop);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// First call, once.
  void start();
  /// Hands a command to the engine; its answer comes through `on_notice`, possibly before this returns.
  void command(engine::CommandId id, engine::Command command);
  /// Looks for the way to the home now, as if the network were another one.
  void look_for_home();
  /// As of the engine: true if nothing is on its way out.
  bool idle() const { return engine_.idle(); }
  /// As of the engine.
  const engine::Counters& counters() const { return engine_.counters(); }
  /// From now on relays of calls are told as a port of this machine, by which they are reached as messages are: for a page that runs
  /// beside this.
  void carry_calls();
  /// Ends what goes there, and leads nobody any more.
  void end_calls();
  /// The time as the engine is told it.
  Instant now() const { return loop_.now() + options_.clock_offset; }

 private:
  // A pipe and what it did not take yet (kPipeFull).
  struct OpenedPipe {
    std::unique_ptr<net::Pipe> pipe;
    std::deque<Bytes> backlog;
  };

  void tell_engine(engine::Event event);
  void pump();
  void do_effect(engine::Effect effect);
  void tell(engine::Notice notice);
  void open_pipe(engine::OpenPipe effect);
  void send_bytes(engine::SendBytes effect);
  void send_backlog(engine::PipeId pipe);
  void store_batch(engine::StoreBatch effect);
  void erase_later(Duration quiet);
  void look_at_network();
  void fetch_text(const std::string& url);
  void load_records(const engine::LoadRecords& effect);
  void stop(Error error);

  net::EventLoop& loop_;
  store::ClientStore& store_;
  HostOptions options_;
  std::function<void(const engine::Notice&)> on_notice_;
  std::function<void(Error)> on_stop_;
  ByteArray<32> letter_key_;  // before the engine, which takes the key
  engine::Engine engine_;
  // One for each compartment: as many as there are chats.
  std::map<Bytes, std::unique_ptr<net::TlsTickets>> tickets_;
  LanHost lan_;
  SentFiles sent_files_;
  std::map<engine::PipeId, OpenedPipe> pipes_;
  std::unique_ptr<net::HttpsGet> fetch_;
  std::unique_ptr<CallDoor> call_door_;  // none: relays are told as they are
  MailCarrier mail_;
  net::Timer timer_;
  net::Timer erase_timer_;
  net::Timer network_timer_;
  std::optional<Bytes> network_;  // as it was told
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Instant erase_by_ = kNever;
  bool pumping_ = false;
  bool stopped_ = false;
};

}  // namespace godwit::cli
