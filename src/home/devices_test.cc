// Meetings, the order of changes of a device list, taking a mailbox over with its recovery key, and what is kept beside it.

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "home/meetings.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::Device;
using testing::House;

template <typename Id>
Id id_of(uint8_t byte) {
  Id id;
  id.value.fill(byte);
  return id;
}

Bytes message_of(House& house, Client& client, const wire::MeetingId& meeting, uint8_t index) {
  const wire::Reply reply = house.ask(client, wire::MeetingGet{meeting, index});
  const auto* message = std::get_if<wire::MeetingMessage>(&reply);
  return message == nullptr ? Bytes{255} : message->bytes;
}

TEST(Meetings, two_who_know_the_id_leave_each_other_messages) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  Client& stranger = house.connect();
  const auto meeting = id_of<wire::MeetingId>(7);
  EXPECT_EQ(house.code_of(stranger, wire::MeetingPut{meeting, 0, {1}}), wire::kNoSuchMeeting.number);
  EXPECT_EQ(house.code_of(owner, wire::MeetingOpen{meeting}), 0);
  EXPECT_EQ(house.code_of(owner, wire::MeetingOpen{meeting}), 0) << "idempotent";
  EXPECT_EQ(message_of(house, owner, meeting, 0), Bytes{});
  EXPECT_EQ(house.code_of(stranger, wire::MeetingPut{meeting, 0, {1, 2}}), 0);
  EXPECT_EQ(message_of(house, owner, meeting, 0), (Bytes{1, 2}));
  EXPECT_EQ(house.code_of(owner, wire::MeetingPut{meeting, 1, {3}}), 0);
  EXPECT_EQ(message_of(house, stranger, meeting, 1), Bytes{3});
}

TEST(Meetings, the_first_message_of_a_place_stands) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  Client& a = house.connect();
  Client& b = house.connect();
  const auto meeting = id_of<wire::MeetingId>(7);
  ASSERT_EQ(house.code_of(owner, wire::MeetingOpen{meeting}), 0);
  EXPECT_EQ(house.code_of(a, wire::MeetingPut{meeting, 0, {1}}), 0);
  EXPECT_EQ(house.code_of(a, wire::MeetingPut{meeting, 0, {1}}), 0);
  EXPECT_EQ(house.code_of(b, wire::MeetingPut{meeting, 0, {2}}), wire::kIdTaken.number);
}

TEST(Meetings, only_a_mailbox_opens_one_and_nobody_that_of_another) {
  House house;
  Client& nobody = house.connect();
  EXPECT_EQ(house.code_of(nobody, wire::MeetingOpen{id_of<wire::MeetingId>(7)}), wire::kWrongSessionKind.number);
  Client& owner = house.open_mailbox(house.new_device());
  Client& other = house.open_mailbox(house.new_device());
  ASSERT_EQ(house.code_of(owner, wire::MeetingOpen{id_of<wire::MeetingId>(7)}), 0);
  EXPECT_EQ(house.code_of(other, wire::MeetingOpen{id_of<wire::MeetingId>(7)}), wire::kIdTaken.number);
}

TEST(Meetings, one_ends_after_ten_minutes_or_with_the_next_of_its_mailbox) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  const auto first = id_of<wire::MeetingId>(7);
  const auto second = id_of<wire::MeetingId>(8);
  ASSERT_EQ(house.code_of(owner, wire::MeetingOpen{first}), 0);
  ASSERT_EQ(house.code_of(owner, wire::MeetingOpen{second}), 0);
  EXPECT_EQ(house.code_of(owner, wire::MeetingGet{first, 0}), wire::kNoSuchMeeting.number);
  EXPECT_EQ(house.code_of(owner, wire::MeetingGet{second, 0}), 0);
  house.advance(minutes(10));
  EXPECT_EQ(house.code_of(owner, wire::MeetingGet{second, 0}), wire::kNoSuchMeeting.number);
}

TEST(Meetings, a_mailbox_opens_few_in_an_hour_and_a_meeting_holds_little) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  for (uint8_t i = 0; i < Meetings::kOpenBurst; ++i) {
    EXPECT_EQ(house.code_of(owner, wire::MeetingOpen{id_of<wire::MeetingId>(i)}), 0);
  }
  EXPECT_EQ(house.code_of(owner, wire::MeetingOpen{id_of<wire::MeetingId>(99)}), wire::kTooManyRequests.number);
  const auto last = id_of<wire::MeetingId>(Meetings::kOpenBurst - 1);
  EXPECT_EQ(house.code_of(owner, wire::MeetingPut{last, 0, Bytes(32 * 1024)}), 0);
  EXPECT_EQ(house.code_of(owner, wire::MeetingPut{last, 1, Bytes(32 * 1024)}), 0);
  EXPECT_EQ(house.code_of(owner, wire::MeetingPut{last, 2, Bytes(1)}), wire::kTooLarge.number);
}

TEST(DeviceListHead, changes_at_the_same_time_come_one_after_the_other) {
  House house;
  const Device first = house.new_device();
  Client& client = house.open_mailbox(first);
  const auto key = [](uint8_t byte) { return id_of<wire::MailboxKey>(byte); };
  const auto head = [](uint8_t byte) { return id_of<wire::ListHead>(byte); };
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{key(1), head(1), head(2)}), 0);
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{key(1), head(1), head(2)}), 0) << "repeated";
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{key(2), head(1), head(3)}), wire::kListMoved.number);
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1), head(1), head(3)}), wire::kListMoved.number);
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1), head(2), head(4)}), 0);
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1), head(2), head(4)}), 0) << "repeated";
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{key(2)}), 0) << "the list stays";
  const wire::Reply devices = house.ask(client, wire::DeviceList{});
  EXPECT_EQ(std::get<wire::Devices>(devices).keys.size(), 2U);
}

