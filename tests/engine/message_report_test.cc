// Reports of messages: what they prove, what they do not, and that nothing can be said which could not be reported.

#include "engine/message_report.h"

#include "codec/codec.h"
#include "tests/engine/asking.h"
#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using engine::CheckReport;
using engine::kNoProof;
using engine::kReportDamaged;
using engine::MessageReported;
using engine::ReportChecked;
using engine::ReportMessage;

constexpr std::string_view kMagic = "godwit message report";

engine::MessageReport opened(const Bytes& report) {
  return codec::decoded<engine::MessageReport>(ByteView(report).subspan(kMagic.size())).value();
}

class MessageReportTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    chat = alice.chat().chat;
  }
  MessageId heard(const std::string& text) {
    const MessageId id = alice.say(text);
    world.settle();
    return id;
  }
  Bytes report(const MessageId& id) { return must<MessageReported>(bob, ReportMessage{chat, id}).report; }
  void edit(const MessageId& id, const std::string& text) {
    must<engine::Nothing>(alice, engine::EditMessage{chat, id, text});
    world.settle();
  }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  engine::ChatId chat;
};

TEST_F(MessageReportTest, a_report_says_who_has_signed_what_for_which_chat) {
  heard("harmless");
  const MessageId id = heard("harmful");
  const Bytes made = report(id);
  const auto checked = must<ReportChecked>(alice, CheckReport{made});
  EXPECT_EQ(checked.text, "harmful");
  EXPECT_FALSE(checked.channel.has_value());
  ASSERT_TRUE(checked.message.has_value());
  const auto own = must<engine::Account>(alice, engine::ReadAccount{});
  EXPECT_EQ(checked.message->account, own.account);
  EXPECT_EQ(checked.message->chat, chat);
  EXPECT_EQ(checked.message->message, id);
  EXPECT_EQ(checked.message->kind, engine::MessageKind::kText);
  EXPECT_FALSE(checked.message->edited);
  EXPECT_EQ(checked.message->home, to_hex(opened(made).words.front().home.view()));
}

TEST_F(MessageReportTest, each_field_that_is_changed_makes_it_a_false_one) {
  const MessageId id = heard("harmful");
  const Bytes made = report(id);
  for (size_t at = 0; at < made.size(); ++at) {
    Bytes changed = made;
    changed[at] ^= 1;
    EXPECT_EQ(refusal(alice, CheckReport{changed}), kReportDamaged) << at;
  }
  EXPECT_EQ(refusal(alice, CheckReport{Bytes(made.begin(), made.end() - 1)}), kReportDamaged);
  // Each part put in the place of another that holds for itself.
  const auto refused = [&](const engine::MessageReport& changed) {
    return refusal(alice, CheckReport{engine::encode_report(changed)}) == kReportDamaged;
  };
  const MessageId other = must<engine::MessageQueued>(bob, engine::SendText{chat, "by bob"}).message.id;
  world.settle();
  const auto by_bob = opened(must<MessageReported>(alice, ReportMessage{chat, other}).report);
  auto changed = opened(made);
  changed.account = by_bob.account;
  EXPECT_TRUE(refused(changed));
  changed.words.front().devices = by_bob.words.front().devices;
  EXPECT_TRUE(refused(changed));
  changed.words.front().device_key = by_bob.words.front().device_key;
  EXPECT_TRUE(refused(changed));
  changed = opened(made);
  changed.words.front().content = by_bob.words.front().content;
  EXPECT_TRUE(refused(changed));
  changed.words.front().signature = by_bob.words.front().signature;
  EXPECT_TRUE(refused(changed));
  changed = opened(made);
  changed.chat = engine::ChatId{};
  EXPECT_TRUE(refused(changed));
  changed = opened(made);
  changed.words.front().home = wire::HomeKey{};
  EXPECT_TRUE(refused(changed));
  changed = opened(made);
  changed.words.push_back(changed.words.front());
  EXPECT_TRUE(refused(changed));
  changed.words.clear();
  EXPECT_TRUE(refused(changed));
  EXPECT_FALSE(refused(opened(made)));
}

