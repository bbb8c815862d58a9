// Where Janus has its parts.

#include "net/janus_parts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "net/only_address_bytes.h"

namespace godwit::net {
namespace {

namespace fs = std::filesystem;

// A folder that goes with the test.
struct Folder {
  Folder() : path(fs::temp_directory_path() / ("godwit-unit-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void put(const std::string& name) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << "x";
  }
  fs::path path;
};

TEST(JanusParts, its_parts_are_where_its_package_has_them_or_where_the_operator_says) {
  const Folder folder;
  folder.put("usr/bin/janus");
  const std::string program = (folder.path / "usr/bin/janus").string();
  EXPECT_EQ(janus_parts(program, ""), "") << "it has none";
  for (const char* part : kJanusParts) folder.put(std::string("usr/lib/x86_64-linux-gnu/janus/") + part);
  EXPECT_EQ(janus_parts(program, ""), fs::canonical(folder.path / "usr/lib/x86_64-linux-gnu/janus").string());
  EXPECT_EQ(janus_parts(program, folder.path.string()), "") << "not in that folder";
  folder.put(std::string("mine/") + kJanusParts[0]);
  EXPECT_EQ(janus_parts(program, (folder.path / "mine").string()), "") << "one of two";
  folder.put(std::string("mine/") + kJanusParts[1]);
  EXPECT_EQ(janus_parts(program, (folder.path / "mine").string()), (folder.path / "mine").string());
  EXPECT_EQ(janus_parts((folder.path / "none").string(), ""), "");
}

TEST(JanusParts, what_it_is_started_with_is_a_shared_object) {
  EXPECT_TRUE(only_address_bytes().starts_with("\x7f" "ELF"));
}

}  // namespace
}  // namespace godwit::net
