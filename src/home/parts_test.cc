// Requests in parts at a whole home.

#include <gtest/gtest.h>

#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;
using testing::test_options;

class PartsTest : public ::testing::Test {
 protected:
  wire::PartPut part(const wire::Request& request, uint32_t offset, uint32_t size, uint32_t reply_bytes = 4'000) const {
    const Bytes whole = wire::encode_request(request);
    wire::PartPut out;
    out.transfer = transfer;
    out.total = static_cast<uint32_t>(whole.size());
    out.offset = offset;
    out.bytes = to_bytes(ByteView(whole).subspan(offset, std::min<size_t>(size, whole.size() - offset)));
    out.reply_bytes = reply_bytes;
    return out;
  }
  // Asks `request` in parts of 4,000 bytes, each on a session of its own; its reply, fetched in the same way.
  wire::Reply ask_in_parts(const std::function<Client&()>& session, const wire::Request& request) {
    wire::PartState state;
    Bytes reply;
    while (state.reply_total == 0) {
      auto answer = house.ask(session(), part(request, state.received, 4'000));
      if (!std::holds_alternative<wire::PartState>(answer)) return answer;
      state = std::get<wire::PartState>(answer);
      reply = state.bytes;
    }
    while (reply.size() < state.reply_total) {
      auto answer = house.ask(session(), wire::PartGet{transfer, static_cast<uint32_t>(reply.size()), 4'000});
      if (!std::holds_alternative<wire::PartState>(answer)) return answer;
      append(reply, std::get<wire::PartState>(answer).bytes);
    }
    return *wire::decode_reply(reply);
  }
  size_t items() { return std::get<wire::Items>(house.ask(owner, wire::Fetch{{0}, 1'000'000, false})).items.size(); }
  wire::PartState state_of(Client& client, const wire::Request& request) {
    const auto reply = house.ask(client, request);
    const auto* state = std::get_if<wire::PartState>(&reply);
    return state == nullptr ? wire::PartState{UINT32_MAX, 0, 0, {}} : *state;
  }

  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  wire::TransferId transfer = house.random_id<wire::TransferId>();
  const wire::Deliver large = house.delivery(address, Bytes(100'000, 7));
};

TEST_F(PartsTest, a_delivery_goes_up_over_many_sessions_and_is_done_once) {
  const auto anonymous = [&]() -> Client& { return house.connect(); };
  EXPECT_TRUE(std::holds_alternative<wire::Done>(ask_in_parts(anonymous, large)));
  EXPECT_EQ(items(), 1U);
  const auto again = state_of(house.connect(), part(large, 96'000, 10'000));
  EXPECT_GT(again.reply_total, 0U);
  EXPECT_EQ(items(), 1U);
}

TEST_F(PartsTest, a_large_item_comes_down_over_many_sessions) {
  ASSERT_EQ(house.code_of(house.connect(), large), 0);
  const auto mailbox = [&]() -> Client& { return house.prove(device); };
  const auto reply = ask_in_parts(mailbox, wire::Fetch{{0}, 3'500, false});
  ASSERT_TRUE(std::holds_alternative<wire::Items>(reply));
  ASSERT_EQ(std::get<wire::Items>(reply).items.size(), 1U);
  EXPECT_GE(std::get<wire::Items>(reply).items[0].sealed.size(), 100'000U);
}

TEST_F(PartsTest, a_small_request_with_a_small_answer_leaves_nothing_behind) {
  const wire::Fetch fetch{{0}, 3'500, false};
  EXPECT_GT(state_of(owner, part(fetch, 0, 100)).reply_total, 0U);
  EXPECT_EQ(house.code_of(owner, wire::PartGet{transfer, 0, 100}), wire::kNoSuchTransfer.number);
  EXPECT_GT(state_of(owner, part(fetch, 0, 100, 0)).reply_total, 0U);
  EXPECT_EQ(house.code_of(owner, wire::PartGet{transfer, 0, 100}), 0) << "unless the answer was longer than asked for";
}

TEST_F(PartsTest, a_transfer_is_of_its_device_only) {
  const auto publish = wire::KeyPackagePublish{address.alias, {Bytes(9'000, 1)}, {}};
  EXPECT_EQ(state_of(owner, part(publish, 0, 4'000)).received, 4'000U);
  EXPECT_EQ(house.code_of(house.connect(), part(publish, 4'000, 4'000)), wire::kNoSuchTransfer.number);
  Client& stranger = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(stranger, part(publish, 4'000, 4'000)), wire::kNoSuchTransfer.number);
  EXPECT_EQ(state_of(house.prove(device), part(publish, 4'000, 10'000)).received, part(publish, 0, 0).total);
  EXPECT_EQ(std::get<wire::KeyPackagesLeft>(house.ask(owner, wire::KeyPackageCount{address.alias})).count, 1U);
}

TEST_F(PartsTest, the_kind_of_the_session_holds_inside_as_outside) {
  const auto refusal = [&](Client& client, const wire::Request& request) {
    transfer = house.random_id<wire::TransferId>();
    const auto state = state_of(client, part(request, 0, 4'000));
    const auto reply = wire::decode_reply(state.bytes);
    const auto* refused = reply ? std::get_if<wire::Refused>(&*reply) : nullptr;
    return refused == nullptr ? 0 : refused->code;
  };
  Client& anonymous = house.connect();
  EXPECT_EQ(refusal(anonymous, wire::Fetch{{0}, 10, false}), wire::kWrongSessionKind.number);
  EXPECT_EQ(refusal(owner, house.delivery(address, {1})), wire::kWrongSessionKind.number);
  EXPECT_EQ(refusal(owner, wire::Fetch{{0}, 10, false}), 0);
  // What proves, what asks for parts, and what may not be repeated does not come in parts.
  EXPECT_EQ(refusal(anonymous, house.prove_request(anonymous, device)), wire::kMalformed.number);
  EXPECT_EQ(refusal(anonymous, house.open_request(anonymous, house.new_device(), house.new_code())),
            wire::kMalformed.number);
  EXPECT_EQ(refusal(anonymous, part(large, 0, 1'000)), wire::kMalformed.number);
  EXPECT_EQ(refusal(anonymous, wire::PartGet{transfer, 0, 10}), wire::kMalformed.number);
  EXPECT_EQ(refusal(anonymous, house.delivery(address, {1}, 0)), wire::kMalformed.number);
  EXPECT_EQ(refusal(owner, wire::MailboxDrop{}), wire::kMalformed.number);
  // One part may be a first flight, so only what is repeatable for ever comes in one.
  EXPECT_EQ(refusal(owner, wire::KeyPackagePublish{address.alias, {Bytes(100, 1)}, {}}), wire::kMalformed.number);
}

TEST_F(PartsTest, a_request_that_does_not_decode_is_answered_as_if_it_had_come_whole) {
  wire::PartPut put = part(large, 0, 4'000);
  put.bytes = Bytes(9, 0xff);
  put.total = 9;
  const auto reply = wire::decode_reply(state_of(house.connect(), put).bytes);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(std::get<wire::Refused>(*reply).code, wire::kUnknownRequest.number);
}

TEST_F(PartsTest, a_home_that_restarts_has_forgotten_them) {
  EXPECT_EQ(state_of(house.connect(), part(large, 0, 4'000)).received, 4'000U);
  house.restart();
  EXPECT_EQ(house.code_of(house.connect(), part(large, 4'000, 4'000)), wire::kNoSuchTransfer.number);
}

TEST_F(PartsTest, nobody_holds_one_longer_than_its_life) {
  EXPECT_EQ(state_of(house.connect(), part(large, 0, 4'000)).received, 4'000U);
  house.advance(test_options().limits.transfer_life + seconds(1));
  EXPECT_EQ(house.code_of(house.connect(), part(large, 4'000, 4'000)), wire::kNoSuchTransfer.number);
}

TEST_F(PartsTest, parts_of_one_session_may_be_under_way_together) {
  Client& client = house.connect();
  std::vector<uint32_t> streams;
  for (uint32_t offset = 0; offset < 100'000; offset += 20'000) {
    streams.push_back(house.send(client, part(large, offset, 20'000 + (offset == 80'000 ? 1'000 : 0))));
  }
  house.settle();
  const auto& last = std::get<wire::PartState>(client.replies.at(streams.back()));
  EXPECT_TRUE(std::holds_alternative<wire::Done>(*wire::decode_reply(last.bytes)));
  EXPECT_EQ(items(), 1U);
}

}  // namespace
}  // namespace godwit::home
