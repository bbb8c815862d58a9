// The quiet lines of a group: who came and went, and what was changed, the same for all who were there.

#include "tests/engine/device_chats.h"
#include "tests/engine/groups.h"
#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using engine::LineKind;
using Lines = std::vector<engine::Message>;

Lines lines_of(Person& person, const engine::ChatId& chat) {
  Lines out;
  const auto answer = person.ask(engine::ReadHistory{chat, std::nullopt, 200});
  if (!answer) return out;
  for (const auto& message : std::get<engine::Messages>(*answer).messages) {
    if (message.line) out.push_back(message);
  }
  return out;
}

std::string words_of(const engine::LineInfo& line) {
  static const std::map<LineKind, std::string> kWhat = {
      {LineKind::kMade, "made"},         {LineKind::kAdded, "added"},     {LineKind::kJoined, "joined"},
      {LineKind::kRemoved, "removed"},   {LineKind::kLeft, "left"},       {LineKind::kRole, "role"},
      {LineKind::kRenamed, "renamed"},   {LineKind::kWriters, "writers"}, {LineKind::kSlowMode, "slow"},
      {LineKind::kApproval, "approval"}, {LineKind::kNamed, "named"},     {LineKind::kLogMoved, "log moved"},
      {LineKind::kBack, "back"}};
  std::string out = line.by_name + " " + kWhat.at(line.what);
  if (line.account) out += " " + line.name;
  if (line.role) out += " " + std::to_string(static_cast<int>(*line.role));
  if (!line.before.empty()) out += " " + line.before;
  if (!line.text.empty()) out += " " + line.text;
  if (line.seconds) out += " " + std::to_string(*line.seconds);
  if (line.on) out += *line.on ? " on" : " off";
  return out;
}

Texts words_of(const Lines& lines) {
  Texts out;
  for (const auto& each : lines) out.push_back(words_of(*each.line));
  return out;
}

// Where each stands, and what it tells.
Texts places_of(const Lines& lines) {
  Texts out;
  for (const auto& each : lines)
    out.push_back(std::to_string(each.clock) + " " + to_hex(each.id.view()) + " " + words_of(*each.line));
  return out;
}

class ChatLines : public Groups {
 protected:
  void must(size_t who, engine::Command command) {
    const auto answer = person(who).ask(std::move(command));
    ASSERT_TRUE(answer.has_value()) << answer.error().rule;
    world.settle();
  }
  // Those who were in when the first of `lines` was made have them all, at the same places.
  void expect_same(std::initializer_list<size_t> who, size_t from) {
    const Texts first = places_of(lines(*who.begin()));
    ASSERT_GE(first.size(), from);
    const Texts expected(first.begin() + static_cast<ptrdiff_t>(from), first.end());
    for (const size_t i : who) {
      const Texts all = places_of(lines(i));
      ASSERT_GE(all.size(), expected.size()) << i;
      EXPECT_EQ(Texts(all.end() - static_cast<ptrdiff_t>(expected.size()), all.end()), expected) << i;
    }
  }
};

TEST_F(ChatLines, all_have_the_same_lines_at_the_same_places) {
  make_group(3);
  const size_t made = lines(0).size();
  say(1, "before");
  world.settle();
  must(0, engine::SetRole{group, account(1), Role::kAdmin});
  must(1, engine::RenameGroup{group, "pals"});
  say(2, "between");
  world.settle();
  must(1, engine::SetGroupSettings{group, true, {}, {}});
  must(0, engine::SetGroupSettings{group, false, 60U, true});
  must(1, engine::SetRole{group, account(2), Role::kReader});
  must(2, engine::RenameAccount{"Zoe"});
  world.pass(minutes(11));
  expect_same({0, 1, 2}, made);
  Texts words = words_of(lines(0));
  ASSERT_EQ(words.size(), made + 8);
  std::sort(words.begin() + 1, words.begin() + 3);
  std::sort(words.begin() + 6, words.begin() + 9);
  EXPECT_EQ(words,
            (Texts{"P0 made", "P0 added P1", "P0 added P2", "P0 role P1 3", "P1 renamed friends pals", "P1 writers on",
                   "P0 approval on", "P0 slow 60", "P0 writers off", "P1 role P2 1", "Zoe named Zoe P2"}));
  // The lines stand between what was said: after what whoever made them had seen.
  const auto all = std::get<engine::Messages>(*person(2).ask(engine::ReadHistory{group, std::nullopt, 200})).messages;
  const auto at = [&](const std::string& text) {
    return std::ranges::find(all, text, &engine::Message::text) - all.begin();
  };
  const auto role =
      std::ranges::find_if(all, [](const auto& each) { return each.line && each.line->role; }) - all.begin();
  EXPECT_LT(at("before"), role);
  EXPECT_LT(role, at("between"));
}

