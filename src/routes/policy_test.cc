#include "routes/policy.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/random_sources.h"

namespace godwit::routes {
namespace {

constexpr Instant kStart{1'790'000'000'000};
constexpr RacerId kFirst{1};
constexpr RacerId kSecond{2};
constexpr Wants kSession{true, false, false};
constexpr Wants kAll{true, true, true};

KnownRoute known(const char* uri) { return {parse_route(uri).value(), RouteSource::kInvite}; }
std::vector<KnownRoute> four_hosts() {
  return {known("wss://a.example/"), known("bridge://b.example/"), known("bridge://c.example/"),
          known("bridge://d.example/")};
}
Tally carried(uint64_t up, uint64_t down, uint64_t pieces) { return {up, down, pieces / 2, pieces / 2}; }

class PolicyTest : public ::testing::Test {
 protected:
  // Dials everything that may be dialled now; the hosts.
  std::vector<Dial> dial(HomePolicy& policy, RacerId racer, Instant now, Wants wants = kSession) {
    std::vector<Dial> out;
    while (auto next = policy.next_dial(racer, wants, now)) out.push_back(std::move(*next));
    return out;
  }
  // A session on the first route, by the first racer.
  Dial stand(HomePolicy& policy, RacerId racer, Instant now) {
    auto dials = dial(policy, racer, now);
    policy.on_opened(dials.at(0).attempt, now);
    policy.on_established(dials.at(0).attempt, now);
    return dials.at(0);
  }

  crypto::SeededRandom random_{7};
  RouteWorld world_{random_};
};

TEST_F(PolicyTest, hosts_are_raced_two_seconds_apart_and_three_at_most) {
  HomePolicy policy(world_, four_hosts());
  auto at_once = dial(policy, kFirst, kStart);
  ASSERT_EQ(at_once.size(), 1u);
  EXPECT_EQ(at_once[0].route.host, "a.example");
  EXPECT_EQ(policy.next_dial_at(kFirst, kSession, kStart), kStart + kRaceStep);
  auto second = dial(policy, kFirst, kStart + kRaceStep);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].route.host, "b.example");
  auto third = dial(policy, kFirst, kStart + kRaceStep * 2);
  ASSERT_EQ(third.size(), 1u);
  EXPECT_TRUE(dial(policy, kFirst, kStart + kRaceStep * 3).empty());
  EXPECT_EQ(policy.next_dial_at(kFirst, kSession, kStart + kRaceStep * 3), kNever);
}

TEST_F(PolicyTest, opened_is_not_established_and_does_not_hold_the_race_up) {
  HomePolicy policy(world_, four_hosts());
  const auto first = dial(policy, kFirst, kStart);
  policy.on_opened(first.at(0).attempt, kStart + milliseconds(100));
  EXPECT_EQ(dial(policy, kFirst, kStart + kRaceStep).size(), 1u);
}

TEST_F(PolicyTest, the_next_host_starts_at_once_when_one_has_failed) {
  HomePolicy policy(world_, four_hosts());
  const auto first = dial(policy, kFirst, kStart);
  policy.on_ended(first.at(0).attempt, End::kReset, {}, kStart + milliseconds(100));
  const auto next = dial(policy, kFirst, kStart + milliseconds(100));
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].route.host, "b.example");
}

TEST_F(PolicyTest, a_second_racer_waits_while_nothing_is_known_to_work_and_follows_what_was_found) {
  HomePolicy policy(world_, four_hosts());
  const auto first = dial(policy, kFirst, kStart);
  EXPECT_TRUE(dial(policy, kSecond, kStart + seconds(1)).empty());
  policy.on_opened(first.at(0).attempt, kStart + seconds(1));
  policy.on_established(first.at(0).attempt, kStart + seconds(1));
  const auto second = dial(policy, kSecond, kStart + seconds(2));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].route.host, "a.example");
}

