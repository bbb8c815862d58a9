#include "api/examples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api/describe.h"
#include "api/rpc_peer.h"

namespace godwit::api {
namespace {

using nlohmann::json;

json all_methods() {
  const json description = json::parse(describe_json());
  json all = description["methods"];
  for (const char* part : {"connection_methods", "program_methods"}) {
    for (const auto& each : description[part]) all.push_back(each);
  }
  return all;
}

TEST(examples, every_method_has_one_and_none_is_of_something_else) {
  std::map<std::string, int> count;
  for (const MethodExample& each : method_examples()) count[std::string(each.method)] += 1;
  for (const auto& each : all_methods()) {
    const std::string name = each["name"];
    EXPECT_EQ(count[name], 1) << name
                              << " needs a line in src/api/examples.cc: its params as JSON, and \"\", or the name "
                              << "of the error that tests/engine/api_examples_test.cc gets for it";
    count.erase(name);
  }
  for (const auto& [name, times] : count) ADD_FAILURE() << name << " is no method, but has an example";
}

TEST(examples, params_are_what_the_method_takes) {
  for (const MethodExample& each : method_examples()) {
    RpcPeer peer;
    peer.allow_program();
    const Taken taken = peer.take(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(each.method) +
                                  R"(","params":)" + std::string(each.params) + "}");
    EXPECT_TRUE(taken.command.has_value() || taken.program.has_value() || json::parse(taken.reply).contains("result"))
        << taken.reply;
  }
}

TEST(examples, a_refusal_is_one_that_the_method_names) {
  const json methods = all_methods();
  for (const MethodExample& each : method_examples()) {
    if (each.refused.empty()) continue;
    for (const auto& method : methods) {
      if (method["name"] != each.method) continue;
      const auto& errors = method["errors"];
      EXPECT_NE(std::find(errors.begin(), errors.end(), each.refused), errors.end()) << each.method;
    }
  }
}

TEST(examples, refused_lines_are_refused_as_they_say) {
  for (const RefusedLine& each : refused_lines()) {
    RpcPeer peer;
    const Taken taken = peer.take(each.line);
    ASSERT_FALSE(taken.reply.empty()) << each.line;
    const json reply = json::parse(taken.reply);
    EXPECT_EQ(reply["error"]["data"]["name"], each.error) << each.line;
    EXPECT_LT(reply["error"]["code"], -32000) << each.line;
  }
}

}  // namespace
}  // namespace godwit::api
