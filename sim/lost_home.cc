// The home where a group's log is goes for good, and with it whoever lives there. The others move the log and go on; whoever had gone on
// at the old one, where nobody followed, comes back.

#include "engine/errors.h"
#include "engine/record_key.h"
#include "sim/group_world.h"

namespace godwit::sim {
namespace {

constexpr int kTriesMax = 30;

std::string short_id(const wire::LogId& log) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const uint8_t first = log.value.front();
  return {kDigits[first >> 4], kDigits[first & 15]};
}

}  // namespace

/// Where the log is for this device, as it has just stored it.
void GroupWorld::see_log(size_t device, const std::vector<store::Change>& changes) {
  if (!loses_home_) return;
  const Bytes of_chat = engine::record_key(engine::RecordKind::kChat, group_.view());
  for (const auto& [key, value] : changes) {
    if (key != of_chat || !value) continue;
    const auto plain = engine::open_record(devices_[device]->storage_key(), key, *value);
    const auto record =
        plain ? codec::decoded<engine::ChatRecord>(plain->reveal()) : Result<engine::ChatRecord>(plain.error());
    if (!record) return static_cast<void>(fail("a record of the group does not open"));
    View& view = views_[device];
    if (record->astray && !view.astray) {
      ++counted_.astray;
      log(devices_[device]->name() + " is astray");
    }
    if (view.log != record->log.log) log(devices_[device]->name() + " is at log " + short_id(record->log.log));
    if (view.astray && !record->astray) log(devices_[device]->name() + " is astray no more");
    view.log = record->log.log;
    view.astray = record->astray;
    if (record->moves.empty()) continue;
    if (const auto move = codec::decoded<engine::LogMove>(record->moves.back())) see_move(device, *move);
  }
}

/// A device has followed this one.
void GroupWorld::see_move(size_t device, const engine::LogMove& move) {
  // Whoever has followed one who may not move it is called back, from whatever epoch, to where the others are.
  const auto back = move_ && move.from == move_->log ? given_up_.find(move.log) : given_up_.end();
  const bool holds = !move_ || back != given_up_.end() || engine::is_better(move, *move_);
  if (!moves_seen_.emplace(move.from, move.log).second || !holds) return;
  log(devices_[device]->name() + " knows that log " + short_id(move.from) + " goes on as " + short_id(move.log) +
      " from epoch " + std::to_string(move.epoch));
  ++counted_.logs_moved;
  const wire::LogId before = move_ ? move_->log : move.from;
  // What was seen after that was seen by those who have gone on where nobody follows.
  if (back != given_up_.end()) {
    last_common_ = std::min(began_.at(move.log), last_common_);
    given_up_[before] = chronicle_.go_back(back->second, last_common_);
  } else {
    given_up_[before] = chronicle_.part_at(move.epoch, move_ ? std::optional(last_common_) : std::nullopt);
    began_.try_emplace(before, move.epoch);
    began_[move.log] = last_common_ = move.epoch;
  }
  move_ = move;
}

/// Whether what this device sees is what all see in the end.
bool GroupWorld::is_on_branch(size_t device) const {
  const View& view = views_[device];
  return !loses_home_ || !move_ || (view.log == move_->log && !view.astray) ||
         (view.log == move_->from && view.epoch <= last_common_);
}

/// True for who was taken out before the log was lost, and had not read it: nobody tells him.
bool GroupWorld::is_unaware(size_t device) const {
  const View& view = views_[device];
  const EpochSeen* then = move_ ? chronicle_.epoch(last_common_) : nullptr;
  return loses_home_ && then != nullptr && view.member && view.epoch <= last_common_ &&
         !then->roles.contains(people_[view.person].account);
}

/// Somebody besides those who will be lost is an owner, and stays it.
void GroupWorld::make_keeper() {
  for (int i = 0; i < kTriesMax && !failed() && !keeper_; ++i) {
    const auto founder = people_.front().devices.front();
    const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
    for (size_t person = 1; now != nullptr && person < people_.size(); ++person) {
      const auto role = now->roles.find(people_[person].account);
      if (lost_people_.contains(person) || role == now->roles.end() || views_[people_[person].devices.front()].leaves)
        continue;
      if (role->second == engine::Role::kOwner) {
        keeper_ = person;
        return;
      }
    }
    for (size_t person = 1; now != nullptr && person < people_.size(); ++person) {
      if (lost_people_.contains(person) || !now->roles.contains(people_[person].account) ||
          views_[people_[person].devices.front()].leaves)
        continue;
      const auto owner = somebody(engine::Role::kOwner);
      give(owner.value_or(founder), engine::SetRole{group_, people_[person].account, engine::Role::kOwner},
           "makes an owner");
      break;
    }
    pass(seconds(20));
  }
  if (!keeper_ && !failed()) fail("nobody else becomes an owner");
}