TEST_F(PolicyTest, what_lost_its_race_after_a_step_comes_later_next_time) {
  HomePolicy policy(world_, four_hosts());
  const auto slow = dial(policy, kFirst, kStart);
  const auto quick = dial(policy, kFirst, kStart + kRaceStep);
  policy.on_established(quick.at(0).attempt, kStart + seconds(3));
  policy.on_ended(slow.at(0).attempt, End::kByUs, {}, kStart + seconds(3));
  policy.on_ended(quick.at(0).attempt, End::kLost, {}, kStart + minutes(1));
  const auto again = dial(policy, kFirst, kStart + minutes(2));
  EXPECT_EQ(again.at(0).route.host, "b.example");
}

TEST_F(PolicyTest, looks_are_tried_one_after_another_and_only_after_a_failure) {
  using enum LookKind;
  const std::map<End, std::vector<LookKind>> expected{{End::kDns, {kAsGiven, kAddress, kNameless, kOtherName}},
                                                      {End::kReset, {kAsGiven, kNameless, kOtherName, kAddress}},
                                                      {End::kTimeout, {kAsGiven, kNameless, kOtherName, kAddress}}};
  for (const auto& [end, order] : expected) {
    RouteWorld world(random_);
    world.memory.address_worked("a.example", "192.0.2.1");
    HomePolicy policy(world, {known("wss://a.example/")});
    std::vector<LookKind> looks;
    Instant now = kStart;
    for (size_t i = 0; i < order.size(); ++i) {
      const auto dials = dial(policy, kFirst, now);
      ASSERT_EQ(dials.size(), 1u);
      looks.push_back(dials[0].look);
      now = now + milliseconds(200);
      policy.on_ended(dials[0].attempt, end, {}, now);
      now = policy.next_dial_at(kFirst, kSession, now);
    }
    EXPECT_EQ(looks, order) << static_cast<int>(end);
  }
}

TEST_F(PolicyTest, who_can_show_no_other_name_keeps_the_look_that_was_given) {
  world_.given_look_only = true;
  HomePolicy policy(world_, {known("wss://a.example/")});
  Instant now = kStart;
  for (int i = 0; i < 4; ++i) {
    const auto dials = dial(policy, kFirst, now);
    ASSERT_EQ(dials.size(), 1u);
    EXPECT_EQ(dials[0].look, LookKind::kAsGiven);
    policy.on_ended(dials[0].attempt, End::kTls, {}, now + milliseconds(50));
    now = policy.next_dial_at(kFirst, kSession, now + milliseconds(50));
  }
}

TEST_F(PolicyTest, no_look_helps_against_a_refusal) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  Instant now = kStart;
  for (int i = 0; i < 5; ++i) {
    const auto dials = dial(policy, kFirst, now);
    EXPECT_EQ(dials.at(0).look, LookKind::kAsGiven);
    policy.on_ended(dials[0].attempt, End::kRefused, {}, now);
    now = policy.next_dial_at(kFirst, kSession, now);
  }
}

TEST_F(PolicyTest, whoever_answers_and_is_not_the_home_is_asked_again_soon_and_under_the_same_look) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  Instant now = kStart;
  for (uint32_t i = 0; i < 9; ++i) {
    const auto dials = dial(policy, kFirst, now);
    EXPECT_EQ(dials.at(0).look, LookKind::kAsGiven);
    policy.on_opened(dials[0].attempt, now);
    policy.on_ended(dials[0].attempt, End::kGarbled, {}, now);
    const Instant next = policy.next_dial_at(kFirst, kSession, now);
    EXPECT_EQ(next - now <= kDialSpacing * 2, i < kGarblesQuick || i == kGarblesQuick) << i;
    now = next;
  }
}

TEST_F(PolicyTest, sessions_that_are_cut_young_three_times_in_a_row_let_another_way_be_first) {
  HomePolicy policy(world_, four_hosts());
  Instant now = kStart;
  for (uint32_t i = 0; i < kYoungLossesMax; ++i) {
    EXPECT_EQ(policy.best(now)->uri, "wss://a.example");
    const Dial session = stand(policy, kFirst, now);
    policy.on_ended(session.attempt, End::kLost, {}, now + seconds(1));
    now = now + seconds(30);
  }
  EXPECT_EQ(policy.best(now)->uri, "bridge://b.example");
}

