// The policy against models of what censors do (censored_network_test.h), many seeds, virtual time.

#include "routes/censored_network_test.h"

namespace godwit::routes {
namespace {

using testing::CensoredNetwork;

constexpr uint64_t kSeeds = 20;
const char* const kHome = "home.example";
const char* const kBridge = "bridge.example";

std::vector<KnownRoute> home_and_bridge() {
  return {{parse_route("wss://home.example/ws").value(), RouteSource::kInvite},
          {parse_route("bridge://bridge.example/ws").value(), RouteSource::kInvite}};
}
std::vector<KnownRoute> home_only() { return {home_and_bridge().front()}; }

// Fresh devices with a mailbox and three chats, the block already on.
template <typename Block>
void expect_first_answer_within(std::vector<KnownRoute> routes, Duration bound, const Block& block) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, routes, 4);
    block(network);
    for (size_t racer = 0; racer < 4; ++racer) {
      EXPECT_LT(network.time_to_answer(racer, minutes(2)), bound) << "seed " << seed << " racer " << racer;
    }
    network.run(minutes(20), seconds(10));
    EXPECT_EQ(network.frozen(), 0u) << "seed " << seed;
  }
}

// A conversation that runs when the block comes, and when it goes again.
template <typename Block>
void expect_it_goes_on_within(std::vector<KnownRoute> routes, Duration bound, const Block& block) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, routes, 4);
    network.run(minutes(1));
    ASSERT_EQ(network.host_of(0), kHome);
    block(network);
    for (int i = 0; i < 10; ++i) {
      const Duration took = network.time_to_answer(0, minutes(5));
      EXPECT_LT(took, bound) << "seed " << seed << " answer " << i;
    }
    network.censor = testing::Censor{};
    network.run(minutes(80), seconds(20));
    EXPECT_EQ(network.host_of(0), kHome) << "seed " << seed << ": back on the direct way";
    EXPECT_EQ(network.frozen(), 0u) << "seed " << seed;
  }
}

TEST(PolicyAndCensor, an_open_network_is_used_directly_and_at_once) {
  expect_first_answer_within(home_and_bridge(), seconds(2), [](CensoredNetwork&) {});
}

TEST(PolicyAndCensor, dns_gone_before_the_first_dial) {
  expect_first_answer_within(home_and_bridge(), seconds(10), [](auto& n) { n.censor.names_gone = {kHome}; });
}

TEST(PolicyAndCensor, dns_gone_later_without_a_bridge_leaves_the_last_good_address) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 2);
    network.run(minutes(1));
    network.censor.names_gone = {kHome};
    network.censor.hosts_dropped = {kHome};  // the running session dies
    network.run(seconds(8));
    network.censor.hosts_dropped = {};
    EXPECT_LT(network.time_to_answer(0, minutes(2)), seconds(10)) << seed;
  }
}

TEST(PolicyAndCensor, name_reset) {
  const auto block = [](CensoredNetwork& n) { n.censor.names_reset = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
  expect_first_answer_within(home_only(), seconds(10), block);
}

TEST(PolicyAndCensor, name_dropped) {
  const auto block = [](CensoredNetwork& n) { n.censor.names_dropped = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
  expect_first_answer_within(home_only(), seconds(10), block);
}

// The first dial dies, the second shows another name: a silence of 6.5 s and what a dial takes.
TEST(PolicyAndCensor, name_dropped_some_packets_after_the_hello) {
  const auto block = [](CensoredNetwork& n) { n.censor.names_late = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(12), block);
  expect_first_answer_within(home_only(), seconds(12), block);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 1);
    block(network);
    network.run(seconds(30));
    EXPECT_EQ(network.small_exchanges(), 0u) << seed << ": nothing here is a curtain";
    EXPECT_LT(network.time_to_answer(0, minutes(2)), seconds(3)) << seed;
  }
}

TEST(PolicyAndCensor, name_dropped_and_taken_for_a_curtain_is_left_behind_in_small_exchanges) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 1);
    network.censor.names_late = {kHome};
    HostMemory curtained;
    curtained.curtained_until = network.now() + minutes(30);
    network.world().memory.set_host({}, kHome, curtained);
    EXPECT_LT(network.time_to_answer(0, minutes(10)), seconds(20)) << seed;
    network.run(seconds(20));
    EXPECT_LT(network.time_to_answer(0, minutes(10)), seconds(3)) << seed << ": what works is kept";
  }
}

