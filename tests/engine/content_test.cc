// What people say beside plain texts, and what they do to messages: over a real home core.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::Message;
using engine::MessageId;
using Texts = std::vector<std::string>;

class ContentTalk : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    world.settle();
  }
  engine::ChatId chat() { return alice.chat().chat; }
  template <typename Command>
  ErrorCode error_of(Person& person, const Command& command) {
    const auto answer = person.ask(command);
    return answer ? ErrorCode{} : answer.error().code;
  }
  template <typename Command>
  void does(Person& person, const Command& command) {
    const auto answer = person.ask(command);
    ASSERT_TRUE(answer.has_value()) << answer.error().rule;
    world.settle();
  }
  MessageId send(Person& person, engine::Command command) {
    const auto answer = person.ask(std::move(command));
    EXPECT_TRUE(answer.has_value());
    world.settle();
    return std::get<engine::MessageQueued>(*answer).message.id;
  }
  Message message(Person& person, const MessageId& id) {
    const auto answer = person.ask(engine::ReadMessage{chat(), id});
    EXPECT_TRUE(answer.has_value());
    return answer ? std::get<engine::MessageFound>(*answer).message : Message{};
  }
  template <typename Notice>
  size_t count(const Person& person) {
    return static_cast<size_t>(std::count_if(person.notices.begin(), person.notices.end(),
                                             [](const auto& each) { return std::holds_alternative<Notice>(each); }));
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(ContentTalk, text_arrives_with_formatting_mention_and_reply) {
  const MessageId first = bob.say("what is it?");
  world.settle();
  engine::SendMessage command{chat(), "see this, Боб", first, {}, {}};
  command.spans = {{0, 3, engine::SpanStyle::kBold, ""}, {4, 4, engine::SpanStyle::kLink, "https://example.org/a"}};
  command.mentions = {{10, 6, alice.chat().peer}};
  const Message got = message(bob, send(alice, command));
  EXPECT_EQ(got.text, "see this, Боб");
  EXPECT_EQ(got.spans, command.spans);
  EXPECT_EQ(got.mentions, command.mentions);
  EXPECT_EQ(got.reply_to, first);
  EXPECT_EQ(got.author, bob.chat().peer);
  EXPECT_FALSE(got.own);
  command.spans[0].length = 100;
  EXPECT_EQ(error_of(alice, command), engine::kBadFormatting);
  command.spans = {{10, 1, engine::SpanStyle::kBold, ""}};  // half of a letter
  EXPECT_EQ(error_of(alice, command), engine::kBadFormatting);
  command.spans = {{0, 3, engine::SpanStyle::kLink, "javascript:alert(1)"}};
  EXPECT_EQ(error_of(alice, command), engine::kBadFormatting);
}

TEST_F(ContentTalk, a_preview_is_what_the_sender_says_of_a_link_that_stands_in_the_text) {
  engine::SendMessage command{chat(), "Look: https://example.org/a. Well?", {}, {}, {}};
  EXPECT_FALSE(message(bob, send(alice, command)).preview.has_value()) << "there is none by itself";
  const engine::LinkPreview honest{"https://example.org/a", "Пример", "of an example", {0xff, 0xd8, 0xff, 0xe0}};
  command.preview = honest;
  const MessageId id = send(alice, command);
  for (Person* each : {&alice, &bob}) EXPECT_EQ(message(*each, id).preview, honest);
  bob.kill();
  bob.start();
  EXPECT_EQ(message(bob, id).preview, honest);

  // An edit says nothing of it: it stays as long as its link does.
  does(alice, engine::EditMessage{chat(), id, "Look at https://example.org/a!", {}, {}});
  EXPECT_EQ(message(bob, id).preview, honest);
  const MessageId forwarded = send(bob, engine::ForwardMessage{chat(), id, chat()});
  EXPECT_EQ(message(alice, forwarded).preview, honest);
  EXPECT_TRUE(message(alice, forwarded).forwarded);
  does(alice, engine::EditMessage{chat(), id, "Look at https://example.org/ab", {}, {}});
  for (Person* each : {&alice, &bob}) EXPECT_FALSE(message(*each, id).preview.has_value());
  EXPECT_FALSE(message(alice, send(bob, engine::ForwardMessage{chat(), id, chat()})).preview.has_value());
  does(alice, engine::DeleteMessage{chat(), id, true});
  EXPECT_FALSE(message(bob, id).preview.has_value());
}

TEST_F(ContentTalk, a_preview_that_does_not_fit_its_text_is_refused) {
  const auto refused = [&](const std::string& text, const engine::LinkPreview& preview) {
    engine::SendMessage command{chat(), text, {}, {}, {}};
    command.preview = preview;
    EXPECT_EQ(error_of(alice, command), engine::kBadPreview) << text << " " << preview.link << " " << preview.title;
  };
  const std::string link = "https://bank.example";
  for (const char* text :
       {"no link", "https://bank.example.evil.example", "https://bank.example/other", "xhttps://bank.example",
        "https://bank.example?to=evil", "https://bank.example-evil.example", "https://bank.example\xd0\xb0"}) {
    refused(text, {link, "My bank"});
  }
  const std::string text = "See " + link + ", (" + link + ") or javascript:alert(1) or mailto:a@b.example";
  refused(text, {"javascript:alert(1)", "My bank"});
  refused(text, {"mailto:a@b.example", "My bank"});
  refused(text, {"", "My bank"});
  refused(text, {link, ""});
  refused(text, {link, std::string(257, 'a')});
  refused(text, {link, "two\nlines"});
  refused(text, {link, "a\u202egpj.exe"});
  refused(text, {link, "\xff"});
  refused(text, {link, "My bank", std::string(1025, 'a')});
  refused(text, {link, "My bank", "a\u2066b"});
  refused(text, {link, "My bank", "", Bytes(engine::kPreviewThumbnailSizeMax + 1, 0xff)});
  refused(text, {link, "My bank", "", to_bytes(as_bytes("\x89PNG\r\n\x1a\n"))});
  // With all the formatting that a text may have there is no room for it.
  engine::SendMessage command{chat(), text, {}, {}, {}};
  for (int i = 0; i < 7; ++i)
    command.spans.push_back({0, 3, engine::SpanStyle::kLink, "https://" + std::string(2000, 'a')});
  ASSERT_EQ(error_of(alice, command), ErrorCode{});
  Bytes large(engine::kPreviewThumbnailSizeMax, 0xff);
  large[1] = 0xd8;
  command.preview = engine::LinkPreview{link, "My bank", "", large};
  EXPECT_EQ(error_of(alice, command), engine::kBadPreview);
  command.spans.clear();
  EXPECT_EQ(error_of(alice, command), ErrorCode{}) << "the largest that there is";
}

TEST_F(ContentTalk, reactions_are_counted_and_taken_back) {
  const MessageId id = bob.say("we have won");
  world.settle();
  does(alice, engine::React{chat(), id, "👍", false});
  does(bob, engine::React{chat(), id, "👍", false});
  does(bob, engine::React{chat(), id, "🎉", false});
  for (Person* each : {&alice, &bob}) {
    const Message got = message(*each, id);
    ASSERT_EQ(got.reactions.size(), 2U);
    EXPECT_EQ(got.reactions[0].reaction, "👍");
    EXPECT_EQ(got.reactions[0].count, 2U);
    EXPECT_TRUE(got.reactions[0].own);
  }
  does(alice, engine::React{chat(), id, "👍", true});
  EXPECT_EQ(message(bob, id).reactions[0].count, 1U);
  EXPECT_GT(count<engine::MessageChanged>(bob), 0U);
  EXPECT_EQ(error_of(alice, engine::React{chat(), id, "a\u202eb", false}), engine::kBadReaction);
  EXPECT_EQ(error_of(alice, engine::React{chat(), id, std::string(65, 'a'), false}), engine::kBadReaction);
  EXPECT_EQ(error_of(alice, engine::React{chat(), MessageId{}, "👍", false}), engine::kNoSuchMessage);
}

TEST_F(ContentTalk, of_a_thousand_reactions_of_one_person_eight_stay) {
  const MessageId id = bob.say("hello");
  world.settle();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(alice.ask(engine::React{chat(), id, "r" + std::to_string(i), false}));
  world.settle();
  EXPECT_EQ(message(bob, id).reactions.size(), 8U);
  EXPECT_EQ(message(alice, id).reactions.size(), 8U);
  const Message at_bob = message(bob, id);
  EXPECT_TRUE(std::any_of(at_bob.reactions.begin(), at_bob.reactions.end(),
                          [](const auto& each) { return each.reaction == "r199"; }));
}

TEST_F(ContentTalk, edit_shows_the_new_text_and_keeps_the_old_one_readable) {
  const MessageId id = bob.say("frist");
  world.settle();
  does(bob, engine::EditMessage{chat(), id, "first", {}, {}});
  does(bob, engine::EditMessage{chat(), id, "first!", {{0, 5, engine::SpanStyle::kItalic, ""}}, {}});
  for (Person* each : {&alice, &bob}) {
    const Message got = message(*each, id);
    EXPECT_EQ(got.text, "first!");
    EXPECT_EQ(got.edits, 2U);
    EXPECT_EQ(got.spans.size(), 1U);
    const auto edits = std::get<engine::Edits>(*each->ask(engine::ReadEdits{chat(), id}));
    ASSERT_EQ(edits.versions.size(), 3U);
    EXPECT_EQ(edits.versions[0].text, "frist");
    EXPECT_EQ(edits.versions[1].text, "first");
  }
  EXPECT_EQ(error_of(alice, engine::EditMessage{chat(), id, "mine now", {}, {}}), engine::kNotYourMessage);
  EXPECT_EQ(error_of(bob, engine::EditMessage{chat(), id, "", {}, {}}), engine::kNotText);
  alice.kill();
  alice.start();
  EXPECT_EQ(message(alice, id).text, "first!");
  EXPECT_EQ(alice.chat().newest->text, "first!");
}

TEST_F(ContentTalk, message_that_is_taken_back_leaves_no_words) {
  const MessageId id = bob.say("I did not mean this");
  world.settle();
  does(alice, engine::React{chat(), id, "👍", false});
  EXPECT_EQ(error_of(alice, engine::DeleteMessage{chat(), id, true}), engine::kNotYourMessage);
  does(bob, engine::DeleteMessage{chat(), id, true});
  for (Person* each : {&alice, &bob}) {
    const Message got = message(*each, id);
    ASSERT_TRUE(got.deleted.has_value());
    EXPECT_FALSE(got.deleted->by_admin);
    EXPECT_EQ(got.text, "");
    EXPECT_TRUE(got.reactions.empty());
    EXPECT_TRUE(std::get<engine::Edits>(*each->ask(engine::ReadEdits{chat(), id})).versions.empty());
  }
  EXPECT_EQ(error_of(bob, engine::EditMessage{chat(), id, "again", {}, {}}), engine::kNotEditable);
  EXPECT_EQ(error_of(alice, engine::React{chat(), id, "👍", false}), engine::kNoSuchMessage);
}

TEST_F(ContentTalk, message_removed_here_stays_with_the_other) {
  const MessageId id = bob.say("not for my eyes");
  bob.say("next");
  world.settle();
  does(alice, engine::DeleteMessage{chat(), id, false});
  EXPECT_EQ(alice.texts(false), Texts{"next"});
  EXPECT_EQ(bob.texts(true).size(), 2U);
  EXPECT_EQ(error_of(alice, engine::ReadMessage{chat(), id}), engine::kNoSuchMessage);
  EXPECT_EQ(count<engine::MessageGone>(alice), 1U);
}

TEST_F(ContentTalk, both_see_the_same_order_when_they_write_at_once) {
  alice.online = bob.online = false;
  world.cut(alice);
  world.cut(bob);
  for (int i = 0; i < 5; ++i) {
    alice.say("a" + std::to_string(i));
    bob.say("b" + std::to_string(i));
  }
  alice.online = bob.online = true;
  world.settle();
  world.pass(minutes(10));
  world.settle();
  std::vector<MessageId> at_alice;
  std::vector<MessageId> at_bob;
  for (const Message& each : alice.history()) at_alice.push_back(each.id);
  for (const Message& each : bob.history()) at_bob.push_back(each.id);
  ASSERT_EQ(at_alice.size(), 10U);
  EXPECT_EQ(at_alice, at_bob);
  // The same in pages.
  std::vector<MessageId> paged;
  std::optional<engine::Position> before;
  for (;;) {
    const auto page = std::get<engine::Messages>(*alice.ask(engine::ReadHistory{chat(), before, 3})).messages;
    if (page.empty()) break;
    std::vector<MessageId> ids;
    for (const Message& each : page) ids.push_back(each.id);
    paged.insert(paged.begin(), ids.begin(), ids.end());
    before = page.front().position;
  }
  EXPECT_EQ(paged, at_alice);
}

TEST_F(ContentTalk, poll_counts_votes_until_its_author_ends_it) {
  const MessageId id = send(bob, engine::SendPoll{chat(), "Tea?", {"yes", "no"}, false, {}});
  does(alice, engine::Vote{chat(), id, {0}});
  does(bob, engine::Vote{chat(), id, {0}});
  does(alice, engine::Vote{chat(), id, {1}});
  EXPECT_EQ(error_of(alice, engine::Vote{chat(), id, {2}}), engine::kBadVote);
  EXPECT_EQ(error_of(alice, engine::Vote{chat(), id, {0, 1}}), engine::kBadVote);
  EXPECT_EQ(error_of(alice, engine::ClosePoll{chat(), id}), engine::kNotYourMessage);
  does(bob, engine::ClosePoll{chat(), id});
  EXPECT_EQ(error_of(alice, engine::Vote{chat(), id, {0}}), engine::kPollClosed);
  for (Person* each : {&alice, &bob}) {
    const auto poll = message(*each, id).poll;
    ASSERT_TRUE(poll.has_value());
    EXPECT_TRUE(poll->closed);
    EXPECT_EQ(poll->voters, 2U);
    EXPECT_EQ(poll->options[0].votes, 1U);
    EXPECT_EQ(poll->options[1].votes, 1U);
    EXPECT_EQ(poll->options[0].own, each == &bob);
  }
  EXPECT_EQ(error_of(bob, engine::SendPoll{chat(), "One?", {"yes"}, false, {}}), engine::kBadPoll);
  EXPECT_EQ(error_of(bob, engine::SendPoll{chat(), "Same?", {"yes", "yes"}, false, {}}), engine::kBadPoll);
}

TEST_F(ContentTalk, place_and_contact_arrive) {
  const Message place = message(alice, send(bob, engine::SendLocation{chat(), -33'856'784, 151'215'297, 20, "Opera"}));
  ASSERT_TRUE(place.location.has_value());
  EXPECT_EQ(place.location->latitude, -33'856'784);
  EXPECT_EQ(place.location->name, "Opera");
  EXPECT_EQ(error_of(bob, engine::SendLocation{chat(), 91'000'000, 0, 0, ""}), engine::kBadLocation);
  const Message card = message(alice, send(bob, engine::SendContact{chat(), "Carol", {}, "carol@example.org"}));
  ASSERT_TRUE(card.contact.has_value());
  EXPECT_EQ(card.contact->text, "carol@example.org");
  EXPECT_EQ(error_of(bob, engine::SendContact{chat(), "lo\u202erac", {}, ""}), engine::kBadContact);
}

TEST_F(ContentTalk, pinned_messages_are_listed_on_both_sides) {
  const MessageId one = bob.say("rules");
  const MessageId two = alice.say("more rules");
  world.settle();
  does(alice, engine::PinMessage{chat(), one, true});
  does(bob, engine::PinMessage{chat(), two, true});
  does(bob, engine::PinMessage{chat(), one, false});
  for (Person* each : {&alice, &bob}) {
    const auto pinned = std::get<engine::Messages>(*each->ask(engine::ListPinned{chat()})).messages;
    ASSERT_EQ(pinned.size(), 1U);
    EXPECT_EQ(pinned[0].id, two);
    EXPECT_TRUE(pinned[0].pinned);
  }
}

TEST_F(ContentTalk, messages_disappear_on_both_sides_and_from_the_disk) {
  does(bob, engine::SetDisappearing{chat(), 60});
  EXPECT_EQ(alice.chat().disappear_seconds, 60U);
  EXPECT_EQ(error_of(bob, engine::SetDisappearing{chat(), 4}), engine::kBadTimer);
  EXPECT_EQ(error_of(bob, engine::SetDisappearing{chat(), 400 * 86'400}), engine::kBadTimer);
  const MessageId id = bob.say("for your eyes");
  world.settle();
  ASSERT_EQ(message(alice, id).expire_seconds, 60U);
  world.pass(minutes(5));
  EXPECT_EQ(bob.texts(true), Texts{""}) << "only the setting is left";
  EXPECT_EQ(message(alice, id).text, "for your eyes") << "she has not read it yet";
  does(alice, engine::MarkRead{chat(), alice.chat().last});
  alice.kill();
  world.pass(minutes(5));
  alice.start();
  EXPECT_EQ(alice.texts(false), Texts{""});
  EXPECT_EQ(error_of(alice, engine::ReadMessage{chat(), id}), engine::kNoSuchMessage);
  world.settle();
  for (Person* each : {&alice, &bob}) {
    size_t histories = 0;
    for (const auto& [key, value] : each->disk().records()) histories += size_t{key[0] == 'h'};
    EXPECT_EQ(histories, 1U);
  }
}

TEST_F(ContentTalk, forwarded_message_says_so) {
  Person& carol = world.add();
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  const auto invite = alice.ask(engine::MakeInvite{});
  ASSERT_TRUE(invite.has_value());
  const auto made = carol.ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link});
  ASSERT_TRUE(made.has_value());
  world.settle();
  const auto with_bob = bob.chat().chat;
  const auto with_carol = carol.chat().chat;
  const MessageId id = bob.say("pass it on");
  world.settle();
  ASSERT_TRUE(alice.ask(engine::ForwardMessage{with_bob, id, with_carol}).has_value());
  world.settle();
  const auto got = carol.history();
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got.back().text, "pass it on");
  EXPECT_TRUE(got.back().forwarded);
  EXPECT_NE(got.back().id, id);
}

TEST_F(ContentTalk, typing_is_heard_and_not_stored) {
  const auto before = alice.chat().last;
  does(bob, engine::SendTyping{chat(), true});
  EXPECT_EQ(count<engine::Typing>(alice), 1U);
  EXPECT_EQ(alice.chat().last, before);
  does(bob, engine::SetPrivacy{true, false});
  world.pass(minutes(1));
  does(bob, engine::SendTyping{chat(), true});
  EXPECT_EQ(count<engine::Typing>(alice), 1U);
}

TEST_F(ContentTalk, read_receipts_can_be_switched_off_later) {
  does(alice, engine::SetPrivacy{false, true});
  alice.kill();
  alice.start();
  const MessageId id = bob.say("did you see it?");
  world.settle();
  does(alice, engine::MarkRead{chat(), alice.chat().last});
  const auto receipts = std::get<engine::Receipts>(*bob.ask(engine::ReadReceipts{chat(), id})).receipts;
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_TRUE(receipts[0].delivered);
  EXPECT_FALSE(receipts[0].read);
}

TEST_F(ContentTalk, scheduled_message_goes_out_in_its_time_also_after_a_restart) {
  const auto queued = bob.ask(engine::ScheduleMessage{chat(), world.now + hours(2), "good morning", {}, {}, {}});
  ASSERT_TRUE(queued.has_value());
  const auto other = bob.ask(engine::ScheduleMessage{chat(), world.now + hours(3), "never mind", {}, {}, {}});
  ASSERT_TRUE(other.has_value());
  does(bob, engine::CancelScheduled{chat(), std::get<engine::ScheduledQueued>(*other).number});
  bob.kill();
  bob.start();
  world.settle();
  EXPECT_EQ(std::get<engine::ScheduledMessages>(*bob.ask(engine::ListScheduled{chat()})).scheduled.size(), 1U);
  world.pass(hours(1));
  EXPECT_TRUE(alice.texts(false).empty());
  world.pass(hours(4));
  EXPECT_EQ(alice.texts(false), Texts{"good morning"});
}

TEST_F(ContentTalk, scheduled_messages_that_fell_due_without_the_program_go_out_in_the_order_of_their_times) {
  ASSERT_TRUE(bob.ask(engine::ScheduleMessage{chat(), world.now + hours(3), "second", {}, {}, {}}).has_value());
  ASSERT_TRUE(bob.ask(engine::ScheduleMessage{chat(), world.now + hours(2), "first", {}, {}, {}}).has_value());
  bob.kill();
  world.pass(hours(4));
  bob.start();
  world.settle();
  EXPECT_EQ(alice.texts(false), (Texts{"first", "second"}));
}

TEST_F(ContentTalk, what_is_set_for_a_chat_survives_a_restart) {
  engine::SetChat set{chat(), {}, true, true, {}, "to be contin"};
  does(alice, set);
  does(alice, engine::SetChat{chat(), {}, false, {}, true, {}});
  alice.kill();
  alice.start();
  const auto settings = alice.chat().settings;
  EXPECT_FALSE(settings.archived);
  EXPECT_TRUE(settings.pinned);
  EXPECT_TRUE(settings.marked_unread);
  EXPECT_EQ(settings.draft, "to be contin");
}

}  // namespace
}  // namespace godwit::testworld