TEST_F(PolicyTest, a_look_that_worked_is_kept) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  auto dials = dial(policy, kFirst, kStart);
  policy.on_ended(dials.at(0).attempt, End::kReset, {}, kStart);
  Instant now = policy.next_dial_at(kFirst, kSession, kStart);
  dials = dial(policy, kFirst, now);
  ASSERT_EQ(dials.at(0).look, LookKind::kNameless);
  EXPECT_EQ(dials[0].route.parameters.at("sni"), "none");
  policy.on_established(dials[0].attempt, now);
  policy.on_ended(dials[0].attempt, End::kLost, {}, now + minutes(1));
  now = now + minutes(2);
  EXPECT_EQ(dial(policy, kFirst, now).at(0).look, LookKind::kNameless);
}

TEST_F(PolicyTest, silence_after_a_curtains_worth_leaves_small_exchanges_at_once_and_other_hosts_meanwhile) {
  HomePolicy policy(world_, four_hosts());
  const Dial session = stand(policy, kFirst, kStart);
  policy.on_ended(session.attempt, End::kSilent, carried(4'000, 9'000, 20), kStart + seconds(20));
  EXPECT_TRUE(policy.is_small(kStart + seconds(20)));
  const auto dials = dial(policy, kFirst, kStart + seconds(21), kAll);
  ASSERT_EQ(dials.size(), 2u);
  EXPECT_TRUE(dials[0].small != dials[1].small);
  for (const Dial& one : dials) EXPECT_EQ(one.small, one.route.host == "a.example");
}

TEST_F(PolicyTest, silence_after_much_or_nothing_is_no_curtain) {
  for (const Tally& tally : {carried(100'000, 100'000, 300), carried(0, 0, 0)}) {
    RouteWorld world(random_);
    HomePolicy policy(world, {known("wss://a.example/")});
    const Dial session = stand(policy, kFirst, kStart);
    policy.on_ended(session.attempt, End::kSilent, tally, kStart + seconds(20));
    EXPECT_FALSE(policy.is_small(kStart + seconds(21)));
  }
}

TEST_F(PolicyTest, two_early_silences_on_fresh_connections_are_a_curtain) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  Instant now = kStart;
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(policy.is_small(now));
    const auto dials = dial(policy, kFirst, now);
    policy.on_opened(dials.at(0).attempt, now);
    policy.on_ended(dials[0].attempt, End::kSilent, carried(1'600, 700, 2), now + seconds(7));
    now = now + seconds(30);
  }
  EXPECT_TRUE(policy.is_small(now));
}

TEST_F(PolicyTest, the_mark_of_a_curtain_ages_out_and_stays_longer_each_time) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  Instant now = kStart;
  Duration before{};
  for (int i = 0; i < 4; ++i) {
    const Dial session = stand(policy, kFirst, now);
    EXPECT_FALSE(session.small);
    policy.on_ended(session.attempt, End::kSilent, carried(4'000, 9'000, 20), now + seconds(20));
    const Instant full_at = policy.next_dial_at(kFirst, kSession, now + seconds(20));
    const Duration pause = full_at - (now + seconds(20));
    EXPECT_GT(pause, before);
    EXPECT_LE(pause, kCurtainLast);
    before = pause;
    now = full_at;
  }
}

TEST_F(PolicyTest, a_connection_that_carried_much_takes_the_mark_away) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  const Dial first = stand(policy, kFirst, kStart);
  policy.on_ended(first.attempt, End::kSilent, carried(4'000, 9'000, 20), kStart + seconds(20));
  const Instant later = kStart + seconds(20) + kCurtainFirst;
  const Dial second = stand(policy, kFirst, later);
  policy.on_carried(second.attempt, carried(100'000, 100'000, 300));
  EXPECT_EQ(world_.memory.host({}, "a.example").curtains, 0u);
}

