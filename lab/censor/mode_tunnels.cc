// Modes 11 and 12: random-looking first bytes, and what looks like a tunnel.

#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

/// The fully-encrypted-traffic rule (USENIX Security 2023).
class FullyEncrypted final : public Mode {
 public:
  explicit FullyEncrypted(const Options& options) : hit_(options.number("p")), residual_(options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    if (!view.packet.tcp()) return Verdict::passed();
    const ClientServer key{view.flow.key.client.address, view.flow.key.server};
    if (view.direction == kUp && blocked_.blocked(key, view.now)) return drop("packets_dropped");
    if (!view.first_client_data || !view.flow.server_seen || !fully_encrypted(view.flow.first_payload)) {
      return Verdict::passed();
    }
    count("recognised");
    if (view.dice.chance(hit_)) {
      count("blocks");
      blocked_.block(key, view.now + residual_);
    }
    return Verdict::passed();  // the box stands beside the path: what it judged by has passed
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }

 private:
  double hit_;
  Time residual_;
  ResidualTable<ClientServer> blocked_;
};

/// Drops a flow when it is recognised as a tunnel.
class InnerTls final : public Mode {
 public:
  explicit InnerTls(const Options& options)
      : parts_{options.has("parts", "tls"), options.has("parts", "big"), options.has("parts", "vpn"),
               options.number("background")} {}

  Verdict on_packet(const View& view) override {
    State& state = states_[view.flow];
    if (state.dropped) return drop("packets_dropped");
    const char* reason = state.recogniser.on_packet(view, parts_);
    if (reason == nullptr) return Verdict::passed();
    state.dropped = true;
    count(reason);
    return drop("packets_dropped");
  }

  void on_end(const Flow& flow) override { states_.erase(flow); }

 private:
  struct State {
    TunnelRecogniser recogniser;
    bool dropped = false;
  };

  TunnelRecogniser::Parts parts_;
  PerFlow<State> states_;
};

}  // namespace

ModeInfo fet_mode() {
  return {11,
          "fet",
          "A TCP connection to a suspect network (dst) whose first data looks random (it fails all five exemptions of the "
          "fully-encrypted-traffic rule) is blocked with some probability: the client's packets to this server and port are "
          "dropped for a while, the server's go on.",
          "TLS or HTTP in front, printable beginnings, UDP; a further attempt",
          {
              {"p", OptionKind::kNumber, "0.263", 0, 1, "", "share of the recognised connections that are blocked"},
              {"residual", OptionKind::kNumber, "180", 0, kSecondsMax, "", "seconds of the block (seen: 120 to 180)"},
          },
          false,
          make_mode<FullyEncrypted>};
}

ModeInfo inner_tls_mode() {
  return {12,
          "inner-tls",
          "A flow recognised as a tunnel is dropped. tls: the bytes of its first four bursts are like those of a TLS handshake "
          "inside. big: it looks random and three client packets have 411 bytes or more. vpn: WireGuard's or OpenVPN's "
          "handshake and six data packets.",
          "multiplexing, padding, protocols without TLS inside",
          {
              {"parts", OptionKind::kParts, "tls+big+vpn", 0, 0, "tls|big|vpn", "what is looked for"},
              {"background", OptionKind::kNumber, "0.0005", 0, 1, "", "tls: share of other flows taken for tunnels"},
          },
          false,
          make_mode<InnerTls>};
}

}  // namespace godwit::lab
