#pragma once
// Where published test vectors are read from, in test binaries only: $GODWIT_SHARED/vectors, by default
// ../shared/vectors beside the source tree. GODWIT_REQUIRE_VECTORS(file) skips the test, saying why, without them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.h"
#include "base/testing/source_dir.h"

namespace godwit::testing {

using Json = nlohmann::json;

/// The file `name` ("noise/snow.json") of the vectors; it need not exist.
inline std::filesystem::path vector_path(const std::string& name) {
  const char* shared = std::getenv("GODWIT_SHARED");
  const std::filesystem::path base = shared != nullptr ? std::string(shared) : std::string(source_dir()) + "/../shared";
  return base / "vectors" / name;
}

/// The bytes of a file; empty if there is none.
inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The file parsed as JSON; a test that reads a damaged one fails.
inline Json load_vectors(const std::string& name) { return Json::parse(read_file(vector_path(name))); }

/// The bytes of hexadecimal digits.
inline Bytes unhex(const std::string& digits) {
  Bytes out;
  EXPECT_TRUE(from_hex(digits, out)) << digits;
  return out;
}
/// A member that is text; empty if it is missing.
inline std::string digits(const Json& object, const char* member) { return object.value(member, std::string()); }
/// The bytes of a hexadecimal member; empty if it is missing.
inline Bytes unhex(const Json& object, const char* member) { return unhex(digits(object, member)); }

/// Counts cases, prints the counts at the end and fails if nothing was run.
class Tally {
 public:
  explicit Tally(std::string what) : what_(std::move(what)) {}
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() {
    std::cout << "[  VECTORS ] " << what_ << ": " << run_ << " run, " << skipped_ << " skipped\n";
    EXPECT_GT(run_, 0) << what_ << ": no case was run";
  }
  void run() { ++run_; }
  void skip() { ++skipped_; }

 private:
  std::string what_;
  int run_ = 0;
  int skipped_ = 0;
};

}  // namespace godwit::testing

#define GODWIT_REQUIRE_VECTORS(name)                                            \
  do {                                                                          \
    if (!std::filesystem::exists(::godwit::testing::vector_path(name))) {       \
      std::cout << "SKIPPED: " << ::godwit::testing::vector_path(name).string() \
                << " is not there; set GODWIT_SHARED to run" << std::endl;      \
      GTEST_SKIP();                                                             \
    }                                                                           \
  } while (false)
