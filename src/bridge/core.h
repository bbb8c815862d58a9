#pragma once
// What a bridge decides: who is let through, what is passed on when, and when it ends. Pure: it is fed with what happened
// to the pipes and says what to do with them. It does not know what the bytes mean, and keeps none but those on their way.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/strong_id.h"
#include "base/time.h"

namespace godwit::bridge {

/// Bounds of what a bridge holds and does. 0 stands for "no bound" where it says so.
struct Limits {
  uint32_t passages_max = 1'000;              ///< at once; beyond: the site answers
  uint32_t passages_per_source_max = 250;     ///< of one address (networks share one); 0: no bound
  uint64_t bytes_per_day_max = 0;             ///< both ways together, UTC days; 0: no bound
  uint64_t bytes_per_source_per_day_max = 0;  ///< the same of one address; 0: no bound, and none is kept in memory
  /// From an upgrade to the home's answer, all ways together. Shorter than a listener's header_timeout (15 s).
  Duration answer_within = seconds(12);
  /// Nothing either way: longer than twice the longest keepalive of a session (10 minutes).
  Duration idle = minutes(25);
  /// Dials to a home are at least this far apart; 0: no bound. For a bridge whose own way to the home is watched.
  Duration dial_spacing{0};
};

/// Early bytes kept for a home at most: as many as one dial takes along.
inline constexpr size_t kEarlyBytesMax = 64 * 1024;
/// Bytes that a pipe did not take and that wait here at most. Whoever sends more although he is not read ends his passage.
inline constexpr size_t kKeptBytesMax = 512 * 1024;
/// Sources whose bytes of the day are counted; further ones count only for the whole.
inline constexpr size_t kSourcesMax = 50'000;

/// One person's pipe, and the one to the home that belongs to it.
using PassageId = StrongNumber<struct PassageTag, uint64_t>;
/// Which home: its place among the --home options.
using HomeIndex = StrongNumber<struct HomeTag, uint32_t>;
/// The two pipes of a passage.
enum class Side : uint8_t { kPerson, kHome };

/// Dial the home by its way number `way`, with the person's first bytes.
struct Dial {
  PassageId passage;
  HomeIndex home;
  size_t way = 0;
  Bytes early_bytes;
};
/// The home has answered: switch the person to WebSocket.
struct Accept {
  PassageId passage;
};
/// Give these bytes to a pipe; if it takes none of them say so by pipe_full().
struct Send {
  PassageId passage;
  Side side;
  Bytes bytes;
};
/// Read from a pipe, or no more for now.
struct SetReading {
  PassageId passage;
  Side side;
  bool reading = false;
};
/// Close a pipe after what it was given. A person's that was not accepted: the site answers him.
struct Close {
  PassageId passage;
  Side side;
};
/// What is to be done.
using Output = std::variant<Dial, Accept, Send, SetReading, Close>;

/// Sums since the start, about nobody.
struct Counters {
  uint64_t passages = 0;         ///< that the home has answered
  uint64_t refused_full = 0;     ///< for passages_max or passages_per_source_max
  uint64_t refused_bytes = 0;    ///< for a day's bytes
  uint64_t refused_by_home = 0;  ///< the home could not be reached in time
  uint64_t ended_idle = 0;
  uint64_t bytes_to_homes = 0;
  uint64_t bytes_to_persons = 0;
};
/// As one line.
std::string print_counters(const Counters& counters, size_t open);

/// The bridge. Times are of one clock that may jump; a jump ends idle passages early or late, and nothing else.
class Core {
 public:
  /// `ways[i]` says how many ways there are to home i; each at least 1.
  Core(Limits limits, std::vector<size_t> ways);

  /// A person asks for `home`, with a new id. `source` is what limits go by; empty: by none of those for a source.
  void person_came(PassageId passage, HomeIndex home, Bytes source, Instant now);
  /// The home has answered a dial.
  void home_opened(PassageId passage, Instant now);
  /// Bytes came from a pipe.
  void bytes_came(PassageId passage, Side side, ByteView bytes, Instant now);
  /// A pipe did not take what Send gave.
  void pipe_full(PassageId passage, Side side, Bytes bytes);
  /// And now it has room.
  void pipe_drained(PassageId passage, Side side);
  /// A pipe has ended, or a dial has failed. Not after Close for it.
  void pipe_closed(PassageId passage, Side side, Instant now);
  /// Ends everything in good order.
  void end_all();

  /// The next thing to do, in order; nothing: wait. Called when all that came together was told, so that a dial takes along
  /// the bytes that came with an upgrade.
  std::optional<Output> next_output(Instant now);
  /// When to call handle_expiry().
  Instant next_deadline() const;
  /// At or after next_deadline().
  void handle_expiry(Instant now);

  /// Passages now.
  size_t open() const { return passages_.size(); }
  /// The sums.
  const Counters& counters() const { return counters_; }

 private:
  struct Passage {
    HomeIndex home;
    Bytes source;
    size_t ways_tried = 0;
    size_t way = 0;
    bool accepted = false;
    Instant answer_until{};
    Instant active{};              ///< When bytes came last.
    Bytes early;                   ///< The person's bytes before the home has answered.
    size_t early_sent = 0;         ///< Of these, what the dial took along.
    Bytes kept[2];                 ///< By Side: what its pipe did not take.
    bool paused[2] = {};           ///< By Side: it is not read.
    bool open[2] = {true, false};  ///< By Side: there is a pipe.
  };
  using Passages = std::map<PassageId, Passage>;

  bool is_over_day(const Bytes& source, Instant now);
  bool count_bytes(const Passage& passage, size_t size, Instant now);
  void start_dial(Passages::iterator at);
  void dial_next(Instant now);
  void pass_on(Passages::iterator at, Side to, Bytes bytes);
  void set_reading(Passages::iterator at, Side side, bool reading);
  void dial_failed(Passages::iterator at, Instant now);
  void close(Passages::iterator at, Side side);
  void end(Passages::iterator at);

  Limits limits_;
  std::vector<size_t> ways_;
  std::vector<size_t> good_way_;  ///< Of each home: the way that answered last.
  Passages passages_;
  std::map<Bytes, uint32_t> passages_of_source_;
  std::deque<Output> outputs_;
  std::deque<PassageId> dials_waiting_;
  std::vector<PassageId> finishing_;  ///< One pipe has ended; the other gets what is kept, and ends.
  Instant next_dial_{};
  Instant next_sweep_ = kNever;
  Instant next_answer_ = kNever;  ///< The earliest time that an answer may be overdue; it may have come meanwhile.
  uint32_t day_ = 0;
  uint64_t bytes_of_day_ = 0;
  std::map<Bytes, uint64_t> bytes_of_source_;
  Counters counters_;
};

}  // namespace godwit::bridge
