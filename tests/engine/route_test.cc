// Two people talk while the ways to their home are blocked.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/home_routes.h"
#include "session/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kDirect = "home.example";
constexpr const char* kBridge = "bridge://bridge.example";
constexpr const char* kBridgeHost = "bridge.example";

class RouteTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
  }
  static const engine::ConnectionChanged* connection(const Person& person) {
    const engine::ConnectionChanged* last = nullptr;
    for (const auto& notice : person.notices) {
      if (const auto* changed = std::get_if<engine::ConnectionChanged>(&notice)) last = changed;
    }
    return last;
  }
  engine::Routes routes_of(Person& person) { return std::get<engine::Routes>(*person.ask(engine::ListRoutes{})); }
  bool arrives(const Texts& texts, Duration patience) {
    return world.run_until([&] { return alice.texts(false) == texts; }, patience);
  }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(RouteTest, a_route_that_was_added_is_used_when_the_direct_way_is_blocked) {
  ASSERT_TRUE(bob.ask(engine::AddRoute{kBridge}).has_value());
  bob.blocked = {kDirect};
  world.cut(bob);
  bob.say("over the bridge");
  EXPECT_TRUE(arrives({"over the bridge"}, seconds(10)));
  ASSERT_NE(connection(bob), nullptr);
  EXPECT_EQ(connection(bob)->connection, engine::Connection::kConnected);
  EXPECT_EQ(connection(bob)->carrier, routes::Carrier::kBridge);
  EXPECT_EQ(connection(bob)->route, kBridge);
}

TEST_F(RouteTest, whom_a_home_sends_away_is_told_why_and_comes_back) {
  const auto offline_why = [&]() -> std::optional<Error> {
    const auto* last = connection(bob);
    return last != nullptr && last->connection == engine::Connection::kOffline ? last->why : std::nullopt;
  };
  bob.notices.clear();
  world.home().drain(world.now);
  ASSERT_TRUE(world.run_until([&] { return offline_why().has_value(); }, minutes(5)));
  EXPECT_EQ(offline_why()->code, session::kGoingDown);
  world.kill_home();
  world.start_home();
  bob.say("later");
  EXPECT_TRUE(arrives({"later"}, minutes(2)));
}

TEST_F(RouteTest, the_direct_way_is_used_again_when_the_block_ends) {
  ASSERT_TRUE(bob.ask(engine::AddRoute{kBridge}).has_value());
  bob.blocked = {kDirect};
  world.cut(bob);
  world.pass(minutes(5));
  ASSERT_EQ(connection(bob)->carrier, routes::Carrier::kBridge);
  bob.blocked = {};
  world.pass(minutes(15));
  EXPECT_EQ(connection(bob)->carrier, routes::Carrier::kWss);
  bob.say("directly");
  EXPECT_TRUE(arrives({"directly"}, seconds(2)));
}

TEST_F(RouteTest, added_routes_and_what_was_learned_survive_a_restart) {
  ASSERT_TRUE(bob.ask(engine::AddRoute{kBridge}).has_value());
  bob.blocked = {kDirect};
  world.cut(bob);
  world.pass(minutes(2));
  bob.kill();
  bob.dialled.clear();
  bob.start();
  world.pass(seconds(5));
  ASSERT_FALSE(bob.dialled.empty());
  EXPECT_EQ(bob.dialled.front().host, kBridgeHost) << "the way that worked comes first";
  const auto known = routes_of(bob);
  ASSERT_EQ(known.routes.size(), 2u);
  EXPECT_EQ(known.routes[1].route, kBridge);
  EXPECT_EQ(known.routes[1].source, routes::RouteSource::kAdded);
  EXPECT_TRUE(known.routes[1].in_use);
  EXPECT_TRUE(known.routes[1].worked_at.has_value());
}

TEST_F(RouteTest, routes_are_removed_only_if_they_were_added) {
  EXPECT_EQ(bob.ask(engine::RemoveRoute{kBridge}).error().code, engine::kNoSuchRoute);
  EXPECT_EQ(bob.ask(engine::AddRoute{"ftp://x"}).error().code, routes::kUnknownScheme);
  EXPECT_EQ(bob.ask(engine::AddRoute{"nonsense"}).error().code, routes::kBadRoute);
  ASSERT_TRUE(bob.ask(engine::AddRoute{kBridge}).has_value());
  ASSERT_TRUE(bob.ask(engine::AddRoute{kBridge}).has_value()) << "again is no error";
  EXPECT_EQ(routes_of(bob).routes.size(), 2u);
  ASSERT_TRUE(bob.ask(engine::RemoveRoute{kBridge}).has_value());
  EXPECT_EQ(routes_of(bob).routes.size(), 1u);
  for (size_t i = 0; i < engine::kAddedRoutesMax; ++i) {
    ASSERT_TRUE(bob.ask(engine::AddRoute{"bridge://b" + std::to_string(i) + ".example"}).has_value());
  }
  EXPECT_EQ(bob.ask(engine::AddRoute{kBridge}).error().code, engine::kRoutesFull);
}

TEST_F(RouteTest, behind_a_curtain_messages_go_both_ways_in_small_exchanges) {
  for (Person* person : {&alice, &bob}) {
    person->curtained = {{kDirect, 25}};
    world.cut(*person);
  }
  Texts said;
  for (int i = 0; i < 12; ++i) {
    said.push_back("message " + std::to_string(i) + std::string(1'000, '.'));
    bob.say(said.back());
  }
  EXPECT_TRUE(arrives(said, minutes(3)));
  alice.say("answer");
  EXPECT_TRUE(world.run_until([&] { return bob.texts(false) == Texts{"answer"}; }, minutes(1)));
  EXPECT_GT(bob.engine().counters().small_exchanges, 5u);
  EXPECT_GT(alice.engine().counters().small_exchanges, 5u);
  EXPECT_TRUE(connection(bob)->small);
  EXPECT_EQ(connection(bob)->connection, engine::Connection::kConnected);
}

TEST_F(RouteTest, small_exchanges_stay_within_their_budget_and_apart) {
  bob.curtained = {{kDirect, 25}};
  world.cut(bob);
  for (int i = 0; i < 12; ++i) bob.say("until the connection falls silent");
  ASSERT_TRUE(world.run_until([&] { return bob.engine().counters().small_exchanges > 3; }, minutes(2)));
  world.pass(seconds(15));  // until the connections that were there before have been given up
  bob.largest_pipe = 0;
  const size_t dials = bob.dialled.size();
  const Instant start = world.now;
  const uint64_t exchanges = bob.engine().counters().small_exchanges;
  for (int i = 0; i < 5; ++i) bob.say(std::string(1'500, 'y'));
  world.pass(seconds(90));
  EXPECT_GT(bob.engine().counters().small_exchanges, exchanges + 5);
  EXPECT_LE(bob.largest_pipe, 22u);
  EXPECT_LE((bob.dialled.size() - dials) * static_cast<size_t>(routes::kDialSpacing.ms),
            static_cast<size_t>((world.now - start).ms) + 400);
}

TEST_F(RouteTest, another_network_is_tried_at_once) {
  bob.blocked = {kDirect};
  world.cut(bob);
  world.pass(minutes(30));
  bob.blocked = {};
  bob.engine().handle_event(engine::NetworkChanged{{1, 2, 3}}, bob.now());
  bob.say("here I am");
  EXPECT_TRUE(arrives({"here I am"}, seconds(3)));
}

}  // namespace
}  // namespace godwit::testworld
