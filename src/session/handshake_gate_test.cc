#include "session/handshake_gate.h"

#include "session/testing/session_pair.h"

namespace godwit::session {
namespace {

using testing::options_for;
using testing::SessionPair;
using testing::TestHome;
using testing::text;

class GateTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  HandshakeGate gate(HandshakeGate::Limits limits = {}) {
    return HandshakeGate(crypto::Secret<32>::random(random_), limits);
  }
  static bool admitted(const HandshakeGate::Verdict& verdict) {
    return std::holds_alternative<HandshakeGate::Admit>(verdict);
  }
  static ErrorCode refused(const HandshakeGate::Verdict& verdict) {
    const auto* refuse = std::get_if<HandshakeGate::Refuse>(&verdict);
    return refuse == nullptr ? ErrorCode{} : refuse->code;
  }
  static WorkProof work_for(const HandshakeGate::Verdict& verdict) {
    return *do_work(std::get<HandshakeGate::WantWork>(verdict).cookie);
  }
  crypto::SeededRandom random_{6};
  const Bytes source_ = text("192.0.2.1");
  const Bytes hello_ = text("message 1");
  Instant now_{1'000'000};
};

TEST_F(GateTest, one_source_is_limited_and_recovers) {
  HandshakeGate gate = this->gate();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(admitted(gate.judge(source_, hello_, {}, now_))) << i;
  const auto verdict = gate.judge(source_, hello_, {}, now_);
  EXPECT_EQ(refused(verdict), kTooManyHandshakes);
  EXPECT_EQ(std::get<HandshakeGate::Refuse>(verdict).retry_after, seconds(3));
  EXPECT_TRUE(admitted(gate.judge(text("192.0.2.2"), hello_, {}, now_))) << "another source";
  EXPECT_TRUE(admitted(gate.judge(source_, hello_, {}, now_ + seconds(3))));
  EXPECT_FALSE(admitted(gate.judge(source_, hello_, {}, now_ + seconds(3))));
  EXPECT_TRUE(admitted(gate.judge(source_, hello_, {}, now_ + hours(1))));
}

TEST_F(GateTest, sources_that_are_not_real_are_not_limited) {
  HandshakeGate gate = this->gate();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(admitted(gate.judge({}, hello_, {}, now_)));
  EXPECT_EQ(gate.sources_remembered(), 0U);
}

TEST_F(GateTest, what_is_remembered_is_bounded_and_a_crowd_has_to_work) {
  HandshakeGate::Limits limits;
  limits.sources_max = 100;
  HandshakeGate gate = this->gate(limits);
  size_t asked_to_work = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    const Bytes source{static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    asked_to_work += !admitted(gate.judge(source, hello_, {}, now_));
    EXPECT_LE(gate.sources_remembered(), 201U);
  }
  EXPECT_GT(asked_to_work, 800U);
  const Instant later = now_ + hours(1);
  EXPECT_TRUE(admitted(gate.judge(source_, hello_, {}, later))) << "the crowd is gone";
}

TEST_F(GateTest, under_load_a_proof_of_work_admits_once) {
  HandshakeGate gate = this->gate();
  gate.set_work_bits(8);
  const WorkProof proof = work_for(gate.judge({}, hello_, {}, now_));
  EXPECT_TRUE(work_is_done(proof));
  EXPECT_TRUE(admitted(gate.judge({}, hello_, proof, now_ + seconds(5))));
  EXPECT_EQ(refused(gate.judge({}, hello_, proof, now_ + seconds(5))), kWorkRefused) << "used before";
  EXPECT_EQ(refused(gate.judge({}, hello_, proof, now_ + seconds(31))), kWorkRefused) << "too old";
  EXPECT_EQ(refused(gate.judge({}, hello_, proof, now_ + hours(2))), kWorkRefused) << "forgotten, but too old";
}

TEST_F(GateTest, a_proof_is_bound_to_source_message_time_and_difficulty) {
  HandshakeGate gate = this->gate();
  gate.set_work_bits(8);
  const WorkProof proof = work_for(gate.judge(source_, hello_, {}, now_));
  EXPECT_EQ(refused(gate.judge(text("192.0.2.9"), hello_, proof, now_)), kWorkRefused);
  EXPECT_EQ(refused(gate.judge(source_, text("another message"), proof, now_)), kWorkRefused);
  EXPECT_EQ(refused(gate.judge(source_, hello_, proof, now_ - seconds(1))), kWorkRefused) << "from the future";
  for (size_t i = 0; i < kCookieSize; ++i) {
    WorkProof changed = proof;
    changed.cookie[i] ^= 1;
    EXPECT_EQ(refused(gate.judge(source_, hello_, changed, now_)), kWorkRefused) << i;
  }
  WorkProof lazy = proof;
  while (work_is_done(lazy)) ++lazy.nonce;
  EXPECT_EQ(refused(gate.judge(source_, hello_, lazy, now_)), kWorkRefused);
  gate.set_work_bits(9);
  EXPECT_EQ(refused(gate.judge(source_, hello_, proof, now_)), kWorkRefused) << "harder meanwhile";
  gate.set_work_bits(8);
  EXPECT_TRUE(admitted(gate.judge(source_, hello_, proof, now_)));
}

TEST_F(GateTest, a_clock_that_is_set_back_locks_nobody_out) {
  HandshakeGate gate = this->gate();
  for (int i = 0; i < 20; ++i) static_cast<void>(gate.judge(source_, hello_, {}, now_ + days(1)));
  EXPECT_TRUE(admitted(gate.judge(source_, hello_, {}, now_ + seconds(3))) ||
              admitted(gate.judge(source_, hello_, {}, now_ + seconds(6))));
}

TEST_F(GateTest, redeemed_cookies_are_bounded) {
  HandshakeGate::Limits limits;
  limits.cookies_max = 3;
  HandshakeGate gate = this->gate(limits);
  gate.set_work_bits(1);
  int count = 0;
  for (uint8_t i = 0; i < 10; ++i) {
    const Bytes hello{i};
    count += admitted(gate.judge({}, hello, work_for(gate.judge({}, hello, {}, now_)), now_));
  }
  EXPECT_EQ(count, 3);
}

TEST_F(GateTest, a_client_refuses_more_work_than_its_bound) {
  Cookie cookie{};
  cookie[8] = kWorkBitsMax + 1;
  EXPECT_EQ(do_work(cookie).error().code, kTooMuchWork);
  EXPECT_FALSE(work_is_done({cookie, 0}));
}

TEST_F(GateTest, a_client_works_and_gets_its_session) {
  TestHome home;
  home.gate.set_work_bits(10);
  SessionPair pair(home, ClientSession::connect(options_for(home), random_, now_), now_);
  ASSERT_TRUE(pair.client.send_request(text("x"), now_));
  pair.echo();
  pair.run(5);
  EXPECT_EQ(pair.client_log.replies.size(), 1U);
}

TEST_F(GateTest, a_client_that_comes_too_often_is_told_when_to_come_back) {
  TestHome home;
  HomeOptions options = home.options();
  options.source = source_;
  for (int i = 0; i < 21; ++i) {
    SessionPair pair(home, ClientSession::connect(options_for(home), random_, now_), now_, options);
    pair.run();
    EXPECT_EQ(pair.client.established(), i < 20);
    if (i < 20) continue;
    ASSERT_EQ(pair.client_log.closed.size(), 1U);
    EXPECT_EQ(pair.client_log.closed[0].code, kTooManyHandshakes.number);
    EXPECT_EQ(pair.client_log.closed[0].retry_after, seconds(3));
  }
}

TEST_F(GateTest, a_home_that_asks_for_work_twice_is_refused) {
  TestHome home;
  auto client = ClientSession::connect(options_for(home), random_, now_);
  Bytes cookie{4, 0, kCookieSize};
  cookie.resize(3 + kCookieSize);
  ASSERT_TRUE(client.receive(cookie, now_));
  EXPECT_FALSE(client.receive(cookie, now_));
}

}  // namespace
}  // namespace godwit::session
