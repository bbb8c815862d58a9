// Two people at two homes talk where no connection stands: by what their homes say of themselves, through the own home, by
// mail, and with sealed requests that people carry.

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "engine/bulletins.h"
#include "engine/courier.h"
#include "engine/errors.h"
#include "tests/engine/world.h"
#include "wire/bulletin.h"
#include "wire/bundle.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;
using Texts = std::vector<std::string>;

constexpr const char* kHere = "home.example";
constexpr const char* kThere = "other.example";
constexpr const char* kMoved = "moved.example";

home::BulletinPlan plan_of(const std::string& host) {
  home::BulletinPlan plan;
  plan.routes = {"wss://" + host + "/ws"};
  plan.mails = {host == kThere ? "there@mail.example" : "here@mail.example"};
  plan.urls = {"https://page.example/" + host};
  return plan;
}

engine::MailAccount account() {
  return {"bob@mail.example", "smtps://mail.example", "imaps://mail.example", "bob",
          crypto::SecretBuffer::copy_of(as_bytes("a secret"))};
}

// The mail between one person and the homes: slow, and as bad as a test likes.
struct Post {
  Post(World& w, Person& p) : world(w), person(p) {
    person.on_letter = [this](const engine::SendSealed& letter) { take(letter); };
  }
  void take(const engine::SendSealed& letter) {
    if (bounces) return bounced.push_back(letter.letter);
    person_told.push_back(letter.letter);
    const std::string host = letter.mail == "there@mail.example" ? kThere : "";
    for (size_t i = 0; i < copies; ++i) to_home.push_back({world.now + delay, host, letter.bytes});
  }
  void work() {
    for (const auto letter : std::exchange(person_told, {})) person.report(engine::LetterSent{letter});
    for (const auto letter : std::exchange(bounced, {})) {
      person.report(engine::LetterFailed{letter, {{1, Action::kRetryLater, "test_bounce"}, "a test"}});
    }
    // The last one first: mail keeps no order.
    for (size_t i = to_home.size(); i-- > 0;) {
      if (to_home[i].at > world.now) continue;
      Mail mail = std::move(to_home[i]);
      to_home.erase(to_home.begin() + static_cast<ptrdiff_t>(i));
      world.bring_sealed(mail.host, std::move(mail.bytes), [this](const Result<Bytes>& reply) {
        if (!reply) return;
        ++answers;
        for (size_t copy = 0; copy < copies; ++copy) to_person.push_back({world.now + delay, "", *reply});
      });
    }
    for (size_t i = to_person.size(); i-- > 0;) {
      if (to_person[i].at > world.now) continue;
      Bytes bytes = std::move(to_person[i].bytes);
      to_person.erase(to_person.begin() + static_cast<ptrdiff_t>(i));
      if (rewrites) bytes[bytes.size() / 2] ^= 1;
      person.report(engine::LetterCame{std::move(bytes)});
    }
    person.report(engine::LetterCame{to_bytes(as_bytes("Buy now!"))});
    person.report(engine::LetterCame{});
  }
  struct Mail {
    Instant at;
    std::string host;
    Bytes bytes;
  };
  World& world;
  Person& person;
  Duration delay = seconds(20);
  size_t copies = 1;
  bool bounces = false;
  bool rewrites = false;
  size_t answers = 0;
  std::vector<Mail> to_home, to_person;
  std::vector<engine::LetterId> bounced, person_told;
};

class CourierTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.home().set_bulletin(plan_of(kHere));
    there.set_bulletin(plan_of(kThere));
    world.taker_home = kThere;
    world.meet(alice, bob);
    ASSERT_EQ(alice.chats().size(), 1U);
    world.pass(minutes(30));  // both know what the homes say of themselves
  }
  static const engine::ConnectionChanged* connection(const Person& person) {
    const engine::ConnectionChanged* last = nullptr;
    for (const auto& notice : person.notices) {
      if (const auto* changed = std::get_if<engine::ConnectionChanged>(&notice)) last = changed;
    }
    return last;
  }
  void block(Person& person, std::set<std::string> hosts) {
    person.blocked = std::move(hosts);
    world.cut(person);
  }
  bool arrives(Person& person, const Texts& texts, Duration patience) {
    return world.run_until([&] { return person.texts(false) == texts; }, patience);
  }
  bool arrives_by(Post& post, Person& person, const Texts& texts, Duration patience) {
    const Instant end = world.now + patience;
    while (world.now < end) {
      world.pass(seconds(5));
      post.work();
      if (person.texts(false) == texts) return true;
    }
    return false;
  }
  static Delivery delivery_of(Person& person, const std::string& text) {
    for (const auto& message : person.history()) {
      if (message.own && message.text == text) return message.delivery;
    }
    return Delivery::kFailed;
  }
  // A bulletin of Alice's home, signed by `signer` if it is not the home itself.
  std::string bulletin(const std::function<void(wire::Bulletin&)>& change,
                       const crypto::Ed25519KeyPair* signer = nullptr) {
    wire::Bulletin body =
        *wire::decode_bulletin(home::make_bulletin(world.keys(), plan_of(kMoved), {}, world.now).body);
    change(body);
    wire::SignedBulletin out;
    out.body = wire::encode_bulletin(body);
    const auto& key = signer == nullptr ? world.keys().bulletin : *signer;
    Bytes message = to_bytes(as_bytes(wire::kBulletinLabel));
    append(message, out.body);
    out.key.value = key.public_key;
    out.signature = to_bytes(key.sign(message));
    return wire::bulletin_text(out);
  }
  ErrorCode take(Person& person, const std::string& text) {
    const auto answer = person.ask(engine::TakeBulletin{text});
    return answer ? ErrorCode{0, Action::kDrop, "taken"} : answer.error().code;
  }
  static std::set<std::string> hosts_dialled(const Person& person) {
    std::set<std::string> out;
    for (const auto& route : person.dialled) out.insert(route.host);
    return out;
  }

  World world;
  home::Home& there = world.add_home(kThere);
  Person& alice = world.add();
  Person& bob = world.add();
};

// ---- bulletins ------------------------------------------------------------------------------------------------------

TEST_F(CourierTest, what_the_home_says_of_its_routes_is_used_after_it_has_moved) {
  world.home().set_bulletin(plan_of(kMoved));
  world.pass(days(3));
  block(alice, {kHere});
  block(bob, {kHere});
  bob.say("to where you are now");
  EXPECT_TRUE(arrives(alice, {"to where you are now"}, minutes(2)));
  EXPECT_TRUE(hosts_dialled(alice).contains(kMoved));
  EXPECT_TRUE(hosts_dialled(bob).contains(kMoved));
  const size_t forwarded = world.forwarded;
  bob.say("again");
  EXPECT_TRUE(arrives(alice, {"to where you are now", "again"}, seconds(5)));
  EXPECT_EQ(world.forwarded, forwarded) << "a session with the home at its new place carries it";
  const auto routes = std::get<engine::Routes>(*alice.ask(engine::ListRoutes{})).routes;
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[1].source, routes::RouteSource::kBulletin);
}

TEST_F(CourierTest, bulletins_survive_a_restart) {
  world.home().set_bulletin(plan_of(kMoved));
  world.pass(days(1) + minutes(30));
  alice.kill();
  alice.blocked = {kHere};
  alice.dialled.clear();
  alice.start();
  EXPECT_TRUE(world.run_until([&] { return hosts_dialled(alice).contains(kMoved); }, minutes(1)));
}

TEST_F(CourierTest, a_contact_is_told_of_new_ways_by_a_message) {
  block(bob, {kHere});
  world.home().set_bulletin(plan_of(kMoved));
  world.pass(days(3));
  bob.dialled.clear();
  alice.say("I have moved");
  EXPECT_TRUE(arrives(bob, {"I have moved"}, minutes(2)));
  world.pass(minutes(1));
  bob.say("found you");
  EXPECT_TRUE(arrives(alice, {"found you"}, minutes(2)));
  EXPECT_TRUE(hosts_dialled(bob).contains(kMoved)) << "Bob's own session with that home could not tell him";
  EXPECT_EQ(bob.texts(false), Texts{"I have moved"}) << "the bulletin is no message for people";
}

