#pragma once
// A classifier made by train.py: for each stage a sum of small contributions and a threshold.

#include <string>
#include <vector>

#include "lab/censor/features.h"

namespace godwit::lab {

/// The model of one stage.
class StageModel {
 public:
  /// A feature above or below a value: a one-level decision tree.
  struct Stump {
    size_t feature = 0;
    double at = 0;
    double above = 0;  ///< added if the feature is greater than `at`
    double below = 0;  ///< added else
  };
  /// A feature's share of a logistic regression.
  struct Weight {
    size_t feature = 0;
    double mean = 0;
    double deviation = 1;
    double weight = 0;
  };

  size_t stage = 0;
  double bias = 0;
  double threshold = 0;  ///< a score above it means: recognised
  std::vector<Stump> stumps;
  std::vector<Weight> weights;

  /// The sum for these features, which are of this stage.
  double score(const std::vector<double>& features) const;
};

/// Reads a model file's JSON. Empty, or what is wrong.
std::string parse_model(const std::string& json, std::vector<StageModel>& out);

}  // namespace godwit::lab
