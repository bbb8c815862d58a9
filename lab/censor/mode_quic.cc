// Mode 5: QUIC, by its version and size, or by the name inside its Initial packets.

#include "lab/censor/modes.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

constexpr size_t kTspuPayloadLeast = 1001;

/// Every QUIC version 1 connection abroad dies at its first datagram.
class QuicByHeader final : public Mode {
 public:
  explicit QuicByHeader(const Options& options)
      : residual_(options.number("residual") < 0 ? from_seconds(420) : options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    if (!view.packet.udp() || view.flow.key.server.port != 443) return Verdict::passed();
    const ByteView payload = view.packet.payload();
    const bool version1 = payload.size() >= kTspuPayloadLeast && (payload[0] & 0x80) != 0 && payload[1] == 0 &&
                          payload[2] == 0 && payload[3] == 0 && payload[4] == 1;
    if (view.direction == kUp && version1 && !blocked_.blocked(view.flow.key, view.now)) {
      count("flows");
      blocked_.block(view.flow.key, view.now + residual_);
    }
    return blocked_.blocked(view.flow.key, view.now) ? drop("packets_dropped") : Verdict::passed();
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }

 private:
  Time residual_;
  ResidualTable<FlowKey> blocked_;
};

/// Initial packets are decrypted; a listed name costs client and server some minutes of UDP (USENIX Security 2025).
class QuicByName final : public Mode {
 public:
  explicit QuicByName(const Options& options)
      : names_(options.names("names")),
        residual_(options.number("residual") < 0 ? from_seconds(180) : options.seconds("residual")),
        after_(options.seconds("after")),
        server_(options.number("p_server")),
        flow_(options.number("p_flow")) {}

  Verdict on_packet(const View& view) override {
    if (!view.packet.udp()) return Verdict::passed();
    if (view.hello != nullptr && fires(view)) punish(view);
    if (view.direction == kDown) return Verdict::passed();
    const bool dead = flows_.blocked(view.flow.key, view.now) || servers_.blocked(server_key(view.flow), view.now);
    return dead ? drop("packets_dropped") : Verdict::passed();
  }

  void on_time(Time now, Dice&) override {
    flows_.sweep(now);
    servers_.sweep(now);
  }

 private:
  static ClientServer server_key(const Flow& flow) { return {flow.key.client.address, flow.key.server}; }

  /// Outbound, from the higher port, and the flow's very first datagram was an Initial.
  bool fires(const View& view) const {
    const Flow& flow = view.flow;
    return flow.carrier == HelloCarrier::kQuic && flow.client_inside && flow.key.client.port > flow.key.server.port &&
           is_quic_initial(flow.first_payload) && name_in(names_, view.hello->server_name);
  }

  void punish(const View& view) {
    count("hellos");
    const double draw = static_cast<double>(view.dice.between(0, 999'999)) / 1e6;
    const Time from = view.now + after_;
    if (draw < server_) {
      count("servers_blocked");
      servers_.block(server_key(view.flow), from, from + residual_);
    } else if (draw < server_ + flow_) {
      count("flows_blocked");
      flows_.block(view.flow.key, from, from + residual_);
    }
  }

  std::vector<std::string> names_;
  Time residual_;
  Time after_;
  double server_;
  double flow_;
  ResidualTable<FlowKey> flows_;
  ResidualTable<ClientServer> servers_;
};

std::unique_ptr<Mode> make_quic(const Options& options, std::string&) {
  if (options.is("variant", "gfw")) return std::make_unique<QuicByName>(options);
  return std::make_unique<QuicByHeader>(options);
}

}  // namespace

ModeInfo quic_mode() {
  return {5,
          "quic",
          "tspu: a UDP flow to port 443 whose client sends a QUIC version 1 long header in at least 1001 bytes is dropped. "
          "gfw: the Initial is decrypted; if it names a listed server, and the client's port is the higher one, and nothing was "
          "sent before, the client's UDP is dropped for some minutes.",
          "TCP; tspu: other ports and versions; gfw: a junk datagram first",
          {
              {"variant", OptionKind::kChoice, "tspu", 0, 0, "tspu|gfw", "which box"},
              {"names", OptionKind::kNames, kBlockedNames, 0, 0, "", "gfw: server names, each with all below it"},
              {"residual", OptionKind::kNumber, "-1", -1, kSecondsMax, "", "seconds of the block; -1: 420 (tspu), 180 (gfw)"},
              {"after", OptionKind::kNumber, "0.5", 0, 60, "", "gfw: seconds until the block works"},
              {"p_server", OptionKind::kNumber, "0.58", 0, 1, "", "gfw: share that blocks client, server and port"},
              {"p_flow", OptionKind::kNumber, "0.37", 0, 1, "", "gfw: share that blocks the flow only; the rest nothing"},
          },
          false,
          make_quic};
}

}  // namespace godwit::lab
