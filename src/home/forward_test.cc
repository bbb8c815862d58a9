#include <gtest/gtest.h>

#include "home/testing/house.h"
#include "session/sealed_request.h"
#include "wire/errors.h"

namespace godwit::home::testing {
namespace {

// A relaying home and a target home, both real, with a test for the sockets between them.
class ForwardTest : public ::testing::Test {
 protected:
  session::SealedRequest seal(const std::vector<wire::Request>& requests) {
    std::vector<Bytes> encoded;
    for (const wire::Request& request : requests) encoded.push_back(wire::encode_request(request));
    return *session::seal_requests(target_.keys().sealing.public_key, encoded, relay_.now() + days(1), relay_.random());
  }
  wire::Forward request(const Bytes& sealed) const {
    return {{wire::HomeKey{target_.keys().identity.public_key}, {"wss://target.example/ws"}, {}}, sealed};
  }
  // The sockets: the target's answer to what the relay wants to have passed on.
  void carry() {
    for (ForwardSealed& forward : relay_.take_forwards()) {
      Client& client = target_.connect();
      const wire::Reply reply = target_.ask(client, wire::Sealed{forward.sealed});
      const auto* sealed = std::get_if<wire::SealedReply>(&reply);
      if (sealed != nullptr) {
        relay_.forwarded(forward.forward, sealed->bytes);
      } else {
        relay_.forwarded(forward.forward, Error{wire::refusal(std::get<wire::Refused>(reply)), "test"});
      }
    }
  }
  uint16_t code_of(Client& client, uint32_t stream) {
    const auto reply = client.replies.find(stream);
    if (reply == client.replies.end()) return 1;
    const auto* refused = std::get_if<wire::Refused>(&reply->second);
    return refused == nullptr ? uint16_t{0} : refused->code;
  }

