#pragma once
// A mode: one way of blocking, as a box in the path does it. It sees the packets in its scope, one by one, and says what
// becomes of each. What is common to all modes (scope, fail-open, which operators have it, when it is on) stands in active_mode.h.

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lab/censor/dice.h"
#include "lab/censor/flow.h"
#include "lab/censor/options.h"

namespace godwit::lab {

/// All that a mode learns of one packet. References live for the call only.
struct View {
  const Flow& flow;
  const Packet& packet;
  Direction direction;
  Time now;
  Dice& dice;
  bool repeated;           ///< TCP: the payload was all seen before
  bool first_client_data;  ///< the packet holds the client's first bytes
  const TlsHello* hello;   ///< set once per flow: the hello that this packet showed, over TCP, QUIC or DTLS

  /// The hello, if TCP carries it.
  const TlsHello* tls() const { return hello != nullptr && flow.tcp() ? hello : nullptr; }
};

/// A packet that the box makes itself.
struct Injection {
  Bytes packet;
  Time after{};  ///< how long after the packet that caused it was at the box
};

/// What becomes of a packet.
struct Verdict {
  bool pass = true;
  std::vector<Injection> injections;

  /// Goes on.
  static Verdict passed() { return {}; }
  /// Is thrown away without a word.
  static Verdict dropped() { return {false, {}}; }
  /// Passed, or dropped if `drop`.
  static Verdict drop_if(bool drop) { return {!drop, {}}; }
};

/// A server that a mode wants looked at from outside.
struct Suspect {
  Endpoint server;
  Bytes first_payload;  ///< of one of the sessions, for a replay
  std::string reason;
};

/// One way of blocking.
class Mode {
 public:
  virtual ~Mode() = default;

  /// Judges one packet; called in the order of packets at the box.
  virtual Verdict on_packet(const View& view) = 0;
  /// Lets time pass; called about ten times a second.
  virtual void on_time(Time now, Dice& dice);
  /// Says that `flow` is over: what is kept under its id can go.
  virtual void on_end(const Flow& flow);
  /// The answer to a suspect: what the probe from outside found.
  virtual void on_verdict(const Endpoint& server, bool proxy, Time now);

  /// How often each thing happened, by its name.
  const std::map<std::string, uint64_t>& counters() const { return counters_; }
  /// The servers suspected since the last call.
  std::vector<Suspect> take_suspects() { return std::exchange(suspects_, {}); }

 protected:
  void count(const char* what) { ++counters_[what]; }
  void suspect(Suspect found) { suspects_.push_back(std::move(found)); }
  /// Counts `what` and drops.
  Verdict drop(const char* what) {
    count(what);
    return Verdict::dropped();
  }

 private:
  std::map<std::string, uint64_t> counters_;
  std::vector<Suspect> suspects_;
};

/// A value of a mode's own for each flow, made when first asked for.
template <typename Value>
class PerFlow {
 public:
  Value& operator[](const Flow& flow) { return values_[flow.id]; }
  /// Forgets the flow's value.
  void erase(const Flow& flow) { values_.erase(flow.id); }
  /// The flow's value, or null.
  Value* find(const Flow& flow) {
    const auto found = values_.find(flow.id);
    return found == values_.end() ? nullptr : &found->second;
  }

 private:
  std::unordered_map<uint64_t, Value> values_;
};

/// A mode as the table lists it.
struct ModeInfo {
  int number;  ///< of the table of modes, 0 to 18
  const char* name;
  const char* text;      ///< what it does, a sentence
  const char* survives;  ///< what should get through
  std::vector<OptionInfo> options;
  bool inside_too = false;  ///< it also sees what stays inside
  /// Builds it; null if a file that it needs is not as it should be, and then `wrong` says so.
  std::unique_ptr<Mode> (*make)(const Options& options, std::string& wrong);
};

/// Builds a mode whose constructor takes its options and cannot fail; for ModeInfo::make.
template <typename ModeType>
std::unique_ptr<Mode> make_mode(const Options& options, std::string&) {
  return std::make_unique<ModeType>(options);
}

}  // namespace godwit::lab
