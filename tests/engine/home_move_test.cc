// An account goes to another home, with its devices and chats.

#include "engine/home_move.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Anna lives at the first home, Bob at one of his own: his is the log of their chat. She goes to "new.example".
class HomeMoves : public ::testing::Test {
 protected:
  HomeMoves() : anna(world.add()), bob(world.add()) {}
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.taker_home = "bob.example";
    world.add_home("bob.example");
    world.add_home("new.example");
    world.meet(anna, bob);
    world.settle();
  }

  static Account account(Person& person) { return must<Account>(person, ReadAccount{}); }
  static bool lives_at(Person& person, const std::string& host) {
    return account(person).home.find(host) != std::string::npos;
  }
  bool all_told(Person& person) {
    return world.run_until([&] { return account(person).chats_to_tell == 0; }, days(4));
  }
  void move(Person& person, const std::string& host = "new.example") {
    ASSERT_TRUE(person.ask(MoveAccount{world.home_link_at(host)}).has_value());
    ASSERT_TRUE(lives_at(person, host));
  }
  bool hears(Person& person, const std::string& text, Duration patience = hours(1)) {
    return world.run_until(
        [&] {
          const Texts texts = person.texts(false);
          return std::ranges::find(texts, text) != texts.end();
        },
        patience);
  }
  Person& link(const std::string& name) {
    Person& fresh = world.add();
    const auto offered = must<LinkingOffered>(anna, StartLinking{});
    const CommandId id = fresh.give(LinkDevice{name, offered.link, {}, {}});
    anna.notices.clear();
    EXPECT_TRUE(world.run_until([&] { return has_notice<DeviceAsks>(anna); }));
    EXPECT_TRUE(anna.ask(ConfirmLinking{true}).has_value());
    EXPECT_TRUE(world.run_until([&] { return fresh.answer(id) != nullptr && !fresh.chats().empty(); }));
    world.settle();
    return fresh;
  }

  World world;
  Person& anna;
  Person& bob;
};

TEST_F(HomeMoves, who_has_moved_is_reached_when_the_home_before_is_gone) {
  bob.say("before");
  ASSERT_TRUE(hears(anna, "before"));
  move(anna);
  ASSERT_TRUE(all_told(anna));
  world.settle();
  world.kill_home();
  bob.say("after");
  EXPECT_TRUE(hears(anna, "after"));
  anna.say("and back");
  EXPECT_TRUE(hears(bob, "and back"));
  anna.kill();
  anna.start();
  bob.say("after a restart");
  EXPECT_TRUE(hears(anna, "after a restart"));
}

TEST_F(HomeMoves, what_was_on_its_way_to_the_home_before_arrives) {
  bob.say("first");
  ASSERT_TRUE(hears(anna, "first"));
  bob.online = false;
  world.cut(bob);
  bob.say("said before he knew");
  move(anna);
  ASSERT_TRUE(all_told(anna));
  bob.online = true;
  EXPECT_TRUE(hears(anna, "said before he knew"));
  EXPECT_FALSE(account(anna).former_home.empty());
}

TEST_F(HomeMoves, what_waits_at_the_home_before_while_the_program_is_off_is_fetched) {
  move(anna);
  anna.kill();
  bob.say("to the old address");
  world.settle();
  anna.start();
  EXPECT_TRUE(hears(anna, "to the old address"));
  ASSERT_TRUE(all_told(anna));
  EXPECT_EQ(std::ranges::count(anna.texts(false), "to the old address"), 1);
}

TEST_F(HomeMoves, a_chat_is_told_with_the_next_thing_that_is_said_there) {
  move(anna);
  anna.say("from my new home");
  EXPECT_TRUE(world.run_until([&] { return account(anna).chats_to_tell == 0; }, seconds(5)));
}

TEST_F(HomeMoves, the_home_before_need_not_answer) {
  world.kill_home();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  bob.say("found you");
  EXPECT_TRUE(hears(anna, "found you"));
}

