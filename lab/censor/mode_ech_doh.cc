// Mode 7: encrypted names: ECH with the big front's public name, DoH and DoT.

#include "lab/censor/modes.h"
#include "lab/censor/residual.h"

namespace godwit::lab {
namespace {

class EchDoh final : public Mode {
 public:
  explicit EchDoh(const Options& options)
      : ech_(options.has("parts", "ech")),
        doh_(options.has("parts", "doh")),
        dot_(options.has("parts", "dot")),
        ech_names_(options.names("ech_names")),
        doh_names_(options.names("doh_names")),
        reset_(options.is("doh_action", "rst")),
        residual_(options.seconds("residual")) {}

  Verdict on_packet(const View& view) override {
    const Flow& flow = view.flow;
    if (blocked_.blocked(flow.key, view.now)) return drop("packets_dropped");
    if (dot_ && flow.tcp() && flow.key.server.port == 853) return drop("dot_dropped");
    if (view.hello == nullptr) return Verdict::passed();
    const std::string& name = view.hello->server_name;
    if (ech_ && view.hello->has_extension(kExtensionEch) && name_in(ech_names_, name)) {
      blocked_.block(flow.key, view.now + residual_);
      return drop("ech_dropped");
    }
    if (!doh_ || !name_in(doh_names_, name)) return Verdict::passed();
    blocked_.block(flow.key, view.now + residual_);
    Verdict verdict = drop("doh_blocked");
    if (reset_ && flow.tcp()) {
      verdict.injections.push_back({reset_to_sender(view.packet), std::chrono::milliseconds(3)});
      verdict.injections.push_back({reset_to_receiver(view.packet, false), Time{}});
    }
    return verdict;
  }

  void on_time(Time now, Dice&) override { blocked_.sweep(now); }

 private:
  bool ech_;
  bool doh_;
  bool dot_;
  std::vector<std::string> ech_names_;
  std::vector<std::string> doh_names_;
  bool reset_;
  Time residual_;
  ResidualTable<FlowKey> blocked_;
};

}  // namespace

ModeInfo ech_doh_mode() {
  return {
      7,
      "ech-doh",
      "ech: a hello with both a listed public name and the extension encrypted_client_hello is dropped, over TCP and "
      "QUIC. " "doh: a hello with the name of a listed DoH resolver. dot: TCP port 853.",
      "GREASE ECH with another name, an own public name, DNS over TCP port 53, unlisted DoH resolvers",
      {
          {"parts", OptionKind::kParts, "ech+doh+dot", 0, 0, "ech|doh|dot", "which of the three"},
          {"ech_names", OptionKind::kNames, "cloudflare-ech.com", 0, 0, "", "ech: public names"},
          {"doh_names", OptionKind::kNames,
           "dns.google+cloudflare-dns.com+one.one.one.one+dns.quad9.net+mozilla.cloudflare-dns.com+doh.opendns.com+" "d"
                                                                                                                     "n"
                                                                                                                     "s"
                                                                                                                     "."
                                                                                                                     "a"
                                                                                                                     "d"
                                                                                                                     "g"
                                                                                                                     "u"
                                                                                                                     "a"
                                                                                                                     "r"
                                                                                                                     "d"
                                                                                                                     "-"
                                                                                                                     "d"
                                                                                                                     "n"
                                                                                                                     "s"
                                                                                                                     "."
                                                                                                                     "c"
                                                                                                                     "o"
                                                                                                                     "m"
                                                                                                                     "+"
                                                                                                                     "d"
                                                                                                                     "n"
                                                                                                                     "s"
                                                                                                                     "."
                                                                                                                     "n"
                                                                                                                     "e"
                                                                                                                     "x"
                                                                                                                     "t"
                                                                                                                     "d"
                                                                                                                     "n"
                                                                                                                     "s"
                                                                                                                     "."
                                                                                                                     "i"
                                                                                                                     "o",
           0, 0, "", "doh: resolvers"},
          {"doh_action", OptionKind::kChoice, "drop", 0, 0, "drop|rst", "doh: silence, or resets to both"},
          {"residual", OptionKind::kNumber, "420", 0, kSecondsMax, "", "seconds that the flow stays blocked"},
      },
      false,
      make_mode<EchDoh>};
}

}  // namespace godwit::lab
