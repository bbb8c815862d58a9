#include "api/messages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "base/testing/source_dir.h"

namespace godwit::api {
namespace {

struct Declared {
  int number;
  std::string action;
  std::string name;
};

// Every `inline constexpr ErrorCode kName{number, Action::kAction, "name"}` of one folder's errors.h.
std::vector<Declared> declared_in(const std::string& folder) {
  std::ifstream file(std::string(godwit::testing::source_dir()) + "/src/" + folder + "/errors.h");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  static const std::regex code(R"re(ErrorCode\s+k\w+\s*\{\s*(\d+),\s*Action::(k\w+),\s*"(\w+)"\s*\})re");
  std::vector<Declared> out;
  for (std::sregex_iterator at(all.begin(), all.end(), code), end; at != end; ++at) {
    out.push_back({std::stoi((*at)[1]), (*at)[2], (*at)[3]});
  }
  return out;
}

const std::vector<std::string>& folders_that_speak_to_people() {
  static const std::vector<std::string> folders{"session", "wire",    "routes", "engine", "api",
                                                "archive", "imports", "store",  "net",    "cli",  "wasm"};
  return folders;
}

std::string name_of(Action action) {
  static const std::map<Action, std::string> names{{Action::kDrop, "kDrop"},
                                                   {Action::kCloseSession, "kCloseSession"},
                                                   {Action::kRetryLater, "kRetryLater"},
                                                   {Action::kFix, "kFix"},
                                                   {Action::kStop, "kStop"}};
  return names.at(action);
}

TEST(messages, every_code_that_reaches_people_has_its_sentence) {
  for (const std::string& folder : folders_that_speak_to_people()) {
    const std::vector<Declared> declared = declared_in(folder);
    EXPECT_FALSE(declared.empty()) << folder;
    for (const Declared& code : declared) {
      const auto found = std::find_if(messages().begin(), messages().end(),
                                      [&](const CodeMessage& each) { return each.number == code.number; });
      ASSERT_NE(found, messages().end()) << code.number << " " << code.name << " has no sentence in api/messages.cc";
      EXPECT_EQ(found->name, code.name);
      EXPECT_EQ(name_of(found->action), code.action) << code.name;
    }
  }
}

TEST(messages, no_row_is_for_a_code_that_does_not_exist) {
  std::set<std::string> names;
  for (const std::string& folder : folders_that_speak_to_people()) {
    for (const Declared& code : declared_in(folder)) names.insert(code.name);
  }
  for (const CodeMessage& each : messages()) EXPECT_TRUE(names.contains(std::string(each.name))) << each.name;
}

TEST(messages, rows_are_whole_sentences_in_the_order_of_their_numbers) {
  int before = 0;
  for (const CodeMessage& each : messages()) {
    EXPECT_LT(before, each.number);
    before = each.number;
    EXPECT_GT(each.sentence.size(), 20U) << each.name;
    EXPECT_TRUE(each.sentence.ends_with('.')) << each.name;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(each.sentence.front()))) << each.name;
  }
}

TEST(messages, a_code_without_a_row_says_what_its_action_means) {
  EXPECT_NE(message_of({9999, Action::kRetryLater, "unheard_of"}).find("later"), std::string_view::npos);
  EXPECT_EQ(explain({{9999, Action::kStop, "unheard_of"}, "a rule"}),
            std::string(message_of({9999, Action::kStop, "unheard_of"})) + " [unheard_of; a rule]");
}

}  // namespace
}  // namespace godwit::api