TEST(DeviceListHead, a_change_that_names_none_before_it_is_taken_wherever_the_list_stands) {
  House house;
  Client& client = house.open_mailbox(house.new_device());
  const auto key = [](uint8_t byte) { return id_of<wire::MailboxKey>(byte); };
  const auto head = [](uint8_t byte) { return id_of<wire::ListHead>(byte); };
  ASSERT_EQ(house.code_of(client, wire::DeviceAdd{key(1), head(1), head(2)}), 0);
  ASSERT_EQ(house.code_of(client, wire::DeviceRemove{key(9), head(2), head(99)}), 0) << "a lie";
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1), head(2), head(3)}), wire::kListMoved.number);
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1)}), 0) << "its mailbox goes at once";
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(1), {}, head(3)}), 0);
  EXPECT_EQ(house.code_of(client, wire::DeviceAdd{key(4), head(3), head(4)}), 0);
  EXPECT_EQ(house.code_of(client, wire::DeviceRemove{key(4), head(3), head(3)}), wire::kListMoved.number)
      << "who does not know the newest list sweeps nothing";
}

TEST(DeviceListHead, a_device_that_is_there_and_comes_again_keeps_its_queue) {
  House house;
  const Device first = house.new_device();
  Client& client = house.open_mailbox(first);
  const auto head = [](uint8_t byte) { return id_of<wire::ListHead>(byte); };
  ASSERT_EQ(house.code_of(client, wire::DeviceAdd{first.public_key(), head(1), head(2)}), 0);
  const wire::Reply devices = house.ask(client, wire::DeviceList{});
  ASSERT_NE(std::get_if<wire::Devices>(&devices), nullptr) << "its session is of the device still";
  EXPECT_EQ(std::get<wire::Devices>(devices).keys.size(), 1U);
}

class Recovery : public ::testing::Test {
 protected:
  Recovery() {
    Client& client = house_.connect();
    wire::MailboxOpen open = house_.open_request(client, lost_, house_.new_code());
    open.recovery = wire::RecoveryHash{crypto::sha256(words_.public_key)};
    EXPECT_EQ(house_.code_of(client, open), 0);
    EXPECT_EQ(house_.code_of(client, wire::BackupPut{Bytes{1, 2, 3}}), 0);
  }
  wire::MailboxRecover request(Client& client, const Device& device, const crypto::Ed25519KeyPair& words) {
    wire::MailboxRecover out{lost_.mailbox,
                             device.public_key(),
                             house_.prove_request(client, device).signature,
                             wire::MailboxKey{words.public_key},
                             {}};
    Bytes message = to_bytes(as_bytes(wire::kMailboxRecoveryLabel));
    append(message, client.established->channel_binding);
    append(message, out.mailbox.view());
    append(message, out.key.view());
    out.recovery_signature = to_bytes(words.sign(message));
    return out;
  }
  House house_;
  Device lost_ = house_.new_device();
  crypto::Ed25519KeyPair words_ = crypto::Ed25519KeyPair::generate(house_.random());
};

TEST_F(Recovery, the_key_takes_the_mailbox_over_and_the_lost_device_is_out) {
  Client& thief = house_.prove(lost_);
  const Device fresh = house_.new_device(lost_.mailbox);
  Client& client = house_.connect();
  house_.settle();
  ASSERT_EQ(house_.code_of(client, request(client, fresh, words_)), 0);
  EXPECT_TRUE(thief.closed.has_value());
  const wire::Reply devices = house_.ask(client, wire::DeviceList{});
  EXPECT_EQ(std::get<wire::Devices>(devices).keys, std::vector{fresh.public_key()});
  EXPECT_EQ(std::get<wire::Backup>(house_.ask(client, wire::BackupGet{})).bytes, (Bytes{1, 2, 3}));
  Client& late = house_.connect();
  EXPECT_EQ(house_.code_of(late, house_.prove_request(late, lost_)), wire::kNoSuchMailbox.number);
  Client& again = house_.connect();
  house_.settle();
  EXPECT_EQ(house_.code_of(again, request(again, fresh, words_)), 0) << "repeated";
}

TEST_F(Recovery, another_key_or_another_session_opens_nothing) {
  const Device fresh = house_.new_device(lost_.mailbox);
  const auto other = crypto::Ed25519KeyPair::generate(house_.random());
  Client& a = house_.connect();
  house_.settle();
  const auto good = request(a, fresh, words_);
  EXPECT_EQ(house_.code_of(a, request(a, fresh, other)), wire::kProofRefused.number);
  Client& b = house_.connect();
  house_.settle();
  EXPECT_EQ(house_.code_of(b, good), wire::kProofRefused.number) << "signed over another session";
}

TEST_F(Recovery, a_mailbox_without_a_recovery_key_is_taken_over_by_nobody) {
  const Device plain = house_.new_device();
  house_.open_mailbox(plain);
  const Device fresh = house_.new_device(plain.mailbox);
  Client& client = house_.connect();
  house_.settle();
  wire::MailboxRecover ask = request(client, fresh, words_);
  ask.mailbox = plain.mailbox;
  EXPECT_EQ(house_.code_of(client, ask), wire::kProofRefused.number);
}

}  // namespace
}  // namespace godwit::home
