// Mode 14: addresses that nothing reaches, whole or port by port.

#include <algorithm>

#include "lab/censor/modes.h"

namespace godwit::lab {
namespace {

class IpMode final : public Mode {
 public:
  IpMode(const Options& options, std::vector<Endpoint> endpoints, CidrSet blocks)
      : endpoints_(std::move(endpoints)),
        blocks_(std::move(blocks)),
        reset_(options.is("variant", "rst")),
        port_by_port_(options.is("variant", "ports")),
        interval_(options.seconds("port_interval")) {}

  Verdict on_packet(const View& view) override {
    const Endpoint& remote = view.flow.remote();
    const bool by_port =
        view.packet.has_ports && std::find(endpoints_.begin(), endpoints_.end(), remote) != endpoints_.end();
    if (!by_port && !blocks_.contains(remote.address)) return Verdict::passed();
    if (!by_port && port_by_port_ && !port_dead(view, remote)) return Verdict::passed();
    Verdict verdict = drop("packets_dropped");
    if (reset_ && view.packet.tcp() && view.packet.has(kSyn) && !view.packet.has(kAck)) {
      count("syns_reset");
      verdict.injections.push_back({reset_to_sender(view.packet), std::chrono::milliseconds(3)});
    }
    return verdict;
  }

 private:
  /// The first port seen at an address dies at once, the second an interval later, and so on.
  bool port_dead(const View& view, const Endpoint& remote) {
    if (!view.packet.has_ports) return false;
    std::map<uint16_t, Time>& deaths = deaths_[remote.address];
    const auto known = deaths.find(remote.port);
    if (known != deaths.end()) return view.now >= known->second;
    Time death = view.now;
    for (const auto& [port, other] : deaths) death = std::max(death, other + interval_);
    deaths.emplace(remote.port, death);
    count("ports_listed");
    return view.now >= death;
  }

  std::vector<Endpoint> endpoints_;
  CidrSet blocks_;
  bool reset_;
  bool port_by_port_;
  Time interval_;
  std::map<Address, std::map<uint16_t, Time>> deaths_;
};

std::unique_ptr<Mode> make_ip(const Options& options, std::string& wrong) {
  std::vector<Endpoint> endpoints;
  CidrSet blocks;
  for (const std::string& item : options.names("block")) {
    Cidr block;
    Endpoint endpoint;
    if (parse_cidr(item, block)) {
      blocks.blocks.push_back(block);
    } else if (parse_endpoint(item, endpoint)) {
      endpoints.push_back(endpoint);
    } else {
      wrong = "option block: '" + item + "' is neither a CIDR block nor ADDRESS:PORT";
      return nullptr;
    }
  }
  return std::make_unique<IpMode>(options, std::move(endpoints), std::move(blocks));
}

}  // namespace

ModeInfo ip_mode() {
  return {
      14,
      "ip",
      "Nothing passes to or from listed addresses, ICMP included. A whole network (an AS) is the list of its blocks.",
      "fronting, Snowflake, unlisted relays, relays at people's homes",
      {
          {"block", OptionKind::kNames, "", 0, 0, "", "addresses, CIDR blocks or ADDRESS:PORT"},
          {"variant", OptionKind::kChoice, "drop", 0, 0, "drop|rst|ports",
           "silence; a reset for each SYN; or the address's ports die one after the other"},
          {"port_interval", OptionKind::kNumber, "60", 0, kSecondsMax, "", "ports: seconds between two deaths"},
      },
      false,
      make_ip};
}

}  // namespace godwit::lab
