// Mode 13: a server that was recognised a few times is analysed, probed from outside, and put on the list.

#include <algorithm>
#include <set>

#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

constexpr size_t kServersMax = 10'000;  // under analysis at once; a box's table is no larger

class Learn final : public Mode {
 public:
  explicit Learn(const Options& options)
      : tls_fp_(options.has("recognisers", "tls-fp")),
        fet_(options.has("recognisers", "fet")),
        inner_tls_(options.has("recognisers", "inner-tls")),
        parts_{options.has("parts", "tls"), options.has("parts", "big"), options.has("parts", "vpn"), 0},
        fingerprints_(options.is("ja4", "builtin") ? listed_ja4() : options.names("ja4")),
        sessions_(options.whole("sessions")),
        analysis_{options.seconds("analysis_min"), options.seconds("analysis_max")},
        delay_{options.seconds("delay_min"), options.seconds("delay_max")},
        residual_(options.number("residual") > 0 ? options.seconds("residual") : from_seconds(kSecondsMax)),
        probe_(options.on("probe")) {}

  Verdict on_packet(const View& view) override {
    const Endpoint& server = view.flow.key.server;
    if (view.packet.has_ports && blocked_.blocked(server, view.now)) return drop("packets_dropped");
    State& state = flows_[view.flow];
    if (state.recognised) return Verdict::passed();
    const char* reason = recognise(view, state);
    if (reason == nullptr) return Verdict::passed();
    state.recognised = true;
    count("sessions_recognised");
    note(view, reason);
    return Verdict::passed();
  }

  void on_time(Time now, Dice&) override {
    blocked_.sweep(now);
    for (auto place = servers_.begin(); place != servers_.end();) {
      place = advance(place->first, place->second, now) ? servers_.erase(place) : std::next(place);
    }
  }

  void on_verdict(const Endpoint& server, bool proxy, Time) override {
    const auto found = servers_.find(server);
    if (found == servers_.end() || !found->second.reported) return;
    if (proxy) {
      found->second.confirmed = true;
    } else {
      count("servers_cleared");
      servers_.erase(found);
    }
  }

  void on_end(const Flow& flow) override { flows_.erase(flow); }

 private:
  struct State {
    TunnelRecogniser recogniser;
    bool recognised = false;
  };
  struct Server {
    int64_t sessions = 0;
    bool scheduled = false;  ///< enough sessions: the following times count
    Time probe_at{};
    Time block_at{};
    bool reported = false;
    bool confirmed = false;
    Bytes first_payload;
    std::string reason;
  };

  const char* recognise(const View& view, State& state) const {
    const auto listed = [&] { return std::find(fingerprints_.begin(), fingerprints_.end(), view.flow.fingerprint); };
    if (tls_fp_ && view.hello != nullptr && listed() != fingerprints_.end()) return "tls-fp";
    const bool first = view.first_client_data && view.packet.tcp();
    if (fet_ && first && fully_encrypted(view.flow.first_payload)) return "fet";
    return inner_tls_ ? state.recogniser.on_packet(view, parts_) : nullptr;
  }

  void note(const View& view, const char* reason) {
    if (servers_.size() >= kServersMax) return;
    Server& server = servers_[view.flow.key.server];
    server.first_payload = view.flow.first_payload;
    server.reason = reason;
    if (++server.sessions < sessions_ || server.scheduled) return;
    server.scheduled = true;
    server.probe_at = view.now + Time(view.dice.between(analysis_[0].count(), analysis_[1].count()));
    server.block_at = view.now + Time(view.dice.between(delay_[0].count(), delay_[1].count()));
    count("servers_suspected");
  }

  /// True if nothing is left to do for the server.
  bool advance(const Endpoint& endpoint, Server& server, Time now) {
    if (!server.scheduled || now < server.probe_at) return false;
    if (!server.reported) {
      server.reported = true;
      if (probe_) suspect({endpoint, server.first_payload, server.reason});
      count(probe_ ? "probes_wanted" : "probes_left_out");
    }
    if (probe_ && (!server.confirmed || now < server.block_at)) return false;
    count("servers_blocked");
    blocked_.block(endpoint, now + residual_);
    return true;
  }

  bool tls_fp_;
  bool fet_;
  bool inner_tls_;
  TunnelRecogniser::Parts parts_;
  std::vector<std::string> fingerprints_;
  int64_t sessions_;
  Time analysis_[2];
  Time delay_[2];
  Time residual_;
  bool probe_;
  PerFlow<State> flows_;
  std::map<Endpoint, Server> servers_;
  ResidualTable<Endpoint> blocked_;
};

}  // namespace

ModeInfo learn_mode() {
  return {13,
          "learn",
          "A server (address and port) whose sessions are recognised often enough by the tests of tls-fp, fet or inner-tls is "
          "analysed, then probed from outside (event suspect, answered by the command verdict), and some minutes later "
          "blocked if the probe says proxy. Until then its flows live.",
          "addresses that live shorter; servers that a probe cannot tell from a web site",
          {
              {"recognisers", OptionKind::kParts, "tls-fp+fet+inner-tls", 0, 0, "tls-fp|fet|inner-tls", "which tests"},
              {"parts", OptionKind::kParts, "tls+big+vpn", 0, 0, "tls|big|vpn", "inner-tls: what it looks for"},
              {"ja4", OptionKind::kNames, "builtin", 0, 0, "", "tls-fp: fingerprints; builtin: those of ja4.txt"},
              {"sessions", OptionKind::kWhole, "3", 1, 1000, "", "recognised sessions until a server is suspected (1 to 30)"},
              {"analysis_min", OptionKind::kNumber, "60", 0, kSecondsMax, "", "seconds from then to the probe: the least"},
              {"analysis_max", OptionKind::kNumber, "300", 0, kSecondsMax, "", "and the most"},
              {"delay_min", OptionKind::kNumber, "300", 0, kSecondsMax, "", "seconds from then to the block: the least"},
              {"delay_max", OptionKind::kNumber, "900", 0, kSecondsMax, "", "and the most"},
              {"probe", OptionKind::kSwitch, "on", 0, 0, "", "off: block without a probe when the analysis is over"},
              {"residual", OptionKind::kNumber, "0", 0, kSecondsMax, "", "seconds of the block; 0: for good"},
          },
          false,
          make_mode<Learn>};
}

}  // namespace godwit::lab
