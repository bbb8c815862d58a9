#include "lab/censor/model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace godwit::lab {
namespace {

using Json = nlohmann::json;

bool number(const Json& object, const char* key, double& out) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return false;
  out = found->get<double>();
  return std::isfinite(out);
}

bool feature(const Json& object, const std::vector<std::string>& names, size_t& out) {
  const auto found = object.find("feature");
  if (found == object.end() || !found->is_string()) return false;
  const auto place = std::find(names.begin(), names.end(), found->get<std::string>());
  out = static_cast<size_t>(place - names.begin());
  return place != names.end();
}

bool read_stumps(const Json& list, const std::vector<std::string>& names, StageModel& out) {
  for (const Json& item : list) {
    StageModel::Stump stump;
    if (!item.is_object() || !feature(item, names, stump.feature) || !number(item, "at", stump.at) ||
        !number(item, "above", stump.above) || !number(item, "below", stump.below)) {
      return false;
    }
    out.stumps.push_back(stump);
  }
  return true;
}

bool read_weights(const Json& list, const std::vector<std::string>& names, StageModel& out) {
  for (const Json& item : list) {
    StageModel::Weight weight;
    if (!item.is_object() || !feature(item, names, weight.feature) || !number(item, "mean", weight.mean) ||
        !number(item, "deviation", weight.deviation) || !number(item, "weight", weight.weight) ||
        weight.deviation <= 0) {
      return false;
    }
    out.weights.push_back(weight);
  }
  return true;
}

bool read_stage(const Json& object, StageModel& out) {
  double stage = 0;
  if (!object.is_object() || !number(object, "packets", stage) || !number(object, "bias", out.bias) ||
      !number(object, "threshold", out.threshold)) {
    return false;
  }
  const auto known = std::find_if(kStages.begin(), kStages.end(),
                                  [&](size_t packets) { return static_cast<double>(packets) == stage; });
  if (known == kStages.end()) return false;
  out.stage = *known;
  const std::vector<std::string> names = feature_names(out.stage);
  const Json stumps = object.value("stumps", Json::array());
  const Json weights = object.value("weights", Json::array());
  return stumps.is_array() && weights.is_array() && read_stumps(stumps, names, out) &&
         read_weights(weights, names, out);
}

}  // namespace

double StageModel::score(const std::vector<double>& features) const {
  double sum = bias;
  for (const Stump& stump : stumps) sum += features[stump.feature] > stump.at ? stump.above : stump.below;
  for (const Weight& weight : weights) {
    sum += weight.weight * (features[weight.feature] - weight.mean) / weight.deviation;
  }
  return sum;
}

std::string parse_model(const std::string& json, std::vector<StageModel>& out) {
  const Json object = Json::parse(json, nullptr, false);
  const auto stages = object.is_object() ? object.find("stages") : object.end();
  if (!object.is_object() || stages == object.end() || !stages->is_array() || stages->empty()) {
    return "it is not a JSON object with a list \"stages\"";
  }
  std::vector<StageModel> models;
  for (const Json& item : *stages) {
    StageModel model;
    if (!read_stage(item, model)) return "a stage lacks a number, or names a feature that does not exist";
    models.push_back(std::move(model));
  }
  out = std::move(models);
  return "";
}

}  // namespace godwit::lab
