// What a newer program has said: as far as it is known it is read, the rest is kept, and read again by a program that knows more.

#include "engine/message_report.h"
#include "tests/engine/asking.h"
#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using engine::MessageKind;

constexpr auto kUnknownKind = static_cast<ContentKind>(999);

class NewerContent : public HostilePeer {
 protected:
  Bytes history_key(const MessageId& id) {
    return engine::record_key(RecordKind::kHistory, chat.view(), find(id)->position.value);
  }
  // The program of Alice is now one that knows the kind of this message as `kind`; as if the message had been of that kind when it came.
  void learn(const MessageId& id, ContentKind kind) {
    const Bytes key = history_key(id);
    alice.kill();
    auto record = codec::decoded<engine::HistoryRecord>(
        engine::open_record(alice.key(), key, alice.disk().records().at(key))->reveal());
    ASSERT_TRUE(record.has_value() && record->newer > 0);
    record->kind = kind;
    put(key, *record);
    alice.disk().sync();
    alice.start();
    world.settle();
  }
  engine::IndexRecord index_on_disk(const MessageId& id) {
    const Bytes key = engine::record_key(RecordKind::kIndex, chat.view(), find(id)->position.value);
    return codec::decoded<engine::IndexRecord>(
               engine::open_record(alice.key(), key, alice.disk().records().at(key))->reveal())
        .value();
  }
  std::optional<MessageKind> kind_of(const MessageId& id) {
    const auto message = find(id);
    return message ? std::optional(message->kind) : std::nullopt;
  }
};

Bytes with_more(Bytes body) {
  append(body, Bytes{1, 2, 3, 4});
  return body;
}

TEST_F(NewerContent, of_a_known_kind_with_members_appended_is_read_and_can_be_reported) {
  Content poll =
      content(ContentKind::kPoll, with_more(codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0})));
  poll.version = 2;
  say_bytes(with_more(codec::encoded(poll)), poll.id);
  Content vote = content(ContentKind::kVote, with_more(codec::encoded(engine::VoteBody{poll.id, {1}})), 101);
  vote.version = 2;
  say_bytes(with_more(codec::encoded(vote)), vote.id);
  Content place =
      content(ContentKind::kLocation, with_more(codec::encoded(engine::LocationBody{1, 2, 3, "here"})), 102);
  place.version = 7;
  say_bytes(with_more(codec::encoded(place)), place.id);
  world.settle();
  ASSERT_EQ(kind_of(poll.id), MessageKind::kPoll);
  EXPECT_EQ(find(poll.id)->poll->options[1].votes, 1U);
  ASSERT_EQ(kind_of(place.id), MessageKind::kLocation);
  EXPECT_EQ(find(place.id)->location->name, "here");
  // What is kept of it is of our own version, so others take it.
  const auto forwarded = must<engine::MessageQueued>(alice, engine::ForwardMessage{chat, place.id, chat}).message;
  EXPECT_EQ(forwarded.location->name, "here");
  // What was signed has the members that nobody here knows.
  const auto report = must<engine::MessageReported>(alice, engine::ReportMessage{chat, poll.id}).report;
  EXPECT_EQ(must<engine::ReportChecked>(alice, engine::CheckReport{report}).message->message, poll.id);
}

TEST_F(NewerContent, of_a_known_kind_that_cannot_be_read_is_shown_as_made_by_a_newer_version) {
  Content place = content(ContentKind::kLocation, Bytes(3, 9));
  place.version = 2;
  say(place);
  EXPECT_EQ(kind_of(place.id), MessageKind::kNewer);
  place = content(ContentKind::kLocation, Bytes(3, 9));
  say(place);
  EXPECT_FALSE(find(place.id).has_value()) << "of our own version it is nothing";
}

TEST_F(NewerContent, is_shown_found_and_reported_as_what_it_is_by_a_program_that_knows_it) {
  const MessageId id = say(content(kUnknownKind, codec::encoded(engine::LocationBody{1, 2, 3, "lighthouse"})));
  ASSERT_EQ(kind_of(id), MessageKind::kNewer);
  learn(id, ContentKind::kLocation);
  ASSERT_EQ(kind_of(id), MessageKind::kLocation);
  EXPECT_EQ(find(id)->location->name, "lighthouse");
  EXPECT_EQ(alice.chat().newest->kind, MessageKind::kLocation);
  EXPECT_EQ(index_on_disk(id).kind, ContentKind::kLocation);
  engine::SearchMessages search;
  search.query = "lighthouse";
  ASSERT_EQ(must<engine::SearchResults>(alice, search).messages.size(), 1U);
  alice.kill();
  alice.start();
  EXPECT_EQ(kind_of(id), MessageKind::kLocation);
}

TEST_F(NewerContent, that_was_voted_on_before_it_was_understood_counts_the_votes) {
  const MessageId id = say(content(kUnknownKind, codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0})));
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{id, {1}}), 101));
  say(content(ContentKind::kEdit, codec::encoded(engine::EditBody{id, "something else"}), 102));
  EXPECT_EQ(kind_of(id), MessageKind::kNewer);
  EXPECT_EQ(find(id)->text, "");
  learn(id, ContentKind::kPoll);
  ASSERT_EQ(kind_of(id), MessageKind::kPoll);
  EXPECT_EQ(find(id)->poll->options[1].votes, 1U);
  EXPECT_EQ(find(id)->text, "Tea?") << "nobody edits a poll";
  ASSERT_TRUE(alice.ask(engine::Vote{chat, id, {0}}).has_value());
  EXPECT_EQ(find(id)->poll->voters, 2U);
}

TEST_F(NewerContent, that_sets_the_timer_holds_once_it_is_understood) {
  const MessageId id = say(content(kUnknownKind, codec::encoded(engine::SettingsBody{60})));
  EXPECT_EQ(alice.chat().disappear_seconds, 0U);
  learn(id, ContentKind::kSettings);
  EXPECT_EQ(kind_of(id), MessageKind::kSettings);
  EXPECT_EQ(alice.chat().disappear_seconds, 60U);
}

TEST_F(NewerContent, that_is_older_than_the_index_is_shown_as_what_it_is_and_takes_votes) {
  const MessageId id = say(content(kUnknownKind, codec::encoded(engine::PollBody{"Tea?", {"yes", "no"}, false, 0})));
  const Bytes key = history_key(id);
  alice.kill();
  age(engine::kIndexWindow + 10);
  alice.start();
  learn(id, ContentKind::kPoll);
  ASSERT_EQ(kind_of(id), MessageKind::kPoll);
  say(content(ContentKind::kVote, codec::encoded(engine::VoteBody{id, {1}}), 200));
  EXPECT_EQ(find(id)->poll->options[1].votes, 1U);
}

TEST_F(NewerContent, that_is_still_not_understood_stays_and_what_was_taken_back_stays_so) {
  const MessageId unknown = say(content(kUnknownKind, Bytes(50, 7)));
  const MessageId gone = say(content(kUnknownKind, codec::encoded(engine::LocationBody{1, 2, 3, "lighthouse"}), 101));
  say(content(ContentKind::kDelete, codec::encoded(engine::DeleteBody{gone}), 102));
  for (int i = 0; i < 2; ++i) {
    alice.kill();
    alice.start();
    world.settle();
    EXPECT_EQ(kind_of(unknown), MessageKind::kNewer);
    EXPECT_TRUE(find(gone)->deleted.has_value());
  }
}

}  // namespace
}  // namespace godwit::testworld
