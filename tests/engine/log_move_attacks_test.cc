// Members who say of the log what is not so.

#include "crypto/ed25519.h"
#include "tests/engine/log_moves.h"
#include "wire/home_link.h"

namespace godwit::testworld {
namespace {

// All live where the log is, but the one who lies.
class LogLies : public LogMove {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.add_home(kOther);
    for (size_t i = 0; i < people.size(); ++i) {
      const std::string link = i == 1 ? world.home_link_at(kOther) : world.home_link();
      ASSERT_TRUE(person(i).ask(engine::NewAccount{"P" + std::to_string(i), link}).has_value());
    }
  }
  engine::LogMove lie(uint64_t epoch) {
    const auto home = wire::parse_home_link(world.home_link_at(kOther)).value().home;
    return {1, group, log(2), home, {random.bytes<16>()}, epoch, {random.bytes<32>()}, {}, {}};
  }
  void say_of_the_log(const Bytes& move) {
    for (const size_t to : {2U, 3U})
      deliver(to, {engine::EnvelopeKind::kMoved, {}, codec::encoded(engine::LogMoves{move}), 0});
    world.pass(hours(3));
  }
};

TEST_F(LogLies, while_the_log_answers_nobody_follows_into_an_epoch_that_it_never_had_or_of_before_he_came) {
  const wire::LogId before = prepare(4, {1});
  const uint64_t epoch = info(2).epoch;
  for (const uint64_t each : {epoch, epoch + 1, UINT64_MAX, uint64_t{0}}) {
    say_of_the_log(signed_by(1, lie(each)));
    for (const size_t i : {2U, 3U}) {
      EXPECT_EQ(log(i), before) << each;
      EXPECT_TRUE(info(i).member) << each;
    }
  }
  expect_talk({0, 2, 3}, "here ");
}

TEST_F(LogLies, move_of_another_chat_or_with_a_signature_that_fails_is_nothing) {
  const wire::LogId before = prepare(4, {1});
  person(1).kill();
  engine::LogMove honest = lie(info(2).epoch);
  honest.place =
      engine::epoch_place(mls::Group::restore(mls::suites_default(), person(1).group_records(group)).value());
  engine::LogMove elsewhere = honest;
  elsewhere.chat.value[0] ^= 1;
  Bytes forged = signed_by(1, honest);
  forged.back() ^= 1;
  say_of_the_log(signed_by(1, elsewhere));
  say_of_the_log(forged);
  for (const size_t i : {2U, 3U}) EXPECT_EQ(log(i), before);
  say_of_the_log(signed_by(1, honest));
  for (const size_t i : {2U, 3U}) EXPECT_EQ(log(i), honest.log);
}

}  // namespace
}  // namespace godwit::testworld
