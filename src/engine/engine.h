#pragma once
// The client engine: a pure machine. It is fed commands, events and the time; it yields effects and the next deadline.
// No socket, file, thread, clock or environment is inside, so it runs natively, in a browser and in the simulator alike.
//
// The host's loop:
//
//   engine = Engine(storage key, options, random); engine.start(now);
//   for ever: while (effect = engine.next_effect()) do it;
//             wait for a command, an event, or engine.next_deadline(); call handle_command / handle_event / handle_expiry
//
// Rules that the host may rely on: a StoreBatch always precedes the bytes that depend on it, which are held back until
// BatchStored. A command's answer follows the batch that makes it true. After the program dies at any moment, a new Engine
// on the stored records goes on where they stand.

#include <memory>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/commands.h"
#include "engine/counters.h"
#include "engine/effects.h"
#include "engine/profile_key.h"

namespace godwit::engine {

/// What a host may choose; the defaults are what people want.
struct Options {
  bool read_receipts = true;
  /// Commit a fresh leaf key once with the first message of a chat and then weekly.
  bool refresh_by_itself = true;
  /// Bytes of posts that are kept of one channel of somebody else; above, the oldest go.
  uint64_t channel_bytes_max = 64U << 20;
  /// False: the host opens pipes under the name that a route has, and under no other (routes::LookKind).
  bool other_looks = true;
};

/// One account on one device.
class Engine {
 public:
  /// `random` must outlive the engine.
  Engine(StorageKey key, Options options, Random& random);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// First call: asks the host for the stored records. Commands given before they have come are kept until then.
  void start(Instant now);
  /// Takes a command; the answer comes as a Tell effect with this id.
  void handle_command(CommandId id, Command command, Instant now);
  /// Takes what the host reports.
  void handle_event(Event event, Instant now);
  /// The next thing to do, nothing if there is none.
  std::optional<Effect> next_effect();
  /// When handle_expiry wants to be called; kNever if nothing is waited for.
  Instant next_deadline() const;
  /// Does what is due.
  void handle_expiry(Instant now);

  /// True if nothing is on its way out: no unsent message, welcome, receipt or commit. A program may end then.
  bool idle() const;
  /// From now on this program leads calls to the own home's relay by the way of its messages: its relays are told whatever host they
  /// name.
  void carry_calls();
  /// How the own home is reached now, for what a program leads there by itself; nothing: it is not, or in small exchanges only.
  std::optional<HomeWay> way_home() const;
  /// What happened so far.
  const Counters& counters() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::engine