TEST_F(HomeMoves, all_devices_go_with_it) {
  Person& laptop = link("Laptop");
  move(anna);
  ASSERT_TRUE(world.run_until([&] { return lives_at(laptop, "new.example"); }));
  ASSERT_TRUE(all_told(anna));
  world.settle();
  world.kill_home();
  bob.say("to both");
  EXPECT_TRUE(hears(anna, "to both"));
  EXPECT_TRUE(hears(laptop, "to both"));
  laptop.say("from the laptop");
  EXPECT_TRUE(hears(bob, "from the laptop"));
  EXPECT_TRUE(world.run_until([&] {
    const Texts own = anna.texts(true);
    return std::ranges::find(own, "from the laptop") != own.end();
  }));
  // They go on telling each other.
  ASSERT_TRUE(anna.ask(RenameAccount{"Anna Nova"}).has_value());
  EXPECT_TRUE(world.run_until([&] { return account(laptop).name == "Anna Nova"; }));
}

TEST_F(HomeMoves, a_device_that_slept_hears_of_it_in_a_chat_when_the_home_before_is_gone) {
  Person& laptop = link("Laptop");
  laptop.kill();
  world.kill_home();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  world.settle();
  laptop.start();
  EXPECT_TRUE(world.run_until([&] { return lives_at(laptop, "new.example"); }, days(2)));
  bob.say("to both");
  EXPECT_TRUE(hears(laptop, "to both"));
  EXPECT_TRUE(hears(anna, "to both"));
}

TEST_F(HomeMoves, a_device_of_which_the_one_that_moves_it_had_not_heard_comes_along) {
  Person& laptop = link("Laptop");
  laptop.blocked = {"home.example", "bob.example"};
  world.cut(laptop);
  Person& tablet = link("Tablet");
  ASSERT_TRUE(laptop.ask(MoveAccount{world.home_link_at("new.example")}).has_value());
  ASSERT_TRUE(lives_at(laptop, "new.example"));
  laptop.blocked.clear();
  ASSERT_TRUE(world.run_until([&] { return lives_at(tablet, "new.example"); }, days(2)));
  ASSERT_TRUE(all_told(laptop));
  world.settle();
  world.kill_home();
  bob.say("to all three");
  EXPECT_TRUE(hears(tablet, "to all three"));
  EXPECT_TRUE(hears(anna, "to all three"));
  EXPECT_TRUE(hears(laptop, "to all three"));
}

TEST_F(HomeMoves, the_others_tell_the_chats_if_the_device_that_moved_it_is_gone) {
  Person& laptop = link("Laptop");
  move(anna);
  ASSERT_TRUE(world.run_until([&] { return lives_at(laptop, "new.example"); }));
  anna.kill();
  ASSERT_GT(account(laptop).chats_to_tell, 0U);
  ASSERT_TRUE(all_told(laptop));
  world.settle();
  world.kill_home();
  bob.say("after");
  EXPECT_TRUE(hears(laptop, "after"));
  anna.start();
  EXPECT_TRUE(hears(anna, "after"));
}

TEST_F(HomeMoves, two_devices_that_move_it_at_once_end_at_one_home) {
  world.add_home("third.example");
  Person& laptop = link("Laptop");
  const CommandId one = anna.give(MoveAccount{world.home_link_at("new.example")});
  const CommandId two = laptop.give(MoveAccount{world.home_link_at("third.example")});
  ASSERT_TRUE(world.run_until([&] { return anna.answer(one) != nullptr && laptop.answer(two) != nullptr; }));
  ASSERT_TRUE(world.run_until([&] { return account(anna).home == account(laptop).home; }, days(2)));
  ASSERT_TRUE(all_told(anna));
  ASSERT_TRUE(all_told(laptop));
  world.settle();
  bob.say("to both");
  EXPECT_TRUE(hears(anna, "to both"));
  EXPECT_TRUE(hears(laptop, "to both"));
}

