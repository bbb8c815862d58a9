// Every file of vectors in $GODWIT_SHARED/vectors/mls*, and those of our own in mls/testing, which are always there. Each
// prints how many of its cases passed, failed and were skipped and why.

#include <algorithm>

#include "base/testing/source_dir.h"
#include "mls/testing/vector_runner.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test
namespace fs = std::filesystem;

constexpr VectorFamily kFamilies[] = {
    {"tree-math", false, verify_tree_math},
    {"deserialization", false, verify_deserialization},
    {"messages", false, verify_messages},
    {"crypto-basics", true, verify_crypto_basics},
    {"secret-tree", true, verify_secret_tree},
    {"key-schedule", true, verify_key_schedule},
    {"psk_secret", true, verify_psk_secret},
    {"transcript-hashes", true, verify_transcript_hashes},
    {"message-protection", true, verify_message_protection},
    {"welcome", true, verify_welcome},
    {"tree-operations", true, verify_tree_operations},
    {"tree-validation", true, verify_tree_validation},
    {"treekem", true, verify_treekem},
    {"passive-client", true, verify_passive_client},
};

// The JSON files below `folder`, sorted.
std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<fs::path> published_files() {
  std::vector<fs::path> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(godwit::testing::vector_path(""), none)) {
    if (!entry.path().filename().string().starts_with("mls")) continue;
    for (auto& file : json_files(entry.path())) out.push_back(std::move(file));
  }
  std::ranges::sort(out);
  return out;
}

std::vector<fs::path> own_files() {
  return json_files(fs::path(godwit::testing::source_dir()) / "src" / "mls" / "testing");
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
  std::string out = info.param.parent_path().filename().string() + "_" + info.param.stem().string();
  std::ranges::replace_if(out, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return out + "_" + std::to_string(info.index);
}

class MlsVectors : public ::testing::TestWithParam<fs::path> {};

// By vector file:
// crypto_basics: MLS-008, MLS-009, MLS-010
// key_schedule: MLS-073, MLS-081
// message_protection: MLS-018, MLS-019, MLS-025, MLS-028
// messages: MLS-019
// passive_client_handling_commit: MLS-066
// passive_client_of_the_own_file: MLS-097
// passive_client_welcome: MLS-189
// psk_secret: MLS-079
// secret_tree: MLS-032, MLS-084
// transcript_hashes: MLS-074
// tree_math: MLS-068
// tree_operations: MLS-068, MLS-109, MLS-174
// tree_validation: MLS-069
// treekem: MLS-059, MLS-062, MLS-066
TEST_P(MlsVectors, hold) {
  const fs::path& path = GetParam();
  const auto report = run_vectors(kFamilies, path.filename().string(), godwit::testing::read_file(path));
  std::cout << "[  VECTORS ] " << (path.parent_path().filename() / path.filename()).string() << ": " << report.summary()
            << std::endl;
  for (const auto& why : report.failures) ADD_FAILURE() << path << ": " << why;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MlsVectors);
INSTANTIATE_TEST_SUITE_P(own, MlsVectors, ::testing::ValuesIn(own_files()), test_name);
INSTANTIATE_TEST_SUITE_P(published, MlsVectors, ::testing::ValuesIn(published_files()), test_name);

TEST(MlsVectorsFolder, is_there) {
  ASSERT_FALSE(own_files().empty());
  GODWIT_REQUIRE_VECTORS("mls");
  EXPECT_FALSE(published_files().empty());
}

TEST(MlsVectorRunner, a_case_is_passed_failed_or_skipped_with_a_reason) {
  const auto report = run_vectors(kFamilies, "psk_secret.json",
                                  R"([{"cipher_suite": 7}, {"cipher_suite": 7}, {"cipher_suite": 3}, {},
                                      {"cipher_suite": 3, "psks": [], "psk_secret": "00"}])");
  EXPECT_EQ(report.passed, 0U);
  EXPECT_EQ(report.failures.size(), 3U);
  EXPECT_EQ(report.summary(), "0 passed, 3 failed, 2 skipped (suite 0x0007 is not in the table: 2)");
  const auto passed = run_vectors(kFamilies, "deserialization.json", R"([{"vlbytes_header": "4040", "length": 64}])");
  EXPECT_EQ(passed.summary(), "1 passed, 0 failed, 0 skipped");
  EXPECT_EQ(run_vectors(kFamilies, "novel.json", "[1, 2]").summary(),
            "0 passed, 0 failed, 2 skipped (no such family of vectors: 2)");
}

TEST(MlsVectorRunner, a_malformed_file_fails_with_a_message) {
  for (const char* text : {"", "[", "{}", "[]", "3", "null", "[1]", "[null]", "[[]]", "[{\"cipher_suite\": -1}]",
                           "[{\"cipher_suite\": 99999999999}]", "[{\"cipher_suite\": \"3\"}]"}) {
    for (const VectorFamily& family : kFamilies) {
      const auto report = run_vectors(kFamilies, std::string(family.name) + ".json", text);
      ASSERT_EQ(report.failures.size(), 1U) << family.name << ": " << text;
      EXPECT_FALSE(report.failures[0].empty());
    }
  }
}

// Long group lives are spoilt in their short relatives.
constexpr size_t kSpoiltSizeMax = 50'000;

// Every member at any depth below `one`, spoilt in its turn.
void for_each_spoilt(Json& whole, Json& at, const std::function<void(const std::string&)>& look) {
  const auto spoil = [&](Json& member, const std::string& path) {
    const Json kept = member;
    for (const Json& other : {Json(), Json(""), Json("zz"), Json("00"), Json(uint64_t{1} << 40), Json(0), Json(-1),
                              Json::array(), Json::object()}) {
      if (other == kept) continue;
      member = other;
      look(path + " = " + other.dump());
    }
    member = kept;
    if (member.is_structured()) for_each_spoilt(whole, member, look);
  };
  if (at.is_object()) {
    for (auto& [key, member] : at.items()) spoil(member, key);
  } else if (at.is_array() && !at.empty()) {
    spoil(at[0], "[0]");
  }
}

// Whatever is put in a member's place, the runner lives; and seldom does a case pass with it.
TEST_P(MlsVectors, spoilt_end_with_a_message) {
  Json cases = Json::parse(godwit::testing::read_file(GetParam()), nullptr, false);
  ASSERT_TRUE(cases.is_array());
  std::sort(cases.begin(), cases.end(), [](const Json& a, const Json& b) { return a.dump().size() < b.dump().size(); });
  for (Json& one : cases) {
    if (one.dump().size() > kSpoiltSizeMax) break;
    if (one.contains("cipher_suite") && suite_of(one) == nullptr) continue;
    size_t failed = 0;
    size_t passed = 0;
    for_each_spoilt(one, one, [&](const std::string&) {
      const auto report = run_vectors(kFamilies, GetParam().filename().string(), Json::array({one}).dump());
      failed += report.failures.size();
      passed += report.passed;
    });
    EXPECT_GT(failed, passed);
    return;
  }
}

}  // namespace
}  // namespace godwit::mls
