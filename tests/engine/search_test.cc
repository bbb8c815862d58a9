// Chats that are only kept, and the search over all chats: what is found, and what is not found any more.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/record_key.h"
#include "engine/search_index.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

class Kept : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
  }
  static engine::ImportEntry entry(const std::string& text, int64_t ms, const std::string& sender = "Anna") {
    engine::ImportEntry out;
    out.sender = sender;
    out.text = text;
    out.sent_at = Instant{ms};
    return out;
  }
  Result<engine::Answer> import(std::vector<engine::ImportEntry> messages) {
    return bob.ask(engine::ImportMessages{"whatsapp Anna", "Anna", std::nullopt, std::move(messages)});
  }
  std::vector<std::string> find(const std::string& query, engine::SearchMessages command = {}) {
    command.query = query;
    auto answer = bob.ask(command);
    std::vector<std::string> out;
    if (!answer) return {answer.error().code.name};
    for (const auto& each : std::get<engine::SearchResults>(*answer).messages) out.push_back(each.message.text);
    return out;
  }
  // Records on Bob's disk that have this in them once they are opened, of all kinds.
  size_t records_with(std::string_view text) {
    size_t found = 0;
    for (const auto& [key, value] : bob.disk().records()) {
      const auto opened = engine::open_record(bob.key(), key, value);
      EXPECT_TRUE(opened.has_value());
      if (opened && as_text(opened->reveal()).find(text) != std::string_view::npos) ++found;
    }
    return found;
  }
  std::optional<engine::ChatInfo> kept_chat() {
    for (const auto& chat : bob.chats()) {
      if (chat.kept) return chat;
    }
    return std::nullopt;
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

using Texts = std::vector<std::string>;

TEST_F(Kept, a_batch_is_stored_once_however_often_it_comes) {
  const std::vector<engine::ImportEntry> batch{entry("hi", 1000), entry("hi", 1000), entry("there", 2000, "Boris")};
  auto answer = import(batch);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).stored, 3U) << "two that are equal are two";
  answer = import(batch);
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 3U);
  bob.kill();
  bob.start();
  std::vector<engine::ImportEntry> longer = batch;
  longer.push_back(entry("new", 3000));
  answer = import(longer);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 3U);
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).stored, 1U);
  const auto chat = kept_chat();
  ASSERT_TRUE(chat.has_value());
  EXPECT_EQ(chat->last.value, 4U);
  ASSERT_TRUE(chat->newest.has_value());
  EXPECT_EQ(chat->newest->text, "new");
  bob.kill();
  bob.start();
  EXPECT_EQ(kept_chat()->newest->text, "new") << "also after a start";
  auto page = bob.ask(engine::ReadHistory{chat->chat, std::nullopt, 2});
  ASSERT_TRUE(page.has_value());
  const auto& messages = std::get<engine::Messages>(*page).messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].text, "there");
  EXPECT_EQ(messages[0].kept->sender, "Boris");
  EXPECT_EQ(messages[1].text, "new");
}

TEST_F(Kept, equal_messages_in_several_batches_are_all_kept_and_known_again_also_after_a_kill) {
  const auto import_all = [&](uint32_t batches) {
    engine::ImportDone all;
    for (uint32_t batch = 0; batch < batches; ++batch) {
      std::vector<engine::ImportEntry> messages(700, entry("tick", 1000));
      for (uint32_t i = 0; i < messages.size(); ++i) messages[i].repeat = batch * 700 + i;
      const auto answer = import(messages);
      EXPECT_TRUE(answer.has_value());
      if (!answer) return all;
      const auto& done = std::get<engine::ImportDone>(*answer);
      all.stored += done.stored;
      all.known += done.known;
    }
    return all;
  };
  EXPECT_EQ(import_all(1).stored, 700U);
  bob.kill();
  bob.start();
  auto all = import_all(3);
  EXPECT_EQ(all.stored, 1400U);
  EXPECT_EQ(all.known, 700U);
  EXPECT_EQ(import_all(3).known, 2100U);
  // One that does not count them is as it was: two in one batch are two, and known as the first of all.
  const auto answer = import({entry("tick", 1000), entry("tick", 1000)});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 2U);
}

