#pragma once
// What a classifier sees of a flow: sizes, directions and times of its first packets, and how often its client has lately
// called the same server. No contents.

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/censor/mode.h"
#include "lab/censor/residual.h"

namespace godwit::lab {

/// A flow is described when it has had so many packets with a payload: early, and when more is known.
inline constexpr std::array<size_t, 2> kStages = {6, 20};

/// The names of the features at this stage, in the order of their values.
std::vector<std::string> feature_names(size_t stage);

/// The features of one flow as they were at one stage.
struct FeatureVector {
  size_t stage = 0;
  std::vector<double> values;
};

/// Follows flows and describes each at its stages.
class FeatureCollector {
 public:
  static constexpr size_t kCallsMax = 1000;  ///< remembered for each client and server
  static constexpr Time kWindow = std::chrono::seconds(300);

  /// Takes a packet; the flow's description if it has just come to a stage.
  std::optional<FeatureVector> on_packet(const Flow& flow, const Packet& packet, Direction direction, bool repeated,
                                         Time now);
  /// Forgets the flow. Its descriptions, one for each stage it came to.
  std::vector<FeatureVector> on_end(const Flow& flow);
  /// Forgets calls that are too long ago.
  void sweep(Time now);

 private:
  struct Seen {
    Time at;
    double size;  ///< of the payload; negative from the server
  };
  struct Call {
    Time at;
    double bytes;
  };
  struct State {
    std::vector<Seen> packets;  ///< No more than the last stage needs.
    std::vector<FeatureVector> stages;
    bool counted = false;
  };
  struct History {
    std::deque<Call> calls;
  };

  FeatureVector describe(const Flow& flow, const State& state, size_t stage, Time now) const;

  PerFlow<State> states_;
  std::map<ClientServer, History> histories_;
};

/// One JSON line: an empty label, the addresses, and the features by stage.
std::string feature_line(const Flow& flow, const std::vector<FeatureVector>& stages);

}  // namespace godwit::lab
