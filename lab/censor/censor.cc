#include "lab/censor/censor.h"

#include <algorithm>
#include <iterator>

namespace godwit::lab {
namespace {

constexpr Time kQueueMax = std::chrono::milliseconds(100);  // of a line with a rate; a usual home router's
constexpr Time kSweepEvery = std::chrono::seconds(5);
constexpr Time kTickEvery = std::chrono::milliseconds(100);

}  // namespace

Censor::Censor(const Settings& settings, std::vector<Host> hosts)
    : settings_(settings),
      hosts_(std::move(hosts)),
      line_free_(hosts_.size()),
      loss_dice_(mix(settings.seed ^ hash_text("loss"))) {}

std::string Censor::set_modes(const std::vector<std::string>& specs, Time now) {
  std::vector<std::unique_ptr<ActiveMode>> fresh;
  std::map<std::string, int> seen;
  for (const std::string& spec : specs) {
    std::string wrong;
    auto mode = ActiveMode::create(spec, mix(settings_.seed) + fresh.size(), now, flows_.next_id(), wrong);
    if (!mode) return wrong;
    const int number = ++seen[mode->label()];
    if (number > 1) mode->set_label(mode->label() + "#" + std::to_string(number));
    fresh.push_back(std::move(mode));
  }
  modes_ = std::move(fresh);
  return "";
}

std::vector<std::string> Censor::mode_specs() const {
  std::vector<std::string> out;
  for (const auto& mode : modes_) out.push_back(mode->spec());
  return out;
}

size_t Censor::route(const Address& destination) const {
  size_t best = kNobody;
  int bits = -1;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    for (const Cidr& block : hosts_[i].addresses.blocks) {
      if (block.bits > bits && block.contains(destination)) {
        best = i;
        bits = block.bits;
      }
    }
  }
  return best;
}

void Censor::on_packet(size_t from, Bytes bytes, Time now) {
  hosts_[from].packets_out += 1;
  hosts_[from].bytes_out += bytes.size();
  Packet packet;
  if (!parse_packet(std::move(bytes), packet)) return;
  const size_t to = route(packet.destination);
  if (to == kNobody || to == from) return;
  const bool source_inside = hosts_[from].inside;
  const bool crossing = source_inside != hosts_[to].inside;
  if (!crossing && !source_inside) {  // abroad, beyond any box
    carry(from, to, std::move(packet.bytes), now, false);
    return;
  }

  // The box stands near the people: what comes from abroad has its way, and its losses, behind it.
  const Time at_box = crossing && !source_inside ? now + settings_.rtt / 2 : now;
  const bool lost = crossing && loss_dice_.chance(settings_.loss);
  if (lost) ++lost_;
  if (lost && !source_inside) return;

  Direction direction = kUp;
  Sighting sighting;
  const Flow& flow = flows_.note(packet, crossing, source_inside, now, direction, sighting);
  if (crossing && on_crossing) on_crossing(flow, packet, direction, sighting, now);
  std::vector<Injection> injections;
  bool pass = !lost;
  for (const auto& mode : modes_) {
    Verdict verdict = mode->on_packet(flow, packet, direction, sighting, now);
    std::move(verdict.injections.begin(), verdict.injections.end(), std::back_inserter(injections));
    if (verdict.pass) continue;
    pass = false;
    break;
  }
  if (pass) carry(from, to, std::move(packet.bytes), now, crossing);
  inject(std::move(injections), at_box);  // after the packet itself, whose sequence number a reset may follow
}

void Censor::carry(size_t from, size_t to, Bytes bytes, Time at, bool crossing) {
  Time due = at + (crossing ? settings_.rtt : settings_.inside_rtt) / 2;
  if (crossing && settings_.rate_mbit > 0) {
    const bool outwards = hosts_[from].inside;
    Time& line_free = line_free_[outwards ? from : to][outwards ? 0 : 1];
    line_free = std::max(line_free, at);
    if (line_free - at > kQueueMax) {
      ++lost_;
      return;
    }
    line_free += from_seconds(static_cast<double>(bytes.size()) * 8 / (settings_.rate_mbit * 1e6));
    due += line_free - at;
  }
  if (!schedule_.add({due, to, std::move(bytes)})) ++lost_;
}

void Censor::inject(std::vector<Injection> injections, Time at_box) {
  for (Injection& injection : injections) {
    if (on_injection) on_injection(injection.packet);
    Packet packet;
    if (!parse_packet(injection.packet, packet)) continue;
    const size_t to = route(packet.destination);
    if (to == kNobody) continue;
    const Time way = hosts_[to].inside ? Time{} : settings_.rtt / 2;
    if (!schedule_.add({at_box + injection.after + way, to, std::move(injection.packet)})) ++lost_;
  }
}

void Censor::report_ended() {
  for (const std::unique_ptr<Flow>& flow : flows_.take_ended()) {
    for (const auto& mode : modes_) mode->on_end(*flow);
    if (flow->crossing && on_flow_end) on_flow_end(*flow);
  }
}

void Censor::on_time(Time now) {
  if (now - swept_ >= kSweepEvery) {
    swept_ = now;
    flows_.sweep(now);
  }
  report_ended();
  if (now - ticked_ < kTickEvery) return;
  ticked_ = now;
  for (const auto& mode : modes_) mode->on_time(now);
}

void Censor::end_flows() {
  flows_.end_all();
  report_ended();
}

bool Censor::take_departure(Time now, Departure& out) {
  if (!schedule_.take(now, out)) return false;
  hosts_[out.host].packets_in += 1;
  hosts_[out.host].bytes_in += out.bytes.size();
  return true;
}

void Censor::on_verdict(const Endpoint& server, bool proxy, Time now) {
  for (const auto& mode : modes_) mode->mode().on_verdict(server, proxy, now);
}

std::vector<Suspect> Censor::take_suspects() {
  std::vector<Suspect> out;
  for (const auto& mode : modes_) {
    for (Suspect& suspect : mode->mode().take_suspects()) out.push_back(std::move(suspect));
  }
  return out;
}

}  // namespace godwit::lab
