#include "imports/telegram_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace godwit::imports {
namespace {

struct Read {
  std::vector<ImportedChat> chats;
  std::vector<ImportedMessage> messages;
  ImportReport report;
  std::optional<Error> error;
};

Read read(std::string_view text, size_t piece = 11) {
  Read out;
  ImportSink sink;
  sink.chat = [&](const ImportedChat& chat) { return out.chats.push_back(chat), Status{}; };
  sink.message = [&](ImportedMessage message) { return out.messages.push_back(std::move(message)), Status{}; };
  size_t at = 0;
  const Status status = read_telegram(
      [&] {
        const std::string_view next = text.substr(std::min(at, text.size()), piece);
        at += next.size();
        return as_bytes(next);
      },
      "", sink, out.report);
  if (!status) out.error = status.error();
  return out;
}

constexpr std::string_view kChat = R"json({"name":"Anna","type":"personal_chat","id":123,"messages":[
 {"id":1,"type":"service","date":"2020-12-31T21:40:00","date_unixtime":"1609450800","actor":"Anna","actor_id":"user7",
  "action":"phone_call","duration_seconds":5,"text":"","text_entities":[]},
 {"id":2,"type":"message","date":"2020-12-31T21:41:00","date_unixtime":"1609450860","from":"Anna","from_id":"user7",
  "text":"plain","text_entities":[{"type":"plain","text":"plain"}]},
 {"id":3,"type":"message","date":"2020-12-31T21:42:00","from":"Boris","from_id":"user8","reply_to_message_id":2,
  "edited":"2020-12-31T21:43:00","forwarded_from":"Clara",
  "text":["see ",{"type":"bold","text":"this"},{"type":"text_link","text":"page","href":"https://a.example"}," ",
          {"type":"code","text":"x"}],
  "reactions":[{"type":"emoji","count":2,"emoji":"👍","recent":[{"from":"Anna","from_id":"user7","date":"2020-12-31T21:43:00"},
               {"from":"Boris","from_id":"user8","date":"2020-12-31T21:44:00"}]},
               {"type":"custom_emoji","count":1,"document_id":"stickers/x.webp"},{"type":"emoji","count":0,"emoji":"x"}],
  "photo":"photos/photo_1.jpg","width":10,"height":10},
 {"id":4,"type":"message","date":"2020-12-31T21:44:00","date_unixtime":"1609451040","from":null,"from_id":"user9","text":"",
  "file":"(File not included. Change data exporting settings to download.)","media_type":"video_file"},
 {"id":5,"type":"message","date":"2020-12-31T21:45:00","date_unixtime":"1609451100","from":"Anna","from_id":"user7","text":"",
  "poll":{"question":"Tea?","closed":false,"total_voters":1,"answers":[{"text":"yes","voters":1,"chosen":true},{"text":"no","voters":0}]}},
 {"id":6,"type":"message","date":"2020-12-31T21:46:00","date_unixtime":"1609451160","from":"Anna","from_id":"user7","text":"",
  "location_information":{"latitude":52.5,"longitude":13.4}},
 {"id":7,"type":"unknown","date":"2020-12-31T21:46:00"}
]})json";

TEST(Telegram, an_answer_to_another_chat_is_linked_to_no_message_of_this_one) {
  const Read got = read(R"json({"name":"Club","type":"private_supergroup","id":123,"messages":[
    {"id":1,"type":"message","date_unixtime":"1609450860","from":"Anna","from_id":"user7","text":"one"},
    {"id":2,"type":"message","date_unixtime":"1609450861","from":"Anna","from_id":"user7","reply_to_message_id":1,
     "reply_to_peer_id":"channel456","text":"of elsewhere"},
    {"id":3,"type":"message","date_unixtime":"1609450862","from":"Anna","from_id":"user7","reply_to_message_id":1,
     "reply_to_peer_id":"channel123","text":"of here"},
    {"id":4,"type":"message","date_unixtime":"1609450863","from":"Anna","from_id":"user7","reply_to_peer_id":null,
     "reply_to_message_id":1,"text":"as ever"}]})json");
  ASSERT_EQ(got.messages.size(), 4U);
  EXPECT_EQ(got.messages[1].reply_to, "");
  EXPECT_EQ(got.messages[2].reply_to, "1");
  EXPECT_EQ(got.messages[3].reply_to, "1");
}

TEST(Telegram, a_time_or_an_id_beyond_all_bounds_costs_that_message_alone) {
  const std::string id(400, '7');
  const Read got = read(R"json({"name":"Club","type":"private_supergroup","id":")json" + id + R"json(","messages":[
    {"id":1,"type":"message","date_unixtime":"9223372036854775807","from":"Anna","from_id":"user7","text":"one"},
    {"id":2,"type":"message","date_unixtime":"9223372036854775807","date":"2020-12-31T21:42:00","from":"Anna","text":"two"},
    {"id":3,"type":"message","date_unixtime":"1609450862","from":"Anna","from_id":"user7","text":"three"}]})json");
  ASSERT_FALSE(got.error.has_value());
  ASSERT_EQ(got.messages.size(), 2U);
  EXPECT_TRUE(got.messages[0].local_time) << "its other time holds";
  EXPECT_EQ(got.messages[1].text, "three");
  EXPECT_EQ(got.report.passed_over, 1U);
  EXPECT_EQ(got.chats.at(0).key.size(), kImportedNameMax);
}

