#include "sim/group_world.h"

#include <algorithm>

#include "engine/errors.h"
#include "engine/record_key.h"
#include "wire/errors.h"

namespace godwit::sim {
namespace {

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

}  // namespace

GroupWorld::GroupWorld(uint64_t seed, size_t people, bool loses_home) : Stage(seed), loses_home_(loses_home) {
  for (size_t i = 0; i < people; ++i) {
    people_.push_back({"P" + std::to_string(i), {}, {}, {}});
    new_device(i, people_[i].name);
  }
}

GroupWorld::~GroupWorld() = default;

/// Its disk and its notices are looked at from the first moment.
size_t GroupWorld::new_device(size_t person, const std::string& name) {
  const size_t number = devices_.size();
  ClientParty& device = add_device(name);
  people_[person].devices.push_back(number);
  views_.emplace_back().person = person;
  device.on_notice([this, number](const engine::Notice& notice) { on_notice(number, notice); });
  device.on_stored([this, number](const std::vector<store::Change>& changes) {
    if (group_ == engine::ChatId{}) return;
    View& view = views_[number];
    see_log(number, changes);
    const bool off = !is_on_branch(number);
    chronicle_.see_stored({number, people_[view.person].account, off ? std::min(view.epoch, last_common_) : view.epoch,
                           &devices_[number]->storage_key(), off},
                          changes);
    const Bytes of_chat = engine::record_key(engine::RecordKind::kChat, group_.view());
    const Bytes of_epoch = engine::record_key(engine::RecordKind::kPastEpoch, group_.view());
    for (const auto& [key, value] : changes) {
      view.changed = view.changed || starts_with(key, of_chat) || starts_with(key, of_epoch);
    }
  });
  return number;
}

void GroupWorld::on_notice(size_t device, const engine::Notice& notice) {
  View& view = views_[device];
  if (std::holds_alternative<engine::DeviceAsks>(notice)) {
    view.asks_to_link = true;
    confirm_linking(device);
  }
  if (const auto* refused = std::get_if<engine::JoinRefused>(&notice)) {
    log(devices_[device]->name() + " is not let in: " + refused->error.code.name);
  }
  if (const auto* trouble = std::get_if<engine::Trouble>(&notice)) {
    // That a device comes back into a group is no trouble where a log was lost.
    if (loses_home_ && trouble->error.code == engine::kReturning) return;
    const bool out = trouble->error.code == engine::kDeviceRemoved || trouble->error.code == wire::kNoSuchMailbox;
    if ((view.may_go || view.fresh) && out) return log(devices_[device]->name() + " is told that it is out");
    // The device that handed it over was thrown out before it had.
    if (trouble->error.code == engine::kHistoryGap && people_[view.person].removes) return;
    // Who has asked to leave and has become the last owner meanwhile stays, and is told.
    if (view.leaves && trouble->error.code == engine::kLastOwner) return;
    fail(devices_[device]->name() + " is told of trouble: " + trouble->error.code.name + " (" + trouble->error.rule +
         ")");
  }
  const auto* received = std::get_if<engine::MessageReceived>(&notice);
  if (received == nullptr || received->chat != group_) return;
  if (!view.shown.insert(received->message.id).second) {
    fail(devices_[device]->name() + " is shown twice: " + name_of(received->message.id));
  }
}

void GroupWorld::moved(size_t device) {
  View& view = views_[device];
  if (!devices_[device]->alive()) {
    view.heard = false;
    view.changed = true;
    return;
  }
  if (view.changed && group_ != engine::ChatId{}) hear(device);
  chronicle_.moved_on(device);
}

/// Asks what the group is now, before anything else reaches this program.
void GroupWorld::hear(size_t device) {
  views_[device].changed = false;
  ClientParty& party = *devices_[device];
  party.command(engine::ListChats{}, [this, device](const Result<engine::Answer>& answer) {
    if (answer) heard_chats(device, std::get<engine::Chats>(*answer).chats);
  });
  party.command(engine::ListMembers{group_}, [this, device](const Result<engine::Answer>& answer) {
    if (answer && views_[device].member) heard_members(device, std::get<engine::Members>(*answer));
  });
  party.pump();
}

void GroupWorld::heard_chats(size_t device, const std::vector<engine::ChatInfo>& chats) {
  View& view = views_[device];
  const bool was_in = view.member;
  view.heard = true;
  view.member = false;
  for (const engine::ChatInfo& chat : chats) {
    if (chat.chat != group_ || !chat.member) continue;
    view.member = true;
    view.epoch = chat.epoch;
  }
  if (view.member && !was_in) {
    // Of what is said to an account between the commit that lets a further device of it in and its welcome, that device keeps only the
    // newest 64 items (chat.md, "What is known to be weak"): it owes nothing before it is in.
    const bool further = std::ranges::any_of(people_[view.person].devices,
                                             [&](size_t other) { return other != device && views_[other].member; });
    view.since = further ? std::max(view.epoch, chronicle_.newest() + 1) : view.epoch;
    log(devices_[device]->name() + " is in, at epoch " + std::to_string(view.epoch));
  }
  if (!view.member && was_in) {
    chronicle_.cut_short(device);
    log(devices_[device]->name() + " is out, after epoch " + std::to_string(view.epoch));
  }
}

void GroupWorld::heard_members(size_t device, const engine::Members& members) {
  EpochSeen seen;
  for (const auto& member : members.members) seen.roles[member.account] = member.role;
  seen.announcement_only = members.announcement_only;
  seen.slow_mode = members.slow_mode_seconds > 0;
  const uint64_t epoch = views_[device].epoch;
  if (!is_on_branch(device)) return;
  if (epoch > chronicle_.newest()) count_changes(epoch, seen);
  if (!chronicle_.see_epoch(epoch, std::move(seen))) {
    fail(devices_[device]->name() + " sees another group in epoch " + std::to_string(epoch));
  }
}

/// A new epoch: who has come and gone since the last one that was seen.
void GroupWorld::count_changes(uint64_t epoch, const EpochSeen& seen) {
  const EpochSeen* before = chronicle_.epoch(chronicle_.newest());
  if (before == nullptr) return;
  std::string what = "epoch " + std::to_string(epoch) + ":";
  for (const auto& [account, role] : seen.roles) {
    const auto was = before->roles.find(account);
    if (was != before->roles.end() && was->second == role) continue;
    counted_.came += was == before->roles.end() ? 1U : 0U;
    what += " " + people_[by_account_.at(account)].name + (was == before->roles.end() ? " came" : "") + " as " +
            std::to_string(static_cast<int>(role));
  }
  for (const auto& [account, role] : before->roles) {
    if (seen.roles.contains(account)) continue;
    ++counted_.went;
    what += " " + people_[by_account_.at(account)].name + " went";
  }
  if (seen.announcement_only) what += " (only admins write)";
  if (seen.slow_mode) what += " (slow)";
  log(what);
}

GroupReport GroupWorld::run() {
  gather();
  if (!failed()) live();
  count_crashes();
  if (!failed()) settle();
  if (!failed()) sort_out_devices();
  if (!failed()) call_the_roll();
  if (!failed()) settle();
  if (!failed()) let_disappear();
  if (!failed()) check();
  if (!failed()) check_deeds();
  if (!failed()) check_thrown_out();
  return report();
}

/// Those of settle() prove nothing.
void GroupWorld::count_crashes() {
  for (const auto& home : homes_) {
    counted_.crashes_at_home += home->crashes();
    counted_.crashes_at_operation += home->crashes_at_operation();
  }
  for (const auto& device : devices_) {
    counted_.crashes_of_clients += device->crashes();
    counted_.crashes_at_operation += device->crashes_at_operation();
  }
}

GroupReport GroupWorld::report() {
  GroupReport out = counted_;
  out.failure = failure_;
  out.people = people_.size();
  out.devices = devices_.size();
  out.epochs = chronicle_.newest();
  out.epochs_unseen = chronicle_.unseen();
  for (const auto& device : devices_) {
    out.conflicts += device->counters().epoch_conflicts;
    out.resends += device->counters().resends;
  }
  for (const auto& [id, one] : chronicle_.said()) {
    ++(one.target ? out.deeds : out.messages);
    out.owed += chronicle_.must_be_seen(one) ? 1U : 0U;
  }
  out.virtual_time = clock_.now() - Clock().now();
  out.weather = network_.report();
  return out;
}

}  // namespace godwit::sim
