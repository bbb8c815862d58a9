// Mode 10: connections abroad open and then freeze after some packets or kilobytes.

#include "lab/censor/modes.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

/// Whether a flow is spared, as far as its first bytes have shown.
class Exemption {
 public:
  explicit Exemption(const Options& options) : names_(options.names("allow_names")) {}

  bool holds(const Flow& flow) const {
    if (as_text(flow.first_payload).starts_with("SSH-2.0")) return true;
    return !flow.hello.server_name.empty() && name_in(names_, flow.hello.server_name);
  }

 private:
  std::vector<std::string> names_;
};

/// Freezes a flow once what it may use is used up.
class Curtain final : public Mode {
 public:
  explicit Curtain(const Options& options)
      : exemption_(options),
        by_bytes_(options.is("variant", "bytes")),
        kill_host_(options.is("variant", "udp-dead")),
        packets_(static_cast<uint64_t>(options.whole("n"))),
        bytes_(static_cast<uint64_t>(options.number("kib") * 1024)),
        residual_(options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    const ClientHost host{view.flow.local().address, view.flow.remote().address};
    if (kill_host_ && dead_.blocked(host, view.now)) return drop("packets_to_dead_host");
    if (!view.packet.has_ports || (kill_host_ && !view.flow.udp())) return Verdict::passed();
    if (exemption_.holds(view.flow)) return Verdict::passed();
    Used& used = used_[view.flow];
    if (used.frozen) return drop("packets_dropped");
    const bool opening = view.packet.tcp() && view.packet.has(kSyn) && !view.packet.has(kAck);
    if (!opening) ++used.packets;
    if (view.direction == kDown) used.bytes_down += view.packet.payload_size;
    used.frozen = by_bytes_ ? used.bytes_down > bytes_ : used.packets > packets_;
    if (!used.frozen) return Verdict::passed();
    count("flows_frozen");
    if (kill_host_) dead_.block(host, view.now + residual_);
    return drop("packets_dropped");
  }

  void on_time(Time now, Dice&) override { dead_.sweep(now); }
  void on_end(const Flow& flow) override { used_.erase(flow); }

 private:
  struct Used {
    uint64_t packets = 0;  ///< Both ways, without the client's SYN.
    uint64_t bytes_down = 0;
    bool frozen = false;
  };

  Exemption exemption_;
  bool by_bytes_;
  bool kill_host_;
  uint64_t packets_;
  uint64_t bytes_;
  Time residual_;
  PerFlow<Used> used_;
  ResidualTable<ClientHost> dead_;
};

/// UDP to a hoster takes TCP port 443 to the same hoster away.
class UdpTakesHttps final : public Mode {
 public:
  explicit UdpTakesHttps(const Options& options)
      : exemption_(options), hosters_(options.blocks("hosters")), residual_(options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    const ClientHost key{view.flow.local().address, block_of(view.flow.remote().address)};
    if (view.packet.udp() && view.flow.client_inside && view.direction == kUp && view.flow.key.server.port != 53) {
      if (!blocked_.blocked(key, view.now)) count("hosters_blocked");
      blocked_.block(key, view.now + residual_);
      return Verdict::passed();
    }
    const bool https = view.packet.tcp() && view.flow.key.server.port == 443;
    if (!https || exemption_.holds(view.flow) || !blocked_.blocked(key, view.now)) return Verdict::passed();
    return drop("packets_dropped");
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }

 private:
  /// The base of the listed block, or of the /24 or /48 around the address, with the block's size in the last byte, so that a
  /// listed block is not taken for one around it.
  Address block_of(const Address& address) const {
    Address base = address;
    for (size_t i = address.v6 ? 6 : 3; i < base.bytes.size(); ++i) base.bytes[i] = 0;
    for (const Cidr& block : hosters_.blocks) {
      if (!block.contains(address)) continue;
      base = block.base;
      base.bytes.back() = static_cast<uint8_t>(block.bits);
      break;
    }
    return base;
  }

  Exemption exemption_;
  CidrSet hosters_;
  Time residual_;
  ResidualTable<ClientHost> blocked_;
};

std::unique_ptr<Mode> make_curtain(const Options& options, std::string&) {
  if (options.is("variant", "udp-443")) return std::make_unique<UdpTakesHttps>(options);
  return std::make_unique<Curtain>(options);
}

}  // namespace

ModeInfo curtain_mode() {
  return {10,
          "curtain",
          "Flows to suspect networks (dst) freeze without a word. packets: after n packets, both ways counted, the SYN not. "
          "bytes: after that much payload from the server. udp-dead: a UDP flow after n packets, and its host with it. "
          "udp-443: UDP to a hoster (except port 53) blocks TCP port 443 to all of that hoster; more UDP arms it anew.",
          "Snowflake; domestic relays; allow-listed names; SSH; small resumed exchanges on short connections",
          {
              {"variant", OptionKind::kChoice, "packets", 0, 0, "packets|bytes|udp-dead|udp-443", "what is counted"},
              {"n", OptionKind::kWhole, "25", 1, 1000, "", "packets, udp-dead: how many pass (seen: 14 to 40)"},
              {"kib", OptionKind::kNumber, "16", 1, 10000, "", "bytes: KiB from the server that pass (seen: 12 to 24)"},
              {"residual", OptionKind::kNumber, "600", 0, kSecondsMax, "", "udp-dead, udp-443: seconds of the block"},
              {"hosters", OptionKind::kBlocks, "", 0, 0, "", "udp-443: networks of hosters; others count by /24 or /48"},
              {"allow_names", OptionKind::kNames, "", 0, 0, "", "server names that are spared"},
          },
          false,
          make_curtain};
}

}  // namespace godwit::lab
