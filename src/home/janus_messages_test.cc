// What is said to Janus and what is read of it; its texts are those of 1.1.2.

#include "home/janus_messages.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace godwit::home {
namespace {

using Json = nlohmann::json;

TEST(JanusMessages, every_message_has_the_secret_and_says_that_frames_are_sealed) {
  const JanusFrame frame{7, 8, 9, "secret"};
  const Json said = Json::parse(janus_publish(frame, {true, "v=0\r\n"}, false));
  EXPECT_EQ(said, Json::parse(R"({"janus":"message","transaction":"7","session_id":8,"handle_id":9,"apisecret":"secret",
    "body":{"request":"publish"},"jsep":{"type":"offer","sdp":"v=0\r\n","e2ee":true,"trickle":false,"rid_order":"lmh"}})"));
  const Json room = Json::parse(janus_make_room(frame, 5, "key", 32, 100));
  EXPECT_EQ(room["body"]["require_e2ee"], true);
  EXPECT_EQ(room["body"]["is_private"], true);
  EXPECT_EQ(room["body"]["admin_key"], "key");
  EXPECT_EQ(room["body"]["publishers"], 32);
  EXPECT_FALSE(Json::parse(janus_create({1, 0, 0, "s"})).contains("session_id"));
}

TEST(JanusMessages, an_answer_is_read) {
  const auto created = read_janus(R"({"janus":"success","transaction":"3","data":{"id":4294967296001}})");
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(created->kind, JanusSaid::Kind::kSuccess);
  EXPECT_EQ(created->transaction, 3U);
  EXPECT_EQ(created->id, 4'294'967'296'001U);
  const auto offered = read_janus(
      R"({"janus":"event","session_id":1,"transaction":"12","sender":2,"plugindata":{"plugin":"janus.plugin.videoroom","data":{
      "videoroom":"attached","room":7,"streams":[{"mindex":0,"mid":"0","type":"audio","active":true,"feed_id":55,"feed_mid":"0"},
      {"mindex":1,"mid":"1","type":"video","active":false,"feed_id":56,"feed_mid":"1"},{"mid":"2","type":"data","feed_id":57}]}},
      "jsep":{"type":"offer","sdp":"v=0","e2ee":true}})");
  ASSERT_TRUE(offered && offered->description);
  EXPECT_FALSE(offered->refused);
  EXPECT_TRUE(offered->description->offer);
  EXPECT_EQ(offered->description->sdp, "v=0");
  ASSERT_EQ(offered->lines.size(), 2U);
  EXPECT_EQ(offered->lines[0].feed, 55U);
  EXPECT_FALSE(offered->lines[0].picture);
  EXPECT_TRUE(offered->lines[1].picture);
  EXPECT_FALSE(offered->lines[1].active);
  EXPECT_EQ(offered->lines[1].line, 1U);
}

TEST(JanusMessages, a_refusal_is_one_whoever_says_it) {
  const auto janus =
      read_janus(R"({"janus":"error","transaction":"3","error":{"code":458,"reason":"No such session"}})");
  EXPECT_TRUE(janus->refused);
  EXPECT_EQ(janus->refusal, 458U);
  const auto room = read_janus(
      R"({"janus":"success","transaction":"4","plugindata":{"data":{"videoroom":"event","error_code":426,"error":"No such room"}}})");
  EXPECT_TRUE(room->refused);
  EXPECT_EQ(room->refusal, 426U);
}

TEST(JanusMessages, what_is_no_message_is_nothing_and_other_types_are_as_if_left_out) {
  for (const char* text : {"", "{", "[]", "7", "\"janus\"", "{\"janus\":\xff}"}) EXPECT_FALSE(read_janus(text)) << text;
  EXPECT_FALSE(read_janus(std::string(kJanusSaidMax + 1, ' ')));
  const auto odd = read_janus(
      R"({"janus":[],"transaction":3,"data":[],"sender":-1,"plugindata":{"data":{"streams":{"mid":1}}},"jsep":7})");
  ASSERT_TRUE(odd.has_value());
  EXPECT_EQ(odd->kind, JanusSaid::Kind::kOther);
  EXPECT_EQ(odd->transaction + odd->id + odd->sender, 0U);
  EXPECT_TRUE(odd->lines.empty());
}

}  // namespace
}  // namespace godwit::home
