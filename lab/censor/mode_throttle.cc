// Mode 2: connections that live but are too slow to be of use.

#include <algorithm>
#include <array>

#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"

namespace godwit::lab {
namespace {

/// A policer: what exceeds the rate is dropped, never delayed.
class TokenBucket {
 public:
  /// True if a packet of `bytes` may pass.
  bool take(size_t bytes, double bytes_per_second, double burst, Time now) {
    if (!filled_) tokens_ = burst;
    filled_ = true;
    tokens_ = std::min(burst, tokens_ + std::chrono::duration<double>(now - at_).count() * bytes_per_second);
    at_ = now;
    if (tokens_ < static_cast<double>(bytes)) return false;
    tokens_ -= static_cast<double>(bytes);
    return true;
  }

 private:
  bool filled_ = false;
  double tokens_ = 0;
  Time at_{};
};

class Throttle final : public Mode {
 public:
  explicit Throttle(const Options& options)
      : names_(options.names("names")),
        by_protocol_(options.is("variant", "flow")),
        protocols_(options.text("protocol")),
        keep_(options.number("c") / 100),
        bytes_per_second_(options.is("variant", "rate") ? options.number("bytes_per_s") : options.number("kbit") * 125),
        burst_(options.number("burst")) {}

  Verdict on_packet(const View& view) override {
    State& state = states_[view.flow];
    if (!state.matched && matches(view)) {
      state.matched = true;
      count("flows");
    }
    // The packet that shows what the flow is has passed the box before it can slow it down.
    if (!state.matched || view.hello != nullptr || view.first_client_data) return Verdict::passed();
    if (by_protocol_) {
      if (view.dice.chance(keep_)) return Verdict::passed();
      return drop("packets_dropped");
    }
    const size_t size = view.packet.bytes.size();
    if (state.buckets[view.direction].take(size, bytes_per_second_, burst_, view.now)) return Verdict::passed();
    return drop("packets_dropped");
  }

  void on_end(const Flow& flow) override { states_.erase(flow); }

 private:
  struct State {
    bool matched = false;
    std::array<TokenBucket, 2> buckets;
  };

  bool matches(const View& view) const {
    if (!by_protocol_) {
      return view.hello != nullptr && !view.hello->server_name.empty() && name_in(names_, view.hello->server_name);
    }
    if (!view.first_client_data) return false;
    if (protocols_ == "all") return true;
    const std::string name = protocol_name(protocol_of(view.flow.first_payload, view.packet.tcp()));
    const std::vector<std::string> wanted = split(protocols_, '+');
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }

  std::vector<std::string> names_;
  bool by_protocol_;
  std::string protocols_;
  double keep_;
  double bytes_per_second_;
  double burst_;
  PerFlow<State> states_;
};

}  // namespace

ModeInfo throttle_mode() {
  return {2,
          "throttle",
          "Matched flows are policed: what exceeds a rate is dropped. sni: flows whose hello (TLS or QUIC) names a listed "
          "server get kbit each way. flow: of flows recognised as a protocol only c of 100 packets pass, at random. rate: "
          "as sni, but with bytes_per_s.",
          "tunnels that are not matched; under sni, text with an acknowledgement per message",
          {
              {"variant", OptionKind::kChoice, "sni", 0, 0, "sni|flow|rate", "what is matched and how it is slowed down"},
              {"names", OptionKind::kNames, kBlockedNames, 0, 0, "", "sni, rate: server names, each with all below it"},
              {"kbit", OptionKind::kNumber, "140", 1, 1e6, "", "sni: kbit/s each way (seen: 130 to 150)"},
              {"burst", OptionKind::kNumber, "3000", 100, 1e6, "", "sni, rate: bytes that may come at once"},
              {"c", OptionKind::kNumber, "10", 0, 100, "", "flow: packets of 100 that pass (10, 5 and 2 hurt)"},
              {"protocol", OptionKind::kParts, "tls", 0, 0,
               "all|unknown|tls|http|ssh|dns|quic|dtls|stun|wireguard|openvpn", "flow: which protocols"},
              {"bytes_per_s", OptionKind::kNumber, "650", 1, 1e6, "", "rate: bytes a second each way"},
          },
          false,
          make_mode<Throttle>};
}

}  // namespace godwit::lab