// What is said is signed for the home in the leaf of the device, as it was in the epoch of the message.
TEST_F(HomeMoves, a_report_names_the_home_where_its_author_lived_then) {
  Person& laptop = link("Laptop");
  const ChatId chat = bob.chat().chat;
  const auto say = [&](Person& by, const std::string& text) {
    return must<MessageQueued>(by, SendText{chat, text}).message.id;
  };
  const auto home_in = [&](const MessageId& id) {
    const Bytes report = must<MessageReported>(bob, ReportMessage{chat, id}).report;
    return must<ReportChecked>(bob, CheckReport{report}).message->home;
  };
  const MessageId first = say(anna, "before");
  ASSERT_TRUE(hears(bob, "before"));
  bob.online = false;
  world.cut(bob);
  laptop.online = false;
  world.cut(laptop);
  const MessageId under_way = say(anna, "under way");
  world.settle();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  const MessageId after = say(anna, "after");
  world.settle();
  bob.online = true;
  ASSERT_TRUE(hears(bob, "under way") && hears(bob, "after"));
  laptop.online = true;
  const MessageId late = say(laptop, "of who has slept");
  ASSERT_TRUE(hears(bob, "of who has slept"));
  const std::string old_home = home_in(first);
  EXPECT_EQ(home_in(under_way), old_home);
  EXPECT_NE(home_in(after), old_home);
  EXPECT_TRUE(home_in(late) == old_home || home_in(late) == home_in(after));
}

TEST_F(HomeMoves, an_invite_given_out_before_is_good_for_a_while) {
  const auto made = must<InviteMade>(anna, MakeInvite{});
  move(anna);
  ASSERT_TRUE(all_told(anna));
  Person& cora = world.add();
  ASSERT_TRUE(cora.ask(NewAccount{"Cora", world.home_link_at("bob.example")}).has_value());
  ASSERT_TRUE(cora.ask(AddContact{made.link}).has_value());
  ASSERT_TRUE(world.run_until([&] { return anna.chats().size() == 2; }));
  ASSERT_TRUE(all_told(anna));
  world.settle();
  world.kill_home();
  cora.say("hello from Cora");
  EXPECT_TRUE(world.run_until([&] {
    return std::ranges::any_of(
        anna.chats(), [](const ChatInfo& chat) { return chat.newest && chat.newest->text == "hello from Cora"; });
  }));
}

TEST_F(HomeMoves, an_invite_for_many_given_out_before_is_good_for_a_while) {
  const auto made = must<InviteMade>(anna, MakeOpenInvite{3, 30});
  move(anna);
  ASSERT_TRUE(all_told(anna));
  world.settle();
  Person& cora = world.add();
  ASSERT_TRUE(cora.ask(NewAccount{"Cora", world.home_link_at("bob.example")}).has_value());
  must<RequestSent>(cora, SendContactRequest{made.link, ""});
  EXPECT_TRUE(world.run_until([&] { return anna.chats().size() == 2; }));
}

TEST_F(HomeMoves, after_thirty_days_the_mailbox_before_is_dropped) {
  move(anna);
  ASSERT_TRUE(all_told(anna));
  EXPECT_FALSE(account(anna).former_home.empty());
  world.pass(days(31));
  EXPECT_TRUE(account(anna).former_home.empty());
  bob.say("still here");
  EXPECT_TRUE(hears(anna, "still here"));
  // And back: the old home takes it as a new one.
  ASSERT_TRUE(anna.ask(MoveAccount{world.home_link()}).has_value());
  EXPECT_TRUE(lives_at(anna, "home.example"));
}