TEST_F(MessageReportTest, an_edited_message_is_reported_with_what_it_said_first) {
  const MessageId id = heard("first");
  edit(id, "second");
  edit(id, "third");
  const Bytes made = report(id);
  const auto checked = must<ReportChecked>(bob, CheckReport{made});
  EXPECT_EQ(checked.text, "third");
  EXPECT_TRUE(checked.message->edited);
  EXPECT_EQ(checked.message->original, "first");
  EXPECT_EQ(checked.message->message, id);
  auto changed = opened(made);
  std::swap(changed.words[0], changed.words[1]);
  EXPECT_EQ(refusal(bob, CheckReport{engine::encode_report(changed)}), kReportDamaged);
  // The edit of another message beside it.
  const MessageId other = heard("other");
  edit(other, "of another");
  changed = opened(made);
  changed.words[1] = opened(report(other)).words[1];
  EXPECT_EQ(refusal(bob, CheckReport{engine::encode_report(changed)}), kReportDamaged);
}

TEST_F(MessageReportTest, own_messages_and_those_that_are_gone_cannot_be_reported) {
  const MessageId id = heard("taken back");
  EXPECT_EQ(refusal(alice, ReportMessage{chat, id}), kNoProof);
  EXPECT_EQ(refusal(bob, ReportMessage{chat, MessageId{}}), engine::kNoSuchMessage);
  must<engine::Nothing>(alice, engine::DeleteMessage{chat, id, true});
  world.settle();
  EXPECT_EQ(refusal(bob, ReportMessage{chat, id}), engine::kNoSuchMessage);
}

TEST_F(MessageReportTest, it_can_be_made_after_a_restart_and_of_other_kinds) {
  const auto poll = must<engine::MessageQueued>(alice, engine::SendPoll{chat, "where", {"here", "there"}}).message.id;
  const auto contact =
      must<engine::MessageQueued>(alice, engine::SendContact{chat, "Carol", {}, "call her"}).message.id;
  world.settle();
  bob.kill();
  bob.start();
  world.settle();
  EXPECT_EQ(must<ReportChecked>(bob, CheckReport{report(poll)}).text, "where\nhere\nthere");
  EXPECT_EQ(must<ReportChecked>(bob, CheckReport{report(contact)}).text, "Carol\ncall her");
}

class HostileReport : public HostilePeer {
 protected:
  // Speaks as Bob, with another proof than his program would give.
  MessageId say_with(const Content& what, const Bytes& proof) {
    say_bytes(codec::encoded(what), what.id, proof);
    world.settle();
    return what.id;
  }
  ReportChecked checked(const MessageId& id) {
    return must<ReportChecked>(alice, CheckReport{must<MessageReported>(alice, ReportMessage{chat, id}).report});
  }
};

TEST_F(HostileReport, what_could_not_be_reported_is_not_shown) {
  const Content honest = text("shown");
  say(honest);
  EXPECT_TRUE(find(honest.id).has_value());
  const Content words = text("not shown");
  const Bytes encoded = codec::encoded(words);
  Bytes flipped = bob.proof_of(chat, encoded);
  flipped.back() ^= 1;
  Bytes longer = bob.proof_of(chat, encoded);
  longer.push_back(0);
  for (const Bytes& proof : {Bytes{}, Bytes(64), flipped, longer, bob.proof_of(engine::ChatId{}, encoded),
                             alice.proof_of(chat, encoded), bob.proof_of(chat, codec::encoded(honest))}) {
    say_with(words, proof);
    EXPECT_FALSE(find(words.id).has_value());
  }
  // Edits as well; what is only done needs none.
  const Content edit = content(ContentKind::kEdit, codec::encoded(engine::EditBody{honest.id, "other words"}), 101);
  say_with(edit, {});
  EXPECT_EQ(find(honest.id)->text, "shown");
  say_with(content(ContentKind::kReaction, codec::encoded(engine::ReactionBody{own, "+"}), 102), {});
  EXPECT_EQ(find(own)->reactions.size(), 1U);
  say_with(edit, bob.proof_of(chat, codec::encoded(edit)));
  EXPECT_EQ(find(honest.id)->text, "other words");
}

