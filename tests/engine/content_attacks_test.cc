// What the other side of a chat may say that our own program never says: too much, too early, too late, about what is not his. And
// that what is done to messages comes to the same in whatever order it comes.

#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using ContentAttacks = HostilePeer;

TEST_F(ContentAttacks, nobody_edits_or_takes_back_what_another_has_said) {
  say(content(ContentKind::kEdit, codec::encoded(engine::EditBody{own, "put into her mouth"})));
  say(content(ContentKind::kDelete, codec::encoded(engine::DeleteBody{own})));
  EXPECT_EQ(find(own)->text, "said by alice");
  EXPECT_EQ(find(own)->edits, 0U);
  EXPECT_FALSE(find(own)->deleted.has_value());
}

TEST_F(ContentAttacks, kind_of_a_later_version_is_shown_as_such_and_kept) {
  Content later = content(static_cast<ContentKind>(999), Bytes(50, 7));
  later.extensions.push_back({static_cast<engine::ExtensionId>(400), Bytes(3, 1)});
  const MessageId id = say(later);
  ASSERT_TRUE(find(id).has_value());
  EXPECT_EQ(find(id)->kind, engine::MessageKind::kNewer);
  EXPECT_EQ(alice.ask(engine::ForwardMessage{chat, id, chat}).error().code, engine::kNotForwardable);
  const auto last = alice.chat().last;
  say(content(static_cast<ContentKind>(0x9000), Bytes(50, 7)));
  EXPECT_EQ(alice.chat().last, last) << "for programs";
  EXPECT_EQ(records(RecordKind::kUnknown), 1U);
}

TEST_F(ContentAttacks, a_preview_that_is_not_right_is_left_out_and_the_text_is_there) {
  const std::string link = "https://bank.example";
  const auto said = [&](const std::string& words, Bytes data) {
    Content one = text(words);
    one.extensions.push_back({engine::ExtensionId::kPreview, std::move(data)});
    const auto message = find(say(one));
    EXPECT_TRUE(message.has_value() && message->text == words) << words;
    return message ? message->preview : std::nullopt;
  };
  const engine::LinkPreview honest{link, "My bank"};
  const Bytes right = codec::encoded(honest);
  ASSERT_EQ(said("See " + link, right), honest);
  EXPECT_FALSE(said("See https://bank.example.evil.example", right));
  EXPECT_FALSE(said("See nothing", right));
  EXPECT_FALSE(said("See " + link, {}));
  EXPECT_FALSE(said("See " + link, Bytes(right.begin(), right.end() - 1)));
  EXPECT_FALSE(said("See " + link, Bytes(200, 0xff)));
  const engine::LinkPreview bad[] = {{link, "a\u202eb"},
                                     {link, "two\nlines"},
                                     {link, std::string(257, 'a')},
                                     {link, "My bank", std::string(1025, 'a')},
                                     {link, "My bank", "", Bytes(engine::kPreviewThumbnailSizeMax + 1, 0xff)},
                                     {link, "My bank", "", to_bytes(as_bytes("<svg onload=alert(1)>"))},
                                     {"javascript:alert(1)", "My bank"}};
  for (const engine::LinkPreview& each : bad)
    EXPECT_FALSE(said("See " + link + " javascript:alert(1)", codec::encoded(each)));
  // Two of them, of which the first counts, and one beside what is no text.
  Content two = text("See " + link);
  for (const char* title : {"First", "Second"}) {
    two.extensions.push_back({engine::ExtensionId::kPreview, codec::encoded(engine::LinkPreview{link, title})});
  }
  EXPECT_EQ(find(say(two))->preview->title, "First");
  Content place = content(ContentKind::kLocation, codec::encoded(engine::LocationBody{1, 2, 3, link}));
  place.extensions.push_back({engine::ExtensionId::kPreview, right});
  EXPECT_FALSE(find(say(place))->preview.has_value());
  const auto last = alice.chat().last;
  Content huge = text("See " + link);
  huge.extensions.push_back({engine::ExtensionId::kPreview, Bytes(engine::kExtensionBytesMax + 1, 1)});
  say(huge);
  EXPECT_EQ(alice.chat().last, last) << "beyond what may stand beside a text";
}