TEST_F(CourierTest, the_public_bulletin_is_shared_and_taken_as_a_text) {
  const auto shared = alice.ask(engine::ShareBulletin{});
  ASSERT_TRUE(shared.has_value());
  const std::string text = std::get<engine::BulletinShared>(*shared).text;
  EXPECT_TRUE(text.starts_with("godwit-bulletin:"));
  EXPECT_EQ(take(bob, "  " + text + "\n").number, 0);
  EXPECT_EQ(take(bob, text).number, 0) << "twice does no harm";
}

TEST_F(CourierTest, forged_stale_rolled_back_and_foreign_bulletins_are_refused_and_the_old_one_stays) {
  crypto::SeededRandom random(77);
  const auto stranger = crypto::Ed25519KeyPair::generate(random);
  const auto nothing = [](wire::Bulletin&) {};
  const uint32_t today = world.now.day();
  EXPECT_EQ(take(bob, bulletin(nothing, &stranger)), engine::kBulletinForged);
  EXPECT_EQ(take(bob, bulletin([](auto& b) { b.number = 1; })), engine::kBulletinOld);
  EXPECT_EQ(take(bob, bulletin([&](auto& b) { b.day = today - 20, b.expires_day = today - 2; })), engine::kBulletinOld);
  EXPECT_EQ(take(bob, bulletin([&](auto& b) { b.day = today + 2, b.expires_day = today + 9; })), engine::kBulletinOld);
  EXPECT_EQ(take(bob, bulletin([](auto& b) { b.home.value[0] ^= 1; })), engine::kBulletinUnknownHome);
  EXPECT_EQ(take(bob, "hello"), engine::kNotBulletin);
  std::string cut = bulletin(nothing);
  cut.pop_back();
  EXPECT_EQ(take(bob, cut), engine::kBulletinDamaged);
  // A signature that is another bulletin's.
  auto moved = *wire::parse_bulletin_text(bulletin(nothing));
  moved.body[moved.body.size() / 2] ^= 1;
  EXPECT_NE(take(bob, wire::bulletin_text(moved)).number, 0);
  block(bob, {kHere});
  bob.dialled.clear();
  bob.say("by the old way");
  world.pass(minutes(2));
  EXPECT_FALSE(hosts_dialled(bob).contains(kMoved));
  // The same by the home itself, on a clock that is a day off.
  EXPECT_EQ(
      take(bob, bulletin([&](auto& b) { b.day = today + 1, b.expires_day = today + 9, b.number += 3600; })).number, 0);
  world.pass(minutes(2));
  EXPECT_TRUE(hosts_dialled(bob).contains(kMoved));
}

TEST_F(CourierTest, a_number_is_good_for_one_bulletin) {
  const auto first = bulletin([](auto& b) { b.number += 7200; });
  EXPECT_EQ(take(bob, first).number, 0);
  EXPECT_EQ(take(bob, first).number, 0) << "the same one does no harm";
  EXPECT_EQ(take(bob, bulletin([](auto& b) { b.number += 7200, b.urls = {"https://other.example/"}; })),
            engine::kBulletinOld);
  EXPECT_EQ(take(bob, bulletin([](auto& b) { b.number += 3600; })), engine::kBulletinOld);
}

// What the own home answers to a mailbox names its private bridges.
TEST_F(CourierTest, what_came_by_mail_for_this_mailbox_is_not_handed_on) {
  const auto before = bob.ask(engine::ShareBulletin{});
  ASSERT_TRUE(before.has_value());
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  Post post(world, bob);
  home::BulletinPlan plan = plan_of(kThere);
  for (int i = 1; i < 6; ++i) plan.bridges.push_back({"bridge://203.0.113." + std::to_string(i) + "/ws", false});
  there.set_bulletin(plan);
  block(bob, {kHere, kThere});
  world.pass(days(12));  // the one that he has ends soon
  alice.say("by mail");
  ASSERT_TRUE(arrives_by(post, bob, {"by mail"}, hours(2)));
  const auto routes = std::get<engine::Routes>(*bob.ask(engine::ListRoutes{})).routes;
  EXPECT_GT(routes.size(), 1U) << "the bridges have come";
  const auto after = bob.ask(engine::ShareBulletin{});
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(std::get<engine::BulletinShared>(*after).text, std::get<engine::BulletinShared>(*before).text);
}

