#include "home/bulletin.h"

#include <gtest/gtest.h>

#include <set>

#include "home/audit.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home::testing {
namespace {

std::string bridge_route(size_t number) { return "bridge://203.0.113." + std::to_string(number) + "/ws"; }

BulletinPlan plan_with(size_t private_bridges, size_t public_bridges) {
  BulletinPlan plan;
  plan.routes = {"wss://home.example/ws", "wss://other.example/ws", "wss://third.example/ws",
                 "wss://fourth.example/ws"};
  plan.mails = {"home@example.org"};
  for (size_t i = 0; i < private_bridges; ++i) plan.bridges.push_back({bridge_route(i), false});
  for (size_t i = 0; i < public_bridges; ++i) plan.bridges.push_back({bridge_route(100 + i), true});
  return plan;
}

bool is_bridge(const std::string& route) { return route.starts_with("bridge://"); }

class BulletinTest : public ::testing::Test {
 protected:
  // What the home says to this client, its signature checked.
  wire::Bulletin get(Client& client) {
    const wire::Reply reply = house_.ask(client, wire::BulletinGet{});
    const auto* text = std::get_if<wire::BulletinText>(&reply);
    EXPECT_NE(text, nullptr);
    return text == nullptr ? wire::Bulletin{} : read(*wire::decode_signed_bulletin(text->bytes));
  }
  wire::Bulletin read(const wire::SignedBulletin& bulletin) const {
    EXPECT_EQ(bulletin.key.value, house_.keys().bulletin.public_key);
    Bytes message = to_bytes(as_bytes(wire::kBulletinLabel));
    append(message, bulletin.body);
    EXPECT_TRUE(crypto::ed25519_verify(bulletin.key.view(), message, bulletin.signature).has_value());
    auto body = wire::decode_bulletin(bulletin.body);
    EXPECT_TRUE(body.has_value());
    return body ? *body : wire::Bulletin{};
  }
  std::vector<std::string> bridges(Client& client) {
    std::vector<std::string> routes = get(client).routes;
    std::erase_if(routes, [](const std::string& route) { return !is_bridge(route); });
    return routes;
  }
  uint64_t records(char kind) {
    Audit audit(house_.store(), {});
    while (!audit.done()) house_.store().poll();
    const auto& kinds = audit.report()->kinds;
    EXPECT_EQ(audit.report()->unknown, 0U);
    EXPECT_EQ(audit.report()->damaged, 0U);
    return kinds.contains(kind) ? kinds.at(kind).records : 0;
  }

  House house_;
};

TEST_F(BulletinTest, everybody_is_told_own_routes_and_public_bridges_only) {
  house_.home().set_bulletin(plan_with(5, 2));
  const wire::Bulletin bulletin = get(house_.connect());
  const std::vector<std::string> routes{"wss://home.example/ws",   "wss://other.example/ws", "wss://third.example/ws",
                                        "wss://fourth.example/ws", bridge_route(100),        bridge_route(101)};
  EXPECT_EQ(bulletin.routes, routes);
  EXPECT_EQ(bulletin.mails, std::vector<std::string>{"home@example.org"});
  EXPECT_EQ(bulletin.home.value, house_.keys().identity.public_key);
  EXPECT_EQ(bulletin.sealing_key, to_bytes(house_.keys().sealing.public_key));
  EXPECT_EQ(bulletin.day, house_.now().day());
  EXPECT_EQ(bulletin.expires_day, house_.now().day() + kBulletinDays);
  EXPECT_EQ(records('l'), 0U);
}

TEST_F(BulletinTest, those_who_live_here_are_told_where_the_page_is) {
  Client& owner = house_.open_mailbox(house_.new_device());
  EXPECT_EQ(std::get<wire::PageAddress>(house_.ask(owner, wire::PageLook{})).url, "");
  BulletinPlan plan = plan_with(0, 0);
  plan.page = "https://home.example/";
  house_.home().set_bulletin(plan);
  EXPECT_EQ(std::get<wire::PageAddress>(house_.ask(owner, wire::PageLook{})).url, plan.page);
  EXPECT_EQ(house_.code_of(house_.connect(), wire::PageLook{}), wire::kWrongSessionKind.number);
}

TEST_F(BulletinTest, its_number_is_the_hour_and_never_falls) {
  const uint64_t first = get(house_.connect()).number;
  EXPECT_EQ(first % 3600, 0U);
  house_.advance(hours(1));
  EXPECT_EQ(get(house_.connect()).number, first + 3600);
  house_.restart();
  EXPECT_EQ(get(house_.connect()).number, first + 3600);
}

TEST_F(BulletinTest, a_mailbox_is_told_two_private_bridges_and_four_after_two_months) {
  house_.home().set_bulletin(plan_with(50, 2));
  const Device device = house_.new_device();
  Client& client = house_.open_mailbox(device);
  const auto first = bridges(client);
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(bridges(house_.prove(device)), first);
  EXPECT_EQ(records('l'), 1U);
  house_.advance(days(30));
  const auto second = bridges(house_.prove(device));
  ASSERT_EQ(second.size(), 3U);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin()));
  house_.advance(days(300));
  const auto last = bridges(house_.prove(device));
  ASSERT_EQ(last.size(), 4U);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), last.begin()));
  EXPECT_EQ(get(house_.prove(device)).routes.size(), wire::kBulletinRoutesMax);
}

