// A group of everybody in a world: made, talked in and changed by several at once, in any weather; and what must hold of it.

#include <algorithm>

#include "sim/world.h"

namespace godwit::sim {
namespace {

constexpr int kGroupTriesMax = 40;
constexpr int kGroupTurns = 10;

}  // namespace

engine::AccountId World::account_of(size_t who) {
  for (int i = 0; i < kGroupTriesMax && failure_.empty(); ++i) {
    const auto answer = ask(*people_[who], engine::ReadAccount{});
    if (answer && *answer) return std::get<engine::Account>(**answer).account;
  }
  fail(people_[who]->name() + " has no account");
  return {};
}

std::optional<engine::ChatInfo> World::group_seen_by(size_t who) {
  for (const auto& chat : chats_of(*people_[who])) {
    if (chat.group) return chat;
  }
  return std::nullopt;
}

std::optional<engine::Members> World::members_seen_by(size_t who) {
  for (int i = 0; i < kGroupTriesMax && failure_.empty(); ++i) {
    const auto answer = ask(*people_[who], engine::ListMembers{group_.chat});
    if (answer && *answer) return std::get<engine::Members>(**answer);
    if (answer) return std::nullopt;  // not in it yet
  }
  return std::nullopt;
}

/// The first one makes the group and lets the others in.
void World::make_group() {
  for (int i = 0; i < kGroupTriesMax && failure_.empty(); ++i) {
    // A crash may have come between the disk and the answer.
    if (const auto made = group_seen_by(0)) {
      group_.chat = made->chat;
      break;
    }
    ask(*people_[0], engine::NewGroup{"all of us"});
  }
  if (group_.chat == engine::ChatId{}) {
    fail("a group cannot be made");
    return;
  }
  std::vector<engine::AccountId> others;
  for (size_t who = 1; who < kPeople; ++who) others.push_back(account_of(who));
  const auto all_in = [&] {
    for (size_t who = 0; who < kPeople; ++who) {
      const auto seen = members_seen_by(who);
      if (!seen || seen->members.size() != kPeople) return false;
    }
    return true;
  };
  for (int i = 0; i < 200 && failure_.empty(); ++i) {
    if (i % 20 == 0) ask(*people_[0], engine::AddMembers{group_.chat, others});
    if (all_in()) {
      group_.together = true;
      log("all are in the group");
      return;
    }
    run_until([] { return false; }, seconds(5));
  }
  fail("somebody never comes into the group");
}

void World::say_to_all(size_t who) {
  ClientParty& speaker = *people_[who];
  if (!speaker.alive()) return;
  auto& said = group_.said[who];
  const std::string text = speaker.name() + " to all " + std::to_string(++said_);
  const size_t place = said.size();
  said.push_back({text, false});
  speaker.command(engine::SendText{group_.chat, text}, [&said, place](const Result<engine::Answer>& answer) {
    if (answer) said[place].acknowledged = true;
  });
}

/// One change of the group, by somebody who may be allowed to make it.
void World::change_group() {
  ClientParty& somebody = *people_[random_.below(kPeople)];
  if (!somebody.alive()) return;
  const auto ignore = [](const Result<engine::Answer>&) {};
  switch (random_.below(5)) {
    case 0:
      return somebody.command(engine::RenameGroup{group_.chat, "name " + std::to_string(random_.below(1000))}, ignore);
    case 1: {
      static constexpr engine::Role kRoles[] = {engine::Role::kMember, engine::Role::kAdmin};
      const engine::AccountId who = group_.accounts[1 + random_.below(kPeople - 1)];
      return somebody.command(engine::SetRole{group_.chat, who, kRoles[random_.below(2)]}, ignore);
    }
    case 2:
      // The last one comes and goes.
      return somebody.command(engine::RemoveMember{group_.chat, group_.accounts.back()}, ignore);
    case 3:
      return somebody.command(engine::AddMembers{group_.chat, {group_.accounts.back()}}, ignore);
    default:
      return somebody.command(engine::RefreshKeys{group_.chat}, ignore);
  }
}

void World::talk_in_group() {
  for (size_t who = 0; who < kPeople; ++who) group_.accounts.push_back(account_of(who));
  if (!failure_.empty()) return;
  for (int turn = 0; turn < kGroupTurns && failure_.empty(); ++turn) {
    say_to_all(random_.below(kPeople));
    if (random_.below(2) == 0) change_group();
    if (random_.below(3) == 0) change_group();
    if (random_.below(6) == 0) crash_somebody();
    if (random_.below(8) == 0) network_.break_all();
    run_until([] { return false; }, milliseconds(static_cast<int64_t>(random_.below(3'000))));
  }
}

/// Those who never went hear each other in order; whoever is in sees the same group.
void World::check_group() {
  std::optional<engine::Members> first;
  std::optional<engine::ChatInfo> shown;
  for (size_t who = 0; who < kPeople && failure_.empty(); ++who) {
    const auto chat = group_seen_by(who);
    if (!chat) return static_cast<void>(fail(people_[who]->name() + " has lost the group"));
    if (!chat->member && who + 1 == kPeople) continue;  // removed
    const auto seen = members_seen_by(who);
    if (!seen) return static_cast<void>(fail(people_[who]->name() + " cannot list the members"));
    if (!first) {
      first = seen;
      shown = chat;
      continue;
    }
    bool same =
        seen->members.size() == first->members.size() && chat->name == shown->name && chat->epoch == shown->epoch;
    for (size_t i = 0; same && i < seen->members.size(); ++i) {
      same = seen->members[i].account == first->members[i].account && seen->members[i].role == first->members[i].role;
    }
    if (!same) {
      fail(people_[who]->name() + " sees another group: epoch " + std::to_string(chat->epoch) + " for " +
           std::to_string(shown->epoch) + ", " + std::to_string(seen->members.size()) + " members for " +
           std::to_string(first->members.size()));
    }
  }
  for (size_t speaker = 0; speaker + 1 < kPeople && failure_.empty(); ++speaker) {
    for (size_t listener = 0; listener + 1 < kPeople; ++listener) {
      if (speaker != listener) check_group_direction(speaker, listener);
    }
  }
}

void World::check_group_direction(size_t speaker, size_t listener) {
  std::vector<std::string> heard;
  const std::string prefix = people_[speaker]->name() + " to all ";
  for (std::string& text : history(*people_[listener], group_.chat, false)) {
    if (text.starts_with(prefix)) heard.push_back(std::move(text));
  }
  size_t place = 0;
  for (const Said& said : group_.said[speaker]) {
    if (place < heard.size() && heard[place] == said.text) {
      ++place;
    } else if (said.acknowledged) {
      const bool later = std::ranges::find(heard, said.text) != heard.end();
      fail(people_[listener]->name() + (later ? " heard out of order: " : " never heard: ") + said.text);
      return;
    }
  }
  if (place != heard.size()) fail(people_[listener]->name() + " heard more than was said: " + heard[place]);
}

}  // namespace godwit::sim