TEST_F(Kept, a_lost_file_has_its_name_and_is_the_message_that_was_imported_without) {
  engine::ImportEntry lost = entry("see", 1000);
  lost.omitted = true;
  ASSERT_TRUE(import({lost}).has_value());
  lost.media = "IMG-1.jpg";
  auto answer = import({lost});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 1U);
  lost.sent_at = Instant{2000};
  ASSERT_TRUE(import({lost}).has_value());
  EXPECT_EQ(kept_chat()->newest->kept->media, "IMG-1.jpg");
  EXPECT_TRUE(kept_chat()->newest->kept->omitted);
}

TEST_F(Kept, nobody_writes_into_it_and_bad_batches_change_nothing) {
  ASSERT_TRUE(import({entry("hi", 1000)}).has_value());
  EXPECT_EQ(bob.ask(engine::SendText{kept_chat()->chat, "x"}).error().code, engine::kChatOnlyKept);
  EXPECT_EQ(import({entry("\xff", 1)}).error().code, engine::kNotText);
  EXPECT_EQ(import({entry(std::string(engine::kTextSizeMax + 1, 'x'), 1)}).error().code, engine::kTooLong);
  EXPECT_EQ(import(std::vector<engine::ImportEntry>(engine::kImportBatchMax + 1, entry("x", 1))).error().code,
            engine::kTooLong);
  EXPECT_EQ(import({entry("x", 1, std::string(300, 'n'))}).error().code, engine::kTooLong);
  EXPECT_EQ(kept_chat()->last.value, 1U);
}

TEST_F(Kept, all_chats_are_searched_also_after_a_restart) {
  alice.say("the dogs run in the garden");
  world.settle();
  ASSERT_TRUE(import({entry("a dog sleeps", 1000), entry("собаки бегут", 2000), entry("old house", 3000)}).has_value());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(find("dog"), (Texts{"the dogs run in the garden", "a dog sleeps"})) << "newest first";
    EXPECT_EQ(find("собака"), Texts{"собаки бегут"});
    EXPECT_EQ(find("gard"), Texts{"the dogs run in the garden"});
    EXPECT_EQ(find("\"old house\""), Texts{"old house"});
    EXPECT_EQ(find("\"house old\""), Texts{});
    engine::SearchMessages only;
    only.sender = "anna";
    EXPECT_EQ(find("dog", only), Texts{"a dog sleeps"});
    only = {};
    only.chat = bob.chats().front().kept ? bob.chats().back().chat : bob.chats().front().chat;
    EXPECT_EQ(find("dog", only), Texts{"the dogs run in the garden"});
    only = {};
    only.until = Instant{1500};
    EXPECT_EQ(find("dog", only), Texts{"a dog sleeps"});
    only = {};
    only.count = 1;
    only.skip = 1;
    EXPECT_EQ(find("dog", only), Texts{"a dog sleeps"}) << "the second page";
    bob.kill();
    bob.start();
  }
  EXPECT_EQ(find("..."), Texts{"engine_nothing_to_search"});
  EXPECT_EQ(find("\xff"), Texts{"engine_not_text"});
}

TEST_F(Kept, what_was_edited_is_found_by_what_it_says_now_and_what_is_gone_is_not_found) {
  const engine::ChatId chat = alice.chat().chat;
  const engine::MessageId edited = alice.say("apple pie");
  const engine::MessageId deleted = alice.say("blackberry");
  world.settle();
  EXPECT_EQ(find("apple"), Texts{"apple pie"});
  ASSERT_TRUE(alice.ask(engine::EditMessage{chat, edited, "cherry cake"}).has_value());
  ASSERT_TRUE(alice.ask(engine::DeleteMessage{chat, deleted, true}).has_value());
  ASSERT_TRUE(alice.ask(engine::SetDisappearing{chat, 60}).has_value());
  alice.say("elderberry");
  world.settle();
  EXPECT_EQ(find("elderberry"), Texts{"elderberry"});
  ASSERT_TRUE(bob.ask(engine::MarkRead{chat, bob.chat().last}).has_value());
  world.pass(minutes(5));
  EXPECT_EQ(records_with("blackberr") + records_with("elderberr"), 0U) << "in no record";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(find("apple"), Texts{});
    EXPECT_EQ(find("cherry"), Texts{"cherry cake"});
    EXPECT_EQ(find("blackberry"), Texts{});
    EXPECT_EQ(find("elderberry"), Texts{});
    bob.kill();
    bob.start();
  }
}