// Who has stolen the key that signs bulletins, and nothing else, must not get to read what is asked.
TEST_F(CourierTest, a_bulletin_from_elsewhere_does_not_change_to_whom_requests_are_sealed) {
  const auto stolen = bulletin([](auto& b) { b.number += 3600, b.sealing_key = Bytes(wire::kSealingKeySize, 9); });
  EXPECT_EQ(take(bob, stolen).number, 0) << "its places are taken";
  block(bob, {kHere, kMoved});
  bob.say("for Alice's home");
  EXPECT_TRUE(arrives(alice, {"for Alice's home"}, minutes(1)));
  bob.kill();
  bob.start();
  bob.say("and after a restart");
  EXPECT_TRUE(arrives(alice, {"for Alice's home", "and after a restart"}, minutes(2)));
  EXPECT_GT(world.forwarded, 1U);
}

TEST_F(CourierTest, when_nothing_works_the_page_that_the_bulletin_names_is_read) {
  block(bob, {kThere});
  world.pass(minutes(2));
  EXPECT_TRUE(bob.texts_asked.empty());
  world.pass(minutes(2));
  ASSERT_EQ(bob.texts_asked.size(), 1U);
  world.pass(minutes(10));
  EXPECT_EQ(bob.texts_asked.size(), 1U) << "not more than every quarter of an hour";
  EXPECT_EQ(bob.texts_asked[0], "https://page.example/other.example");
  there.set_bulletin(plan_of(kMoved));
  bob.report(engine::TextFetched{"https://another.example/", bulletin([](auto&) {})});
  bob.report(engine::TextFetched{bob.texts_asked[0], "<html>gone</html>"});
  world.pass(minutes(10));
  EXPECT_EQ(bob.texts_asked.size(), 2U);
}

