#include "api/rpc_peer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/errors.h"
#include "engine/errors.h"

namespace godwit::api {
namespace {

using nlohmann::json;

const std::string kChat = "000102030405060708090a0b0c0d0e0f";

json refused(const std::string& line) {
  RpcPeer peer;
  const Taken taken = peer.take(line);
  EXPECT_FALSE(taken.command.has_value()) << line;
  return json::parse(taken.reply);
}

std::string name_of(const json& reply) { return reply["error"]["data"]["name"]; }

TEST(rpc_peer, a_request_becomes_a_command) {
  RpcPeer peer;
  const Taken taken = peer.take(R"({"jsonrpc":"2.0","id":7,"method":"send_text","params":{"chat":")" + kChat +
                                R"(","text":"Привет"}})");
  ASSERT_TRUE(taken.command.has_value());
  const auto& send = std::get<engine::SendText>(*taken.command);
  EXPECT_EQ(to_hex(send.chat.view()), kChat);
  EXPECT_EQ(send.text, "Привет");
  EXPECT_EQ(peer.pending(), 1U);
}

TEST(rpc_peer, optional_fields_keep_their_defaults) {
  RpcPeer peer;
  const auto read = [&](const std::string& params) {
    const Taken taken =
        peer.take(R"({"jsonrpc":"2.0","id":1,"method":"read_history","params":{"chat":")" + kChat + params + "}}");
    EXPECT_TRUE(taken.command.has_value()) << taken.reply;
    return std::get<engine::ReadHistory>(*taken.command);
  };
  EXPECT_EQ(read("\"").count, 50U);
  EXPECT_FALSE(read("\",\"before\":null").before.has_value());
  EXPECT_EQ(read("\",\"before\":12,\"count\":3").before->value, 12U);
  EXPECT_EQ(read("\",\"before\":12,\"count\":3").count, 3U);
}

// As the examples in docs/protocol/api.md show what is not there.
TEST(rpc_peer, null_is_a_field_left_out_and_nothing_else) {
  RpcPeer peer;
  const auto send = [&](const std::string& span) {
    return peer.take(R"({"jsonrpc":"2.0","id":1,"method":"send_message","params":{"chat":")" + kChat +
                     R"(","text":"Hi","reply_to":null,"spans":[{"start":0,"length":2,)" + span + "}]}}");
  };
  const Taken taken = send(R"("style":"bold","link":null)");
  ASSERT_TRUE(taken.command.has_value()) << taken.reply;
  EXPECT_EQ(std::get<engine::SendMessage>(*taken.command).spans.at(0).link, "");
  EXPECT_FALSE(send(R"("style":null,"link":"https://example.org")").command.has_value()) << "a style is needed";
  const Taken unnamed = peer.take(R"({"jsonrpc":"2.0","id":1,"method":"read_history","params":{"chat":null}})");
  EXPECT_FALSE(unnamed.command.has_value());
}

TEST(rpc_peer, answers_carry_the_id_of_the_request_as_it_was) {
  RpcPeer peer;
  const Taken first = peer.take(R"({"jsonrpc":"2.0","id":"a\"b","method":"make_invite"})");
  const Taken second = peer.take(R"({"jsonrpc":"2.0","id":12,"method":"make_invite","params":{}})");
  ASSERT_TRUE(first.command && second.command);
  const json later = json::parse(peer.tell(engine::CommandDone{second.id, engine::InviteMade{"godwit:x"}}));
  EXPECT_EQ(later["id"], 12);
  EXPECT_EQ(later["result"]["link"], "godwit:x");
  const json failed = json::parse(peer.tell(engine::CommandFailed{first.id, {engine::kNoAccount, "rule"}}));
  EXPECT_EQ(failed["id"], "a\"b");
  EXPECT_EQ(failed["error"]["code"], 700);
  EXPECT_EQ(failed["error"]["data"]["name"], "engine_no_account");
  EXPECT_EQ(failed["error"]["data"]["action"], "fix");
  EXPECT_EQ(peer.pending(), 0U);
}