TEST_F(BulletinTest, what_a_mailbox_was_told_stays_when_other_bridges_come_and_go) {
  BulletinPlan plan = plan_with(20, 0);
  house_.home().set_bulletin(plan);
  const Device device = house_.new_device();
  const auto told = bridges(house_.open_mailbox(device));
  std::erase_if(plan.bridges, [&](const Bridge& bridge) { return bridge.route != told[0] && bridge.route != told[1]; });
  house_.home().set_bulletin(plan);
  EXPECT_EQ(bridges(house_.prove(device)), told);
  house_.home().set_bulletin(plan_with(20, 3));
  EXPECT_EQ(bridges(house_.prove(device)), told);
}

TEST_F(BulletinTest, a_dropped_mailbox_leaves_no_record_of_its_bridges) {
  house_.home().set_bulletin(plan_with(5, 0));
  Client& client = house_.open_mailbox(house_.new_device());
  bridges(client);
  EXPECT_EQ(records('l'), 1U);
  EXPECT_EQ(house_.code_of(client, wire::MailboxDrop{}), 0);
  EXPECT_EQ(records('l'), 0U);
}

// Whoever opens one of a hundred mailboxes learns 2 of 50 bridges; the choice is even, so no bridge is everybody's.
TEST(Bridges, one_mailbox_burns_few_and_none_is_known_to_many) {
  crypto::SeededRandom random(5);
  const Keys keys = Keys::generate(random);
  const BulletinPlan plan = plan_with(50, 0);
  std::map<std::string, size_t> known_to;
  std::vector<std::set<std::string>> told;
  for (size_t i = 0; i < 100; ++i) {
    const auto routes = bridges_of({wire::MailboxId{random.bytes<wire::MailboxId::kSize>()}, kBucketFirst}, plan, keys);
    ASSERT_EQ(routes.size(), kBucketFirst);
    for (const std::string& route : routes) ++known_to[route];
    told.emplace_back(routes.begin(), routes.end());
  }
  EXPECT_GE(known_to.size(), 45U);                                             // 50 * (1 - 0.96^100) = 49.2 on average
  for (const auto& [route, count] : known_to) EXPECT_LE(count, 14U) << route;  // 4 on average
  size_t cut_off = 0;  // mailboxes all of whose bridges somebody knows who has ten mailboxes
  std::set<std::string> leaked;
  for (size_t i = 0; i < 10; ++i) leaked.insert(told[i].begin(), told[i].end());
  for (size_t i = 10; i < 100; ++i) {
    if (std::includes(leaked.begin(), leaked.end(), told[i].begin(), told[i].end())) ++cut_off;
  }
  EXPECT_LE(leaked.size(), 20U);
  EXPECT_LE(cut_off, 27U);  // (17/50)^2 = 12 % of 90 on average
}

TEST(Bridges, who_has_which_needs_the_key) {
  crypto::SeededRandom random(6);
  const BulletinPlan plan = plan_with(50, 0);
  const Bucket bucket{wire::MailboxId{random.bytes<wire::MailboxId::kSize>()}, kBucketMax};
  EXPECT_NE(bridges_of(bucket, plan, Keys::generate(random)), bridges_of(bucket, plan, Keys::generate(random)));
}

TEST(Bridges, long_routes_give_way_and_the_bulletin_stays_within_its_size) {
  crypto::SeededRandom random(7);
  const Keys keys = Keys::generate(random);
  BulletinPlan plan = plan_with(0, 0);
  for (std::string& route : plan.routes) route += std::string(230, 'x');
  for (size_t i = 0; i < 8; ++i) plan.bridges.push_back({bridge_route(i) + std::string(220, 'x'), i % 2 == 0});
  for (const auto& bucket : {std::optional<Bucket>{}, std::optional<Bucket>{{{}, kBucketMax}}}) {
    const Bytes bytes = wire::encode_signed_bulletin(make_bulletin(keys, plan, bucket, Instant{1'800'000'000'000}));
    EXPECT_LE(bytes.size(), wire::kBulletinSizeMax);
    EXPECT_GE(wire::decode_bulletin(wire::decode_signed_bulletin(bytes)->body)->routes.size(), 4U);
  }
}

TEST(Bridges, a_plan_that_cannot_be_said_is_refused) {
  BulletinPlan plan = plan_with(3, 1);
  EXPECT_TRUE(bulletins_fit(plan));
  plan.mails = {"a@example.org", "b@example.org", "c@example.org"};
  EXPECT_FALSE(bulletins_fit(plan));
  plan.mails = {"with blank@example.org"};
  EXPECT_FALSE(bulletins_fit(plan));
  plan.mails = {std::string(250, 'm'), std::string(250, 'n')};
  plan.urls = {std::string(250, 'u'), std::string(250, 'v')};
  EXPECT_TRUE(bulletins_fit(plan));
  plan.bridges.assign(4, {bridge_route(1) + std::string(220, 'x'), false});
  EXPECT_FALSE(bulletins_fit(plan));
}

}  // namespace
}  // namespace godwit::home::testing