TEST_F(CourierTest, pages_of_a_contacts_home_are_read_only_when_the_own_mailbox_is_down_too) {
  alice.files["/home/alice/file"] = Bytes(1'000, 1);
  ASSERT_TRUE(alice.ask(engine::SendFile{alice.chat().chat, "/home/alice/file", {}, {}}).has_value());
  world.settle();
  ASSERT_EQ(bob.history().size(), 1U);
  const auto file = bob.history().back().id;
  block(bob, {kHere});
  bob.give(engine::GetFile{bob.chat().chat, file, "/home/bob/"});
  world.pass(hours(1));
  EXPECT_TRUE(bob.files.empty()) << "files do not go through the own home";
  EXPECT_TRUE(bob.texts_asked.empty());
  block(bob, {kHere, kThere});
  world.pass(minutes(2));
  EXPECT_TRUE(bob.texts_asked.empty());
  world.pass(minutes(35));
  const std::set<std::string> asked(bob.texts_asked.begin(), bob.texts_asked.end());
  EXPECT_EQ(asked, (std::set<std::string>{"https://page.example/home.example", "https://page.example/other.example"}));
}

// ---- through the own home -------------------------------------------------------------------------------------------

TEST_F(CourierTest, messages_go_through_the_own_home_where_the_contacts_home_is_blocked) {
  block(bob, {kHere});
  bob.say("around the block");
  EXPECT_TRUE(arrives(alice, {"around the block"}, minutes(1)));
  EXPECT_GT(world.forwarded, 0U);
  EXPECT_TRUE(
      world.run_until([&] { return delivery_of(bob, "around the block") == Delivery::kDelivered; }, minutes(2)));
  ASSERT_NE(connection(bob), nullptr);
  EXPECT_TRUE(connection(bob)->through_home);
  EXPECT_EQ(connection(bob)->connection, engine::Connection::kConnected);
  bob.say("at once now");
  EXPECT_TRUE(arrives(alice, {"around the block", "at once now"}, seconds(8)));
}

TEST_F(CourierTest, when_the_direct_way_works_again_everything_goes_back_to_it) {
  block(bob, {kHere});
  bob.say("one");
  ASSERT_TRUE(arrives(alice, {"one"}, minutes(1)));
  bob.blocked = {};
  world.pass(minutes(30));
  bob.say("two");
  ASSERT_TRUE(arrives(alice, {"one", "two"}, minutes(2)));
  world.pass(minutes(1));
  const size_t forwarded = world.forwarded;
  bob.say("three");
  EXPECT_TRUE(arrives(alice, {"one", "two", "three"}, minutes(1)));
  world.pass(minutes(1));
  EXPECT_EQ(world.forwarded, forwarded);
  EXPECT_FALSE(connection(bob)->through_home);
}

TEST_F(CourierTest, what_waited_for_a_full_disk_is_passed_on_once) {
  block(bob, {kHere});
  bob.say("one");
  bob.say("two");
  world.pass(seconds(3));
  bob.store().set_disk_full(true);
  world.pass(minutes(2));
  EXPECT_EQ(world.forwarded, 0U) << "what is not on the disk does not leave";
  bob.store().set_disk_full(false);
  EXPECT_TRUE(arrives(alice, {"one", "two"}, minutes(1)));
  EXPECT_LE(world.forwarded, 2U);
}

TEST_F(CourierTest, order_and_count_hold_when_both_ways_come_and_go) {
  Texts said;
  for (int i = 0; i < 20; ++i) {
    block(bob, i % 3 == 1 ? std::set<std::string>{} : std::set<std::string>{kHere});
    said.push_back("message " + std::to_string(i));
    bob.say(said.back());
    if (i % 4 == 0) world.pass(seconds(7 * i));
  }
  EXPECT_TRUE(arrives(alice, said, hours(1)));
}

// ---- by mail --------------------------------------------------------------------------------------------------------

TEST_F(CourierTest, messages_and_receipts_go_by_mail_where_nothing_else_does) {
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  EXPECT_FALSE(bob.watched.has_value()) << "nobody looks into the mailbox while there is a connection";
  Post post(world, bob);
  block(bob, {kHere, kThere});
  bob.say("by mail");
  EXPECT_TRUE(arrives_by(post, alice, {"by mail"}, minutes(5)));
  EXPECT_TRUE(bob.watched.has_value());
  alice.say("I have it");
  EXPECT_TRUE(arrives_by(post, bob, {"I have it"}, minutes(10)));
  EXPECT_EQ(delivery_of(bob, "by mail"), Delivery::kDelivered);
  EXPECT_TRUE(connection(bob)->by_mail);
  EXPECT_EQ(connection(bob)->connection, engine::Connection::kConnected);
  // The direct way comes back.
  bob.blocked = {};
  world.pass(minutes(20));
  post.work();
  const size_t letters = bob.letters.size();
  bob.say("by wire");
  EXPECT_TRUE(arrives(alice, {"by mail", "by wire"}, minutes(2)));
  world.pass(hours(2));
  EXPECT_EQ(bob.letters.size(), letters) << "no more letters";
  EXPECT_FALSE(bob.watched.has_value());
  EXPECT_FALSE(connection(bob)->by_mail);
}

TEST_F(CourierTest, mail_that_is_late_twice_out_of_order_and_changed_loses_and_doubles_nothing) {
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  Post post(world, bob);
  post.delay = minutes(4);  // longer than a letter is waited for
  post.copies = 3;
  block(bob, {kHere, kThere});
  Texts said;
  for (int i = 0; i < 10; ++i) bob.say(said.emplace_back("letter " + std::to_string(i)));
  post.rewrites = true;
  EXPECT_TRUE(arrives_by(post, alice, said, hours(1)));
  EXPECT_NE(delivery_of(bob, said[0]), Delivery::kDelivered) << "no answer that was changed is believed";
  post.rewrites = false;
  for (int i = 0; i < 5; ++i) alice.say("answer " + std::to_string(i));
  EXPECT_TRUE(arrives_by(post, bob, {"answer 0", "answer 1", "answer 2", "answer 3", "answer 4"}, hours(3)));
  EXPECT_TRUE(arrives_by(post, alice, said, minutes(30)));
  EXPECT_LT(bob.letters.size(), 60U);
}

TEST_F(CourierTest, a_letter_that_bounces_is_told_and_made_anew_later) {
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  Post post(world, bob);
  post.bounces = true;
  block(bob, {kHere, kThere});
  bob.say("patience");
  EXPECT_FALSE(arrives_by(post, alice, {"patience"}, minutes(20)));
  EXPECT_GT(bob.letters.size(), 1U);
  EXPECT_LT(bob.letters.size(), 20U);
  const auto state = std::get<engine::MailState>(*bob.ask(engine::ReadMail{}));
  EXPECT_TRUE(state.set);
  EXPECT_TRUE(state.trouble.has_value());
  EXPECT_GT(state.outstanding, 0U);
  post.bounces = false;
  EXPECT_TRUE(arrives_by(post, alice, {"patience"}, hours(1)));
}

TEST_F(CourierTest, mail_goes_with_a_clock_that_is_a_day_off) {
  for (const Duration error : {days(1), Duration{} - days(1)}) {
    World other(9);
    home::Home& far = other.add_home(kThere);
    other.home().set_bulletin(plan_of(kHere));
    far.set_bulletin(plan_of(kThere));
    other.taker_home = kThere;
    Person& ann = other.add();
    Person& ben = other.add();
    ben.kill();
    ben.clock_error = error;
    ben.start();
    other.meet(ann, ben);
    other.pass(minutes(30));
    ASSERT_TRUE(ben.ask(engine::SetMail{account()}).has_value());
    Post post(other, ben);
    ben.blocked = {kHere, kThere};
    other.cut(ben);
    ben.say("what day is it?");
    bool arrived = false;
    for (int i = 0; i < 100 && !arrived; ++i) {
      other.pass(seconds(5));
      post.work();
      arrived = ann.texts(false) == Texts{"what day is it?"};
    }
    EXPECT_TRUE(arrived) << error.ms;
  }
}

TEST_F(CourierTest, the_mail_account_is_kept_never_shown_and_forgotten_when_told) {
  auto bad = account();
  bad.smtp = "https://mail.example";
  EXPECT_EQ(bob.ask(engine::SetMail{std::move(bad)}).error().code, engine::kBadMailAccount);
  auto empty = account();
  empty.password = {};
  EXPECT_EQ(bob.ask(engine::SetMail{std::move(empty)}).error().code, engine::kBadMailAccount);
  EXPECT_FALSE(std::get<engine::MailState>(*bob.ask(engine::ReadMail{})).set);
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  bob.kill();
  bob.blocked = {kHere, kThere};
  bob.start();
  EXPECT_EQ(std::get<engine::MailState>(*bob.ask(engine::ReadMail{})).address, "bob@mail.example");
  world.pass(minutes(2));
  ASSERT_TRUE(bob.watched.has_value());
  EXPECT_TRUE(equal(bob.watched->password.reveal(), as_bytes("a secret")));
  ASSERT_TRUE(bob.ask(engine::SetMail{}).has_value());
  EXPECT_FALSE(bob.watched.has_value());
  const size_t letters = bob.letters.size();
  world.pass(minutes(30));
  EXPECT_EQ(bob.letters.size(), letters);
}

// ---- carried by people ----------------------------------------------------------------------------------------------

TEST_F(CourierTest, a_home_does_what_a_bundle_has_for_it_and_the_answers_come_back_after_a_restart) {
  bob.online = false;
  world.cut(bob);
  bob.say("on a stick");
  bob.say("and another");
  const auto written = std::get<engine::BundleWritten>(*bob.ask(engine::WriteBundle{std::nullopt, 0, true}));
  EXPECT_EQ(written.requests, 3U) << "Alice's home, the chat's log at the own one, and the own mailbox";
  alice.say("to a mailbox that nobody reaches");
  world.settle();
  const auto bundle = wire::parse_bundle(written.bundle, crypto::sha256);
  ASSERT_TRUE(bundle.has_value());
  wire::Bundle replies;
  for (const auto& request : bundle->requests) {
    const bool here = request.home.key.value == world.keys().identity.public_key;
    for (int twice = 0; twice < 2; ++twice) {
      world.bring_sealed(here ? "" : kThere, request.bytes, [&](const Result<Bytes>& reply) {
        if (reply) replies.replies.push_back(*reply);
      });
    }
  }
  world.settle();
  EXPECT_EQ(replies.replies.size(), 3U) << "each is done once";
  EXPECT_EQ(alice.texts(false), (Texts{"on a stick", "and another"}));
  bob.kill();
  bob.start();
  const Bytes carried = wire::encode_bundle(replies, crypto::sha256);
  EXPECT_EQ(std::get<engine::BundleRead>(*bob.ask(engine::ReadBundle{carried})).answers, 3U);
  EXPECT_EQ(std::get<engine::BundleRead>(*bob.ask(engine::ReadBundle{carried})).answers, 0U) << "twice does no harm";
  EXPECT_EQ(bob.texts(false), Texts{"to a mailbox that nobody reaches"});
  EXPECT_NE(delivery_of(bob, "and another"), Delivery::kQueued);
}

TEST_F(CourierTest, letters_do_not_push_out_what_people_carry) {
  ASSERT_TRUE(bob.ask(engine::SetMail{account()}).has_value());
  block(bob, {kHere, kThere});
  bob.say("on a stick");
  const auto written = std::get<engine::BundleWritten>(*bob.ask(engine::WriteBundle{std::nullopt, 0, true}));
  const auto bundle = wire::parse_bundle(written.bundle, crypto::sha256);
  ASSERT_TRUE(bundle.has_value());
  world.pass(days(4));
  ASSERT_GT(bob.letters.size(), engine::kReplyKeysMax) << "letters that nobody answers";
  wire::Bundle replies;
  for (const auto& request : bundle->requests) {
    const bool here = request.home.key.value == world.keys().identity.public_key;
    world.bring_sealed(here ? "" : kThere, request.bytes, [&](const Result<Bytes>& reply) {
      if (reply) replies.replies.push_back(*reply);
    });
  }
  world.settle();
  ASSERT_GT(replies.replies.size(), 0U);
  const Bytes carried = wire::encode_bundle(replies, crypto::sha256);
  EXPECT_EQ(std::get<engine::BundleRead>(*bob.ask(engine::ReadBundle{carried})).answers, replies.replies.size());
}

TEST_F(CourierTest, a_bundle_names_no_private_bridges) {
  home::BulletinPlan plan = plan_of(kThere);
  for (int i = 1; i < 6; ++i) plan.bridges.push_back({"bridge://203.0.113." + std::to_string(i) + "/ws", false});
  there.set_bulletin(plan);
  world.pass(days(2));
  const auto routes = std::get<engine::Routes>(*bob.ask(engine::ListRoutes{})).routes;
  ASSERT_GT(routes.size(), 1U) << "Bob has his";
  block(bob, {kHere, kThere});
  bob.say("on a stick");
  const auto written = std::get<engine::BundleWritten>(*bob.ask(engine::WriteBundle{std::nullopt, 0, true}));
  const auto bundle = wire::parse_bundle(written.bundle, crypto::sha256);
  ASSERT_TRUE(bundle.has_value());
  ASSERT_GT(bundle->requests.size(), 0U);
  for (const auto& request : bundle->requests) {
    for (const std::string& route : request.home.routes) EXPECT_FALSE(route.starts_with("bridge:")) << route;
  }
}

TEST_F(CourierTest, somebody_with_a_network_passes_a_bundle_on) {
  Person& carol = world.add();
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  bob.online = false;
  world.cut(bob);
  bob.say("by way of Carol");
  alice.say("for Bob");
  world.settle();
  const auto written = std::get<engine::BundleWritten>(*bob.ask(engine::WriteBundle{std::nullopt, 0, true}));
  const auto read = std::get<engine::BundleRead>(*carol.ask(engine::ReadBundle{written.bundle, true}));
  EXPECT_EQ(read.requests, 3U);
  EXPECT_EQ(read.passed_on, 3U);
  EXPECT_EQ(read.taken, 0U);
  EXPECT_TRUE(arrives(alice, {"by way of Carol"}, minutes(1)));
  const auto back = std::get<engine::BundleRead>(*bob.ask(engine::ReadBundle{read.replies}));
  EXPECT_EQ(back.answers, 3U);
  EXPECT_EQ(bob.texts(false), Texts{"for Bob"});
  // Once more: the homes refuse what they have done.
  const auto again = std::get<engine::BundleRead>(*carol.ask(engine::ReadBundle{written.bundle, true}));
  EXPECT_EQ(again.passed_on, 0U);
  EXPECT_TRUE(again.replies.empty());
}

}  // namespace
}  // namespace godwit::testworld
