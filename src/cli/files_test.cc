#include "cli/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/errors.h"
#include "cli/secrets.h"
#include "crypto/random_sources.h"
#include "store/errors.h"

namespace godwit::cli {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/godwit-files-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FilesTest, a_new_file_never_replaces_another) {
  const std::string path = folder_ + "/a";
  ASSERT_TRUE(write_new_file(path, as_bytes("one")));
  EXPECT_EQ(write_new_file(path, as_bytes("two")).error().code, kFileExists);
  EXPECT_EQ(as_text(*read_file(path, 10)), "one");
  EXPECT_EQ(read_file(path, 2).error().code, kProfileNoAccess);
}

TEST_F(FilesTest, a_new_file_does_not_go_through_a_link_or_a_file_that_was_left_beside_it) {
  const std::string path = folder_ + "/a";
  std::ofstream(folder_ + "/other") << "theirs";
  std::filesystem::create_symlink(folder_ + "/other", path + ".new");
  ASSERT_TRUE(write_new_file(path, as_bytes("one")));
  EXPECT_EQ(as_text(*read_file(folder_ + "/other", 10)), "theirs");
  EXPECT_TRUE(is_private(path, false));
}

TEST_F(FilesTest, a_full_disk_is_told_from_what_permissions_forbid) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  ASSERT_FALSE(write_all(full.number(), as_bytes("one")));
  EXPECT_EQ(error_of_system(kFileNoAccess, "").code, store::kDiskFull);
  for (const int each : {EDQUOT, EFBIG}) {
    errno = each;
    EXPECT_EQ(error_of_system(kFileNoAccess, "").code, store::kDiskFull);
  }
  const Descriptor reading(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_FALSE(write_all(reading.number(), as_bytes("one")));
  EXPECT_EQ(error_of_system(kFileNoAccess, "").code, kFileNoAccess);
}

TEST_F(FilesTest, private_is_what_nobody_else_may_read_or_change) {
  const std::string path = folder_ + "/a";
  ASSERT_TRUE(write_new_file(path, as_bytes("one")));
  EXPECT_TRUE(is_private(folder_, true));
  EXPECT_FALSE(is_private(folder_, false));
  EXPECT_FALSE(is_private(path, true));
  std::filesystem::create_symlink(path, folder_ + "/link");
  EXPECT_FALSE(is_private(folder_ + "/link", false));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_FALSE(is_private(path, false));
  EXPECT_FALSE(is_private(folder_ + "/none", false));
}

TEST_F(FilesTest, a_key_file_is_made_for_its_owner_alone_and_read_again) {
  crypto::SeededRandom random(1);
  const std::string path = folder_ + "/key";
  const auto made = read_or_make_key_file(path, random);
  ASSERT_TRUE(made);
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  EXPECT_TRUE(*made == *read_key_file(path));
  EXPECT_TRUE(*made == *read_or_make_key_file(path, random));
}

TEST_F(FilesTest, something_else_is_not_taken_for_a_key_file_nor_overwritten) {
  crypto::SeededRandom random(1);
  const std::string path = folder_ + "/diary";
  std::ofstream(path) << "dear diary\n";
  EXPECT_EQ(read_or_make_key_file(path, random).error().code, kKeyFileExists);
  EXPECT_EQ(as_text(*read_file(path, 100)), "dear diary\n");
}

TEST_F(FilesTest, the_first_line_of_a_passphrase_file_counts) {
  const std::string path = folder_ + "/passphrase";
  std::ofstream(path) << "secret words\r\nsecond\n";
  SecretSources sources;
  sources.passphrase_file = path;
  EXPECT_EQ(as_text(obtain_passphrase(sources, true)->reveal()), "secret words");
  sources.passphrase_file = folder_ + "/none";
  EXPECT_EQ(obtain_passphrase(sources, false).error().code, kPassphraseFile);
}

}  // namespace
}  // namespace godwit::cli
