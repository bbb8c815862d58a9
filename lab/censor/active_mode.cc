#include "lab/censor/active_mode.h"

#include "lab/censor/mode_table.h"

namespace godwit::lab {

const std::vector<OptionInfo>& common_options() {
  static const std::vector<OptionInfo> options = {
      {"dst", OptionKind::kBlocks, "0.0.0.0/0+::/0", 0, 0, "", "the far ends it looks at; the default is all"},
      {"except", OptionKind::kBlocks, "", 0, 0, "", "far ends that it spares"},
      {"inside", OptionKind::kBlocks, "0.0.0.0/0+::/0", 0, 0, "",
       "the near ends that it looks at, such as one operator's; all"},
      {"ports", OptionKind::kPorts, "0-65535", 0, 0, "", "ports of the server that it looks at"},
      {"direction", OptionKind::kChoice, "both", 0, 0, "out|in|both", "who opens the flow: inside, outside or either"},
      {"reassemble", OptionKind::kSwitch, "on", 0, 0, "",
       "TCP segments and QUIC packets are put together to find a hello"},
      {"fail_open", OptionKind::kNumber, "0", 0, 1, "", "share of flows that an overloaded box lets through"},
      {"isp", OptionKind::kNumber, "1", 0, 1, "", "share of the addresses inside whose operator has this mode"},
      {"running", OptionKind::kSwitch, "on", 0, 0, "", "flows that began before are judged by their first bytes, too"},
      {"start", OptionKind::kNumber, "0", 0, kSecondsMax, "", "seconds after switching on until it works"},
      {"stop", OptionKind::kNumber, "0", 0, kSecondsMax, "", "seconds after switching on until it ends; 0: never"},
  };
  return options;
}

ActiveMode::ActiveMode(const ModeInfo& info, const Options& options, uint64_t seed, Time now, uint64_t first_flow)
    : inside_too_(info.inside_too),
      destinations_(options.blocks("dst")),
      any_destination_(options.is("dst", "0.0.0.0/0+::/0")),
      except_(options.blocks("except")),
      inside_(options.blocks("inside")),
      ports_(options.ports("ports")),
      out_(!options.is("direction", "in")),
      in_(!options.is("direction", "out")),
      reassemble_(options.on("reassemble")),
      running_(options.on("running")),
      fail_open_(options.number("fail_open")),
      isp_(options.number("isp")),
      start_(now + options.seconds("start")),
      stop_(options.number("stop") > 0 ? now + options.seconds("stop") : Time::max()),
      salt_(mix(seed ^ hash_text(info.name))),
      first_flow_(first_flow),
      dice_(salt_) {}

std::unique_ptr<ActiveMode> ActiveMode::create(const std::string& spec, uint64_t seed, Time now, uint64_t first_flow,
                                               std::string& wrong) {
  const size_t colon = spec.find(':');
  const std::string name = spec.substr(0, colon);
  const ModeInfo* info = find_mode(name);
  if (info == nullptr) {
    wrong = "mode " + name + ": there is no such mode; --list shows them all";
    return nullptr;
  }
  std::vector<OptionInfo> table = info->options;
  table.insert(table.end(), common_options().begin(), common_options().end());
  Options options;
  wrong = options.read(table, colon == std::string::npos ? "" : std::string_view(spec).substr(colon + 1));
  std::unique_ptr<ActiveMode> active;
  if (wrong.empty()) {
    active.reset(new ActiveMode(*info, options, seed, now, first_flow));
    active->mode_ = info->make(options, wrong);
    active->spec_ = spec;
    active->label_ = name;
  }
  if (!wrong.empty()) {
    wrong = "mode " + name + ": " + wrong;
    return nullptr;
  }
  return active;
}

bool ActiveMode::in_scope(const Flow& flow) const {
  if (!flow.crossing && !inside_too_) return false;
  if (flow.crossing && !(flow.client_inside ? out_ : in_)) return false;
  if (!any_destination_ && !destinations_.contains(flow.remote().address)) return false;
  if (except_.contains(flow.remote().address) || !inside_.contains(flow.local().address)) return false;
  if (!ports_.contains(flow.key.server.port)) return false;
  if (isp_ < 1 && !share(mix(salt_ ^ flow.local().address.hash()), isp_)) return false;
  return fail_open_ <= 0 || !share(mix(mix(salt_) ^ flow.id), fail_open_);
}

Verdict ActiveMode::on_packet(const Flow& flow, const Packet& packet, Direction direction, const Sighting& sighting,
                              Time now) {
  if (!working(now) || !in_scope(flow)) return Verdict::passed();
  View view{flow, packet, direction, now, dice_, sighting.repeated, sighting.first_client_data, nullptr};
  if (reassemble_ ? sighting.hello : sighting.hello_alone) view.hello = &flow.hello;
  const bool older = running_ && (flow.id < first_flow_ || flow.started < start_);
  if (older && introduced_.insert(flow.id).second) {
    if (!flow.first_payload.empty()) view.first_client_data = true;
    if (flow.has_hello) view.hello = &flow.hello;
  }
  return mode_->on_packet(view);
}

void ActiveMode::on_time(Time now) {
  if (working(now)) mode_->on_time(now, dice_);
}

void ActiveMode::on_end(const Flow& flow) {
  introduced_.erase(flow.id);
  mode_->on_end(flow);
}

}  // namespace godwit::lab