TEST_F(HostileReport, whatever_clock_a_message_claims_its_words_are_proved) {
  for (const uint64_t clock : {uint64_t{0}, UINT64_MAX, uint64_t{50}}) {
    EXPECT_EQ(checked(say(text("far ahead", clock))).text, "far ahead");
  }
  // Of a later version, with a member behind those that are known.
  Content newer = text("from the future");
  newer.version = 9;
  newer.kind = static_cast<ContentKind>(77);
  Bytes bytes = codec::encoded(newer);
  bytes.push_back(7);
  say_bytes(bytes, newer.id);
  world.settle();
  EXPECT_EQ(checked(newer.id).message->kind, engine::MessageKind::kNewer);
}

TEST_F(HostileReport, an_edit_with_more_in_it_than_its_words_is_proved) {
  const Content honest = text("first");
  say(honest);
  Content edit = content(ContentKind::kEdit, codec::encoded(engine::EditBody{honest.id, "second"}), 101);
  edit.reply_to = own;
  edit.expire_seconds = 3'600;
  say(edit);
  world.settle();
  EXPECT_EQ(checked(honest.id).text, "second");
}

TEST_F(HostileReport, what_an_mls_message_has_in_it_may_be_of_a_later_version_and_not_of_an_earlier) {
  const auto read = [](uint8_t version, size_t behind) {
    Bytes bytes = codec::encoded(engine::Said{version, Bytes(3, 1), {}});
    bytes.resize(bytes.size() + behind, 7);
    return engine::parse_said(bytes);
  };
  EXPECT_EQ(read(1, 0)->content, Bytes(3, 1));
  EXPECT_EQ(read(2, 5)->content, Bytes(3, 1));
  EXPECT_EQ(read(1, 1).error().code, engine::kBadContent);
  EXPECT_EQ(read(0, 0).error().code, engine::kBadContent);
}

TEST_F(HostileReport, without_the_list_that_has_the_device_there_is_no_report) {
  const MessageId id = say(text("signed"));
  const Bytes key = engine::record_key(RecordKind::kSpeaker, chat.view(),
                                       ByteView(speaker->member(speaker->own_leaf())->signature_key));
  ASSERT_TRUE(alice.disk().records().contains(key));
  alice.disk().erase(key);
  EXPECT_EQ(refusal(alice, ReportMessage{chat, id}), kNoProof);
}

// It would be seen by whoever has the keys of envelopes alone, and would let him try out what was said.
TEST_F(HostileReport, the_signature_is_encrypted_with_the_words) {
  const Content words = text("yes");
  say(words);
  const auto record = chat_record();
  const auto envelope = engine::open_envelope(last_payload, record.keys.envelope.value, record.chat.view());
  ASSERT_TRUE(envelope.has_value());
  const Bytes signature = bob.proof_of(chat, codec::encoded(words));
  EXPECT_EQ(std::ranges::search(envelope->body, signature).size(), 0U);
  EXPECT_EQ(checked(words.id).text, "yes");
}

TEST_F(HostileReport, what_comes_on_two_ways_is_not_asked_for) {
  const Content words = text("shown");
  say(content(ContentKind::kReceipt, codec::encoded(engine::Receipt{{own}, {}})));
  const auto asked = alice.engine().counters().resends;
  say_last_again();
  EXPECT_EQ(alice.engine().counters().resends, asked);
  say(content(ContentKind::kResend, codec::encoded(engine::Resend{{words.id}})));
  say_last_again();
  EXPECT_EQ(alice.engine().counters().resends, asked);
  say(words);
  say_last_again();
  EXPECT_EQ(alice.engine().counters().resends, asked);
}

TEST_F(HostileReport, an_edit_that_comes_before_its_message_is_proved) {
  const Content first = text("first", 200);
  const Content edit = content(ContentKind::kEdit, codec::encoded(engine::EditBody{first.id, "second"}), 201);
  say(edit);
  alice.kill();
  alice.start();
  say(first);
  const auto out = checked(first.id);
  EXPECT_EQ(out.text, "second");
  EXPECT_EQ(out.message->original, "first");
}

}  // namespace
}  // namespace godwit::testworld