TEST_F(Kept, changes_of_messages_in_segments_hold_after_a_restart) {
  const engine::ChatId chat = alice.chat().chat;
  const engine::MessageId edited = alice.say("apple pie");
  const engine::MessageId deleted = alice.say("blackberry");
  world.settle();
  EXPECT_EQ(find("apple"), Texts{"apple pie"});
  for (int64_t batch = 0; batch < 5; ++batch) {
    std::vector<engine::ImportEntry> fill;
    for (int64_t i = 0; i < 1000; ++i) fill.push_back(entry("filler", 1000 * batch + i));
    ASSERT_TRUE(import(fill).has_value());
  }
  EXPECT_EQ(find("apple"), Texts{"apple pie"});
  EXPECT_EQ(records_with("blackberr"), 2U) << "the message, and a block of terms";
  ASSERT_TRUE(alice.ask(engine::EditMessage{chat, edited, "cherry cake"}).has_value());
  ASSERT_TRUE(alice.ask(engine::DeleteMessage{chat, deleted, true}).has_value());
  world.settle();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find("apple"), Texts{}) << i;
    EXPECT_EQ(find("cherry"), Texts{"cherry cake"}) << i;
    EXPECT_EQ(find("blackberry"), Texts{}) << i;
    if (i == 0) {
      world.pass(minutes(2));
      EXPECT_EQ(records_with("blackberr"), 0U) << "gone with the purge";
      EXPECT_GE(records_with("filler"), 1U);
    }
    bob.kill();
    bob.start();
  }
}

TEST_F(Kept, a_message_with_an_id_is_known_by_it) {
  engine::ImportEntry one = entry("first", 1000);
  one.id = engine::MessageId{ByteArray<16>{1}};
  ASSERT_TRUE(import({one}).has_value());
  one.text = "changed";
  const auto answer = import({one});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 1U);
  EXPECT_EQ(find("first"), Texts{"first"});
  EXPECT_EQ(find("changed"), Texts{});
}

TEST_F(Kept, an_answer_leads_to_what_it_answers_also_in_an_earlier_batch_and_after_a_restart) {
  engine::ImportEntry first = entry("shall we?", 1000);
  first.key = "1";
  engine::ImportEntry second = entry("yes", 2000, "Boris");
  second.key = "2";
  second.reply_to_key = "1";
  second.spans = {{0, 3, engine::SpanStyle::kBold, {}}};
  second.reactions = {{"👍", 2, true, {"Anna"}}};
  second.forwarded = true;
  ASSERT_TRUE(import({first, second}).has_value());
  engine::ImportEntry third = entry("when?", 3000);
  third.reply_to_key = "2";
  engine::ImportEntry lost = entry("to what?", 4000);
  lost.reply_to_key = "77";
  ASSERT_TRUE(import({third, lost}).has_value());
  for (int times = 0; times < 2; ++times) {
    const engine::ChatId chat = kept_chat()->chat;
    const auto page = bob.ask(engine::ReadHistory{chat, std::nullopt, 10});
    ASSERT_TRUE(page.has_value());
    const auto& all = std::get<engine::Messages>(*page).messages;
    ASSERT_EQ(all.size(), 4U);
    EXPECT_FALSE(all[0].reply_to.has_value());
    EXPECT_TRUE(all[0].spans.empty());
    EXPECT_EQ(all[1].reply_to, all[0].id);
    EXPECT_EQ(all[1].spans, second.spans);
    ASSERT_EQ(all[1].reactions.size(), 1U);
    EXPECT_EQ(all[1].reactions[0].reaction, "👍");
    EXPECT_EQ(all[1].reactions[0].count, 2U);
    EXPECT_EQ(all[1].reactions[0].names, (Texts{"Anna"}));
    EXPECT_TRUE(all[1].reactions[0].own);
    EXPECT_TRUE(all[1].forwarded);
    EXPECT_EQ(all[2].reply_to, all[1].id);
    const auto answered = bob.ask(engine::ReadMessage{chat, *all[2].reply_to});
    ASSERT_TRUE(answered.has_value());
    EXPECT_EQ(std::get<engine::MessageFound>(*answered).message.text, "yes");
    EXPECT_EQ(std::get<engine::MessageFound>(*answered).message.position.value, 2U);
    ASSERT_TRUE(all[3].reply_to.has_value()) << "that it is an answer is seen";
    EXPECT_EQ(bob.ask(engine::ReadMessage{chat, *all[3].reply_to}).error().code, engine::kNoSuchMessage);
    bob.kill();
    bob.start();
  }
}