TEST(rpc_peer, a_request_without_id_is_carried_out_and_not_answered) {
  RpcPeer peer;
  const Taken taken = peer.take(R"({"jsonrpc":"2.0","method":"list_chats"})");
  ASSERT_TRUE(taken.command.has_value());
  EXPECT_EQ(peer.tell(engine::CommandDone{taken.id, engine::Chats{}}), "");
  EXPECT_EQ(peer.pending(), 0U);
  EXPECT_EQ(peer.take(R"({"jsonrpc":"2.0","method":"no_such"})").reply, "");
}

TEST(rpc_peer, answers_to_others_are_not_told) {
  RpcPeer peer(engine::CommandId{1000});
  EXPECT_EQ(peer.tell(engine::CommandDone{engine::CommandId{3}, engine::Nothing{}}), "");
  EXPECT_EQ(peer.take(R"({"jsonrpc":"2.0","id":1,"method":"list_chats"})").id.value, 1000U);
}

TEST(rpc_peer, nothing_is_taken_or_told_before_the_token_is_shown) {
  const auto check = [](std::string_view shown) { return shown == "right"; };
  const auto line = [](const std::string& method, const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
  };
  for (const std::string& first : {line("list_chats", "{}"), line("authenticate", R"({"token":"wrong"})"),
                                   line("authenticate", "{}"), line("subscribe", "{}"), std::string("x")}) {
    RpcPeer peer(engine::CommandId{1}, check);
    const Taken taken = peer.take(first);
    EXPECT_FALSE(taken.command.has_value()) << first;
    EXPECT_TRUE(taken.close) << first;
    EXPECT_TRUE(json::parse(taken.reply).contains("error")) << first;
    EXPECT_EQ(peer.tell(engine::MessageReceived{}), "");
  }
  RpcPeer peer(engine::CommandId{1}, check);
  const Taken taken = peer.take(line("authenticate", R"({"token":"right"})"));
  EXPECT_FALSE(taken.close);
  EXPECT_TRUE(json::parse(taken.reply).contains("result"));
  EXPECT_TRUE(peer.take(line("list_chats", "{}")).command.has_value());
  EXPECT_NE(peer.tell(engine::MessageReceived{}), "");
}

TEST(rpc_peer, a_wrong_token_after_the_right_one_ends_the_connection) {
  RpcPeer peer(engine::CommandId{1}, [](std::string_view shown) { return shown == "right"; });
  const auto show = [&](const std::string& token) {
    return peer.take(R"({"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":")" + token + "\"}}");
  };
  EXPECT_FALSE(show("right").close);
  EXPECT_FALSE(show("right").close);
  const Taken taken = show("wrong");
  EXPECT_EQ(name_of(json::parse(taken.reply)), kNotAuthenticated.name);
  EXPECT_TRUE(taken.close);
  EXPECT_EQ(peer.tell(engine::MessageReceived{}), "");
}

TEST(rpc_peer, an_answer_has_the_newest_messages_that_fit) {
  RpcPeer peer;
  const auto page = [&](size_t count, size_t text_size) {
    const Taken taken =
        peer.take(R"({"jsonrpc":"2.0","id":1,"method":"read_history","params":{"chat":")" + kChat + "\"}}");
    engine::Messages answer;
    for (size_t i = 1; i <= count; ++i) {
      engine::Message message;
      message.position.value = i;
      message.text = std::string(text_size, '"');
      answer.messages.push_back(message);
    }
    const std::string line = peer.tell(engine::CommandDone{taken.id, answer});
    EXPECT_TRUE(count == 1 || line.size() < kPageSizeMax + 1000);
    return json::parse(line)["result"]["messages"];
  };
  EXPECT_EQ(page(0, 0).size(), 0U);
  EXPECT_EQ(page(200, 100).size(), 200U);
  const json some = page(100, 100 * 1024);
  EXPECT_EQ(some.size(), 5U);
  EXPECT_EQ(some.front()["position"], 96);
  EXPECT_EQ(some.back()["position"], 100);
  EXPECT_EQ(page(1, 2 * kPageSizeMax).size(), 1U);
}

