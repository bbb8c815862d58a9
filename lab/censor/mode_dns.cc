// Mode 1: forged answers to DNS queries; and mode 0, which does nothing.

#include "lab/censor/dns.h"
#include "lab/censor/modes.h"

namespace godwit::lab {
namespace {

class ControlMode final : public Mode {
 public:
  explicit ControlMode(const Options&) {}
  Verdict on_packet(const View&) override { return Verdict::passed(); }
};

class DnsMode final : public Mode {
 public:
  DnsMode(const Options& options, const Address& address)
      : names_(options.names("names")),
        forge_address_(options.is("answer", "address")),
        tcp_too_(options.on("tcp")),
        crossing_only_(options.is("where", "crossing")),
        after_(from_seconds(options.number("after_ms") / 1000)),
        address_(address) {}

  Verdict on_packet(const View& view) override {
    if (view.flow.key.server.port != 53 || (crossing_only_ && !view.flow.crossing)) return Verdict::passed();
    if (view.packet.udp() && view.direction == kUp) return on_datagram(view);
    if (view.packet.tcp() && tcp_too_) return on_segment(view);
    return Verdict::passed();
  }

  void on_end(const Flow& flow) override { hijacked_.erase(flow); }

 private:
  bool wanted(ByteView message, DnsQuery& query) const {
    return parse_dns_query(message, query) && name_in(names_, query.name);
  }

  Bytes answer(ByteView message, const DnsQuery& query) const {
    return forge_address_ ? dns_answer(message, query, address_) : dns_nxdomain(message, query);
  }

  Verdict on_datagram(const View& view) {
    DnsQuery query;
    if (!wanted(view.packet.payload(), query)) return Verdict::passed();
    Verdict verdict = drop("queries_answered");
    verdict.injections.push_back(
        {build_udp(view.packet.to(), view.packet.from(), answer(view.packet.payload(), query)), after_});
    return verdict;
  }

  /// The query must stand alone at the start of the client's stream, as every resolver sends its first.
  Verdict on_segment(const View& view) {
    bool& hijacked = hijacked_[view.flow];
    if (hijacked) return drop("packets_dropped");
    const ByteView stream = view.flow.head[kUp].bytes();
    if (view.direction != kUp || view.packet.payload_size == 0 || stream.size() < 2) return Verdict::passed();
    const size_t length = static_cast<size_t>(stream[0] << 8 | stream[1]);
    DnsQuery query;
    if (stream.size() != length + 2 || !wanted(stream.subspan(2), query)) return Verdict::passed();
    hijacked = true;
    Verdict verdict = drop("queries_answered");
    const Bytes reply = answer(stream.subspan(2), query);
    Bytes framed{static_cast<uint8_t>(reply.size() >> 8), static_cast<uint8_t>(reply.size())};
    append(framed, reply);
    TcpSegment segment{view.packet.to(), view.packet.from()};
    segment.sequence = view.packet.acknowledgement;
    segment.acknowledgement = view.packet.sequence + view.packet.sequence_length();
    segment.flags = kPsh | kAck;
    verdict.injections.push_back({build_tcp(segment, framed), after_});
    verdict.injections.push_back({reset_to_receiver(view.packet, false), Time{}});
    return verdict;
  }

  std::vector<std::string> names_;
  bool forge_address_;
  bool tcp_too_;
  bool crossing_only_;
  Time after_;
  Address address_;
  PerFlow<bool> hijacked_;
};

std::unique_ptr<Mode> make_dns(const Options& options, std::string& wrong) {
  Address address;
  if (!parse_address(options.text("address"), address) || address.v6) {
    wrong = "option address: '" + options.text("address") + "' is not an IPv4 address";
    return nullptr;
  }
  return std::make_unique<DnsMode>(options, address);
}

}  // namespace

ModeInfo control_mode() {
  return {0,
          "control",
          "Nothing is blocked: only the base network's delay and loss.",
          "all",
          {},
          false,
          make_mode<ControlMode>};
}

ModeInfo dns_mode() {
  return {1,
          "dns",
          "Queries over UDP port 53 for listed names are not forwarded; a forged answer comes instead, from whatever "
          "address was asked.",
          "DNS over TCP (unless tcp=on), DoH, signed address lists, plain addresses",
          {
              {"names", OptionKind::kNames, kBlockedNames, 0, 0, "", "names, each with all below it; * for every name"},
              {"answer", OptionKind::kChoice, "nxdomain", 0, 0, "nxdomain|address", "no such name, or a forged address"},
              {"address", OptionKind::kText, "10.10.34.34", 0, 0, "", "the forged IPv4 address"},
              {"after_ms", OptionKind::kNumber, "3", 0, 1000, "", "milliseconds until the forged answer"},
              {"tcp", OptionKind::kSwitch, "off", 0, 0, "", "hijack TCP port 53 as well"},
              {"where", OptionKind::kChoice, "all", 0, 0, "all|crossing", "also queries to resolvers inside, or only abroad"},
          },
          true,
          make_dns};
}

}  // namespace godwit::lab