TEST_F(Kept, what_an_earlier_version_imported_with_light_marks_is_known) {
  ASSERT_TRUE(import({entry("*so* it is, see there (https://x.example/) `now`", 1000)}).has_value());
  engine::ImportEntry same = entry("so it is, see there now", 1000);
  same.spans = {{0, 2, engine::SpanStyle::kBold, {}},
                {10, 9, engine::SpanStyle::kLink, "https://x.example/"},
                {20, 3, engine::SpanStyle::kCode, {}}};
  same.key = "1";
  same.reactions = {{"👍", 1, false, {}}};
  const auto answer = import({same});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<engine::ImportDone>(*answer).known, 1U);
}

TEST_F(Kept, what_does_not_fit_its_text_or_is_no_reaction_is_refused) {
  engine::ImportEntry bad = entry("hi", 1000);
  bad.spans = {{0, 3, engine::SpanStyle::kBold, {}}};
  EXPECT_EQ(import({bad}).error().code, engine::kBadFormatting);
  bad = entry("hi", 1000);
  bad.spans = {{0, 2, engine::SpanStyle::kLink, "javascript:alert(1)"}};
  EXPECT_EQ(import({bad}).error().code, engine::kBadFormatting);
  bad = entry("hi", 1000);
  bad.reactions = {{"a\nb", 1, false, {}}};
  EXPECT_EQ(import({bad}).error().code, engine::kBadReaction);
  bad.reactions = {{"ok", 1, false, {std::string(300, 'n')}}};
  EXPECT_EQ(import({bad}).error().code, engine::kTooLong);
  bad = entry("hi", 1000);
  bad.key = std::string(300, 'k');
  EXPECT_EQ(import({bad}).error().code, engine::kTooLong);
  EXPECT_FALSE(kept_chat().has_value());
}

TEST_F(Kept, commands_about_it_say_that_it_is_only_read) {
  ASSERT_TRUE(import({entry("hi", 1000)}).has_value());
  const engine::ChatId chat = kept_chat()->chat;
  EXPECT_TRUE(bob.ask(engine::MarkRead{chat, engine::Position{1}}).has_value());
  EXPECT_EQ(bob.ask(engine::React{chat, engine::MessageId{}, "ok", false}).error().code, engine::kChatOnlyKept);
  EXPECT_EQ(bob.ask(engine::SendFile{chat, "/x", {}, {}}).error().code, engine::kChatOnlyKept);
  EXPECT_EQ(bob.ask(engine::LeaveGroup{chat}).error().code, engine::kChatOnlyKept);
}

TEST_F(Kept, thousands_become_segments_that_survive_a_restart) {
  for (int64_t batch = 0; batch < 10; ++batch) {
    std::vector<engine::ImportEntry> messages;
    for (int64_t i = 0; i < 1000; ++i) {
      messages.push_back(entry("number " + std::to_string(batch * 1000 + i) + "n", 1000 * (batch * 1000 + i + 1)));
    }
    ASSERT_TRUE(import(std::move(messages)).has_value());
  }
  EXPECT_EQ(find("7777n "), Texts{"number 7777n"});
  bob.kill();
  bob.start();
  EXPECT_EQ(find("7777n "), Texts{"number 7777n"});
  EXPECT_EQ(find("9999n "), Texts{"number 9999n"});
  engine::SearchMessages page;
  page.count = 3;
  EXPECT_EQ(find("number", page), (Texts{"number 9999n", "number 9998n", "number 9997n"}));
}

}  // namespace
}  // namespace godwit::testworld
