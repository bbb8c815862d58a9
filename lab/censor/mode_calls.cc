// Mode 6: calls, by STUN, by the ports they use, and by their DTLS handshake.

#include <algorithm>

#include "lab/censor/modes.h"
#include "lab/censor/recognise.h"

namespace godwit::lab {
namespace {

constexpr size_t kBigDatagram = 200;  // A36

class Calls final : public Mode {
 public:
  explicit Calls(const Options& options)
      : stun_(options.has("parts", "stun")),
        flows_(options.has("parts", "flows")),
        degrade_(options.has("parts", "ports")),
        dtls_(options.has("parts", "dtls")),
        abroad_only_(options.on("abroad_only")),
        call_ports_(options.ports("call_ports")),
        keep_(options.number("c") / 100),
        fingerprints_(options.names("dtls_ja4")),
        packets_(options.whole("n")),
        big_drop_(options.number("big_drop")) {}

  Verdict on_packet(const View& view) override {
    if (!view.packet.udp() || (abroad_only_ && !view.flow.crossing)) return Verdict::passed();
    const bool stun = is_stun(view.packet.payload());
    if (flows_ && stun && recognised_.find(view.flow) == nullptr) {
      recognised_[view.flow] = true;
      count("flows_recognised");
    }
    if (stun_ && stun) return drop("stun_dropped");
    if (dtls_) {
      const Verdict verdict = on_dtls(view);
      if (!verdict.pass) return verdict;
    }
    const bool call =
        (degrade_ && call_ports_.contains(view.flow.remote().port)) || recognised_.find(view.flow) != nullptr;
    if (call && !view.dice.chance(keep_)) return drop("degraded");
    return Verdict::passed();
  }

  void on_end(const Flow& flow) override {
    sessions_.erase(flow);
    recognised_.erase(flow);
  }

 private:
  Verdict on_dtls(const View& view) {
    if (view.hello != nullptr && view.flow.carrier == HelloCarrier::kDtls && listed(view.flow.fingerprint)) {
      sessions_[view.flow] = 0;
      count("dtls_hellos");
      return Verdict::passed();
    }
    int64_t* after_hello = sessions_.find(view.flow);
    if (after_hello != nullptr && ++*after_hello > packets_) return drop("dtls_dropped");
    const ByteView payload = view.packet.payload();
    const bool record = payload.size() > kBigDatagram && payload[0] >= 20 && payload[0] <= 25 && payload[1] == 0xfe;
    if (record && big_drop_ > 0 && view.dice.chance(big_drop_)) return drop("big_dtls_dropped");
    return Verdict::passed();
  }

  bool listed(const std::string& fingerprint) const {
    return std::any_of(fingerprints_.begin(), fingerprints_.end(),
                       [&](const std::string& start) { return fingerprint.starts_with(start); });
  }

  bool stun_;
  bool flows_;
  bool degrade_;
  bool dtls_;
  bool abroad_only_;
  PortSet call_ports_;
  double keep_;
  std::vector<std::string> fingerprints_;
  int64_t packets_;
  double big_drop_;
  PerFlow<int64_t> sessions_;  ///< Packets after a listed hello.
  PerFlow<bool> recognised_;   ///< STUN was seen in it.
};

}  // namespace

ModeInfo calls_mode() {
  return {6,
          "calls",
          "stun: STUN over UDP is dropped, whatever the port. flows: of a UDP flow in which STUN was seen only c of 100 "
          "packets pass. ports: the same of the UDP to call services' ports. dtls: a flow whose DTLS ClientHello has a listed "
          "fingerprint goes silent n packets later.",
          "VPN, calls over TCP or TLS, media in a tunnel of its own without STUN headers",
          {
              {"parts", OptionKind::kParts, "stun+flows+ports+dtls", 0, 0, "stun|flows|ports|dtls", "which of the four"},
              {"abroad_only", OptionKind::kSwitch, "off", 0, 0, "", "spare calls among hosts inside"},
              {"call_ports", OptionKind::kPorts, "3478-3497+590-1400", 0, 0, "", "ports: the services' ports"},
              {"c", OptionKind::kNumber, "5", 0, 100, "", "flows, ports: packets of 100 that pass (2 to 10 hurt)"},
              {"dtls_ja4", OptionKind::kNames, "dd2", 0, 0, "",
               "dtls: fingerprints or their beginnings; dd2 is every DTLS 1.2 hello"},
              {"n", OptionKind::kWhole, "6", 0, 100, "", "dtls: packets both ways after the hello (seen: 3 to 10)"},
              {"big_drop", OptionKind::kNumber, "0", 0, 1, "", "dtls: share of DTLS datagrams above 200 bytes dropped"},
          },
          true,
          make_mode<Calls>};
}

}  // namespace godwit::lab