TEST(PolicyAndCensor, a_name_whose_connections_are_cut_after_tls_does_not_cost_the_rest_of_a_hello) {
  const auto block = [](CensoredNetwork& n) { n.censor.names_cut = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
  expect_first_answer_within(home_only(), seconds(20), block);
}

TEST(PolicyAndCensor, names_of_both_dropped_leaves_other_names) {
  expect_first_answer_within(home_and_bridge(), seconds(10),
                             [](auto& n) { n.censor.names_dropped = {kHome, kBridge}; });
}

TEST(PolicyAndCensor, hello_known_and_killed_after_it_opened) {
  const auto block = [](CensoredNetwork& n) { n.censor.hello_known = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
  expect_it_goes_on_within(home_and_bridge(), seconds(15), block);
}

// A list of one version's hellos: every look that a program of ours shows of itself but one, or all of them.
const std::set<HelloKind> kOneListed{HelloKind::kCurl, HelloKind::kLean};
const std::set<HelloKind> kAllListed{HelloKind::kCurl, HelloKind::kPlain, HelloKind::kPython, HelloKind::kNode,
                                     HelloKind::kLean};

TEST(PolicyAndCensor, a_listed_hello_is_left_behind_at_the_next_host) {
  const auto block = [](CensoredNetwork& n) { n.censor.hellos_listed = kOneListed; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
}

TEST(PolicyAndCensor, a_listed_hello_is_changed_at_the_only_host_after_a_rest) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 4);
    network.censor.hellos_listed = kOneListed;
    EXPECT_LT(network.time_to_answer(0, minutes(10)), minutes(4)) << seed;
  }
}

TEST(PolicyAndCensor, where_every_programs_hello_is_listed_the_varied_one_is_found_at_the_next_host) {
  const auto block = [](CensoredNetwork& n) { n.censor.hellos_listed = kAllListed; };
  expect_first_answer_within(home_and_bridge(), seconds(10), block);
  expect_it_goes_on_within(home_and_bridge(), seconds(15), block);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 4);
    block(network);
    EXPECT_LT(network.time_to_answer(0, minutes(10)), minutes(4)) << seed;
    EXPECT_TRUE(network.hellos_shown().contains(HelloKind::kVaried));
    network.run(minutes(5));
    EXPECT_LT(network.time_to_answer(0, minutes(1)), seconds(5)) << "what works is kept";
  }
}

TEST(PolicyAndCensor, an_open_network_sees_one_hello_of_a_device) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_and_bridge(), 4);
    network.run(minutes(30), seconds(5));
    EXPECT_EQ(network.hellos_shown().size(), 1u) << seed;
    EXPECT_FALSE(network.hellos_shown().contains(HelloKind::kLean));
    EXPECT_FALSE(network.hellos_shown().contains(HelloKind::kVaried));
  }
}

TEST(PolicyAndCensor, address_dropped_or_refused) {
  const auto dropped = [](CensoredNetwork& n) { n.censor.hosts_dropped = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(10), dropped);
  expect_it_goes_on_within(home_and_bridge(), seconds(15), dropped);
  expect_first_answer_within(home_and_bridge(), seconds(10), [](auto& n) { n.censor.hosts_refused = {kHome}; });
}

TEST(PolicyAndCensor, curtain_before_the_home_alone_is_lived_through_by_the_bridge) {
  const auto block = [](CensoredNetwork& n) { n.censor.curtained = {kHome}; };
  expect_first_answer_within(home_and_bridge(), seconds(30), block);
  expect_it_goes_on_within(home_and_bridge(), seconds(15), block);
}

TEST(PolicyAndCensor, curtain_before_every_host_leaves_small_exchanges) {
  const auto block = [](CensoredNetwork& n) { n.censor.curtained = {kHome, kBridge}; };
  expect_first_answer_within(home_and_bridge(), seconds(30), block);
  expect_it_goes_on_within(home_and_bridge(), seconds(20), block);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_only(), 2);
    block(network);
    network.run(minutes(3));
    EXPECT_GT(network.small_exchanges(), 50u) << seed;
    EXPECT_LT(network.time_to_answer(0, minutes(2)), seconds(10)) << seed;
  }
}

TEST(PolicyAndCensor, everything_off_and_on_again) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CensoredNetwork network(seed, home_and_bridge(), 4);
    network.run(minutes(1));
    network.censor.hosts_dropped = {kHome, kBridge};
    const uint64_t before = network.dials();
    network.run(hours(1));
    EXPECT_LT(network.dials() - before, 400u) << "pauses grow while nothing works";
    network.censor = testing::Censor{};
    // A host rests for kHelloFamilyPause before it is shown another hello.
    EXPECT_LT(network.time_to_answer(0, minutes(5)), kHelloFamilyPause + seconds(10)) << seed;
    EXPECT_EQ(network.frozen(), 0u);
  }
}

TEST(PolicyAndCensor, many_racers_never_trigger_the_siberian_rule) {
  for (uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    CensoredNetwork network(seed, home_and_bridge(), 12);
    network.run(minutes(2), seconds(5));
    network.censor.hosts_dropped = {kHome};
    network.run(seconds(40), seconds(5));
    network.censor.hosts_dropped = {kBridge};
    network.run(minutes(5), seconds(5));
    network.censor.curtained = {kHome, kBridge};
    network.run(minutes(10), seconds(5));
    EXPECT_EQ(network.frozen(), 0u) << seed;
  }
}

}  // namespace
}  // namespace godwit::routes
