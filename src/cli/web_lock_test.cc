#include "cli/web_lock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "cli/errors.h"
#include "crypto/random_sources.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

constexpr const char* kPhrase = "one two three four";

class WebLockTest : public ::testing::Test {
 protected:
  WebLockTest() { ::setenv("GODWIT_PASSPHRASE", "", 1); }
  ~WebLockTest() override { std::filesystem::remove_all(folder_); }

  static std::string new_folder() {
    std::string pattern = ::testing::TempDir() + "web_lock_XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  std::string profile() const { return folder_ + "/profile"; }
  OpenedBy make() { return Profile::create(profile(), {}, random_).value().opened_by(); }
  ErrorCode code(const Result<api::LockState>& result) { return result.error().code; }

  crypto::SystemRandom random_;
  std::string folder_ = new_folder();  // before the lock, which takes its name
  std::unique_ptr<net::EventLoop> loop_ = net::EventLoop::create().value();
  WebLock lock_{*loop_, profile(), random_, milliseconds(20)};
};

TEST_F(WebLockTest, closes_by_itself_when_nobody_was_there_for_so_long) {
  lock_.opened(make());
  EXPECT_FALSE(lock_.carry_out(api::ReadLock{})->on);
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 1}).has_value());
  EXPECT_FALSE(lock_.wanted());
  EXPECT_TRUE(loop_->run_until([&] { return lock_.wanted(); }, minutes(1)));
  lock_.closed();
  EXPECT_EQ(code(lock_.carry_out(api::ReadLock{})), kLocked);
  EXPECT_EQ(code(lock_.carry_out(api::NoteActivity{})), kLocked);
  EXPECT_EQ(code(lock_.carry_out(api::Unlock{"one"})), engine::kWrongPassphrase);
  EXPECT_FALSE(lock_.take_opened().has_value());
  EXPECT_EQ(lock_.carry_out(api::Unlock{kPhrase})->minutes, 1U);
  const auto opened = lock_.take_opened();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->opened_by(), OpenedBy::kPassphrase);
  lock_.opened(opened->opened_by());
  EXPECT_EQ(lock_.carry_out(api::ReadLock{})->minutes, 1U) << "as it was";
}

TEST_F(WebLockTest, time_that_the_machine_has_slept_counts) {
  lock_.opened(make());
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 1}).has_value());
  const Instant since = loop_->now();
  while (loop_->now() - since < milliseconds(20)) {
  }
  EXPECT_FALSE(lock_.wanted()) << "its timer did not run";
  ASSERT_TRUE(lock_.carry_out(api::NoteActivity{}).has_value());
  EXPECT_TRUE(lock_.wanted());
}

TEST_F(WebLockTest, passphrase_that_is_wrong_changes_nothing_and_the_lock_is_taken_away_by_the_right_one) {
  lock_.opened(make());
  EXPECT_EQ(code(lock_.carry_out(api::LockNow{})), kNoLock);
  EXPECT_EQ(code(lock_.carry_out(api::SetLockMinutes{5})), kNoLock);
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 0}).has_value());
  EXPECT_EQ(code(lock_.carry_out(api::SetLock{"two", "", 0})), engine::kWrongPassphrase);
  EXPECT_EQ(Profile::open_by(profile(), "").error().code, engine::kWrongPassphrase);
  EXPECT_TRUE(Profile::open_by(profile(), kPhrase).has_value());
  EXPECT_EQ(lock_.carry_out(api::SetLock{kPhrase, "", 60})->minutes, 0U) << "nothing to close";
  EXPECT_TRUE(Profile::open_by(profile(), "").has_value());
}

TEST_F(WebLockTest, profile_that_opens_by_a_key_file_has_none) {
  const auto made = Profile::create(profile(), {"", folder_ + "/key"}, random_);
  ASSERT_TRUE(made.has_value());
  lock_.opened(made->opened_by());
  EXPECT_EQ(code(lock_.carry_out(api::ReadLock{})), kNoLock);
  EXPECT_EQ(code(lock_.carry_out(api::SetLock{"", kPhrase, 0})), kNoLock);
}

}  // namespace
}  // namespace godwit::cli
