#pragma once
// An account that gets further devices: its phone, and Bob, with whom it has a chat.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/world.h"

namespace godwit::testworld {

using Texts = std::vector<std::string>;

/// Whether somebody was told of this.
template <typename T>
bool has_notice(const Person& person) {
  return std::ranges::any_of(person.notices,
                             [](const engine::Notice& each) { return std::holds_alternative<T>(each); });
}

/// link() gives the account another device.
class DeviceChats : public ::testing::Test {
 protected:
  DeviceChats() : phone_(world_.add()), bob_(world_.add()) {}
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world_.meet(phone_, bob_);
    world_.settle();
  }

  // Links `fresh` with `by`, until it has the account.
  void link(Person& by, Person& fresh, const std::string& name) {
    const auto offered = by.ask(engine::StartLinking{});
    ASSERT_TRUE(offered.has_value());
    const engine::CommandId id =
        fresh.give(engine::LinkDevice{name, std::get<engine::LinkingOffered>(*offered).link, {}, {}});
    by.notices.clear();
    ASSERT_TRUE(world_.run_until([&] { return has_notice<engine::DeviceAsks>(by); }));
    ASSERT_TRUE(by.ask(engine::ConfirmLinking{true}).has_value());
    ASSERT_TRUE(world_.run_until([&] { return fresh.answer(id) != nullptr; }));
    ASSERT_TRUE(fresh.answer(id)->has_value());
  }
  Person& link(const std::string& name) {
    Person& fresh = world_.add();
    link(phone_, fresh, name);
    return fresh;
  }
  static engine::OwnDevices devices(Person& person) {
    const auto answer = person.ask(engine::ListDevices{});
    return answer ? std::get<engine::OwnDevices>(*answer) : engine::OwnDevices{};
  }
  // Until all chats of `from` are here with all of their history.
  bool is_whole(Person& person, size_t chats = 1) {
    return world_.run_until([&] { return person.chats().size() >= chats && devices(person).histories_to_come == 0; });
  }
  // Another device that has everything.
  Person& link_whole() {
    Person& laptop = link("Laptop");
    EXPECT_TRUE(is_whole(laptop));
    world_.settle();
    return laptop;
  }
  static Texts all_texts(Person& person, const engine::ChatId& chat) {
    Texts out;
    std::optional<engine::Position> before;
    while (true) {
      const auto page = person.ask(engine::ReadHistory{chat, before, 200});
      if (!page) return {};
      const auto& messages = std::get<engine::Messages>(*page).messages;
      if (messages.empty()) return out;
      Texts texts;
      for (const engine::Message& each : messages) {
        if (!each.line) texts.push_back((each.own ? "> " : "< ") + each.text);
      }
      out.insert(out.begin(), texts.begin(), texts.end());
      before = messages.front().position;
      if (messages.size() < 200) return out;
    }
  }
  static Texts all_texts(Person& person) { return all_texts(person, person.chat().chat); }
  static uint32_t devices_in(Person& seen_by, const engine::ChatId& chat, const std::string& name) {
    const auto answer = seen_by.ask(engine::ListMembers{chat});
    if (!answer) return 0;
    for (const engine::MemberShown& each : std::get<engine::Members>(*answer).members) {
      if (each.name == name) return each.devices;
    }
    return 0;
  }
  bool until_text(Person& person, const std::string& text) {
    return world_.run_until([&] {
      const Texts texts = all_texts(person);
      return std::ranges::find(texts, text) != texts.end();
    });
  }
  static engine::DeviceId own_id(Person& person) {
    for (const engine::DeviceInfo& device : devices(person).devices) {
      if (device.own) return device.device;
    }
    return {};
  }

  World world_;
  Person& phone_;
  Person& bob_;
};

}  // namespace godwit::testworld