TEST_F(PolicyTest, a_better_way_is_tried_by_one_dial_now_and_then_less_and_less_often) {
  HomePolicy policy(world_, four_hosts());
  auto dials = dial(policy, kFirst, kStart);
  policy.on_ended(dials.at(0).attempt, End::kReset, {}, kStart);
  dials = dial(policy, kFirst, kStart);
  policy.on_established(dials.at(0).attempt, kStart);
  Instant now = kStart;
  Duration before{};
  for (int i = 0; i < 6; ++i) {
    const Instant at = policy.next_dial_at(kFirst, kAll, now);
    EXPECT_GT(at - now, std::min(before, kProbeLast * 3) * 0);
    EXPECT_LE((at - now).ms, kProbeLast.ms * 5 / 4);
    EXPECT_GE((at - now).ms, std::min(kProbeFirst.ms << i, kProbeLast.ms) * 3 / 4);
    const auto probes = dial(policy, kFirst, at, kAll);
    ASSERT_EQ(probes.size(), 1u);
    EXPECT_TRUE(probes[0].probe);
    EXPECT_EQ(probes[0].route.path, "/");
    EXPECT_TRUE(dial(policy, kSecond, at, kAll).size() <= 1);
    policy.on_ended(probes[0].attempt, End::kReset, {}, at + milliseconds(100));
    now = at + milliseconds(100);
    for (auto& one : dial(policy, kSecond, now)) policy.on_ended(one.attempt, End::kByUs, {}, now);
  }
}

TEST_F(PolicyTest, another_family_of_hello_waits_two_minutes_for_the_same_host) {
  HomePolicy policy(world_, {known("wss://a.example/")});
  const auto first = dial(policy, kFirst, kStart);
  policy.on_ended(first.at(0).attempt, End::kReset, {}, kStart);
  policy.set_routes({known("webtunnel://a.example/")});
  EXPECT_EQ(policy.next_dial_at(kFirst, kSession, kStart), kStart + kHelloFamilyPause);
}

TEST_F(PolicyTest, an_address_is_paced_together_with_its_name) {
  world_.memory.address_worked("a.example", "192.0.2.1");
  HomePolicy policy(world_, {known("wss://a.example/"), known("bridge://192.0.2.1/")});
  EXPECT_EQ(dial(policy, kFirst, kStart).size(), 1u);
  EXPECT_TRUE(dial(policy, kFirst, kStart + seconds(5)).empty()) << "one host is never raced against itself";
}

TEST_F(PolicyTest, networks_are_remembered_apart) {
  HomePolicy policy(world_, four_hosts());
  world_.network = {1};
  const auto first = dial(policy, kFirst, kStart);
  policy.on_ended(first.at(0).attempt, End::kReset, {}, kStart);
  EXPECT_EQ(policy.best(kStart)->uri, "bridge://b.example");
  world_.network = {2};
  EXPECT_EQ(policy.best(kStart)->uri, "wss://a.example");
}

TEST_F(PolicyTest, routes_beyond_the_bound_are_ignored) {
  std::vector<KnownRoute> many;
  for (int i = 0; i < 100; ++i) many.push_back(known(("wss://h" + std::to_string(i) + ".example/").c_str()));
  EXPECT_EQ(HomePolicy(world_, many).routes().size(), kKnownRoutesMax);
  EXPECT_FALSE(HomePolicy(world_, {}).best(kStart).has_value());
}

TEST_F(PolicyTest, a_network_is_clear_while_the_first_choice_stands_straight_and_no_curtain_was_seen) {
  HomePolicy policy(world_, four_hosts());
  EXPECT_FALSE(policy.is_clear(kStart)) << "nothing stands";
  const Dial first = stand(policy, kFirst, kStart);
  EXPECT_TRUE(policy.is_clear(kStart));
  policy.on_ended(first.attempt, End::kSilent, carried(2'000, 12'000, 20), kStart + seconds(20));
  EXPECT_FALSE(policy.is_clear(kStart + seconds(20)));
  // Also when the box that hung it up lets a session by.
  const Instant later = kStart + days(6);
  stand(policy, kFirst, later);
  EXPECT_FALSE(policy.is_clear(later));
  EXPECT_TRUE(policy.is_clear(kStart + seconds(20) + kHinderedLast));
  world_.network = {7};
  EXPECT_TRUE(policy.is_clear(later)) << "another network has shown nothing";
}