TEST_F(HomeMoves, a_device_that_slept_through_the_way_back_does_not_end_the_mailbox) {
  Person& laptop = link("Laptop");
  move(anna);
  ASSERT_TRUE(world.run_until([&] { return lives_at(laptop, "new.example"); }));
  ASSERT_TRUE(all_told(anna));
  world.settle();
  laptop.kill();
  ASSERT_TRUE(anna.ask(MoveAccount{world.home_link()}).has_value());
  ASSERT_TRUE(all_told(anna));
  world.pass(days(31));
  laptop.start();
  world.settle();
  world.pass(days(1));
  bob.say("to both");
  EXPECT_TRUE(hears(anna, "to both"));
  EXPECT_TRUE(hears(laptop, "to both"));
  EXPECT_TRUE(lives_at(laptop, "home.example"));
}

TEST_F(HomeMoves, what_others_have_on_its_way_to_a_home_that_is_gone_goes_to_the_new_one) {
  world.kill_home();
  bob.say("to nowhere");
  world.settle();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  EXPECT_TRUE(hears(anna, "to nowhere"));
}

TEST_F(HomeMoves, a_chat_whose_log_is_gone_holds_up_neither_a_new_device_nor_the_next_move) {
  ASSERT_TRUE(anna.ask(NewGroup{"Ours"}).has_value());
  world.settle();
  world.kill_home();
  move(anna);
  world.pass(hours(1));
  EXPECT_EQ(account(anna).chats_to_tell, 1U);
  Person& laptop = link("Laptop");
  bob.say("to both");
  const auto newest = [&](Person& person) {
    return std::ranges::any_of(person.chats(),
                               [](const ChatInfo& chat) { return chat.newest && chat.newest->text == "to both"; });
  };
  EXPECT_TRUE(world.run_until([&] { return newest(anna) && newest(laptop); }));
  world.pass(days(1));
  world.add_home("third.example");
  EXPECT_TRUE(anna.ask(MoveAccount{world.home_link_at("third.example")}).has_value());
  EXPECT_TRUE(world.run_until([&] { return lives_at(laptop, "third.example"); }));
}

// The device that lets itself in by keys of before the move takes on the address that the other one still has of the group.
TEST_F(HomeMoves, who_is_let_into_a_group_again_by_keys_of_before_the_move_comes_in_with_all_devices) {
  Person& laptop = link("Laptop");
  const auto group = must<ChatMade>(bob, NewGroup{"Ours"}).chat.chat;
  const auto lives_in = [&](Person& person) {
    return std::ranges::any_of(person.chats(), [&](const ChatInfo& chat) { return chat.chat == group && chat.member; });
  };
  ASSERT_TRUE(bob.ask(AddMembers{group, {account(anna).account}}).has_value());
  ASSERT_TRUE(world.run_until([&] { return lives_in(anna) && lives_in(laptop); }));
  world.settle();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  ASSERT_TRUE(bob.ask(RemoveMember{group, account(anna).account}).has_value());
  ASSERT_TRUE(world.run_until([&] { return !lives_in(anna) && !lives_in(laptop); }));
  anna.kill();
  ASSERT_TRUE(bob.ask(AddMembers{group, {account(laptop).account}}).has_value());
  ASSERT_TRUE(world.run_until([&] { return lives_in(laptop); }));
  world.settle();
  anna.start();
  EXPECT_TRUE(world.run_until([&] { return lives_in(anna); }, hours(3)));
  world.pass(hours(1));
  ASSERT_TRUE(bob.ask(SendText{group, "to all of you"}).has_value());
  const auto heard = [&](Person& person) {
    return std::ranges::any_of(person.chats(), [](const ChatInfo& chat) {
      return chat.newest && chat.newest->text == "to all of you";
    });
  };
  EXPECT_TRUE(world.run_until([&] { return heard(anna) && heard(laptop); }));
}

