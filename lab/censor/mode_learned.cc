// Mode 18: a classifier that has seen captures of ours beside ordinary browsing.

#include "lab/censor/model.h"
#include "lab/censor/modes.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

class Learned final : public Mode {
 public:
  Learned(const Options& options, std::vector<StageModel> models)
      : models_(std::move(models)),
        stricter_(options.number("stricter")),
        flows_needed_(options.whole("flows")),
        residual_(options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    const ClientServer key{view.flow.key.client.address, view.flow.key.server};
    if (dropped_.find(view.flow) != nullptr || blocked_.blocked(key, view.now)) return drop("packets_dropped");
    const auto features = features_.on_packet(view.flow, view.packet, view.direction, view.repeated, view.now);
    if (!features) return Verdict::passed();
    for (const StageModel& model : models_) {
      if (model.stage != features->stage) continue;
      count("flows_scored");
      if (model.score(features->values) <= model.threshold + stricter_) continue;
      count("flows_recognised");
      return punish(view, key);
    }
    return Verdict::passed();
  }

  void on_time(Time now, Dice&) override {
    blocked_.sweep(now);
    features_.sweep(now);
  }

  void on_end(const Flow& flow) override {
    features_.on_end(flow);
    dropped_.erase(flow);
  }

 private:
  Verdict punish(const View& view, const ClientServer& key) {
    if (++recognised_[key] < flows_needed_) return Verdict::passed();
    count("blocks");
    dropped_[view.flow] = true;
    blocked_.block(key, view.now + residual_);
    return drop("packets_dropped");
  }

  std::vector<StageModel> models_;
  double stricter_;
  int64_t flows_needed_;
  Time residual_;
  FeatureCollector features_;
  PerFlow<bool> dropped_;
  std::map<ClientServer, int64_t> recognised_;
  ResidualTable<ClientServer> blocked_;
};

std::unique_ptr<Mode> make_learned(const Options& options, std::string& wrong) {
  const std::string& path = options.text("model");
  std::string contents;
  std::vector<StageModel> models;
  if (path.empty()) {
    wrong = "option model: it needs a file made by train.py";
  } else if (!read_file(path, contents)) {
    wrong = "option model: the file " + path + " cannot be read";
  } else {
    wrong = parse_model(contents, models);
    if (!wrong.empty()) wrong = "option model: " + path + ": " + wrong;
  }
  return wrong.empty() ? std::make_unique<Learned>(options, std::move(models)) : nullptr;
}

}  // namespace

ModeInfo learned_mode() {
  return {18,
          "learned",
          "Each flow is scored by a model from sizes, directions and times of its first packets, and from how often its client "
          "has called the server lately. A flow above the model's threshold, set for one false alarm in a thousand, is dropped, "
          "and its server and port with it for this client.",
          "what looks like browsing to this model; a new shape until the model has been trained again",
          {
              {"model", OptionKind::kText, "", 0, 0, "", "the file made by train.py"},
              {"stricter", OptionKind::kNumber, "0", -100, 100, "", "added to the model's thresholds"},
              {"flows", OptionKind::kWhole, "1", 1, 1000, "", "recognised flows to a server until it is blocked"},
              {"residual", OptionKind::kNumber, "180", 0, kSecondsMax, "", "seconds for client, server and port"},
          },
          false,
          make_learned};
}

}  // namespace godwit::lab