TEST_F(ContentAttacks, what_comes_before_its_message_waits_for_it_also_over_a_restart) {
  const Content late = text("at last");
  say(content(ContentKind::kEdit, codec::encoded(engine::EditBody{late.id, "at last, edited"}), 101));
  say(content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{late.id, "👍", false}), 102));
  EXPECT_EQ(records(RecordKind::kWaiting), 2U);
  alice.kill();
  alice.start();
  say(late);
  EXPECT_EQ(find(late.id)->text, "at last, edited");
  EXPECT_EQ(find(late.id)->reactions.size(), 1U);
  EXPECT_EQ(records(RecordKind::kWaiting), 0U);
}

TEST_F(ContentAttacks, what_waits_is_bounded) {
  for (int i = 0; i < 200; ++i) {
    const Content one =
        content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{{random.bytes<16>()}, "👍", false}));
    say_bytes(codec::encoded(one), one.id);
  }
  world.settle();
  EXPECT_EQ(records(RecordKind::kWaiting), engine::kWaitingOfOneMax);
}

TEST_F(ContentAttacks, clock_far_ahead_does_not_spoil_the_order) {
  const MessageId far = say(text("far ahead", UINT64_MAX));
  const MessageId near = say(text("near", 101));
  const MessageId answer = alice.say("answer");
  world.settle();
  EXPECT_LT(find(far)->clock, 100U);
  EXPECT_EQ(find(near)->clock, 101U);
  EXPECT_EQ(find(answer)->clock, 102U);
  EXPECT_EQ(alice.history().back().id, answer);
}

TEST_F(ContentAttacks, sizes_outside_their_bounds_are_refused) {
  const auto last = alice.chat().last;
  say(text(std::string(engine::kTextSizeMax + 1, 'a')));
  say(content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{own, std::string(65, 'a'), false})));
  say(content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{own, "\u202eevil", false})));
  say(content(ContentKind::kContact, codec::encoded(engine::ContactBody{"lo\u202erac", {}, ""})));
  say(content(ContentKind::kPoll, codec::encoded(engine::PollBody{"?", {"one"}, false, 0})));
  say(content(ContentKind::kSettings, codec::encoded(engine::SettingsBody{1})));
  EXPECT_EQ(alice.chat().last, last);
  EXPECT_TRUE(find(own)->reactions.empty());
  EXPECT_EQ(alice.chat().disappear_seconds, 0U);
}

TEST_F(ContentAttacks, votes_after_the_close_do_not_count_and_the_one_before_does) {
  const auto asked = alice.ask(engine::SendPoll{chat, "Tea?", {"yes", "no"}, false, {}});
  ASSERT_TRUE(asked.has_value());
  const MessageId poll = std::get<engine::MessageQueued>(*asked).message.id;
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {0}}), 50));
  ASSERT_TRUE(alice.ask(engine::ClosePoll{chat, poll}).has_value());
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {1}}), 90));
  EXPECT_EQ(find(poll)->poll->options[0].votes, 1U);
  EXPECT_EQ(find(poll)->poll->options[1].votes, 0U);
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {7}}), 49));
  say(content(ContentKind::kPollClose, codec::encoded(engine::PollCloseBody{own}), 95));
  EXPECT_EQ(find(poll)->poll->voters, 1U);
}

TEST_F(ContentAttacks, five_late_votes_do_not_push_out_the_one_before_the_close_whichever_comes_first) {
  for (const bool close_first : {true, false}) {
    const Content poll =
        content(ContentKind::kPoll, codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0}), 100);
    say(poll);
    say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll.id, {0}}), 101));
    const Content close = content(ContentKind::kPollClose, codec::encoded(engine::PollCloseBody{poll.id}), 102);
    if (close_first) say(close);
    for (uint64_t i = 0; i < 5; ++i)
      say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll.id, {1}}), 103 + i));
    if (!close_first) {
      EXPECT_EQ(find(poll.id)->poll->options[1].votes, 1U) << "the last one, while it is open";
      say(close);
    }
    EXPECT_EQ(find(poll.id)->poll->options[0].votes, 1U) << close_first;
    EXPECT_EQ(find(poll.id)->poll->options[1].votes, 0U) << close_first;
  }
}

TEST_F(ContentAttacks, votes_for_what_a_poll_does_not_offer_push_out_no_vote) {
  const Content poll =
      content(ContentKind::kPoll, codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0}), 100);
  say(poll);
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll.id, {0}}), 101));
  for (uint64_t i = 0; i < 5; ++i)
    say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll.id, {7}}), 102 + i));
  EXPECT_EQ(find(poll.id)->poll->options[0].votes, 1U);
}

