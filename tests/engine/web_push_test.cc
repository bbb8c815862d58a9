// A device that has its home wake it (set, taken back, found gone, and taken to another home), and where the home says that the page is.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"
#include "wire/errors.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class WebPushes : public ::testing::Test {
 protected:
  WebPushes() : anna(world.add()), bob(world.add()) {}
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(anna, bob);
    world.settle();
  }
  static WebPushTarget target(const std::string& endpoint = "https://push.example/wake/1") {
    const Bytes key = to_bytes(kWebPushKey.view());
    return {endpoint, key, Bytes(16, 9), key};
  }
  // Anna's program ends, and Bob writes to her.
  void say_to_sleeper() {
    anna.kill();
    bob.say("are you there?");
    world.pass(minutes(2));
  }

  World world;
  Person& anna;
  Person& bob;
};

TEST_F(WebPushes, where_the_page_is_the_own_home_says_unless_it_says_nonsense) {
  home::BulletinPlan plan;
  plan.routes = {"wss://home.example/ws"};
  for (const char* said : {"", "https://home.example/", "javascript:alert(1)", "https://home.example/#invite=other"}) {
    plan.page = said;
    world.home().set_bulletin(plan);
    EXPECT_EQ(must<PageFound>(anna, FindPage{}).address, plan.page == "https://home.example/" ? plan.page : "") << said;
  }
}

TEST_F(WebPushes, home_that_asks_for_codes_gives_some_for_newcomers_who_come_in_by_them) {
  const std::string first = must<HomeLinkMade>(anna, MakeHomeLink{}).link;
  must<AccountMade>(world.add(), NewAccount{"Carl", first});
  const auto again = world.add().ask(NewAccount{"Dora", first});
  EXPECT_EQ(again.has_value() ? ErrorCode{} : again.error().code, kRefusedByHome) << "for one person";
  for (uint32_t i = 1; i < home::Limits{}.codes_day_max; ++i) must<HomeLinkMade>(anna, MakeHomeLink{});
  const auto more = anna.ask(MakeHomeLink{});
  EXPECT_EQ(more.has_value() ? ErrorCode{} : more.error().code, wire::kQuotaFull);
  world.pass(days(1));
  must<HomeLinkMade>(anna, MakeHomeLink{});
}

TEST_F(WebPushes, a_device_that_sleeps_is_woken_once_and_one_that_is_awake_is_not) {
  const auto before = must<WebPushInfo>(anna, ReadWebPush{});
  EXPECT_EQ(before.home_key, to_bytes(kWebPushKey.view()));
  EXPECT_EQ(before.endpoint, "");
  must<Nothing>(anna, SetWebPush{target()});
  EXPECT_EQ(must<WebPushInfo>(anna, ReadWebPush{}).endpoint, "https://push.example/wake/1");
  bob.say("hello");
  world.pass(minutes(2));
  EXPECT_TRUE(world.web_pushes.empty());
  say_to_sleeper();
  EXPECT_EQ(world.web_pushes, (std::vector<std::string>{"https://push.example/wake/1"}));
  bob.say("well then");
  world.pass(hours(1));
  EXPECT_EQ(world.web_pushes.size(), 1U);
  anna.start();
  world.settle();
  say_to_sleeper();
  EXPECT_EQ(world.web_pushes.size(), 2U);
}

TEST_F(WebPushes, what_is_no_subscription_or_is_for_another_key_is_refused) {
  WebPushTarget bad = target("http://push.example/");
  EXPECT_EQ(refusal(anna, SetWebPush{bad}), kBadWebPush);
  bad = target();
  bad.key.pop_back();
  EXPECT_EQ(refusal(anna, SetWebPush{bad}), kBadWebPush);
  bad = target();
  bad.auth.clear();
  EXPECT_EQ(refusal(anna, SetWebPush{bad}), kBadWebPush);
  bad = target();
  bad.home_key.back() ^= 1;
  EXPECT_EQ(refusal(anna, SetWebPush{bad}), kNoWebPush);
  world.home().set_web_push_key(std::nullopt);
  EXPECT_EQ(refusal(anna, SetWebPush{target()}), kNoWebPush);
  EXPECT_TRUE(must<WebPushInfo>(anna, ReadWebPush{}).home_key.empty());
  EXPECT_EQ(refusal(world.add(), SetWebPush{target()}), kNoAccount);
}

TEST_F(WebPushes, it_is_taken_back) {
  must<Nothing>(anna, SetWebPush{target()});
  must<Nothing>(anna, SetWebPush{});
  EXPECT_EQ(must<WebPushInfo>(anna, ReadWebPush{}).endpoint, "");
  say_to_sleeper();
  EXPECT_TRUE(world.web_pushes.empty());
}

TEST_F(WebPushes, what_was_asked_without_a_network_goes_on_after_a_restart) {
  anna.online = false;
  world.cut(anna);
  anna.give(SetWebPush{target()});
  world.settle();
  anna.kill();
  anna.online = true;
  anna.start();
  world.settle();
  say_to_sleeper();
  EXPECT_EQ(world.web_pushes.size(), 1U);
}

TEST_F(WebPushes, a_device_hears_that_its_push_service_does_not_know_it_any_more) {
  must<Nothing>(anna, SetWebPush{target()});
  world.web_push_result = {home::WebPushResult::Kind::kGone, {}};
  say_to_sleeper();
  ASSERT_EQ(world.web_pushes.size(), 1U);
  anna.notices.clear();
  anna.start();
  EXPECT_TRUE(world.run_until([&] { return has_notice<WebPushEnded>(anna); }));
  EXPECT_EQ(must<WebPushInfo>(anna, ReadWebPush{}).endpoint, "");
}

TEST_F(WebPushes, it_goes_to_another_home_under_the_same_key_and_ends_under_another) {
  world.add_home("new.example");
  world.add_home("other.example").set_web_push_key(wire::WebPushKey{});
  must<Nothing>(anna, SetWebPush{target()});
  must<Nothing>(anna, MoveAccount{world.home_link_at("new.example")});
  EXPECT_TRUE(world.run_until([&] { return !must<WebPushInfo>(anna, ReadWebPush{}).endpoint.empty(); }));
  must<Nothing>(bob, SetWebPush{target()});
  must<Nothing>(bob, MoveAccount{world.home_link_at("other.example")});
  EXPECT_TRUE(world.run_until([&] { return has_notice<WebPushEnded>(bob); }));
  EXPECT_EQ(must<WebPushInfo>(bob, ReadWebPush{}).endpoint, "");
}

}  // namespace
}  // namespace godwit::testworld