/// True if he is still one.
bool GroupWorld::keeps_owning() const {
  const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
  if (now == nullptr || !keeper_) return false;
  const auto role = now->roles.find(people_[*keeper_].account);
  return role != now->roles.end() && role->second == engine::Role::kOwner;
}

void GroupWorld::lose_log() {
  network_.set_weather(Weather{});
  for (auto& device : devices_) network_.cut_off(*device, CutOff::kNot);
  make_keeper();
  if (failed()) return;
  // Nobody asks at the doors of those who go any more, and who has asked is let in.
  links_.clear();
  aliases_.clear();
  give(people_[*keeper_].devices.front(), engine::MakeGroupLink{group_, false, 0, 0}, "makes a link");
  pass(minutes(5));
  // What somebody had asked for before may have taken it from him meanwhile.
  for (int i = 0; i < kTriesMax && !failed() && !keeps_owning(); ++i) {
    keeper_.reset();
    make_keeper();
    pass(minutes(5));
  }
  if (failed()) return;
  for (const size_t person : lost_people_) {
    for (const size_t device : people_[person].devices) lose_device(device);
  }
  // What they did in the last moment others know.
  pass(minutes(2));
  change_weather();
  for (uint64_t i = random_.below(6); i > 0; --i) {
    random_.below(3) == 0 ? say() : random_.below(2) == 0 ? change_group() : move_somebody();
    pass(milliseconds(static_cast<int64_t>(random_.below(400))));
  }
  nobody_goes_ = true;
  lose_home(homes_.size() - 1);
  ++counted_.logs_lost;
  for (uint64_t i = random_.below(3); i > 0; --i) {
    if (const auto admin = somebody(engine::Role::kAdmin))
      give(*admin, engine::MoveLog{group_, std::nullopt}, "moves the log");
  }
}

/// Whoever was to move it may have died of it.
void GroupWorld::move_surely() {
  for (int i = 0; i < kTriesMax && !failed() && !move_; ++i) {
    network_.set_weather(Weather{});
    if (const auto admin = somebody(engine::Role::kAdmin))
      give(*admin, engine::MoveLog{group_, std::nullopt}, "moves the log");
    pass(minutes(5));
  }
  if (!move_ && !failed()) fail("nobody can move the log");
  change_weather();
}

/// All who are in come to the new log, and go on from there.
void GroupWorld::come_together() {
  const auto together = [this] {
    if (!all_alive()) return false;
    for (size_t i = 0; i < devices_.size(); ++i) {
      if (is_lost(i) || !views_[i].member || is_unaware(i)) continue;
      if (!views_[i].heard || !is_on_branch(i) || views_[i].log != move_->log || views_[i].epoch != chronicle_.newest())
        return false;
    }
    return true;
  };
  network_.set_weather(Weather{});
  for (auto& device : devices_) network_.cut_off(*device, CutOff::kNot);
  if (!run_until(together, hours(3)) && !failed()) {
    std::string who;
    for (size_t i = 0; i < devices_.size(); ++i) {
      if (is_lost(i) || !views_[i].member || is_unaware(i)) continue;
      if (views_[i].log == move_->log && views_[i].epoch == chronicle_.newest()) continue;
      who += " " + devices_[i]->name() + " at " + std::to_string(views_[i].epoch) + (views_[i].astray ? " astray" : "");
    }
    fail("they do not come together in epoch " + std::to_string(chronicle_.newest()) + ":" + who);
  }
  log("all have come to the new log");
  nobody_goes_ = false;
  change_weather();
}

/// Nothing can be said any more to those who are lost: they are taken out of the group.
void GroupWorld::bury_lost() {
  faults_ = false;
  network_.set_weather(Weather{});
  for (auto& device : devices_) network_.cut_off(*device, CutOff::kNot);
  for (int i = 0; i < kTriesMax && !failed(); ++i) {
    const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
    bool left = false;
    for (const size_t person : lost_people_) {
      if (now == nullptr || !now->roles.contains(people_[person].account)) continue;
      left = true;
      give(people_[*keeper_].devices.front(), engine::RemoveMember{group_, people_[person].account},
           "removes the lost");
    }
    if (!left) return;
    pass(minutes(10));
  }
  if (!failed()) fail("those who are lost are never removed");
}

}  // namespace godwit::sim