TEST(Telegram, a_chat_is_read_with_all_that_people_see) {
  const Read got = read(kChat);
  ASSERT_FALSE(got.error.has_value()) << got.error->rule;
  ASSERT_EQ(got.chats.size(), 1U);
  EXPECT_EQ(got.chats[0].name, "Anna");
  EXPECT_EQ(got.chats[0].key, "telegram 123");
  ASSERT_EQ(got.messages.size(), 6U);
  EXPECT_TRUE(got.messages[0].notice);
  EXPECT_EQ(got.messages[0].text, "Anna: phone call");
  EXPECT_EQ(got.messages[1].time_ms, 1'609'450'860'000);
  EXPECT_EQ(got.messages[1].text, "plain");
  EXPECT_EQ(got.messages[2].text, "see thispage x");
  ASSERT_EQ(got.messages[2].spans.size(), 3U);
  const auto words = [&](size_t i) {
    const ImportedSpan& span = got.messages[2].spans[i];
    return got.messages[2].text.substr(span.start, span.length);
  };
  EXPECT_EQ(words(0), "this");
  EXPECT_TRUE(got.messages[2].spans[0].style == ImportedStyle::kBold);
  EXPECT_EQ(words(1), "page");
  EXPECT_EQ(got.messages[2].spans[1].link, "https://a.example");
  EXPECT_EQ(words(2), "x");
  EXPECT_TRUE(got.messages[1].spans.empty());
  ASSERT_EQ(got.messages[2].reactions.size(), 2U);
  EXPECT_EQ(got.messages[2].reactions[0].reaction, "👍");
  EXPECT_EQ(got.messages[2].reactions[0].count, 2U);
  EXPECT_EQ(got.messages[2].reactions[0].names, (std::vector<std::string>{"Anna", "Boris"}));
  EXPECT_EQ(got.messages[2].reactions[1].reaction, "?") << "own pictures have no character";
  EXPECT_EQ(got.messages[2].media, "photos/photo_1.jpg");
  EXPECT_EQ(got.messages[2].reply_to, "2");
  EXPECT_EQ(got.messages[2].forwarded_from, "Clara");
  EXPECT_TRUE(got.messages[2].edited && got.messages[2].local_time);
  EXPECT_TRUE(got.messages[3].omitted);
  EXPECT_EQ(got.messages[3].sender, "Deleted account");
  EXPECT_EQ(got.messages[4].text, "Tea?\n- yes\n- no");
  EXPECT_EQ(got.messages[5].text, "geo:52.5,13.4");
  EXPECT_EQ(got.report.passed_over, 1U);
}

TEST(Telegram, a_whole_account_is_read_chat_by_chat) {
  const std::string chat(kChat);
  std::string all =
      R"({"about":"x","personal_information":{"user_id":8,"first_name":"B"},"contacts":{"list":[{"name":"no chat"}]},)";
  all += R"("chats":{"about":"y","list":[)" + chat + R"(,{"type":"saved_messages","id":5,"messages":[]}]},)";
  all += R"("left_chats":{"list":[{"name":"Old","id":6,"messages":[]}]}})";
  const Read got = read(all);
  ASSERT_FALSE(got.error.has_value()) << got.error->rule;
  ASSERT_EQ(got.chats.size(), 3U);
  EXPECT_EQ(got.chats[1].name, "Telegram") << "a chat without a name";
  EXPECT_EQ(got.chats[2].name, "Old");
  EXPECT_TRUE(got.messages[2].own);
  EXPECT_FALSE(got.messages[1].own);
}

TEST(Telegram, what_is_cut_keeps_what_came_before_and_what_is_no_export_is_refused) {
  const Read cut = read(kChat.substr(0, 900));
  ASSERT_TRUE(cut.error.has_value());
  EXPECT_EQ(cut.error->code, kExportDamaged);
  EXPECT_GE(cut.messages.size(), 2U);
  for (const std::string_view bad :
       {"", "{}", "[]", "hello", "{\"messages\":1}", "\xff\xfe", "{\"chats\":{\"list\":[]}}"}) {
    const Read got = read(bad);
    ASSERT_TRUE(got.error.has_value()) << bad;
    EXPECT_EQ(got.error->code, kNotExport) << bad;
  }
}

TEST(Telegram, depth_and_size_have_bounds) {
  std::string deep = R"({"messages":[{"text":)";
  deep.append(100'000, '[');
  EXPECT_EQ(read(deep, 65'536).error->code, kExportTooLarge);
  std::string huge = R"({"messages":[{"text":")";
  huge.append(kJsonStringMax + 10, 'x');
  EXPECT_EQ(read(huge, 65'536).error->code, kExportTooLarge);
}

TEST(Telegram, a_text_of_10_mb_goes_into_several_messages) {
  std::string text =
      R"({"name":"A","messages":[{"id":1,"type":"message","date_unixtime":"1609450860","from":"A","text":")";
  text.append(10'000'000, 'x');
  text += "\"}]}";
  const Read got = read(text, 65'536);
  EXPECT_FALSE(got.error.has_value());
  EXPECT_GT(got.messages.size(), 100U);
  EXPECT_EQ(got.report.cut, 1U);
}

TEST(Telegram, the_sink_can_stop_it) {
  ImportSink sink;
  sink.chat = [](const ImportedChat&) { return Status{}; };
  sink.message = [](ImportedMessage) { return Status(Error{kZipDamaged, "the test"}); };
  ImportReport report;
  bool given = false;
  const Status status =
      read_telegram([&] { return std::exchange(given, true) ? ByteView{} : as_bytes(kChat); }, "", sink, report);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, kZipDamaged);
}

}  // namespace
}  // namespace godwit::imports
