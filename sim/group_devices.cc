// Devices that come to an account and go from it while the group lives: linked by a word of a device that may die at any moment, thrown
// out by another one. What a device that is out has no right to any more, it must not have.

#include <algorithm>

#include "sim/group_world.h"

namespace godwit::sim {
namespace {

constexpr size_t kDevicesMax = 3;  // of one person: the cost of a world grows with them

}  // namespace

/// True for what is no device of its account in the end: lost, never linked, or thrown out.
bool GroupWorld::is_apart(size_t device) const { return is_lost(device) || views_[device].apart; }

/// One more, or one less.
void GroupWorld::change_devices(size_t person) {
  if (loses_home_ || people_[person].removes) return;
  std::vector<size_t> running;
  for (const size_t each : people_[person].devices) {
    if (devices_[each]->alive() && !views_[each].fresh) running.push_back(each);
  }
  if (running.empty()) return;
  const size_t by = running[random_.below(running.size())];
  if (running.size() > 1 && !one_in(4)) {
    const size_t other = running[0] == by ? running[1] : running[0];
    return throw_out(by, other);
  }
  if (people_[person].devices.size() < kDevicesMax) offer_linking(by);
}

/// A new device asks for the word of this one, which is given a moment after it has asked.
void GroupWorld::offer_linking(size_t device) {
  ClientParty& party = *devices_[device];
  log(party.name() + " offers to link a device");
  party.command(engine::StartLinking{}, [this, device](const Result<engine::Answer>& answer) {
    if (!answer) return;
    const size_t person = views_[device].person;
    const std::string name = people_[person].name + std::string(people_[person].devices.size(), '\'');
    const std::string link = std::get<engine::LinkingOffered>(*answer).link;
    // Not from inside of an answer: there is one program more from then on.
    clock_.after(milliseconds(10), [this, device, person, name, link] {
      const size_t fresh = new_device(person, name);
      views_[fresh].fresh = true;
      views_[device].confirms = true;
      give(fresh, engine::LinkDevice{name, link, {}, {}}, "is to be linked");
    });
  });
}

/// The person at the older device says yes.
void GroupWorld::confirm_linking(size_t device) {
  if (!std::exchange(views_[device].confirms, false)) return;
  clock_.after(seconds(1), [this, device] { give(device, engine::ConfirmLinking{true}, "says yes to a device"); });
}

void GroupWorld::throw_out(size_t by, size_t device) {
  // What only the other one has heard of would be lost to the account (docs/protocol/chat.md, "What is known to be weak").
  if (!views_[by].member) return;
  ClientParty& party = *devices_[device];
  party.command(engine::ListDevices{}, [this, by, device](const Result<engine::Answer>& answer) {
    if (!answer) return;
    for (const auto& each : std::get<engine::OwnDevices>(*answer).devices) {
      if (each.own) views_[device].id = each.device;
    }
    people_[views_[device].person].removes = true;
    views_[device].may_go = true;
    chronicle_.ends(device);
    give(by, engine::RemoveDevice{views_[device].id, {}}, "throws out another device");
  });
}

/// Which of them have become devices of their accounts, and which are none any more, as the others say.
void GroupWorld::sort_out_devices() {
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    View& view = views_[i];
    if (view.fresh) {
      const auto account = ask(i, engine::ReadAccount{});
      view.apart = !account || !*account;
      counted_.linked += view.apart ? 0U : 1U;
    }
    if (!view.may_go) continue;
    for (const size_t other : people_[view.person].devices) {
      if (other == i || views_[other].may_go) continue;
      const auto devices = ask(other, engine::ListDevices{});
      if (!devices || !*devices) continue;
      const auto& all = std::get<engine::OwnDevices>(**devices).devices;
      view.apart = std::ranges::none_of(all, [&](const auto& each) { return each.device == view.id; });
      break;
    }
    counted_.thrown_out += view.apart ? 1U : 0U;
  }
}

/// The group has healed: of what was said after that a device that is out has nothing, though it ran all the time.
void GroupWorld::check_thrown_out() {
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    if (!views_[i].may_go || !views_[i].apart) continue;
    const auto answer = ask(i, engine::ReadHistory{group_, std::nullopt, 200});
    if (!answer || !*answer) continue;
    for (const auto& message : std::get<engine::Messages>(**answer).messages) {
      const bool own = by_account_.contains(message.author) && by_account_.at(message.author) == views_[i].person;
      if (!own && message.text.ends_with(" is here"))
        fail(devices_[i]->name() + " was thrown out and reads on: " + name_of(message.id));
    }
  }
}

}  // namespace godwit::sim