TEST_F(PolicyTest, a_detour_is_not_clear) {
  HomePolicy second(world_, four_hosts());
  dial(second, kFirst, kStart);
  const auto bridge = dial(second, kFirst, kStart + kRaceStep);
  second.on_established(bridge.at(0).attempt, kStart + kRaceStep);
  EXPECT_FALSE(second.is_clear(kStart + kRaceStep)) << "a bridge, since the home itself does not answer";
  HomePolicy names(world_, {known("wss://e.example/"), known("wss://f.example/")});
  dial(names, kFirst, kStart);
  const auto other = dial(names, kFirst, kStart + kRaceStep);
  names.on_established(other.at(0).attempt, kStart + kRaceStep);
  EXPECT_FALSE(names.is_clear(kStart + kRaceStep)) << "another name, since the first does not answer";
  HomePolicy only(world_, {known("bridge://g.example/")});
  stand(only, kFirst, kStart);
  EXPECT_FALSE(only.is_clear(kStart)) << "who knows nothing but a bridge";
}

TEST_F(PolicyTest, a_network_that_spoils_calls_is_not_clear_for_longer_each_time) {
  HomePolicy policy(world_, four_hosts());
  stand(policy, kFirst, kStart);
  Instant now = kStart;
  for (const Duration pause : {hours(1), hours(2), hours(4)}) {
    note_spoilt_call(world_, now);
    EXPECT_FALSE(policy.is_clear(now + pause - milliseconds(1)));
    now = now + pause;
    EXPECT_TRUE(policy.is_clear(now));
  }
  for (int i = 0; i < 100; ++i) note_spoilt_call(world_, now);
  EXPECT_FALSE(policy.is_clear(now + kHinderedLast - milliseconds(1)));
  EXPECT_TRUE(policy.is_clear(now + kHinderedLast));
}

TEST(RouteMemory, of_a_version_that_knew_nothing_of_networks_is_read) {
  RouteMemory memory;
  memory.set_host({1, 2}, "a.example", {kStart, 2, kStart});
  Bytes before = memory.encode();
  before[0] = 2;
  before.pop_back();  // no networks
  const auto again = RouteMemory::decode(before, kStart);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->encode(), memory.encode());
  before[0] = 1;
  EXPECT_FALSE(RouteMemory::decode(before, kStart).has_value());
}

TEST(RouteMemory, comes_back_from_its_bytes) {
  RouteMemory memory;
  memory.set_way({1, 2}, {"wss://a.example", LookKind::kNameless}, {kStart, kStart, 3, End::kReset, seconds(1)});
  memory.set_host({1, 2}, "a.example", {kStart, 2, kStart});
  memory.address_worked("a.example", "192.0.2.1");
  memory.address_worked("a.example", "192.0.2.2");
  memory.set_hello({1, 2}, HelloKind::kNode, {kStart, kStart});
  memory.set_hello_seed(77);
  memory.set_network({1, 2}, {kStart + hours(1), 3});
  const auto again = RouteMemory::decode(memory.encode(), kStart);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->encode(), memory.encode());
  EXPECT_EQ(again->addresses("a.example"), (std::vector<std::string>{"192.0.2.2", "192.0.2.1"}));
  EXPECT_EQ(again->way({1, 2}, "wss://a.example", LookKind::kNameless).failures, 3u);
  EXPECT_EQ(again->hello({1, 2}, HelloKind::kNode).succeeded, kStart);
  EXPECT_EQ(again->hello_seed(), 77u);
  EXPECT_EQ(again->network({1, 2}).hindered_until, kStart + hours(1));
  EXPECT_EQ(again->network({1, 2}).spoilt, 3u);
}