  House relay_{test_options(), 1};
  House target_{test_options(), 2};
};

TEST_F(ForwardTest, a_delivery_reaches_the_other_home_and_its_answer_comes_back) {
  const Device device = target_.new_device();
  Client& owner = target_.open_mailbox(device);
  const auto sealed = seal({target_.delivery(target_.new_address(owner), Bytes(500, 3))});
  Client& client = relay_.connect();
  const uint32_t stream = relay_.send(client, request(sealed.bytes));
  relay_.settle();
  carry();
  const auto& reply = std::get<wire::SealedReply>(client.replies.at(stream));
  const auto opened = sealed.reply_key.open(reply.bytes);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(std::holds_alternative<wire::Done>(*wire::decode_reply(opened->front())));
  const wire::Reply items = target_.ask(owner, wire::Fetch{{0}, 100'000, false});
  EXPECT_EQ(std::get<wire::Items>(items).items.size(), 1U);
}

TEST_F(ForwardTest, what_the_other_home_refuses_is_refused) {
  const auto sealed = seal({wire::BulletinGet{}});
  Client& client = relay_.connect();
  uint32_t stream = relay_.send(client, request(sealed.bytes));
  relay_.settle();
  carry();
  EXPECT_EQ(code_of(client, stream), 0);
  stream = relay_.send(client, request(sealed.bytes));  // again
  relay_.settle();
  carry();
  EXPECT_EQ(code_of(client, stream), wire::kSealedRefused.number);
}

TEST_F(ForwardTest, to_itself_a_home_answers_directly) {
  const auto sealed =
      *session::seal_requests(relay_.keys().sealing.public_key, {wire::encode_request(wire::BulletinGet{})},
                              relay_.now() + days(1), relay_.random());
  wire::Forward own = request(sealed.bytes);
  own.home.key = wire::HomeKey{relay_.keys().identity.public_key};
  EXPECT_EQ(relay_.code_of(relay_.connect(), own), 0);
  EXPECT_TRUE(relay_.take_forwards().empty());
}

TEST_F(ForwardTest, a_home_that_hangs_is_given_up_and_its_late_answer_dropped) {
  Client& client = relay_.connect();
  const uint32_t stream = relay_.send(client, request(seal({wire::BulletinGet{}}).bytes));
  relay_.settle();
  const auto forwards = relay_.take_forwards();
  ASSERT_EQ(forwards.size(), 1U);
  relay_.advance(seconds(19));
  EXPECT_EQ(code_of(client, stream), 1);
  relay_.advance(seconds(2));
  EXPECT_EQ(code_of(client, stream), wire::kHomeUnreachable.number);
  relay_.forwarded(forwards[0].forward, Bytes(100, 1));
  relay_.forwarded(ForwardId{77}, Bytes(100, 1));
  EXPECT_EQ(code_of(client, stream), wire::kHomeUnreachable.number);
  EXPECT_TRUE(relay_.home().idle());
}

TEST_F(ForwardTest, a_home_that_answers_nonsense_is_as_good_as_none) {
  Client& client = relay_.connect();
  for (const size_t size : {size_t{0}, size_t{wire::kSealedSizeMax} + 1, size_t{100} << 20}) {
    const uint32_t stream = relay_.send(client, request(seal({wire::BulletinGet{}}).bytes));
    relay_.settle();
    relay_.forwarded(relay_.take_forwards().at(0).forward, Bytes(size, 9));
    EXPECT_EQ(code_of(client, stream), wire::kHomeUnreachable.number) << size;
  }
  for (const ErrorCode code : {wire::kMalformed, wire::kProofRefused, wire::kUnavailable}) {
    const uint32_t stream = relay_.send(client, request(seal({wire::BulletinGet{}}).bytes));
    relay_.settle();
    relay_.forwarded(relay_.take_forwards().at(0).forward, Error{code, "test"});
    EXPECT_EQ(code_of(client, stream), wire::kHomeUnreachable.number) << code.name;
  }
}

TEST_F(ForwardTest, what_another_home_lies_opens_for_no_client) {
  const auto sealed = seal({wire::BulletinGet{}});
  Client& client = relay_.connect();
  const uint32_t stream = relay_.send(client, request(sealed.bytes));
  relay_.settle();
  Bytes lie = to_bytes(sealed.reply_key.reply_head());
  append(lie, Bytes(300, 1));
  relay_.forwarded(relay_.take_forwards().at(0).forward, lie);
  EXPECT_FALSE(sealed.reply_key.open(std::get<wire::SealedReply>(client.replies.at(stream)).bytes).has_value());
}

TEST_F(ForwardTest, bytes_of_a_size_that_no_client_makes_are_not_passed_on) {
  Client& client = relay_.connect();
  Bytes marked = seal({wire::BulletinGet{}}).bytes;
  marked.push_back(0);
  EXPECT_EQ(relay_.code_of(client, request(marked)), wire::kSealedRefused.number);
  EXPECT_EQ(relay_.code_of(client, request({})), wire::kSealedRefused.number);
  EXPECT_EQ(relay_.code_of(client, request(Bytes(1137, 1))), wire::kSealedRefused.number);
  EXPECT_TRUE(relay_.take_forwards().empty());
}

TEST_F(ForwardTest, a_session_has_four_on_the_way_and_a_home_sixteen_to_it) {
  const Bytes sealed = seal({wire::BulletinGet{}}).bytes;
  for (int session = 0; session < 4; ++session) {
    Client& client = relay_.connect();
    for (int i = 0; i < 4; ++i) relay_.send(client, request(sealed));
    relay_.settle();
    if (session == 0) {
      EXPECT_EQ(relay_.code_of(client, request(sealed)), wire::kTooManyRequests.number);
    }
  }
  EXPECT_EQ(relay_.code_of(relay_.connect(), request(sealed)), wire::kTooManyRequests.number);
  EXPECT_EQ(relay_.take_forwards().size(), 16U);
}

TEST_F(ForwardTest, requests_that_hang_give_way_to_others) {
  Options options = test_options();
  options.limits.forwards_max = 6;
  relay_.restart(options);
  const Bytes sealed = seal({wire::BulletinGet{}}).bytes;
  wire::Forward rare = request(sealed);
  rare.home.key.value[0] ^= 1;
  wire::Forward rarer = request(sealed);
  rarer.home.key.value[0] ^= 2;
  Client& early = relay_.connect();
  const uint32_t first = relay_.send(early, rare);
  relay_.settle();
  Client& client = relay_.connect();
  std::vector<uint32_t> hanging;
  for (int i = 0; i < 4; ++i) hanging.push_back(relay_.send(client, request(sealed)));
  relay_.settle();
  Client& other = relay_.connect();
  relay_.send(other, request(sealed));
  relay_.settle();
  const uint32_t last = relay_.send(other, rarer);
  relay_.settle();
  EXPECT_EQ(code_of(early, first), 1) << "the oldest, but of a home for which few wait";
  EXPECT_EQ(code_of(client, hanging[0]), wire::kHomeUnreachable.number);
  EXPECT_EQ(code_of(client, hanging[1]), 1);
  EXPECT_EQ(code_of(other, last), 1);
  const auto forwards = relay_.take_forwards();
  ASSERT_EQ(forwards.size(), 7U);
  relay_.forwarded(forwards[6].forward, Bytes(100, 1));
  EXPECT_EQ(code_of(other, last), 0);
  relay_.forwarded(forwards[1].forward, Bytes(100, 1));
  EXPECT_EQ(code_of(client, hanging[0]), wire::kHomeUnreachable.number) << "its late answer is dropped";
}

TEST_F(ForwardTest, passing_on_has_a_rate) {
  Client& client = relay_.connect();
  const Bytes sealed = seal({wire::BulletinGet{}}).bytes;
  uint16_t code = 0;
  int passed = 0;
  while (code == 0 && passed < 1'000) {
    const uint32_t stream = relay_.send(client, request(sealed));
    relay_.settle();
    const auto forwards = relay_.take_forwards();
    for (const auto& forward : forwards) relay_.forwarded(forward.forward, Bytes(100, 1));
    code = code_of(client, stream);
    ++passed;
  }
  EXPECT_EQ(code, wire::kTooManyRequests.number);
  EXPECT_EQ(passed, 201);
}

TEST_F(ForwardTest, a_home_that_does_not_pass_on_says_so_and_a_mailbox_session_may_not_ask) {
  const Bytes sealed = seal({wire::BulletinGet{}}).bytes;
  Client& owner = relay_.open_mailbox(relay_.new_device());
  EXPECT_EQ(relay_.code_of(owner, request(sealed)), wire::kWrongSessionKind.number);
  Options options = test_options();
  options.forward = false;
  relay_.restart(options);
  EXPECT_EQ(relay_.code_of(relay_.connect(), request(sealed)), wire::kUnknownRequest.number);
}

TEST_F(ForwardTest, a_client_that_leaves_does_not_disturb) {
  Client& client = relay_.connect();
  relay_.send(client, request(seal({wire::BulletinGet{}}).bytes));
  relay_.settle();
  relay_.cut(client);
  carry();
  EXPECT_TRUE(relay_.home().idle());
}

}  // namespace
}  // namespace godwit::home::testing
