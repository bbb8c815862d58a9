#include "lab/censor/features.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lab/censor/recognise.h"

namespace godwit::lab {
namespace {

constexpr size_t kBursts = 4;

double milliseconds_of(Time span) { return std::chrono::duration<double, std::milli>(span).count(); }

/// Times differ by orders of magnitude.
double squeezed(Time span) { return std::log10(1 + milliseconds_of(span)); }

ClientServer key_of(const Flow& flow) { return {flow.key.client.address, flow.key.server}; }

}  // namespace

std::vector<std::string> feature_names(size_t stage) {
  std::vector<std::string> names;
  for (size_t i = 1; i <= stage; ++i) names.push_back("size_" + std::to_string(i));
  for (size_t i = 2; i <= stage; ++i) names.push_back("gap_" + std::to_string(i));
  for (size_t i = 1; i <= kBursts; ++i) names.push_back("burst_" + std::to_string(i));
  for (const char* name : {"bytes_up", "bytes_down", "packets_up", "largest_up", "largest_down", "duration", "tls",
                           "quic", "calls", "since_last_call", "calls_even", "call_bytes"}) {
    names.emplace_back(name);
  }
  return names;
}

FeatureVector FeatureCollector::describe(const Flow& flow, const State& state, size_t stage, Time now) const {
  FeatureVector out{stage, {}};
  std::array<double, kBursts> bursts{};
  double up = 0, down = 0, packets_up = 0, largest_up = 0, largest_down = 0;
  size_t burst = 0;
  for (size_t i = 0; i < stage; ++i) {
    const double size = state.packets[i].size;
    out.values.push_back(size);
    if (i > 0 && (size > 0) != (state.packets[i - 1].size > 0)) ++burst;
    if (burst < kBursts) bursts[burst] += size;
    (size > 0 ? up : down) += std::abs(size);
    (size > 0 ? largest_up : largest_down) = std::max(size > 0 ? largest_up : largest_down, std::abs(size));
    if (size > 0) packets_up += 1;
  }
  for (size_t i = 1; i < stage; ++i) out.values.push_back(squeezed(state.packets[i].at - state.packets[i - 1].at));
  out.values.insert(out.values.end(), bursts.begin(), bursts.end());

  double calls = 0, since = squeezed(kWindow), spread = 0, bytes = 0;
  const auto found = histories_.find(key_of(flow));
  if (found != histories_.end()) {
    Time last{};
    double sum = 0, squares = 0;
    for (const Call& call : found->second.calls) {
      if (call.at + kWindow < now || call.at >= flow.started) continue;
      if (calls > 0) {
        const double gap = squeezed(call.at - last);
        sum += gap;
        squares += gap * gap;
      }
      last = call.at;
      bytes += call.bytes;
      calls += 1;
    }
    if (calls > 0) since = squeezed(flow.started - last);
    if (calls > 2) spread = std::sqrt(std::max(0.0, squares / (calls - 1) - (sum / (calls - 1)) * (sum / (calls - 1))));
  }
  const Protocol protocol = protocol_of(flow.first_payload, flow.tcp());
  for (const double value : {up, down, packets_up, largest_up, largest_down, squeezed(now - flow.started),
                             protocol == Protocol::kTls ? 1.0 : 0.0, protocol == Protocol::kQuic ? 1.0 : 0.0, calls,
                             since, spread, std::log10(1 + bytes)}) {
    out.values.push_back(value);
  }
  return out;
}

std::optional<FeatureVector> FeatureCollector::on_packet(const Flow& flow, const Packet& packet, Direction direction,
                                                         bool repeated, Time now) {
  if (!packet.has_ports || packet.payload_size == 0 || repeated) return std::nullopt;
  State& state = states_[flow];
  if (!state.counted) {
    state.counted = true;
    std::deque<Call>& calls = histories_[key_of(flow)].calls;
    calls.push_back({flow.started, 0});
    if (calls.size() > kCallsMax) calls.pop_front();
  }
  if (state.packets.size() >= kStages.back()) return std::nullopt;
  const auto size = static_cast<double>(packet.payload_size);
  state.packets.push_back({now, direction == kUp ? size : -size});
  if (std::find(kStages.begin(), kStages.end(), state.packets.size()) == kStages.end()) return std::nullopt;
  state.stages.push_back(describe(flow, state, state.packets.size(), now));
  return state.stages.back();
}

std::vector<FeatureVector> FeatureCollector::on_end(const Flow& flow) {
  std::vector<FeatureVector> out;
  if (State* state = states_.find(flow)) out = std::move(state->stages);
  states_.erase(flow);
  const auto found = histories_.find(key_of(flow));
  if (found == histories_.end()) return out;
  for (Call& call : found->second.calls) {
    if (call.at == flow.started) call.bytes = static_cast<double>(flow.data_bytes[kUp] + flow.data_bytes[kDown]);
  }
  return out;
}

void FeatureCollector::sweep(Time now) {
  for (auto& [key, history] : histories_) {
    while (!history.calls.empty() && history.calls.front().at + kWindow < now) history.calls.pop_front();
  }
  std::erase_if(histories_, [](const auto& entry) { return entry.second.calls.empty(); });
}

std::string feature_line(const Flow& flow, const std::vector<FeatureVector>& stages) {
  nlohmann::ordered_json line{{"label", ""},
                              {"client", flow.key.client.text()},
                              {"server", flow.key.server.text()},
                              {"protocol", flow.tcp() ? "tcp" : "udp"},
                              {"started", std::chrono::duration<double>(flow.started).count()},
                              {"bytes", flow.data_bytes[kUp] + flow.data_bytes[kDown]},
                              {"stages", nlohmann::ordered_json::object()}};
  for (const FeatureVector& vector : stages) {
    nlohmann::ordered_json& stage = line["stages"][std::to_string(vector.stage)];
    const std::vector<std::string> names = feature_names(vector.stage);
    for (size_t i = 0; i < names.size(); ++i) stage[names[i]] = vector.values[i];
  }
  return line.dump();
}

}  // namespace godwit::lab