TEST_F(ChatLines, history_of_a_newcomer_begins_with_his_coming) {
  make_group(3);
  say(0, "not for him");
  must(0, engine::RenameGroup{group, "pals"});
  meet(0, 3);
  must(0, engine::AddMembers{group, {account(3)}});
  say(0, "welcome");
  must(0, engine::RenameGroup{group, "chums"});
  EXPECT_EQ(words_of(lines(3)), (Texts{"P0 added P3", "P0 renamed pals chums"}));
  expect_same({0, 1, 2, 3}, lines(0).size() - 2);
  EXPECT_EQ(info(3).unread, 1U) << "lines are not unread";
  EXPECT_TRUE(lines(3)[0].line->own);
  EXPECT_FALSE(lines(3)[0].line->by_own);
}

TEST_F(ChatLines, who_is_removed_sees_that_and_nothing_after) {
  make_group(4);
  const size_t made = lines(0).size();
  must(0, engine::RemoveMember{group, account(3)});
  must(0, engine::RenameGroup{group, "pals"});
  EXPECT_EQ(words_of(lines(3)).back(), "P0 removed P3");
  EXPECT_EQ(lines(3).back().clock, lines(0).at(made).clock);
  EXPECT_EQ(lines(3).back().id, lines(0).at(made).id);
  must(2, engine::LeaveGroup{group});
  world.pass(minutes(1));
  EXPECT_EQ(words_of(lines(2)).back(), "P2 left P2");
  expect_same({0, 1}, made);
  EXPECT_EQ(words_of(lines(1)).back(), "P2 left P2");
  EXPECT_EQ(words_of(lines(3)).back(), "P0 removed P3");
}

TEST_F(ChatLines, who_comes_by_a_link_comes_by_it_for_all) {
  make_group(2);
  const auto made = person(0).ask(engine::MakeGroupLink{group, false, 0, 0});
  ASSERT_TRUE(made.has_value());
  world.settle();
  const std::string link = std::get<engine::GroupLinkMade>(*made).text;
  must(2, engine::JoinGroup{link, ""});
  EXPECT_EQ(words_of(lines(2)), Texts{"P0 joined P2"});
  must(0, engine::SetGroupSettings{group, {}, {}, true});
  must(3, engine::JoinGroup{link, ""});
  must(0, engine::ApproveJoin{group, account(3)});
  EXPECT_EQ(words_of(lines(3)), Texts{"P0 added P3"}) << "by hand";
  expect_same({0, 1}, 2);
  expect_same({0, 1, 2}, lines(0).size() - 3);
  expect_same({0, 1, 2, 3}, lines(0).size() - 1);
}

TEST_F(ChatLines, of_two_admins_who_race_both_have_their_line_once) {
  make_group(4);
  must(0, engine::SetRole{group, account(1), Role::kAdmin});
  const size_t before = lines(0).size();
  person(0).give(engine::RenameGroup{group, "by P0"});
  person(1).give(engine::RenameGroup{group, "by P1"});
  person(0).give(engine::RemoveMember{group, account(3)});
  person(1).give(engine::RemoveMember{group, account(3)});
  world.settle();
  expect_same({0, 1, 2}, before);
  const Texts words = words_of(lines(2));
  const auto removed =
      std::ranges::count_if(words, [](const std::string& each) { return each.ends_with("removed P3"); });
  EXPECT_EQ(removed, 1);
  EXPECT_EQ(words_of(lines(3)).back().substr(2), " removed P3");
}

TEST_F(ChatLines, a_line_is_not_unread_and_nothing_is_done_to_it) {
  make_group(2);
  const engine::MessageId line = lines(1).back().id;
  EXPECT_EQ(info(1).unread, 0U);
  EXPECT_EQ(refusal(1, engine::React{group, line, "+"}), engine::kNoSuchMessage);
  EXPECT_EQ(refusal(1, engine::PinMessage{group, line, true}), engine::kNoSuchMessage);
  EXPECT_EQ(refusal(0, engine::DeleteMessage{group, lines(0).back().id, true}), engine::kNoSuchMessage);
  EXPECT_EQ(refusal(1, engine::ForwardMessage{group, line, group}), engine::kNotForwardable);
  EXPECT_EQ(refusal(1, engine::SendMessage{group, "to nobody", line}), engine::kNoSuchMessage);
  say(0, "words");
  world.settle();
  EXPECT_EQ(info(1).unread, 1U);
  must(1, engine::MarkRead{group, info(1).last});
  EXPECT_EQ(info(1).unread, 0U);
  engine::SearchMessages by_name;
  by_name.query = "P0";
  const auto found = person(1).ask(by_name);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(std::get<engine::SearchResults>(*found).messages.empty());
  must(1, engine::DeleteChat{group, true, false});
  EXPECT_TRUE(lines(1).empty()) << "it goes with the history";
  EXPECT_FALSE(lines(0).empty());
}

