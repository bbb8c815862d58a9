// The life of a group of fifty: everything that may be done to a group, at random, by people whose programs die and whose networks
// break. In the end all who are in agree on who is in, on roles and settings, and nobody has lost or doubled anything.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

constexpr size_t kPeople = 50;
constexpr int kTurns = 120;

class GroupLife : public testing::TestWithParam<uint64_t> {
 protected:
  GroupLife() : world_(GetParam()), random_(GetParam()) {}

  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    for (size_t i = 0; i < kPeople; ++i) {
      people_.push_back(&world_.add());
      const auto made = people_[i]->ask(engine::NewAccount{"P" + std::to_string(i), world_.home_link()});
      ASSERT_TRUE(made.has_value());
      accounts_.push_back(std::get<engine::Account>(*people_[i]->ask(engine::ReadAccount{})).account);
    }
    const auto made = people_[0]->ask(engine::NewGroup{"fifty"});
    ASSERT_TRUE(made.has_value());
    group_ = std::get<engine::ChatMade>(*made).chat.chat;
    const auto link = people_[0]->ask(engine::MakeGroupLink{group_, false, 0, 0});
    ASSERT_TRUE(link.has_value());
    link_ = std::get<engine::GroupLinkMade>(*link).text;
    for (size_t i = 1; i < kPeople; ++i) {
      people_[i]->give(engine::JoinGroup{link_, ""});
      if (i % 10 == 0) world_.pass(minutes(12));  // who asks while others wait has more work to prove
    }
    const auto all_in = [&] { return std::ranges::all_of(people_, [&](Person* p) { return is_in(*p); }); };
    ASSERT_TRUE(world_.run_until(all_in, hours(3)));
    world_.settle();
  }

  engine::ChatInfo info(Person& person) {
    for (const auto& chat : person.chats()) {
      if (chat.chat == group_) return chat;
    }
    engine::ChatInfo none;
    none.member = false;
    return none;
  }
  bool is_in(Person& person) { return person.alive() && info(person).member; }
  // Whom `who` sees there, and as what.
  std::map<engine::AccountId, engine::Role> members(size_t who) {
    std::map<engine::AccountId, engine::Role> out;
    const auto answer = people_[who]->ask(engine::ListMembers{group_});
    if (!answer) return out;
    for (const auto& each : std::get<engine::Members>(*answer).members) out[each.account] = each.role;
    return out;
  }
  std::map<std::string, int> texts(size_t who) {
    std::map<std::string, int> out;
    const auto answer = people_[who]->ask(engine::ReadHistory{group_, std::nullopt, 200});
    if (!answer) return out;
    for (const auto& message : std::get<engine::Messages>(*answer).messages) {
      if (!message.line) ++out[message.text];
    }
    return out;
  }
  // Where each line of the group stands that is among the last of what is there.
  std::map<engine::MessageId, uint64_t> lines(size_t who) {
    std::map<engine::MessageId, uint64_t> out;
    const auto answer = people_[who]->ask(engine::ReadHistory{group_, std::nullopt, 200});
    if (!answer) return out;
    for (const auto& message : std::get<engine::Messages>(*answer).messages) {
      if (!message.line) continue;
      EXPECT_TRUE(out.emplace(message.id, message.clock).second) << who;
    }
    return out;
  }

  // Those who go, or are removed, are among the last ten: of the others nothing may be lost.
  size_t anybody() { return random_.below(kPeople); }
  size_t goer() { return kPeople - 10 + random_.below(10); }
  size_t stayer() { return random_.below(kPeople - 10); }

  void do_something() {
    const size_t who = anybody();
    Person& person = *people_[who];
    if (!person.alive()) return person.start();
    switch (random_.below(11)) {
      case 0:
      case 1:
      case 2: {
        const size_t speaker = stayer();
        if (!people_[speaker]->alive()) return;
        said_.push_back({speaker, "text " + std::to_string(said_.size()),
                         people_[speaker]->give(engine::SendText{group_, "text " + std::to_string(said_.size())})});
        return;
      }
      case 3:
        person.give(engine::RenameGroup{group_, "name " + std::to_string(random_.below(1000))});
        return;
      case 4: {
        const engine::Role role = random_.below(3) == 0 ? engine::Role::kMember : engine::Role::kAdmin;
        if (people_[0]->alive())
          people_[0]->give(engine::SetRole{group_, accounts_[1 + random_.below(kPeople - 1)], role});
        return;
      }
      case 5:
        person.give(engine::RemoveMember{group_, accounts_[goer()]});
        return;
      case 6: {
        Person& leaver = *people_[goer()];
        if (leaver.alive()) leaver.give(engine::LeaveGroup{group_});
        return;
      }
      case 7: {
        Person& joiner = *people_[goer()];
        if (joiner.alive()) joiner.give(engine::JoinGroup{link_, ""});
        return;
      }
      case 8:
        person.give(engine::RefreshKeys{group_});
        return;
      case 9:
        person.kill();
        return;
      default:
        person.online = !person.online;
        if (!person.online) world_.cut(person);
    }
  }

  void expect_agreement() {
    const auto expected = members(0);
    const engine::ChatInfo of_owner = info(*people_[0]);
    for (size_t i = 0; i < kPeople; ++i) {
      const bool is_member = expected.contains(accounts_[i]);
      EXPECT_EQ(info(*people_[i]).member, is_member) << i;
      if (!is_member) continue;
      EXPECT_EQ(members(i), expected) << i;
      EXPECT_EQ(info(*people_[i]).name, of_owner.name) << i;
      EXPECT_EQ(info(*people_[i]).epoch, of_owner.epoch) << i;
    }
    const auto lines_of_owner = lines(0);
    EXPECT_GT(lines_of_owner.size(), 10U);
    for (size_t i = 0; i + 10 < kPeople; ++i) {
      size_t same = 0;
      for (const auto& [id, clock] : lines(i)) {
        const auto found = lines_of_owner.find(id);
        if (found == lines_of_owner.end()) continue;  // older than what was read of the owner's
        EXPECT_EQ(found->second, clock) << i;
        ++same;
      }
      EXPECT_GT(same, 10U) << i;
      EXPECT_TRUE(expected.contains(accounts_[i])) << i;
      const auto seen = texts(i);
      for (const auto& [text, count] : seen) EXPECT_LE(count, 1) << text << " at " << i;
      for (const Said& each : said_) {
        const auto* answer = people_[each.speaker]->answer(each.command);
        const bool acknowledged = answer != nullptr && answer->has_value();
        EXPECT_TRUE(!acknowledged || seen.contains(each.text)) << each.text << " at " << i;
      }
    }
  }

  struct Said {
    size_t speaker;
    std::string text;
    engine::CommandId command;
  };
  World world_;
  crypto::SeededRandom random_;
  std::vector<Person*> people_;
  std::vector<engine::AccountId> accounts_;
  engine::ChatId group_;
  std::string link_;
  std::vector<Said> said_;
};

TEST_P(GroupLife, all_agree_in_the_end) {
  for (int turn = 0; turn < kTurns; ++turn) {
    do_something();
    world_.pass(milliseconds(static_cast<int64_t>(random_.below(5'000))));
  }
  for (Person* person : people_) {
    person->online = true;
    if (!person->alive()) person->start();
  }
  world_.pass(hours(1));
  world_.settle();
  expect_agreement();
}

INSTANTIATE_TEST_SUITE_P(Seeds, GroupLife, testing::Values(1));

}  // namespace
}  // namespace godwit::testworld
