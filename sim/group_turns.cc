// What people do in a group, and what goes wrong meanwhile: all of it by chance. Most of it is what the role of whoever does it
// allows, some is not; what is refused is refused.

#include <algorithm>

#include "sim/group_world.h"

namespace godwit::sim {
namespace {

constexpr size_t kTurns = 150;
constexpr size_t kRecent = 25;  // messages to which something is done

Weather foul_weather(Random& random) {
  Weather weather;
  weather.delay_max = milliseconds(static_cast<int64_t>(20 + random.below(600)));
  weather.lose = static_cast<uint32_t>(random.below(10'000));
  weather.twice = static_cast<uint32_t>(random.below(10'000));
  weather.disconnect = static_cast<uint32_t>(random.below(20'000));
  weather.silence = static_cast<uint32_t>(random.below(5'000));
  weather.replay = static_cast<uint32_t>(random.below(3'000));
  return weather;
}

}  // namespace

void GroupWorld::give(size_t device, engine::Command command, const char* what) {
  ClientParty& party = *devices_[device];
  if (!party.alive() || views_[device].may_go) return;
  log(party.name() + " " + what);
  party.command(std::move(command), [this, &party, what](const Result<engine::Answer>& answer) {
    if (!answer) log(party.name() + " " + what + ": " + answer.error().code.name);
    const auto* made = answer ? std::get_if<engine::GroupLinkMade>(&*answer) : nullptr;
    if (made == nullptr) return;
    links_.push_back(made->text);
    aliases_.push_back(made->link);
  });
}

/// A device that runs and is in, of somebody with such a role.
std::optional<size_t> GroupWorld::somebody(engine::Role at_least) {
  const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
  std::vector<size_t> fit;
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (!devices_[i]->alive() || !views_[i].heard || !views_[i].member || views_[i].may_go) continue;
    const auto role = now == nullptr ? std::map<engine::AccountId, engine::Role>::const_iterator{}
                                     : now->roles.find(people_[views_[i].person].account);
    if (now != nullptr && role != now->roles.end() && role->second >= at_least) fit.push_back(i);
  }
  if (fit.empty()) return std::nullopt;
  return fit[random_.below(fit.size())];
}

std::optional<size_t> GroupWorld::somebody_in() {
  return somebody(one_in(12) ? engine::Role::kReader : engine::Role::kMember);
}

std::optional<engine::MessageId> GroupWorld::some_message() {
  const auto& all = chronicle_.messages();
  if (all.empty()) return std::nullopt;
  return all[all.size() - 1 - random_.below(std::min(all.size(), kRecent))];
}

engine::AccountId GroupWorld::some_member() {
  const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
  if (now == nullptr || now->roles.empty()) return people_.front().account;
  auto at = now->roles.begin();
  std::advance(at, random_.below(now->roles.size()));
  return at->first;
}

void GroupWorld::live() {
  faults_ = true;
  downtime_max_ = minutes(2);
  change_weather();
  if (!loses_home_) return live_for(kTurns);
  live_for(kTurns / 3);
  if (!failed()) lose_log();
  if (!failed()) live_for(kTurns / 3);
  if (!failed()) move_surely();
  if (!failed()) come_together();
  if (!failed()) live_for(kTurns / 3);
  if (!failed()) bury_lost();
}

void GroupWorld::live_for(size_t turns) {
  for (size_t i = 0; i < turns && !failed(); ++i) {
    turn();
    const uint64_t pause = one_in(10) ? random_.below(120'000) : random_.below(4'000);
    pass(milliseconds(static_cast<int64_t>(pause)));
  }
}

void GroupWorld::turn() {
  const uint64_t what = random_.below(100);
  if (what < 30) return say();
  if (what < 62) return do_to_message();
  if (what < 75) return change_group();
  if (what < 88) return move_somebody();
  go_wrong();
}

void GroupWorld::say() {
  const auto who = somebody_in();
  if (!who) return;
  if (one_in(4)) return say_otherwise(*who);
  const std::string tag = devices_[*who]->name() + " says " + std::to_string(++said_);
  switch (random_.below(14)) {
    case 0:
      return give(*who, engine::SendPoll{group_, tag + "?", {"yes", "no", "perhaps"}, one_in(2), std::nullopt},
                  "asks all");
    case 1:
      return give(*who, engine::SendLocation{group_, 52'000'000, 13'000'000, 10, tag}, "is at a place");
    case 2:
      return give(*who, engine::SendContact{group_, tag, std::nullopt, "a friend"}, "recommends");
    case 3:
      // Seldom, since what disappears cannot be compared.
      if (!one_in(4)) break;
      return give(*who, engine::SetDisappearing{group_, one_in(2) ? 0U : 3600U}, "sets the timer");
    case 4:
    case 5:
    case 6:
      return give(*who, engine::SendMessage{group_, tag, some_message()}, "answers");
    case 7:
      return give(*who, engine::SendText{group_, tag + std::string(random_.below(8'000), 'x')}, "says much");
    default:
      break;
  }
  for (uint64_t i = one_in(4) ? 1 + random_.below(3) : 1; i > 0; --i) {
    give(*who, engine::SendText{group_, devices_[*who]->name() + " says " + std::to_string(++said_)}, "says something");
  }
}

void GroupWorld::do_to_message() {
  const auto message = some_message();
  if (!message) return;
  const Utterance& said = chronicle_.said().at(*message);
  const bool own = one_in(3);
  const auto who = own ? std::optional(said.device) : somebody_in();
  if (who && views_[*who].heard && devices_[*who]->alive()) do_by_hand(*who, *message);
}

void GroupWorld::do_by_hand(size_t who, const engine::MessageId& message) {
  static constexpr const char* kReactions[] = {"+", "!", "ha", "oh"};
  const Utterance& said = chronicle_.said().at(message);
  const bool own = people_[views_[who].person].account == said.author;
  const bool poll = said.kind == engine::ContentKind::kPoll;
  switch (random_.below(16)) {
    case 0:
    case 1:
      return give(who, engine::PinMessage{group_, message, !one_in(3)}, "pins");
    case 2:
    case 3: {
      // By whom it may be, most of the time.
      const auto admin = somebody(engine::Role::kAdmin);
      const size_t by = own || one_in(5) ? who : admin.value_or(who);
      if (one_in(2)) return give(by, engine::DeleteMessage{group_, message, true}, "takes back");
      break;
    }
    case 4:
    case 5:
    case 6:
      if (!own && !one_in(6)) break;
      return give(who, engine::EditMessage{group_, message, "edit " + std::to_string(++said_)}, "edits");
    case 7:
      if (!poll || !one_in(3)) break;
      return give(who, engine::ClosePoll{group_, message}, "closes a poll");
    case 8: {
      engine::ReadHistory all{group_, std::nullopt, 1};
      ClientParty& party = *devices_[who];
      return party.command(all, [this, who](const Result<engine::Answer>& answer) {
        if (!answer) return;
        const auto& messages = std::get<engine::Messages>(*answer).messages;
        if (!messages.empty()) give(who, engine::MarkRead{group_, messages.back().position}, "has read");
      });
    }
    case 9:
      return give(who, engine::SendTyping{group_, true}, "writes");
    case 10:
      if (one_in(3)) return give(who, engine::ForwardMessage{group_, message, group_}, "forwards");
      break;
    default:
      break;
  }
  if (poll && !one_in(3)) {
    return give(who, engine::Vote{group_, message, {static_cast<uint32_t>(random_.below(3))}}, "votes");
  }
  give(who, engine::React{group_, message, kReactions[random_.below(4)], one_in(4)}, "reacts");
}

void GroupWorld::change_group() {
  const auto admin = somebody(one_in(8) ? engine::Role::kMember : engine::Role::kAdmin);
  if (!admin) return;
  switch (random_.below(8)) {
    case 0:
    case 1:
      return give(*admin, engine::RenameGroup{group_, "name " + std::to_string(++said_)}, "renames");
    case 2:
    case 3:
    case 4: {
      static constexpr engine::Role kRoles[] = {engine::Role::kReader, engine::Role::kMember, engine::Role::kAdmin,
                                                engine::Role::kAdmin, engine::Role::kOwner};
      const auto owner = somebody(engine::Role::kOwner);
      const size_t by = one_in(4) ? *admin : owner.value_or(*admin);
      const engine::AccountId whom = some_member();
      const engine::Role role = kRoles[random_.below(5)];
      if (keeper_ && whom == people_[*keeper_].account) return;
      return give(by, engine::SetRole{group_, whom, role}, "gives a role");
    }
    case 5: {
      const auto anybody = somebody(engine::Role::kReader);
      if (anybody) give(*anybody, engine::RefreshKeys{group_}, "refreshes");
      return;
    }
    default:
      return change_settings(*admin);
  }
}

void GroupWorld::change_settings(size_t device) {
  engine::SetGroupSettings settings{group_, {}, {}, {}};
  switch (random_.below(6)) {
    case 0:
      settings.announcement_only = one_in(3);
      return give(device, settings, "sets who may write");
    case 1:
      settings.slow_mode_seconds = one_in(3) ? 5U : 0U;
      return give(device, settings, "sets how often");
    case 2:
      settings.join_by_approval = one_in(2);
      return give(device, settings, "sets how one comes");
    case 3:
      if (!aliases_.empty()) {
        give(device, engine::RevokeGroupLink{group_, aliases_[random_.below(aliases_.size())]}, "revokes a link");
      }
      return;
    default:
      return give(device, engine::MakeGroupLink{group_, one_in(4), one_in(3) ? 2U : 0U, 0}, "makes a link");
  }
}

/// Somebody comes or goes.
void GroupWorld::move_somebody() {
  const EpochSeen* now = chronicle_.epoch(chronicle_.newest());
  if (now == nullptr) return;
  if (homes_.size() > 1 && one_in(6)) return move_home(random_.below(devices_.size()));
  if (one_in(8)) return change_oneself(random_.below(devices_.size()));
  if (one_in(8)) return change_devices(random_.below(people_.size()));
  if (one_in(4)) {
    if (const auto admin = somebody(engine::Role::kAdmin)) return answer_requests(*admin);
  }
  const size_t person = random_.below(people_.size());
  const size_t device = people_[person].devices[random_.below(people_[person].devices.size())];
  if (lost_people_.contains(person) && keeper_) return;
  if (!now->roles.contains(people_[person].account)) return add_somebody(person);
  if (now->roles.size() * 5 < people_.size() * 3) return;  // enough have gone
  if (keeper_ == person || nobody_goes_) return;
  switch (random_.below(3)) {
    case 0:
      if (!views_[device].heard) return;
      for (const size_t each : people_[person].devices) views_[each].leaves = true;
      return give(device, engine::LeaveGroup{group_}, "leaves");
    case 1:
      if (const auto admin = somebody(engine::Role::kAdmin)) {
        give(*admin, engine::RemoveMember{group_, people_[person].account}, "removes");
      }
      return;
    default:
      return;
  }
}

void GroupWorld::add_somebody(size_t person) {
  const size_t device = people_[person].devices.front();
  if (one_in(2) && !links_.empty())
    return give(device, engine::JoinGroup{links_[random_.below(links_.size())], "please"}, "asks by a link");
  for (const Person& hub : people_) {
    if (std::ranges::find(hub.contacts, person) == hub.contacts.end()) continue;
    return give(hub.devices[random_.below(hub.devices.size())], engine::AddMembers{group_, {people_[person].account}},
                "lets in");
  }
}

/// An admin looks who waits.
void GroupWorld::answer_requests(size_t device) {
  devices_[device]->command(engine::ListJoinRequests{group_}, [this, device](const Result<engine::Answer>& answer) {
    if (!answer) return;
    for (const auto& each : std::get<engine::JoinRequests>(*answer).requests) {
      if (one_in(4)) {
        give(device, engine::RefuseJoin{group_, each.account}, "refuses");
      } else {
        give(device, engine::ApproveJoin{group_, each.account}, "approves");
      }
    }
  });
}

void GroupWorld::go_wrong() {
  switch (random_.below(8)) {
    case 0:
      return crash_home(random_.below(loses_home_ ? homes_.size() - 1 : homes_.size()));
    case 1:
      return change_weather();
    case 2:
      log("every pipe breaks");
      return network_.break_all();
    case 3:
    case 4:
      return cut_some_off();
    default: {
      const size_t who = random_.below(devices_.size());
      if (devices_[who]->alive()) crash_device(who);
      return;
    }
  }
}

void GroupWorld::change_weather() {
  network_.set_weather(one_in(4) ? Weather{} : foul_weather(random_));
  log("the weather changes");
}

/// Some of them, up to half, do not reach their homes for a while.
void GroupWorld::cut_some_off() {
  ++counted_.partitions;
  const uint64_t share = 2 + random_.below(8);
  const CutOff how = one_in(2) ? CutOff::kRefused : CutOff::kSilent;
  const auto time = milliseconds(static_cast<int64_t>(random_.below(one_in(3) ? 1'200'000 : 90'000)));
  log("some are cut off");
  for (auto& device : devices_) {
    if (!one_in(share)) continue;
    network_.cut_off(*device, how);
    clock_.after(time, [this, user = device.get()] { network_.cut_off(*user, CutOff::kNot); });
  }
}

}  // namespace godwit::sim
