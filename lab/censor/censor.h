#pragma once
// The box itself: takes each packet that a host sends, has the modes in force judge it, and gives it to the network that it
// also plays. Without sockets, threads or a clock: seed and packets determine everything.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/censor/active_mode.h"
#include "lab/censor/schedule.h"

namespace godwit::lab {

/// A host on the wire.
struct Host {
  std::string name;
  bool inside = false;
  CidrSet addresses;  ///< what is routed to it

  uint64_t packets_out = 0;  ///< what it sent
  uint64_t bytes_out = 0;
  uint64_t packets_in = 0;  ///< what was given to it, forged packets included
  uint64_t bytes_in = 0;
};

/// The network around the modes.
struct Settings {
  uint64_t seed = 1;
  Time rtt = std::chrono::milliseconds(60);         ///< between inside and outside, there and back
  Time inside_rtt = std::chrono::milliseconds(10);  ///< among hosts of one side
  double loss = 0.01;                               ///< of packets that cross, each way
  double rate_mbit = 0;                             ///< each inside host's line across, each way; 0: without bound
};

/// The packets' way from host to host.
class Censor {
 public:
  Censor(const Settings& settings, std::vector<Host> hosts);

  /// Puts these modes in force instead of those before. Empty, or what is wrong, and then nothing has changed.
  std::string set_modes(const std::vector<std::string>& specs, Time now);
  /// The modes in force, as they were specified.
  std::vector<std::string> mode_specs() const;
  /// The modes in force.
  const std::vector<std::unique_ptr<ActiveMode>>& modes() const { return modes_; }

  /// Takes a packet that the host of index `from` has sent.
  void on_packet(size_t from, Bytes bytes, Time now);
  /// Lets time pass; call it at least ten times a second.
  void on_time(Time now);
  /// When a packet leaves next; Time::max() if none is under way.
  Time next_departure() const { return schedule_.next(); }
  /// Takes the next packet that is due and counts it as given to its host.
  bool take_departure(Time now, Departure& out);

  /// What a probe from outside found.
  void on_verdict(const Endpoint& server, bool proxy, Time now);
  /// The servers suspected since the last call.
  std::vector<Suspect> take_suspects();

  /// The hosts, with their counts.
  const std::vector<Host>& hosts() const { return hosts_; }
  /// Packets lost on the line, by seed, queue or rate.
  uint64_t lost() const { return lost_; }
  /// Ends every flow, so that all of them are reported.
  void end_flows();

  /// Called with each packet that crosses, before it is judged.
  std::function<void(const Flow&, const Packet&, Direction, const Sighting&, Time)> on_crossing;
  /// Called with each crossing flow that is over.
  std::function<void(const Flow&)> on_flow_end;
  /// Called with each packet that the box makes.
  std::function<void(const Bytes&)> on_injection;

 private:
  static constexpr size_t kNobody = SIZE_MAX;

  size_t route(const Address& destination) const;
  void carry(size_t from, size_t to, Bytes bytes, Time at, bool crossing);
  void inject(std::vector<Injection> injections, Time at_box);
  void report_ended();

  Settings settings_;
  std::vector<Host> hosts_;
  std::vector<std::array<Time, 2>> line_free_;  ///< When each host's line out and line in has sent what it was given.
  std::vector<std::unique_ptr<ActiveMode>> modes_;
  FlowTable flows_;
  Schedule schedule_;
  Dice loss_dice_;
  Time swept_{};
  Time ticked_{};
  uint64_t lost_ = 0;
};

}  // namespace godwit::lab