TEST_F(ContentAttacks, the_first_64_votes_of_a_person_count_in_whatever_order_they_come) {
  constexpr uint64_t kMore = engine::kVotesOfOneMax + 6;
  for (const bool backwards : {false, true}) {
    const Content poll =
        content(ContentKind::kPoll, codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0}), 100);
    say(poll);
    for (uint64_t i = 0; i < kMore; ++i) {
      const uint64_t number = backwards ? kMore - 1 - i : i;
      const auto choice = static_cast<uint8_t>(number == engine::kVotesOfOneMax - 1 ? 0 : 1);
      const Content one =
          content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll.id, {choice}}), 101 + number);
      say_bytes(codec::encoded(one), one.id);
    }
    world.settle();
    EXPECT_EQ(find(poll.id)->poll->options[0].votes, 1U) << backwards;
    EXPECT_EQ(find(poll.id)->poll->voters, 1U);
  }
}

TEST_F(ContentAttacks, an_own_vote_that_would_not_count_is_refused) {
  const auto asked = alice.ask(engine::SendPoll{chat, "Tea?", {"yes", "no"}, false, {}});
  ASSERT_TRUE(asked.has_value());
  const MessageId poll = std::get<engine::MessageQueued>(*asked).message.id;
  for (uint32_t i = 0; i < engine::kVotesOfOneMax; ++i)
    ASSERT_TRUE(alice.ask(engine::Vote{chat, poll, {i % 2}}).has_value());
  EXPECT_EQ(alice.ask(engine::Vote{chat, poll, {0}}).error().code, engine::kVotesUsedUp);
  EXPECT_EQ(find(poll)->poll->options[1].votes, 1U);
}

TEST_F(ContentAttacks, everybody_of_a_group_of_two_thousand_who_has_changed_his_vote_is_counted) {
  const auto asked = alice.ask(engine::SendPoll{chat, "Tea?", {"yes", "no"}, false, {}});
  ASSERT_TRUE(asked.has_value());
  const MessageId poll = std::get<engine::MessageQueued>(*asked).message.id;
  const Bytes key = engine::record_key(RecordKind::kState, chat.view(), find(poll)->position.value);
  alice.kill();
  engine::StateRecord state;
  constexpr uint64_t kPeople = 2'000;
  for (uint64_t i = 0; i < 3 * kPeople; ++i) {
    engine::AccountId somebody;
    somebody.value[0] = static_cast<uint8_t>(i % kPeople);
    somebody.value[1] = static_cast<uint8_t>(1 + ((i % kPeople) >> 8));
    const auto choice = static_cast<uint8_t>(i < 2 * kPeople ? 0 : 1);
    state.votes.push_back({{i + 1, {random.bytes<16>()}}, somebody, 0, {choice}});
  }
  put(key, state);
  alice.disk().sync();
  alice.start();
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {0}}), 10'000));
  EXPECT_EQ(find(poll)->poll->options[1].votes, kPeople);
  EXPECT_EQ(find(poll)->poll->voters, kPeople + 1);
}

TEST_F(ContentAttacks, votes_after_the_end_of_a_poll_that_ends_by_itself_do_not_count) {
  const auto asked = alice.ask(engine::SendPoll{chat, "Tea?", {"yes", "no"}, false, alice.now() + minutes(10)});
  ASSERT_TRUE(asked.has_value());
  const MessageId poll = std::get<engine::MessageQueued>(*asked).message.id;
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {0}}), 101));
  EXPECT_FALSE(find(poll)->poll->closed);
  world.pass(minutes(11));
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{poll, {1}}), 102));
  EXPECT_TRUE(find(poll)->poll->closed);
  EXPECT_EQ(find(poll)->poll->options[0].votes, 1U);
  EXPECT_EQ(find(poll)->poll->options[1].votes, 0U);
  EXPECT_EQ(alice.ask(engine::Vote{chat, poll, {1}}).error().code, engine::kPollClosed);
}

