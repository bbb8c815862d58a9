// Modes 15 and 16: networks that let only some protocols, or only some destinations, through.

#include <algorithm>
#include <cctype>

#include "lab/censor/cursor.h"
#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

constexpr int kPacketsJudged = 2;  // A40: the first two data packets

/// Iran's protocol filter.
class ProtoAllow final : public Mode {
 public:
  explicit ProtoAllow(const Options& options)
      : tcp_ports_(options.ports("tcp_ports")),
        udp_ports_(options.ports("udp_ports")),
        icmp_(options.whole("icmp")),
        residual_(options.seconds("residual")),
        whole_records_(options.on("reassemble")) {}

  Verdict on_packet(const View& view) override {
    if (view.packet.source.v6) return drop("ipv6_dropped");
    if (view.packet.udp()) {
      return udp_ports_.contains(view.flow.key.server.port) ? Verdict::passed() : drop("udp_dropped");
    }
    if (view.packet.protocol == kIcmp) {
      return ++states_[view.flow].icmp > icmp_ ? drop("icmp_dropped") : Verdict::passed();
    }
    if (!view.packet.tcp() || view.direction == kDown) return Verdict::passed();
    return on_segment(view, states_[view.flow]);
  }

  void on_end(const Flow& flow) override { states_.erase(flow); }

 private:
  struct State {
    int64_t icmp = 0;
    int judged = 0;
    size_t record_left = 0;  ///< bytes of a TLS record that are still to come
    Time blocked_until{};
  };

  Verdict on_segment(const View& view, State& state) {
    if (view.now < state.blocked_until) {
      state.blocked_until = view.now + residual_;  // each further packet arms it anew
      return drop("packets_dropped");
    }
    if (!tcp_ports_.contains(view.flow.key.server.port)) {
      count("other_ports");
      state.blocked_until = view.now + residual_;
      return Verdict::passed();
    }
    if (view.packet.payload_size == 0 || view.repeated || state.judged >= kPacketsJudged) return Verdict::passed();
    ++state.judged;
    if (!allowed(view.packet.payload(), state)) {
      count("other_protocols");
      state.blocked_until = view.now + residual_;
    }
    return Verdict::passed();  // what it is judged by has passed
  }

  bool allowed(ByteView payload, State& state) const {
    const size_t continued = std::min(state.record_left, payload.size());
    state.record_left -= continued;
    if (continued > 0 && whole_records_) return true;
    if (begins_like_tls(payload)) {
      const size_t record = 5 + static_cast<size_t>(payload[3] << 8 | payload[4]);
      state.record_left = record > payload.size() ? record - payload.size() : 0;
      return true;
    }
    return begins_like_http(payload) || protocol_of(payload, true) == Protocol::kDns ||
           protocol_of(payload, false) == Protocol::kDns;
  }

  PortSet tcp_ports_;
  PortSet udp_ports_;
  int64_t icmp_;
  Time residual_;
  bool whole_records_;
  PerFlow<State> states_;
};

/// Only listed destinations, and perhaps only listed names there.
class DestAllow final : public Mode {
 public:
  explicit DestAllow(const Options& options)
      : allow_(options.blocks("allow")),
        names_(options.names("allow_names")),
        by_address_(!options.is("variant", "sni")),
        by_name_(!options.is("variant", "cidr")),
        syn_(options.on("syn")),
        udp53_(options.on("udp53")),
        reset_share_(options.number("rst_share")) {}

  Verdict on_packet(const View& view) override {
    const Flow& flow = view.flow;
    if (udp53_ && flow.udp() && flow.remote().port == 53) return Verdict::passed();
    if (by_address_ && !allow_.contains(flow.remote().address)) return on_unlisted(view);
    if (reset_.find(flow) != nullptr) return drop("packets_dropped");
    if (view.tls() != nullptr && resets(view.tls()->server_name)) return reset(view);
    if (!by_name_) return Verdict::passed();
    if (flow.udp()) return allow_.contains(flow.remote().address) ? Verdict::passed() : drop("packets_dropped");
    return flow.tcp() ? on_named(view) : Verdict::passed();
  }

  void on_end(const Flow& flow) override {
    states_.erase(flow);
    reset_.erase(flow);
  }

