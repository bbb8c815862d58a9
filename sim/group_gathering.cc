// How a group comes together: accounts, second devices, contacts, the group, and those who are in it when the trouble begins. In fair
// weather: what is tried here in foul weather is tried by the worlds of three.

#include <algorithm>

#include "engine/errors.h"
#include "sim/group_world.h"
#include "wire/home_link.h"

namespace godwit::sim {
namespace {

constexpr int kTriesMax = 40;

}  // namespace

void GroupWorld::gather() {
  const size_t homes = loses_home_ ? 3 : one_in(2) ? 2 : 1;
  for (size_t i = 0; i < homes; ++i) add_home("home" + std::to_string(i) + ".example");
  make_accounts();
  // Of an account whose devices are all behind a log that has moved none can come back (chat.md, "What is known to be weak").
  if (!failed() && !loses_home_) link_devices();
  // The first two have contacts, whom they can let in by hand.
  const size_t some = std::max<size_t>(people_.size() / 4, 3);
  for (size_t hub = 0; hub < 2; ++hub) {
    for (size_t i = 0; i < some && !failed(); ++i) {
      const size_t other = (1 + hub + i * 2) % people_.size();
      if (other != hub) meet(hub, other);
    }
  }
  if (!failed()) make_group();
  if (!failed()) let_in(people_.size() - people_.size() / 5);
}

std::string GroupWorld::home_link(size_t home) {
  wire::HomeLink link;
  link.home.key.value = homes_[home]->key();
  link.home.routes = {"wss://home" + std::to_string(home) + ".example/ws"};
  link.admission_code = homes_[home]->admission_code();
  return wire::to_text(link);
}

void GroupWorld::make_accounts() {
  for (size_t i = 0; i < people_.size() && !failed(); ++i) {
    size_t at = one_in(3) ? homes_.size() - 1 : 0;
    if (loses_home_) {
      // The one that is lost is the last one: the founder's, and so the log's.
      at = one_in(3) ? 1 : 0;
      if (i == 0 || (i + 1 == people_.size() && one_in(3))) {
        at = homes_.size() - 1;
        lost_people_.insert(i);
      }
    }
    const auto made = ask(i, engine::NewAccount{people_[i].name, home_link(at)});
    if (!made || !*made) return static_cast<void>(fail(people_[i].name + " gets no account"));
    people_[i].account = std::get<engine::AccountMade>(**made).account;
    by_account_[people_[i].account] = i;
  }
}

/// Every tenth person has two devices, and one of them always.
void GroupWorld::link_devices() {
  for (size_t person = 0; person < people_.size() && !failed(); ++person) {
    if (person % 10 != 3) continue;
    const size_t old = people_[person].devices.front();
    const auto offered = ask(old, engine::StartLinking{});
    if (!offered || !*offered) return static_cast<void>(fail("no offer to link a device"));
    const size_t fresh = new_device(person, people_[person].name + "'");
    auto linked = std::make_shared<bool>(false);
    devices_[fresh]->command(engine::LinkDevice{"second", std::get<engine::LinkingOffered>(**offered).link, {}, {}},
                             [linked](const Result<engine::Answer>& answer) { *linked = answer.has_value(); });
    run_until([&] { return views_[old].asks_to_link; }, minutes(5));
    ask(old, engine::ConfirmLinking{true});
    if (!run_until([&] { return *linked; }, minutes(10))) fail("a second device is not linked");
  }
}

void GroupWorld::meet(size_t inviter, size_t taker) {
  const size_t by = people_[inviter].devices.front();
  const size_t with = people_[taker].devices.front();
  const auto invite = ask(by, engine::MakeInvite{});
  if (!invite || !*invite) return static_cast<void>(fail("no invite"));
  const auto added = ask(with, engine::AddContact{std::get<engine::InviteMade>(**invite).link});
  if (!added || !*added) return static_cast<void>(fail("an invite is not taken"));
  people_[inviter].contacts.push_back(taker);
}

void GroupWorld::make_group() {
  pass(minutes(1));
  const auto made = ask(0, engine::NewGroup{"everybody", one_in(3)});
  if (!made || !*made) return static_cast<void>(fail("a group cannot be made"));
  group_ = std::get<engine::ChatMade>(**made).chat.chat;
  chronicle_.set_chat(group_);
  hear(0);
  const auto link = ask(0, engine::MakeGroupLink{group_, false, 0, 0});
  if (!link || !*link) return static_cast<void>(fail("no link of the group"));
  links_.push_back(std::get<engine::GroupLinkMade>(**link).text);
}

/// The contacts of the first one by his hand, the others by the link, until there are so many.
void GroupWorld::let_in(size_t count) {
  std::vector<engine::AccountId> by_hand;
  for (const size_t contact : people_.front().contacts) by_hand.push_back(people_[contact].account);
  ask(0, engine::AddMembers{group_, by_hand});
  const auto is_in = [this](size_t person) { return views_[people_[person].devices.front()].member; };
  const auto in = [&] {
    size_t out = 0;
    for (size_t i = 0; i < people_.size(); ++i) out += is_in(i) ? 1U : 0U;
    return out;
  };
  run_until([&] { return in() > by_hand.size(); }, minutes(10));
  for (int i = 0; i < kTriesMax && in() < count && !failed(); ++i) {
    size_t asking = 0;
    for (size_t person = 0; person < people_.size() && asking < 8 && in() + asking < count; ++person) {
      if (is_in(person)) continue;
      ++asking;
      give(people_[person].devices.front(), engine::JoinGroup{links_.front(), ""}, "asks by the link");
    }
    // Who asks while others wait has more work to prove.
    run_until([&] { return in() >= count; }, minutes(3));
  }
  if (in() < count) fail("they never come together: " + std::to_string(in()) + " of " + std::to_string(count));
}

}  // namespace godwit::sim