TEST(rpc_peer, a_program_is_told_what_it_has_subscribed_to) {
  RpcPeer peer;
  const auto subscribe = [&](const std::string& params) {
    return json::parse(peer.take(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":)" + params + "}").reply);
  };
  EXPECT_TRUE(subscribe(R"({"notices":["message_moved"]})").contains("result"));
  EXPECT_EQ(peer.tell(engine::MessageReceived{}), "");
  EXPECT_NE(peer.tell(engine::MessageMoved{}), "");
  EXPECT_EQ(name_of(subscribe(R"({"notices":["trouble","weather"]})")), kUnknownNotice.name);
  EXPECT_NE(peer.tell(engine::MessageMoved{}), "") << "a wrong one changes nothing";
  EXPECT_EQ(name_of(subscribe(R"({"notices":"trouble"})")), kWrongType.name);
  EXPECT_TRUE(subscribe(R"({"notices":[]})").contains("result"));
  EXPECT_EQ(peer.tell(engine::MessageMoved{}), "");
  EXPECT_TRUE(subscribe("{}").contains("result"));
  EXPECT_NE(peer.tell(engine::MessageReceived{}), "");
}

TEST(rpc_peer, notices_become_notifications) {
  RpcPeer peer;
  engine::MessageReceived notice;
  notice.message.text = "hi\n\xff";
  notice.message.sent_at = {1234};
  const json line = json::parse(peer.tell(notice));
  EXPECT_EQ(line["method"], "message_received");
  EXPECT_FALSE(line.contains("id"));
  EXPECT_EQ(line["params"]["chat"], std::string(32, '0'));
  EXPECT_EQ(line["params"]["message"]["text"], "hi\n\xef\xbf\xbd");
  EXPECT_EQ(line["params"]["message"]["sent_at"], 1234);
  EXPECT_EQ(line["params"]["message"]["delivery"], "queued");
}

TEST(rpc_peer, a_line_is_one_line) {
  RpcPeer peer;
  engine::MessageReceived notice;
  notice.message.text = "a\nb\r\n\xe2\x80\xa8";
  EXPECT_EQ(peer.tell(notice).find('\n'), std::string::npos);
}

TEST(rpc_peer, an_error_inside_a_notice_is_whole) {
  RpcPeer peer;
  const json line = json::parse(peer.tell(engine::Trouble{{engine::kWrongHome, "rule"}}));
  EXPECT_EQ(line["params"]["error"]["name"], "engine_wrong_home");
  EXPECT_FALSE(line["params"]["error"]["message"].get<std::string>().empty());
  const json offline =
      json::parse(peer.tell(engine::ConnectionChanged{engine::Connection::kOffline, "wss://x/", std::nullopt}));
  EXPECT_TRUE(offline["params"]["why"].is_null());
}

TEST(rpc_peer, what_is_no_request_is_refused_by_name) {
  EXPECT_EQ(refused("")["error"]["code"], -32700);
  EXPECT_EQ(refused("{\"a\":")["error"]["code"], -32700);
  EXPECT_EQ(refused("\xff\xfe")["error"]["code"], -32700);
  EXPECT_EQ(refused("[]")["error"]["code"], -32600);
  EXPECT_EQ(refused("3")["error"]["code"], -32600);
  EXPECT_EQ(refused(R"({"id":1,"method":"list_chats"})")["error"]["data"]["field"], "jsonrpc");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":[1],"method":"list_chats"})")["error"]["data"]["field"], "id");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"method":3})")["error"]["data"]["field"], "method");
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"method":"list_chats","params":[1]})")["error"]["code"], -32600);
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":1,"method":"list_chats","extra":1})")["error"]["data"]["field"], "extra");
}

