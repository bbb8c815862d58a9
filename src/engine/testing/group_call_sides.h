#pragma once
// Devices of a group and what they say to each other of its calls, for tests of GroupCallMachine: without MLS and without media.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/group_call_machine.h"

namespace godwit::engine::testing {

/// An id of one byte again and again.
template <typename Id>
Id id_of(uint8_t number) {
  Id id;
  id.value.fill(number);
  return id;
}
/// Ids that tests use.
inline const auto kChat = id_of<ChatId>(1);
inline const auto kCall = id_of<CallId>(50);
inline const auto kSmaller = id_of<CallId>(40);
inline const auto kLarger = id_of<CallId>(60);

/// A device with its machine, and what came of it.
struct Side {
  Side(uint8_t account, uint8_t device)
      : who{kChat, id_of<AccountId>(account), id_of<DeviceId>(device), false}, machine(who.account, who.device) {}
  CallSpeaker who;
  GroupCallMachine machine;
  GroupCallEffects all;  // that came out, but for what was said
  uint32_t joins = 0;
  bool has_page = true;
  bool rooms = false;  // its page knows rooms of a unit, and
  bool room = false;   // has one
  bool busy = false;
};

/// Five people with a device each, and a second one of the first. What one says comes to all whom it is for, unless it is lost.
class GroupCallMachineTest : public ::testing::Test {
 protected:
  Side anna{10, 1}, boris{20, 2}, vera{30, 3}, gleb{40, 4}, dina{50, 5}, anna2{10, 6};
  std::vector<Side*> sides{&anna, &boris, &vera, &gleb, &dina, &anna2};
  Instant now{1'000'000'000};
  std::function<bool(const Side&, const Side&, const CallBody&)> lost = [](const auto&, const auto&, const auto&) {
    return false;
  };
  std::vector<CallBody> summaries;
  std::map<CallStep, size_t> said;

  static CallSpeaker as_heard(const Side& from, const Side& by) {
    CallSpeaker who = from.who;
    who.own = from.who.account == by.who.account;
    return who;
  }
  void settle(Side& from, GroupCallEffects effects) {
    std::vector<SayCall> says;
    for (auto& effect : effects) {
      if (const auto* say = std::get_if<SayCall>(&effect)) {
        EXPECT_TRUE(check(say->body).has_value());
        ++said[say->body.step];
        if (say->lasting) {
          summaries.push_back(say->body);
        } else {
          says.push_back(*say);
        }
      } else {
        from.all.push_back(std::move(effect));
      }
    }
    for (const SayCall& say : says) {
      for (Side* to : sides) {
        const bool meant = say.to.empty() || std::ranges::find(say.to, to->who.account) != say.to.end();
        if (to != &from && meant && !lost(from, *to, say.body)) hear(from, *to, say.body);
      }
    }
  }
  void hear(const Side& from, Side& to, const CallBody& body) {
    GroupCallEffects out;
    to.machine.heard(as_heard(from, to), body, to.busy, now, out);
    settle(to, std::move(out));
  }
  GroupRefusal start(Side& side, const CallId& call = kCall) {
    GroupCallEffects out;
    const auto refusal = side.machine.start(call, kChat, ++side.joins, CallMedia::kVoice, now, out, side.rooms);
    settle(side, std::move(out));
    return refusal;
  }
  GroupRefusal join(Side& side, const CallId& call = kCall) {
    GroupCallEffects out;
    const auto refusal = side.machine.join(call, ++side.joins, CallMedia::kVoice, now, out, side.rooms);
    settle(side, std::move(out));
    return refusal;
  }
  GroupRefusal leave(Side& side, const CallId& call = kCall) {
    GroupCallEffects out;
    const auto refusal = side.machine.leave(call, now, out);
    settle(side, std::move(out));
    return refusal;
  }
  // In steps, as an engine wakes; who has a page says so.
  void pass(Duration time) {
    const Instant end = now + time;
    while (now < end) {
      now = std::min(end, now + seconds(5));
      for (Side* side : sides) {
        GroupCallEffects out;
        if (side->has_page && side->machine.live() != nullptr) {
          const CallId call = side->machine.live()->going.call;
          EXPECT_EQ(side->machine.page_is_there(call, side->room, now, out), GroupRefusal::kNone);
        }
        side->machine.expire(now, out);
        settle(*side, std::move(out));
      }
    }
  }
  void say_room(Side& side, bool room) {
    side.room = room;
    GroupCallEffects out;
    EXPECT_EQ(side.machine.page_is_there(kCall, room, now, out), GroupRefusal::kNone);
    settle(side, std::move(out));
  }
  void keep_members(const std::vector<Side*>& members) {
    std::vector<DeviceId> devices;
    for (const Side* each : members) devices.push_back(each->who.device);
    for (Side* each : sides) {
      const bool in = std::ranges::find(members, each) != members.end();
      GroupCallEffects out;
      each->machine.keep_members(kChat, in ? devices : std::vector<DeviceId>{}, now, out);
      settle(*each, std::move(out));
    }
  }
  // Whom `side` counts in the call that it is in, by account; its own not.
  static std::vector<int> with(const Side& side) {
    std::vector<int> out;
    if (side.machine.live() == nullptr) return {-1};
    for (const GroupPeer& each : side.machine.live()->going.peers) out.push_back(each.seat.account.value[0]);
    return out;
  }
  // What `side`, which is not in it, knows of a call.
  static std::vector<int> knows(const Side& side, const CallId& call = kCall) {
    std::vector<int> out;
    const GoingCall* found = side.machine.find(call);
    if (found == nullptr) return {-1};
    for (const GroupPeer& each : found->peers) out.push_back(each.seat.account.value[0]);
    return out;
  }
  static bool rings(const Side& side) {
    const auto& going = side.machine.going();
    return std::ranges::any_of(going, [](const GoingCall& each) { return each.ring_until_ms != 0; });
  }
  static std::optional<GroupCallStands> told(const Side& side) {
    for (auto effect = side.all.rbegin(); effect != side.all.rend(); ++effect) {
      if (const auto* stands = std::get_if<GroupCallStands>(&*effect)) return *stands;
    }
    return std::nullopt;
  }
  static CallOutcome ended(const Side& side) {
    for (auto effect = side.all.rbegin(); effect != side.all.rend(); ++effect) {
      const auto* stands = std::get_if<GroupCallStands>(&*effect);
      if (stands != nullptr && stands->state == GroupCallState::kOver) return stands->outcome;
    }
    return CallOutcome::kNone;
  }
  static std::optional<KeepCall> kept(const Side& side) {
    for (auto effect = side.all.rbegin(); effect != side.all.rend(); ++effect) {
      if (const auto* keep = std::get_if<KeepCall>(&*effect)) return *keep;
    }
    return std::nullopt;
  }
  using People = std::vector<int>;
};

}  // namespace godwit::engine::testing