TEST_F(HomeMoves, a_home_that_does_not_answer_is_given_up) {
  anna.blocked.insert("new.example");
  const auto link = world.home_link_at("new.example");
  const CommandId id = anna.give(MoveAccount{link});
  world.pass(minutes(1));
  EXPECT_EQ(account(anna).moving_to, "wss://new.example/ws");
  ASSERT_TRUE(world.run_until([&] { return anna.answer(id) != nullptr; }, hours(3)));
  ASSERT_FALSE(anna.answer(id)->has_value());
  EXPECT_EQ(anna.answer(id)->error().code, kHomeSilent);
  anna.blocked.clear();
  move(anna);
}

TEST_F(HomeMoves, who_asks_again_while_a_home_does_not_answer_takes_it_over) {
  anna.blocked.insert("new.example");
  anna.give(MoveAccount{world.home_link_at("new.example")});
  world.pass(minutes(1));
  anna.kill();
  anna.start();
  const CommandId second = anna.give(MoveAccount{world.home_link_at("new.example")});
  world.pass(seconds(10));
  world.add_home("third.example");
  ASSERT_TRUE(anna.ask(MoveAccount{world.home_link_at("third.example")}).has_value());
  ASSERT_TRUE(anna.answer(second) != nullptr);
  EXPECT_EQ(anna.answer(second)->error().code, kMoveUnderWay);
  EXPECT_TRUE(lives_at(anna, "third.example"));
  EXPECT_EQ(account(anna).moving_to, "");
}

TEST_F(HomeMoves, a_home_that_refuses_leaves_everything_as_it_was) {
  const auto before = account(anna).home;
  auto link = wire::parse_home_link(world.home_link_at("new.example"));
  ASSERT_TRUE(link.has_value());
  link->admission_code = {1, 2, 3};
  const auto refused = anna.ask(MoveAccount{wire::to_text(*link)});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kRefusedByHome);
  EXPECT_EQ(account(anna).home, before);
  const auto same = anna.ask(MoveAccount{world.home_link()});
  ASSERT_FALSE(same.has_value());
  EXPECT_EQ(same.error().code, kSameHome);
  bob.say("as before");
  EXPECT_TRUE(hears(anna, "as before"));
  move(anna);
  const auto again = anna.ask(MoveAccount{world.home_link_at("bob.example")});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, kMoveUnderWay) << "first the chats are told";
}

TEST_F(HomeMoves, who_moves_twice_and_back_gets_what_lies_at_all_of_these_homes) {
  world.add_home("third.example");
  bob.online = false;
  world.cut(bob);
  bob.say("to the first");
  move(anna);
  ASSERT_TRUE(all_told(anna));
  move(anna, "third.example");
  ASSERT_TRUE(all_told(anna));
  bob.online = true;
  EXPECT_TRUE(hears(anna, "to the first"));
  bob.say("to the third");
  EXPECT_TRUE(hears(anna, "to the third"));
  ASSERT_TRUE(anna.ask(MoveAccount{world.home_link()}).has_value());
  ASSERT_TRUE(all_told(anna));
  bob.say("and back");
  EXPECT_TRUE(hears(anna, "and back"));
  anna.kill();
  anna.start();
  bob.say("after a restart");
  EXPECT_TRUE(hears(anna, "after a restart"));
}

// Who had asked before is told, though his asking comes out of a mailbox only when the link has gone everywhere.
TEST_F(HomeMoves, who_asked_by_a_link_before_it_was_revoked_is_told) {
  Person& carol = world.add();
  world.meet(bob, carol);
  const auto group = must<ChatMade>(bob, NewGroup{"Ours"}).chat.chat;
  ASSERT_TRUE(bob.ask(AddMembers{group, {account(anna).account}}).has_value());
  ASSERT_TRUE(world.run_until([&] { return anna.chats().size() == 2; }));
  ASSERT_TRUE(bob.ask(SetRole{group, account(anna).account, Role::kAdmin}).has_value());
  world.settle();
  const auto made = must<GroupLinkMade>(anna, MakeGroupLink{group});
  world.settle();
  move(anna);
  ASSERT_TRUE(all_told(anna));
  anna.blocked = {"home.example"};
  world.cut(anna);
  ASSERT_TRUE(carol.ask(JoinGroup{made.text, ""}).has_value());
  ASSERT_TRUE(anna.ask(RevokeGroupLink{group, made.link}).has_value());
  world.pass(minutes(10));
  EXPECT_FALSE(has_notice<JoinRefused>(carol));
  anna.blocked.clear();
  EXPECT_TRUE(world.run_until([&] { return has_notice<JoinRefused>(carol); }, minutes(40)));
}

