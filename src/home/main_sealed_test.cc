// A list of sealed requests, answered by the home that runs on the folder, and on its store when none runs.

#include "home/main_sealed.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "crypto/random_sources.h"
#include "session/sealed_request.h"
#include "wire/replies.h"

namespace godwit::home {
namespace {

class CarriedTest : public ::testing::Test {
 protected:
  CarriedTest() {
    EXPECT_TRUE(crypto::initialise());
    const auto base = std::filesystem::temp_directory_path();
    place_.folder = (base / ("carried_test." + std::to_string(::getpid()))).string();
    std::filesystem::remove_all(place_.folder);
    InitOptions init;
    init.host = "127.0.0.1";
    init.addresses = {"127.0.0.1"};
    init.port = 0;
    EXPECT_EQ(run_init(place_, init), kExitDone);
    config_ = *load_config(place_);
  }
  ~CarriedTest() override { std::filesystem::remove_all(place_.folder); }

  session::SealedRequest seal() {
    const auto keys = *load_keys(place_, config_, random_);
    return *session::seal_requests(keys.sealing.public_key, {wire::encode_request(wire::BulletinGet{})},
                                   wall_clock() + days(1), random_);
  }
  // More than the home does at once; one is no sealed request at all.
  void expect_answers() {
    std::vector<session::SealedRequest> requests;
    std::vector<Bytes> sealed;
    for (int i = 0; i < 100; ++i) {
      requests.push_back(seal());
      sealed.push_back(requests.back().bytes);
    }
    sealed.push_back(Bytes(500, 1));
    const auto replies = answer_sealed(place_, config_, sealed);
    ASSERT_TRUE(replies.has_value()) << replies.error().rule;
    ASSERT_EQ(replies->size(), sealed.size());
    EXPECT_FALSE(replies->back().has_value());
    for (size_t i = 0; i < requests.size(); ++i) {
      ASSERT_TRUE((*replies)[i].has_value()) << i;
      EXPECT_TRUE(requests[i].reply_key.open(*(*replies)[i]).has_value()) << i;
    }
    const auto again = answer_sealed(place_, config_, sealed);
    ASSERT_TRUE(again.has_value());
    for (const auto& reply : *again) EXPECT_FALSE(reply.has_value());
  }

  crypto::SystemRandom random_;
  Place place_;
  Config config_;
};

// First, since the other leaves threads behind that a child would lack.
TEST_F(CarriedTest, the_running_home_answers) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(run_run(place_, {}));
  for (int i = 0; i < 1'000 && !read_running(place_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  expect_answers();
  ::kill(child, SIGTERM);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kExitDone);
}

TEST_F(CarriedTest, without_a_running_home_its_store_answers) {
  expect_answers();
  EXPECT_TRUE(answer_sealed(place_, config_, {})->empty());
}

TEST_F(CarriedTest, too_many_at_once_are_refused) {
  EXPECT_FALSE(answer_sealed(place_, config_, std::vector<Bytes>(kQuestionRequestsMax + 1)).has_value());
}

}  // namespace
}  // namespace godwit::home