// Our own program takes a ninth one back before it tells of a new one.
TEST_F(ContentAttacks, of_a_thousand_reactions_of_a_peer_eight_stay_also_on_the_disk) {
  for (uint64_t i = 0; i < 1'000; ++i) {
    const Content one = content(ContentKind::kReaction,
                                codec::encoded(engine::ReactionBody{own, "r" + std::to_string(i), false}), 100 + i);
    say_bytes(codec::encoded(one), one.id);
    if (i % 100 == 99) world.settle();
  }
  const Bytes key = alice.disk().records().lower_bound(Bytes{static_cast<uint8_t>(RecordKind::kState)})->first;
  ASSERT_EQ(key[0], static_cast<uint8_t>(RecordKind::kState));
  const auto state = codec::decoded<engine::StateRecord>(
      engine::open_record(alice.key(), key, alice.disk().records().at(key))->reveal());
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->reactions.size(), 8U);
  const auto seen = find(own)->reactions;
  ASSERT_EQ(seen.size(), 8U);
  for (const auto& each : seen) EXPECT_GE(each.reaction, "r992");
  EXPECT_EQ(alice.chat().last.value, 1U) << "none of them is a message";
}

TEST_F(ContentAttacks, reactions_of_hundreds_of_people_push_out_nobodys) {
  constexpr uint64_t kPeople = 300;
  const Bytes key = engine::record_key(RecordKind::kState, chat.view(), find(own)->position.value);
  alice.kill();
  engine::StateRecord state;
  for (uint64_t i = 0; i < kPeople * engine::kReactionsOfOneMax; ++i) {
    const uint64_t person = i / engine::kReactionsOfOneMax;
    engine::AccountId somebody;
    somebody.value[0] = static_cast<uint8_t>(person);
    somebody.value[1] = static_cast<uint8_t>(1 + (person >> 8));
    const std::string reaction = "r" + std::to_string(i % engine::kReactionsOfOneMax);
    state.reactions.push_back({{i + 1, {random.bytes<16>()}}, somebody, reaction, false});
  }
  put(key, state);
  alice.disk().sync();
  alice.start();
  say(content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{own, "one more", false}), 10'000));
  const auto seen = find(own)->reactions;
  ASSERT_EQ(seen.size(), engine::kReactionsOfOneMax + 1);
  for (const auto& each : seen) EXPECT_EQ(each.count, each.reaction == "one more" ? 1U : kPeople) << each.reaction;
}

TEST_F(ContentAttacks, what_is_done_comes_to_the_same_in_every_order) {
  std::optional<Message> before;
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    const Content said = text("first", 100);
    std::vector<Content> deeds{
        content(ContentKind::kEdit, codec::encoded(engine::EditBody{said.id, "second"}), 110),
        content(ContentKind::kEdit, codec::encoded(engine::EditBody{said.id, "third"}), 111),
        content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{said.id, "👍", false}), 112),
        content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{said.id, "👍", true}), 113),
        content(ContentKind::kPin, codec::encoded(engine::PinBody{said.id, true}), 114)};
    for (const int each : order) {
      if (each == 2) say_bytes(codec::encoded(said), said.id);
      say_bytes(codec::encoded(deeds[static_cast<size_t>(each)]), deeds[static_cast<size_t>(each)].id);
    }
    world.settle();
    const auto got = find(said.id);
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->text, "third");
    EXPECT_EQ(got->edits, 2U);
    EXPECT_TRUE(got->reactions.empty());
    EXPECT_TRUE(got->pinned);
  } while (std::next_permutation(order.begin(), order.end()) && order[0] < 2);
}

TEST_F(ContentAttacks, what_is_done_to_a_message_older_than_the_index_is_done) {
  const Content old = text("long ago", 100);
  say(old);
  alice.kill();
  age(engine::kIndexWindow + 10);
  alice.start();
  say(content(ContentKind::kEdit, codec::encoded(engine::EditBody{old.id, "long ago, edited"}), 200));
  ASSERT_TRUE(alice.ask(engine::React{chat, old.id, "🎉", false}).has_value());
  world.settle();
  ASSERT_TRUE(find(old.id).has_value());
  EXPECT_EQ(find(old.id)->text, "long ago, edited");
  EXPECT_EQ(find(old.id)->reactions.size(), 1U);
  EXPECT_EQ(records(RecordKind::kWaiting), 0U);
  alice.kill();
  alice.start();
  EXPECT_EQ(find(old.id)->text, "long ago, edited");
}

}  // namespace
}  // namespace godwit::testworld
