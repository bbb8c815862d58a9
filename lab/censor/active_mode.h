#pragma once
// A mode that is switched on, with what is common to all: where it looks, whom it spares, and when it works.

#include <memory>
#include <string>
#include <unordered_set>

#include "lab/censor/mode.h"

namespace godwit::lab {

/// The options that every mode has beside its own.
const std::vector<OptionInfo>& common_options();

/// One mode of the list in force.
class ActiveMode {
 public:
  /// Reads "NAME:key=value,..."; null, and then `wrong` says which option is wrong and why. `first_flow` is the id of the first
  /// flow that begins after this.
  static std::unique_ptr<ActiveMode> create(const std::string& spec, uint64_t seed, Time now, uint64_t first_flow,
                                            std::string& wrong);

  /// The specification as it was given.
  const std::string& spec() const { return spec_; }
  /// The mode's name, with #2 and so on if it stands in the list more than once.
  const std::string& label() const { return label_; }
  /// See label().
  void set_label(std::string label) { label_ = std::move(label); }

  /// Judges a packet if it is in scope; passes it otherwise.
  Verdict on_packet(const Flow& flow, const Packet& packet, Direction direction, const Sighting& sighting, Time now);
  /// Lets time pass.
  void on_time(Time now);
  /// Says that the flow is over.
  void on_end(const Flow& flow);
  /// The mode itself, for counters, suspects and verdicts.
  Mode& mode() { return *mode_; }

 private:
  ActiveMode(const ModeInfo& info, const Options& options, uint64_t seed, Time now, uint64_t first_flow);
  bool in_scope(const Flow& flow) const;
  bool working(Time now) const { return now >= start_ && now < stop_; }

  std::string spec_;
  std::string label_;
  std::unique_ptr<Mode> mode_;
  bool inside_too_;
  CidrSet destinations_;
  bool any_destination_;
  CidrSet except_;
  CidrSet inside_;
  PortSet ports_;
  bool out_;
  bool in_;
  bool reassemble_;
  bool running_;
  double fail_open_;
  double isp_;
  Time start_;
  Time stop_;
  uint64_t salt_;
  uint64_t first_flow_;
  std::unordered_set<uint64_t> introduced_;  ///< Older flows whose first bytes the mode has been told of.
  Dice dice_;
};

}  // namespace godwit::lab