 private:
  enum class State { kUndecided, kAllowed, kRefused };

  Verdict on_unlisted(const View& view) {
    const bool opening = view.packet.tcp() && view.packet.payload_size == 0;
    return syn_ && opening ? Verdict::passed() : drop("packets_dropped");
  }

  Verdict on_named(const View& view) {
    State& state = states_[view.flow];
    if (state == State::kUndecided && view.packet.payload_size > 0) state = decide(view);
    if (state != State::kRefused) return Verdict::passed();
    return view.packet.payload_size > 0 ? drop("packets_dropped") : Verdict::passed();
  }

  State decide(const View& view) {
    if (view.tls() != nullptr) {
      const bool known = name_in(names_, view.tls()->server_name) && !view.tls()->server_name.empty();
      count(known ? "names_allowed" : "names_refused");
      return known ? State::kAllowed : State::kRefused;
    }
    // A hello that comes in several segments shows its name with one of the next.
    const bool to_come = view.flow.data_bytes[kUp] <= StreamHead::kBytesMax && !view.flow.first_payload.empty() &&
                         view.flow.first_payload[0] == 22 && !view.flow.has_hello;
    if (to_come || view.direction == kDown) return State::kUndecided;
    count("names_refused");
    return State::kRefused;
  }

  bool resets(const std::string& name) const {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return reset_share_ > 0 && !name.empty() && share(mix(hash_text(lower)), reset_share_);
  }

  Verdict reset(const View& view) {
    count("hellos_reset");
    reset_[view.flow] = true;
    Verdict verdict = Verdict::dropped();
    verdict.injections.push_back({reset_to_sender(view.packet), std::chrono::milliseconds(3)});
    verdict.injections.push_back({reset_to_receiver(view.packet, false), Time{}});
    return verdict;
  }

  CidrSet allow_;
  std::vector<std::string> names_;
  bool by_address_;
  bool by_name_;
  bool syn_;
  bool udp53_;
  double reset_share_;
  PerFlow<State> states_;
  PerFlow<bool> reset_;
};

}  // namespace

ModeInfo proto_allow_mode() {
  return {15,
          "proto-allow",
          "TCP to other ports than listed, or whose client's first two data packets are not DNS, HTTP or TLS, loses the "
          "client's packets for a while, and each further one arms it anew. UDP but for port 53, QUIC and IPv6 are dropped, "
          "ICMP after a few packets.",
          "TLS or HTTP on port 443; DNS tunnels",
          {
              {"tcp_ports", OptionKind::kPorts, "53+80+443", 0, 0, "", "TCP ports that are let through"},
              {"udp_ports", OptionKind::kPorts, "53", 0, 0, "", "UDP ports that are let through"},
              {"icmp", OptionKind::kWhole, "3", 0, 1000, "", "ICMP packets between two addresses that pass"},
              {"residual", OptionKind::kNumber, "60", 0, kSecondsMax, "", "seconds of the block"},
          },
          false,
          make_mode<ProtoAllow>};
}

ModeInfo dest_allow_mode() {
  return {16,
          "dest-allow",
          "Only listed destinations can be reached. cidr: listed addresses. sni: TCP opens to everywhere, but only a "
          "hello with " "a listed name passes. sni-and-cidr: both must be listed, UDP needs a listed address.",
          "relays and TURN servers on listed addresses; DNS tunnels if port 53 is open; local links",
          {
              {"variant", OptionKind::kChoice, "cidr", 0, 0, "cidr|sni|sni-and-cidr", "what must be listed"},
              {"allow", OptionKind::kBlocks, "", 0, 0, "", "addresses and blocks that are listed"},
              {"allow_names", OptionKind::kNames, "", 0, 0, "", "server names that are listed, each with all below it"},
              {"syn", OptionKind::kSwitch, "off", 0, 0, "", "to other addresses TCP opens, but no data passes"},
              {"udp53", OptionKind::kSwitch, "off", 0, 0, "", "UDP port 53 is open to everywhere"},
              {"rst_share", OptionKind::kNumber, "0", 0, 1, "", "share of all names whose hello is reset even so"},
          },
          false,
          make_mode<DestAllow>};
}

}  // namespace godwit::lab