TEST_F(ChatLines, what_one_keeps_for_oneself_has_no_lines) {
  const auto made = person(0).ask(engine::OpenSaved{});
  ASSERT_TRUE(made.has_value());
  world.settle();
  EXPECT_TRUE(lines_of(person(0), std::get<engine::ChatMade>(*made).chat.chat).empty());
}

// Whoever dies before one of his batches has each line once, where the others have it.
void lose_no_line(size_t who) {
  for (uint64_t dies_at = 1; dies_at <= 14; ++dies_at) {
    SCOPED_TRACE(dies_at);
    World world;
    std::vector<Person*> people;
    for (size_t i = 0; i < 3; ++i) people.push_back(&world.add());
    for (size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(people[i]->ask(engine::NewAccount{"P" + std::to_string(i), world.home_link()}).has_value());
    }
    const auto made = people[0]->ask(engine::NewGroup{"friends"});
    const engine::ChatId group = std::get<engine::ChatMade>(*made).chat.chat;
    const auto link = people[0]->ask(engine::MakeGroupLink{group, false, 0, 0});
    ASSERT_TRUE(link.has_value());
    const std::string text = std::get<engine::GroupLinkMade>(*link).text;
    world.settle();
    ASSERT_TRUE(people[1]->ask(engine::JoinGroup{text, ""}).has_value());
    world.settle();
    Person& dying = *people[who];
    uint64_t batches = 0;
    dying.on_effect = [&](const engine::Effect& effect) {
      if (std::holds_alternative<engine::StoreBatch>(effect) && ++batches == dies_at) dying.kill();
    };
    people[2]->give(engine::JoinGroup{text, ""});
    people[0]->give(engine::RenameGroup{group, "pals"});
    world.settle();
    if (!dying.alive()) dying.start();
    world.settle();
    dying.on_effect = {};
    const Texts all = places_of(lines_of(*people[0], group));
    ASSERT_GE(all.size(), 3U);
    const Texts later(all.begin() + 1, all.end());
    EXPECT_EQ(places_of(lines_of(*people[1], group)), later);
    const Texts words = words_of(lines_of(*people[0], group));
    EXPECT_EQ(std::ranges::count(words, "P0 joined P2"), 1);
    EXPECT_LE(std::ranges::count(words, "P0 renamed friends pals"), 1);
  }
}

TEST_F(ChatLines, who_commits_may_die_before_any_batch) { lose_no_line(0); }
TEST_F(ChatLines, who_follows_may_die_before_any_batch) { lose_no_line(1); }

using DeviceLines = DeviceChats;

TEST_F(DeviceLines, another_own_device_has_the_same_lines_once) {
  const auto made = phone_.ask(engine::NewGroup{"friends"});
  ASSERT_TRUE(made.has_value());
  const engine::ChatId group = std::get<engine::ChatMade>(*made).chat.chat;
  const engine::AccountId bob = std::get<engine::Account>(*bob_.ask(engine::ReadAccount{})).account;
  ASSERT_TRUE(phone_.ask(engine::AddMembers{group, {bob}}).has_value());
  world_.settle();
  ASSERT_TRUE(phone_.ask(engine::RenameGroup{group, "pals"}).has_value());
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop, 2));
  world_.settle();
  const Texts before = places_of(lines_of(phone_, group));
  EXPECT_EQ(before.size(), 3U);
  EXPECT_EQ(places_of(lines_of(laptop, group)), before) << "handed over";
  ASSERT_TRUE(laptop.ask(engine::RenameGroup{group, "chums"}).has_value());
  world_.settle();
  EXPECT_EQ(lines_of(laptop, group).size(), 4U);
  EXPECT_EQ(places_of(lines_of(laptop, group)), places_of(lines_of(phone_, group))) << "made by each";
  EXPECT_EQ(words_of(lines_of(bob_, group)).size(), 3U);
}

class HostileLines : public HostilePeer {};

TEST_F(HostileLines, what_somebody_sends_as_a_line_is_none) {
  engine::Content forged = content(ContentKind::kLine, Bytes{1, 4}, 200);
  say_bytes(codec::encoded(forged), forged.id);
  world.settle();
  for (const auto& each : alice.history()) EXPECT_FALSE(each.line.has_value());
  EXPECT_EQ(alice.history().size(), 1U);
}

}  // namespace
}  // namespace godwit::testworld
