#include "cli/web_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "cli/errors.h"
#include "cli/program_jobs.h"
#include "cli/secrets.h"
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
  Instant now_{1'000'000};
  WebLock lock_{*loop_, profile(), random_, milliseconds(20), [this] { return now_; }};
};

TEST_F(WebLockTest, closes_by_itself_when_nobody_was_there_for_so_long) {
  lock_.opened(make());
  EXPECT_FALSE(lock_.carry_out(api::ReadLock{})->on);
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 1}).has_value());
  EXPECT_FALSE(lock_.wanted());
  now_ = now_ + milliseconds(20);
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
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 10'000}).has_value());
  now_ = now_ + milliseconds(20) * 10'000;
  EXPECT_FALSE(lock_.wanted()) << "its timer did not run";
  EXPECT_TRUE(loop_->run_until([&] { return lock_.wanted(); }, minutes(1))) << "soon after it has woken";
  lock_.opened(OpenedBy::kPassphrase);
  now_ = now_ + milliseconds(20) * 10'000;
  ASSERT_TRUE(lock_.carry_out(api::NoteActivity{}).has_value());
  EXPECT_TRUE(lock_.wanted()) << "whoever touches the page first does not begin the time anew";
}

TEST_F(WebLockTest, closing_it_waits_for_no_job_and_ends_the_one_that_runs) {
  Profile profile_opened = Profile::create(profile(), {}, random_).value();
  lock_.opened(profile_opened.opened_by());
  ASSERT_TRUE(lock_.carry_out(api::SetLock{"", kPhrase, 0}).has_value());
  Globals globals;
  globals.profile = profile();
  Client client(*loop_, random_, std::move(profile_opened), globals, false, Client::Signals::kLeft);
  client.interrupt_when([&] { return lock_.wanted(); });
  ProgramJobs jobs(profile(), random_);
  jobs.set_lock(lock_);
  jobs.attach(&client);
  std::vector<std::string> done;
  const auto finish = [&](const char* name) {
    return [&done, name](const Result<api::ProgramAnswer>& answer) {
      done.push_back(name + std::string(answer ? "" : answer.error().code == kLocked ? " is locked out" : " failed"));
    };
  };
  jobs.add(api::ExportChat{{}, folder_}, finish("one"), nullptr);
  jobs.add(api::ExportChat{{}, folder_}, finish("two"), nullptr);
  jobs.add(api::LockNow{}, finish("lock"), nullptr);
  EXPECT_TRUE(lock_.wanted());
  jobs.do_next();
  jobs.attach(nullptr);
  EXPECT_FALSE(jobs.waiting());
  EXPECT_EQ(done, (std::vector<std::string>{"lock", "one is locked out", "two is locked out"}));
}

TEST_F(WebLockTest, the_header_of_the_old_passphrase_is_overwritten) {
  make();
  const Descriptor old(::open((profile() + "/header").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(Profile::change_passphrase(profile(), "", kPhrase, random_));
  Bytes left(64, 1);
  ASSERT_EQ(::pread(old.number(), left.data(), left.size(), 0), 64);
  EXPECT_EQ(left, Bytes(64));
}

TEST_F(WebLockTest, a_passphrase_of_the_environment_is_forgotten) {
  ::setenv("GODWIT_PASSPHRASE", kPhrase, 1);
  const char* const given = std::getenv("GODWIT_PASSPHRASE");
  forget_given_passphrase();
  EXPECT_EQ(*given, '\0');
  EXPECT_EQ(std::getenv("GODWIT_PASSPHRASE"), nullptr);
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