TEST(HelloOrder, begins_with_a_program_and_ends_with_what_is_ours_alone) {
  std::set<std::pair<HelloKind, HelloKind>> beginnings;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const auto order = hello_order(seed);
    EXPECT_EQ(std::set<HelloKind>(order.begin(), order.end()).size(), kHelloKinds);
    EXPECT_EQ(order[1], HelloKind::kVaried);
    EXPECT_EQ(order.back(), HelloKind::kLean);
    beginnings.insert({order[0], order[2]});
  }
  EXPECT_EQ(beginnings.size(), 12u) << "each program may be the first, and each other the next";
}

TEST(RouteMemory, times_that_have_not_come_are_taken_for_now) {
  RouteMemory memory;
  memory.set_way({}, {"wss://a.example", LookKind::kAsGiven}, {kStart + days(300), {}, 0, End::kUnknown, {}});
  memory.set_host({}, "a.example", {kStart + days(300), 1, {}});
  memory.set_network({}, {kStart + days(300), 1});
  const auto again = RouteMemory::decode(memory.encode(), kStart);
  EXPECT_EQ(again->network({}).hindered_until, kStart + days(7));
  EXPECT_EQ(again->way({}, "wss://a.example", LookKind::kAsGiven).succeeded, kStart);
  EXPECT_LE(again->host({}, "a.example").curtained_until, kStart + hours(2));
}

TEST(RouteMemory, is_bounded_and_forgets_what_was_used_longest_ago) {
  RouteMemory memory;
  for (size_t i = 0; i < 2 * kWaysRememberedMax; ++i) {
    const std::string host = "h" + std::to_string(i) + ".example";
    memory.set_way({}, {"wss://" + host, LookKind::kAsGiven}, {kStart, {}, 0, End::kUnknown, {}});
    memory.set_host({}, host, {kStart, 1, {}});
    for (int k = 0; k < 9; ++k) memory.address_worked(host, "192.0.2." + std::to_string(k));
    EXPECT_LE(memory.addresses(host).size(), kAddressesPerHostMax);
  }
  EXPECT_LE(memory.encode().size(), kMemorySizeMax);
  EXPECT_EQ(memory.way({}, "wss://h0.example", LookKind::kAsGiven).succeeded, Instant{});
  EXPECT_TRUE(memory.addresses("h0.example").empty());
}

TEST(RouteMemory, takes_names_and_addresses_only_where_they_belong) {
  RouteMemory memory;
  memory.address_worked("192.0.2.1", "192.0.2.1");
  memory.address_worked("a.example", "b.example");
  EXPECT_TRUE(memory.addresses("192.0.2.1").empty());
  EXPECT_TRUE(memory.addresses("a.example").empty());
}

TEST(Looks, show_the_name_that_they_say_and_nothing_else_changes) {
  const Route given = parse_route("wss://a.example/ws?pin=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE").value();
  const Route other = with_look(given, LookKind::kOtherName, std::nullopt, "www.gnu.org");
  EXPECT_EQ(shown_name(other), "www.gnu.org");
  EXPECT_EQ(other.host, "a.example");
  EXPECT_EQ(other.parameters.at("pin"), given.parameters.at("pin"));
  const Route address = with_look(given, LookKind::kAddress, "192.0.2.1", "");
  EXPECT_EQ(address.host, "192.0.2.1");
  EXPECT_EQ(shown_name(address), "a.example");
  EXPECT_FALSE(shown_name(with_look(given, LookKind::kNameless, "192.0.2.1", "")).has_value());
  EXPECT_TRUE(parse_route(to_uri(address)).has_value());
}

TEST(Looks, other_carriers_have_one) {
  EXPECT_EQ(looks_of(parse_route("onion://abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion")
                         .value_or(Route{Carrier::kOnion, "x.onion"}),
                     false)
                .size(),
            1u);
  EXPECT_EQ(looks_of(parse_route("wss://192.0.2.1/").value(), true).size(), 2u) << "no name to leave out";
}

}  // namespace
}  // namespace godwit::routes