TEST(rpc_peer, what_does_not_fit_the_method_is_refused_by_field) {
  const auto call = [](const std::string& method, const std::string& params) {
    return refused(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}");
  };
  EXPECT_EQ(call("fly", "{}")["error"]["code"], -32601);
  EXPECT_EQ(name_of(call("send_text", R"({"text":"x"})")), kMissingField.name);
  EXPECT_EQ(call("send_text", R"({"text":"x"})")["error"]["data"]["field"], "chat");
  EXPECT_EQ(name_of(call("send_text", R"({"chat":"00","text":"x"})")), kWrongType.name);
  EXPECT_EQ(name_of(call("send_text", R"({"chat":")" + kChat + R"(","text":5})")), kWrongType.name);
  EXPECT_EQ(name_of(call("send_text", R"({"chat":")" + kChat + R"(","text":"x","to":1})")), kUnknownField.name);
  EXPECT_EQ(name_of(call("read_history", R"({"chat":")" + kChat + R"(","count":-1})")), kWrongType.name);
  EXPECT_EQ(name_of(call("read_history", R"({"chat":")" + kChat + R"(","count":4294967296})")), kWrongType.name);
  EXPECT_EQ(name_of(call("read_history", R"({"chat":")" + kChat + R"(","count":1.5})")), kWrongType.name);
}

TEST(rpc_peer, deep_lines_are_refused_before_and_after_the_token) {
  const auto nested = [](size_t depth) {
    return R"({"jsonrpc":"2.0","id":1,"method":"list_chats","params":{"a":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}}";
  };
  for (const size_t depth : {size_t{31}, size_t{100'000}, kLineSizeMax / 2 - 100}) {
    const json reply = refused(nested(depth));
    EXPECT_EQ(name_of(reply), kNotARequest.name);
    EXPECT_EQ(reply["id"], 1);
    RpcPeer outside(engine::CommandId{1}, [](std::string_view) { return false; });
    const Taken taken = outside.take(nested(depth));
    EXPECT_TRUE(taken.close);
    EXPECT_EQ(name_of(json::parse(taken.reply)), kNotARequest.name);
  }
  EXPECT_EQ(name_of(refused(nested(30))), kUnknownField.name) << "32 levels with the two outer objects";
}

TEST(rpc_peer, deep_and_long_lines_are_refused) {
  EXPECT_EQ(refused(std::string(kLineSizeMax, '['))["error"]["code"], -32700);
  EXPECT_EQ(name_of(refused(std::string(kLineSizeMax + 1, ' '))), kLineTooLong.name);
}

TEST(rpc_peer, requests_that_wait_have_a_bound) {
  RpcPeer peer;
  const std::string line = R"({"jsonrpc":"2.0","id":1,"method":"list_chats"})";
  for (size_t i = 0; i < kPendingMax; ++i) ASSERT_TRUE(peer.take(line).command.has_value());
  EXPECT_EQ(name_of(json::parse(peer.take(line).reply)), kTooManyPending.name);
  EXPECT_EQ(peer.pending(), kPendingMax);
}

TEST(rpc_peer, what_only_a_program_can_do_is_unknown_without_one) {
  RpcPeer peer;
  const std::string line = R"({"jsonrpc":"2.0","id":7,"method":"import_chat","params":{"file":"/a.zip"}})";
  EXPECT_EQ(json::parse(peer.take(line).reply)["error"]["data"]["name"], "api_unknown_method");
  peer.allow_program();
  const Taken taken = peer.take(line);
  ASSERT_TRUE(taken.program.has_value());
  EXPECT_FALSE(taken.command.has_value());
  EXPECT_EQ(std::get<ImportChat>(*taken.program).file, "/a.zip");
  EXPECT_EQ(json::parse(peer.tell(ProgramNotice(ImportProgress{"/a.zip", 900})))["params"]["messages"], 900);
  const json answer = json::parse(peer.finish(taken.id, ProgramAnswer(ChatImported{1, 5, 0, 0, 0, 0, 0})));
  EXPECT_EQ(answer["id"], 7);
  EXPECT_EQ(answer["result"]["stored"], 5);
  EXPECT_EQ(peer.pending(), 0U);
  EXPECT_EQ(peer.finish(taken.id, ProgramAnswer(ChatImported{})), "") << "it is answered once";
}

}  // namespace
}  // namespace godwit::api