// What comes to the home where it was before, under an address that only the move makes, is not taken for a stranger's.
TEST_F(HomeMoves, a_device_that_has_not_heard_of_the_way_back_misses_nothing) {
  Person& laptop = link("Laptop");
  move(anna);
  ASSERT_TRUE(world.run_until([&] { return lives_at(laptop, "new.example"); }));
  ASSERT_TRUE(all_told(anna));
  ASSERT_TRUE(all_told(laptop));
  world.settle();
  laptop.blocked = {"new.example", "bob.example"};  // its queue, and the log of the chat
  world.cut(laptop);
  ASSERT_TRUE(anna.ask(MoveAccount{world.home_link()}).has_value());
  ASSERT_TRUE(all_told(anna));
  bob.say("on your way back");
  ASSERT_TRUE(hears(anna, "on your way back"));
  world.pass(minutes(10));
  EXPECT_TRUE(lives_at(laptop, "new.example"));
  laptop.blocked.clear();
  EXPECT_TRUE(hears(laptop, "on your way back"));
}

// Anna's program dies once, at its batch `batch` of the move. False: it has moved before it came to that.
bool move_and_die(uint64_t batch, store::BatchCrashPoint point) {
  World world;
  Person& anna = world.add();
  Person& bob = world.add();
  world.taker_home = "bob.example";
  world.add_home("bob.example");
  world.add_home("new.example");
  world.meet(anna, bob);
  world.settle();
  anna.kill();
  anna.start({batch, point, std::nullopt});
  const auto told = [&] {
    const auto answer = anna.alive() ? anna.ask(ReadAccount{}) : Result<Answer>(Error{kNoAccount, "it died"});
    if (!answer) return false;
    const auto& account = std::get<Account>(*answer);
    return account.home.find("new.example") != std::string::npos && account.chats_to_tell == 0;
  };
  if (anna.alive()) anna.give(MoveAccount{world.home_link_at("new.example")});
  world.run_until([&] { return !anna.alive() || told(); }, minutes(30));
  const bool died = !anna.alive();
  if (died) anna.start();
  // What was never stored is asked for once more.
  static_cast<void>(anna.ask(MoveAccount{world.home_link_at("new.example")}));
  EXPECT_TRUE(world.run_until(told, hours(2))) << batch;
  world.settle();
  world.kill_home();
  bob.say("after all that");
  const auto revived = [&] {  // it may also die after the move
    if (!anna.alive()) anna.start();
    return true;
  };
  EXPECT_TRUE(world.run_until([&] { return revived() && anna.texts(false) == Texts{"after all that"}; })) << batch;
  revived();
  anna.say("and back");
  EXPECT_TRUE(world.run_until([&] { return revived() && bob.texts(false) == Texts{"and back"}; })) << batch;
  return died;
}

TEST(HomeMoveCrash, a_program_that_dies_at_any_batch_moves_all_the_same) {
  ASSERT_TRUE(crypto::initialise());
  for (const auto point : {store::BatchCrashPoint::kBeforeBatch, store::BatchCrashPoint::kAfterBatch}) {
    uint64_t batch = 0;
    while (batch < 60 && move_and_die(batch, point)) ++batch;
    EXPECT_GT(batch, 5U);
    EXPECT_LT(batch, 60U);
  }
}

}  // namespace
}  // namespace godwit::testworld
