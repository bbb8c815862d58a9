// Modes 3 and 4: what happens to a connection whose hello names a listed server: resets, or silence.

#include "lab/censor/modes.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

bool listed(const View& view, const std::vector<std::string>& names) {
  return view.tls() != nullptr && !view.tls()->server_name.empty() && name_in(names, view.tls()->server_name);
}

/// Lets the hello through and puts resets in the place of the server's first data (IMC'22, "SNI-I").
class ReplacingReset final : public Mode {
 public:
  explicit ReplacingReset(const Options& options)
      : names_(options.names("names")),
        residual_(options.number("residual") < 0 ? from_seconds(75) : options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    if (listed(view, names_)) {
      count("hellos");
      blocked_.block(view.flow.key, view.now + residual_);
    }
    if (view.direction != kDown || view.packet.payload_size == 0) return Verdict::passed();
    if (!blocked_.blocked(view.flow.key, view.now)) return Verdict::passed();
    Verdict verdict = drop("answers_replaced");
    verdict.injections.push_back({reset_to_receiver(view.packet, false), Time{}});
    verdict.injections.push_back({reset_to_sender(view.packet), Time{}});
    return verdict;
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }

 private:
  std::vector<std::string> names_;
  Time residual_;
  ResidualTable<FlowKey> blocked_;
};

/// Stands beside the path: drops nothing, sends three resets each way, and for some time does the same to later connections.
class ForgedReset final : public Mode {
 public:
  explicit ForgedReset(const Options& options)
      : names_(options.names("names")),
        residual_(options.number("residual") < 0 ? from_seconds(90) : options.seconds("residual")),
        hit_(options.number("hit")) {}

  Verdict on_packet(const View& view) override {
    const ClientServer key{view.flow.key.client.address, view.flow.key.server};
    if (listed(view, names_)) {
      count("hellos");
      blocked_.block(key, view.now + residual_);
      hit_flows_[view.flow] = Fate::kReset;
      return reset(view);
    }
    if (view.direction != kUp || view.packet.payload_size == 0) return Verdict::passed();
    Fate& fate = hit_flows_[view.flow];
    if (fate == Fate::kUndecided && blocked_.blocked(key, view.now)) {
      fate = view.dice.chance(hit_) ? Fate::kReset : Fate::kSpared;
      count(fate == Fate::kReset ? "later_connections_reset" : "later_connections_spared");
    }
    return fate == Fate::kReset ? reset(view) : Verdict::passed();
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }
  void on_end(const Flow& flow) override { hit_flows_.erase(flow); }

 private:
  enum class Fate { kUndecided, kSpared, kReset };

  Verdict reset(const View& view) {
    Verdict verdict;
    for (int i = 0; i < 3; ++i) {
      verdict.injections.push_back({reset_to_sender(view.packet), std::chrono::milliseconds(3)});
      verdict.injections.push_back({reset_to_receiver(view.packet, true), Time{}});
      count("resets_to_client");
      count("resets_to_server");
    }
    return verdict;
  }

  std::vector<std::string> names_;
  Time residual_;
  double hit_;
  ResidualTable<ClientServer> blocked_;
  PerFlow<Fate> hit_flows_;
};

/// Silence, at once or after a few more packets.
class SniDrop final : public Mode {
 public:
  explicit SniDrop(const Options& options)
      : names_(options.names("names")),
        at_once_(options.is("variant", "hello")),
        most_{options.whole("k_min"), options.whole("k_max")},
        residual_(options.number("residual") < 0 ? from_seconds(at_once_ ? 40 : 420) : options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    if (listed(view, names_)) {
      count("hellos");
      blocked_.block(view.flow.key, view.now + residual_);
      left_[view.flow.key] = at_once_ ? 0 : view.dice.between(most_[0], most_[1]);
      return at_once_ ? drop("packets_dropped") : Verdict::passed();
    }
    if (!blocked_.blocked(view.flow.key, view.now)) return Verdict::passed();
    int64_t& left = left_[view.flow.key];
    if (left == 0) return drop("packets_dropped");
    --left;
    return Verdict::passed();
  }

  void on_time(Time now, Dice&) override {
    blocked_.sweep(now);
    std::erase_if(left_, [&](const auto& entry) { return !blocked_.blocked(entry.first, now); });
  }

 private:
  std::vector<std::string> names_;
  bool at_once_;
  int64_t most_[2];
  Time residual_;
  ResidualTable<FlowKey> blocked_;
  std::map<FlowKey, int64_t> left_;  ///< Packets that still pass, either way.
};

std::unique_ptr<Mode> make_reset(const Options& options, std::string&) {
  if (options.is("variant", "gfw")) return std::make_unique<ForgedReset>(options);
  return std::make_unique<ReplacingReset>(options);
}

}  // namespace

ModeInfo sni_rst_mode() {
  return {3,
          "sni-rst",
          "A TCP connection whose hello names a listed server is reset. tspu: the hello is forwarded, the server's first "
          "data is replaced by resets to both. gfw: three resets to both, and for some time to later connections.",
          "names not listed: REALITY, WebTunnel, Snowflake, fronting; what is no TLS",
          {
              {"names", OptionKind::kNames, kBlockedNames, 0, 0, "", "server names, each with all below it"},
              {"variant", OptionKind::kChoice, "tspu", 0, 0, "tspu|gfw", "which box"},
              {"residual", OptionKind::kNumber, "-1", -1, kSecondsMax, "",
               "seconds that the block lasts; -1: 75 for the flow (tspu), 90 for client, server and port (gfw)"},
              {"hit", OptionKind::kNumber, "0.6", 0, 1, "", "gfw: share of later connections that the block hits"},
          },
          false,
          make_reset};
}

ModeInfo sni_drop_mode() {
  return {4,
          "sni-drop",
          "A TCP connection whose hello names a listed server falls silent. late: k more packets pass, then nothing "
          "does; " "hello: the hello and all after it are dropped. No resets.",
          "as sni-rst; clients that give up after a few silent seconds and go elsewhere",
          {
              {"names", OptionKind::kNames, kBlockedNames, 0, 0, "", "server names, each with all below it"},
              {"variant", OptionKind::kChoice, "late", 0, 0, "late|hello", "when the silence begins"},
              {"k_min", OptionKind::kWhole, "5", 0, 100, "", "late: the least number of packets after the hello"},
              {"k_max", OptionKind::kWhole, "8", 0, 100, "", "late: the greatest"},
              {"residual", OptionKind::kNumber, "-1", -1, kSecondsMax, "",
               "seconds that the flow stays blocked; -1: 420 (late), 40 (hello)"},
          },
          false,
          make_mode<SniDrop>};
}

}  // namespace godwit::lab
