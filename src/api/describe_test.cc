#include "api/describe.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "api/program_shapes.h"
#include "base/testing/source_dir.h"
#include "engine/commands.h"
#include "engine/notices.h"

namespace godwit::api {
namespace {

TEST(describe, is_json_with_every_command_and_notice) {
  const auto json = nlohmann::json::parse(describe_json());
  EXPECT_EQ(json["methods"].size(), std::variant_size_v<engine::CommandVariant>);
  EXPECT_EQ(json["results"].size(), std::variant_size_v<engine::AnswerVariant> + std::variant_size_v<ProgramAnswer>);
  const size_t of_engine = std::variant_size_v<engine::NoticeVariant> - 2;  // answers are no notifications
  EXPECT_EQ(json["notices"].size(), of_engine + std::variant_size_v<ProgramNotice>);
}

TEST(describe, every_type_that_a_field_names_is_described) {
  const auto json = nlohmann::json::parse(describe_json());
  std::set<std::string> types;
  for (const char* part : {"records", "enums", "scalars"}) {
    for (const auto& each : json[part]) EXPECT_TRUE(types.insert(each["name"]).second) << each["name"];
  }
  const auto check = [&](const nlohmann::json& fields) {
    for (const auto& field : fields) {
      std::string type = field["type"];
      if (type.ends_with("[]")) type.resize(type.size() - 2);
      EXPECT_TRUE(types.contains(type)) << field;
      EXPECT_FALSE(field["about"].get<std::string>().empty()) << field;
    }
  };
  for (const auto& each : json["methods"]) check(each["params"]);
  for (const auto& each : json["connection_methods"]) check(each["params"]);
  for (const auto& each : json["program_methods"]) check(each["params"]);
  for (const auto& each : json["notices"]) check(each["params"]);
  for (const auto& each : json["results"]) check(each["fields"]);
  for (const auto& each : json["records"]) check(each["fields"]);
}

TEST(describe, every_result_and_error_that_a_method_names_is_described) {
  const auto json = nlohmann::json::parse(describe_json());
  std::set<std::string> results;
  std::set<std::string> errors;
  for (const auto& each : json["results"]) results.insert(each["name"]);
  for (const auto& each : json["errors"]) errors.insert(each["name"]);
  for (const auto& each : json["methods"]) {
    EXPECT_TRUE(results.contains(each["result"])) << each["name"];
    for (const auto& error : each["errors"]) EXPECT_TRUE(errors.contains(error)) << error;
  }
}

TEST(describe, the_document_holds_the_reference_as_it_is) {
  std::ifstream file(std::string(godwit::testing::source_dir()) + "/docs/protocol/api.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const std::string mark = "<!-- reference: made by `godwit rpc --describe-markdown`, checked by api -->\n\n";
  const size_t start = document.find(mark);
  ASSERT_NE(start, std::string::npos);
  EXPECT_TRUE(document.substr(start + mark.size()) == describe_markdown())
      << "put the output of `godwit rpc --describe-markdown` below the mark in docs/protocol/api.md";
}

}  // namespace
}  // namespace godwit::api
