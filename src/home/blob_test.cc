// Files at the home: who may store, in which order, how long, and what is left after a crash.

#include <gtest/gtest.h>

#include "home/audit.h"
#include "home/blob_grant.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::Device;
using testing::House;
using testing::test_options;

struct BlobTest : ::testing::Test {
  BlobTest() : device(house.new_device()), owner(&house.open_mailbox(device)), nobody(&house.connect()) {
    blob = house.random_id<wire::BlobId>();
  }
  Bytes grant(uint32_t chunks) {
    const auto reply = house.ask(*owner, wire::BlobGrant{chunks});
    const auto* granted = std::get_if<wire::BlobGranted>(&reply);
    return granted == nullptr ? Bytes{} : granted->grant;
  }
  static Bytes chunk(uint32_t index, uint32_t chunks, uint8_t salt = 0) {
    Bytes bytes(index + 1 == chunks ? 1'000 : wire::kBlobChunkSize, salt);
    bytes[0] = static_cast<uint8_t>(index);
    return bytes;
  }
  wire::BlobPut put(uint32_t index, uint32_t chunks, Bytes by, uint8_t salt = 0) {
    return {blob, chunks, index, std::move(by), chunk(index, chunks, salt)};
  }
  // How many chunks stand after a put; the code of a refusal + 100,000.
  uint32_t stored(const wire::Request& request) {
    const auto reply = house.ask(*nobody, request);
    if (const auto* state = std::get_if<wire::BlobState>(&reply)) return state->stored;
    if (const auto* refused = std::get_if<wire::Refused>(&reply)) return 100'000U + refused->code;
    return 99'999;
  }
  static uint32_t refused(ErrorCode code) { return 100'000U + code.number; }
  Bytes get(uint32_t index) {
    const auto reply = house.ask(*nobody, wire::BlobGet{blob, index});
    const auto* found = std::get_if<wire::BlobChunk>(&reply);
    return found == nullptr ? Bytes{} : found->bytes;
  }
  void reconnect() {
    owner = &house.prove(device);
    nobody = &house.connect();
  }
  void restart(Options options = test_options()) {
    house.restart(options);
    reconnect();
  }
  AuditReport audit() {
    Audit audit(house.store(), std::nullopt);
    while (!audit.done()) house.store().poll();
    return *audit.report();
  }
  void put_all(uint32_t chunks) {
    const Bytes by = grant(chunks);
    for (uint32_t i = 0; i < chunks; ++i) ASSERT_EQ(stored(put(i, chunks, by)), i + 1);
  }

  House house;
  Device device;
  Client* owner;
  Client* nobody;
  wire::BlobId blob;
};

TEST_F(BlobTest, what_is_stored_is_read_by_whoever_has_the_id) {
  put_all(3);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(get(i), chunk(i, 3));
  EXPECT_EQ(house.code_of(*nobody, wire::BlobGet{blob, 3}), wire::kNoSuchBlob.number);
  EXPECT_EQ(house.code_of(*nobody, wire::BlobGet{house.random_id<wire::BlobId>(), 0}), wire::kNoSuchBlob.number);
  EXPECT_FALSE(house.disk().holds(blob.view())) << "a seized disk does not give the right to read";
}

TEST_F(BlobTest, what_the_operator_takes_away_is_not_stored_again) {
  put_all(3);
  const Bytes by = grant(3);
  const auto removal = std::make_shared<Removal>(Removal{blob, {}});
  house.home().remove(removal, house.now());
  house.settle();
  ASSERT_TRUE(removal->outcome && removal->outcome->has_value());
  EXPECT_EQ(get(0), Bytes{});
  EXPECT_EQ(stored(put(0, 3, by)), refused(wire::kNoSuchBlob));
  for (int i = 0; i < 60; ++i) house.advance(minutes(1));
  EXPECT_FALSE(house.disk().holds(chunk(1, 3))) << "the sweep removes the chunks";
  reconnect();
  EXPECT_EQ(stored(put(0, 3, grant(3))), refused(wire::kNoSuchBlob));
  house.advance(days(100));
  restart();
  EXPECT_EQ(stored(put(0, 3, grant(3))), refused(wire::kNoSuchBlob));
}

TEST_F(BlobTest, a_grant_is_asked_for_by_a_mailbox_and_everything_else_by_nobody) {
  EXPECT_EQ(house.code_of(*nobody, wire::BlobGrant{1}), wire::kWrongSessionKind.number);
  EXPECT_EQ(house.code_of(*owner, put(0, 1, grant(1))), wire::kWrongSessionKind.number);
  EXPECT_EQ(house.code_of(*owner, wire::BlobGet{blob, 0}), wire::kWrongSessionKind.number);
}

TEST_F(BlobTest, a_forged_or_foreign_grant_is_refused) {
  const Bytes good = grant(1);
  for (size_t at = 0; at < good.size(); ++at) {
    Bytes forged = good;
    forged[at] ^= 1;
    EXPECT_EQ(stored(put(0, 1, forged)), refused(wire::kBlobRefused)) << at;
  }
  EXPECT_EQ(stored(put(0, 1, {})), refused(wire::kBlobRefused));
  EXPECT_EQ(stored(put(0, 2, good)), refused(wire::kBlobRefused)) << "it is for one chunk";
  const auto other_key = crypto::Secret<32>::random(house.random());
  const Bytes foreign = make_grant(other_key, 1, house.now().day() + 1, house.random());
  EXPECT_EQ(stored(put(0, 1, foreign)), refused(wire::kBlobRefused));
  EXPECT_EQ(stored(put(0, 1, good)), 1U);
}

TEST_F(BlobTest, a_grant_is_good_for_its_days_and_no_longer) {
  const Bytes late = grant(1);
  house.advance(days(kGrantDays + 1));
  reconnect();
  EXPECT_EQ(stored(put(0, 1, late)), refused(wire::kBlobRefused));
}

TEST_F(BlobTest, a_grant_that_was_good_for_earlier_chunks_expires_all_the_same) {
  const Bytes by = grant(40);
  for (uint32_t i = 0; i < 20; ++i) ASSERT_EQ(stored(put(i, 40, by)), i + 1);
  house.advance(days(kGrantDays + 1));
  reconnect();
  EXPECT_EQ(stored(put(20, 40, by)), refused(wire::kBlobRefused));
  EXPECT_EQ(stored(put(20, 40, grant(40))), 21U);
}

TEST_F(BlobTest, after_a_restart_a_grant_has_to_be_shown_again) {
  const Bytes by = grant(2);
  ASSERT_EQ(stored(put(0, 2, by)), 1U);
  restart();
  EXPECT_EQ(stored(put(1, 2, {})), refused(wire::kBlobRefused));
  EXPECT_EQ(std::get<wire::BlobState>(house.ask(*nobody, wire::BlobLook{blob})).stored, 1U);
  EXPECT_EQ(stored(put(1, 2, {})), refused(wire::kBlobRefused)) << "also when somebody has looked at it";
  EXPECT_EQ(stored(put(1, 2, by)), 2U);
}

TEST_F(BlobTest, a_grant_is_for_one_blob_also_after_a_restart) {
  const Bytes by = grant(1);
  ASSERT_EQ(stored(put(0, 1, by)), 1U);
  restart();
  const wire::BlobId first = blob;
  blob = house.random_id<wire::BlobId>();
  EXPECT_EQ(stored(put(0, 1, by)), refused(wire::kBlobRefused));
  blob = first;
  EXPECT_EQ(stored(put(0, 1, by)), 1U) << "the same again is fine";
}

TEST_F(BlobTest, the_same_chunk_again_is_done_and_another_one_in_its_place_is_not) {
  const Bytes by = grant(2);
  ASSERT_EQ(stored(put(0, 2, by)), 1U);
  EXPECT_EQ(stored(put(0, 2, by)), 1U);
  EXPECT_EQ(stored(put(0, 2, by, 7)), refused(wire::kIdTaken));
  EXPECT_EQ(get(0), chunk(0, 2));
  const Bytes larger = grant(3);
  EXPECT_EQ(stored(put(1, 3, larger)), refused(wire::kIdTaken)) << "a blob keeps its size";
}

TEST_F(BlobTest, chunks_come_in_order_but_for_a_few) {
  const Bytes by = grant(40);
  EXPECT_EQ(stored(put(2, 40, by)), 0U);
  EXPECT_EQ(stored(put(1, 40, by)), 0U);
  EXPECT_EQ(stored(put(20, 40, by)), 0U) << "too far ahead: not stored";
  EXPECT_TRUE(get(20).empty());
  EXPECT_EQ(stored(put(0, 40, by)), 3U);
  restart();
  const auto look = std::get<wire::BlobState>(house.ask(*nobody, wire::BlobLook{blob}));
  EXPECT_EQ(look.chunks, 40U);
  EXPECT_EQ(look.stored, 3U);
}

TEST_F(BlobTest, what_had_overtaken_others_before_a_restart_counts_after_it) {
  const Bytes by = grant(9);
  for (const uint32_t i : {0U, 1U, 3U, 4U, 6U}) stored(put(i, 9, by));
  restart();
  EXPECT_EQ(std::get<wire::BlobState>(house.ask(*nobody, wire::BlobLook{blob})).stored, 2U);
  EXPECT_EQ(stored(put(2, 9, by)), 5U);
  EXPECT_EQ(stored(put(5, 9, by)), 7U);
  EXPECT_EQ(stored(put(7, 9, by)), 8U);
  EXPECT_EQ(stored(put(8, 9, by)), 9U);
}

TEST_F(BlobTest, chunks_of_the_wrong_size_are_malformed) {
  const Bytes by = grant(2);
  auto request = put(0, 2, by);
  request.bytes.pop_back();
  EXPECT_EQ(stored(request), refused(wire::kMalformed));
  request = put(1, 2, by);
  request.bytes.clear();
  EXPECT_EQ(stored(request), refused(wire::kMalformed));
  request = put(1, 2, by);
  request.index = 2;
  EXPECT_EQ(stored(request), refused(wire::kMalformed));
}

TEST_F(BlobTest, a_mailbox_is_granted_so_much_a_day) {
  Options options = test_options();
  options.limits.grants_day_bytes_max = 4 * wire::kBlobChunkSize;
  restart(options);
  EXPECT_EQ(grant(3).size(), kGrantSize);
  EXPECT_EQ(house.code_of(*owner, wire::BlobGrant{2}), wire::kQuotaFull.number);
  EXPECT_EQ(grant(1).size(), kGrantSize);
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, wire::BlobGrant{4}), 0) << "each has its own";
  house.advance(days(1));
  reconnect();
  EXPECT_EQ(grant(4).size(), kGrantSize);
}

TEST_F(BlobTest, the_home_holds_so_much_and_room_comes_back) {
  Options options = test_options();
  options.limits.blobs_bytes_max = 5 * wire::kBlobChunkSize;
  restart(options);
  put_all(3);
  const wire::BlobId first = blob;
  blob = house.random_id<wire::BlobId>();
  const Bytes by = grant(3);
  EXPECT_EQ(stored(put(0, 3, by)), refused(wire::kQuotaFull)) << "a blob counts whole when it is begun";
  restart(options);
  EXPECT_EQ(stored(put(0, 3, by)), refused(wire::kQuotaFull)) << "and is counted after a restart";
  house.advance(days(kBlobDays + 1) + hours(1));
  reconnect();
  EXPECT_EQ(stored(put(0, 3, grant(3))), 1U);
  blob = first;
  EXPECT_TRUE(get(0).empty());
}

TEST_F(BlobTest, a_whole_blob_lives_for_30_days_and_an_unfinished_one_for_2) {
  put_all(2);
  const wire::BlobId whole = blob;
  blob = house.random_id<wire::BlobId>();
  ASSERT_EQ(stored(put(0, 40, grant(40))), 1U);
  const wire::BlobId begun = blob;
  house.advance(days(3) + hours(1));
  reconnect();
  EXPECT_TRUE(get(0).empty());
  EXPECT_EQ(std::get<wire::BlobState>(house.ask(*nobody, wire::BlobLook{begun})).chunks, 0U);
  blob = whole;
  house.advance(days(26));
  reconnect();
  EXPECT_EQ(get(1), chunk(1, 2));
  house.advance(days(3) + hours(1));
  reconnect();
  EXPECT_TRUE(get(1).empty());
  const auto left = audit();
  EXPECT_FALSE(left.kinds.contains('b'));
  EXPECT_FALSE(left.kinds.contains('d')) << "nothing of them is left";
  EXPECT_FALSE(left.kinds.contains('n'));
}

TEST_F(BlobTest, the_same_chunk_again_does_not_keep_an_unfinished_blob) {
  ASSERT_EQ(stored(put(0, 40, grant(40))), 1U);
  for (int day = 0; day < 2; ++day) {
    house.advance(days(1));
    reconnect();
    ASSERT_EQ(stored(put(0, 40, grant(40))), 1U);
  }
  house.advance(days(1) + hours(1));
  reconnect();
  EXPECT_EQ(std::get<wire::BlobState>(house.ask(*nobody, wire::BlobLook{blob})).chunks, 0U);
}

TEST_F(BlobTest, another_grant_extends_a_whole_blob_without_sending_it_again) {
  put_all(2);
  house.advance(days(25));
  reconnect();
  EXPECT_EQ(stored(put(0, 2, grant(2))), 2U);
  house.advance(days(20));
  reconnect();
  EXPECT_EQ(get(0), chunk(0, 2));
}

TEST_F(BlobTest, storing_that_takes_days_keeps_what_is_there) {
  Bytes by = grant(4);
  for (uint32_t i = 0; i < 4; ++i) {
    ASSERT_EQ(stored(put(i, 4, by)), i + 1) << i;
    house.advance(days(1) + hours(20));
    reconnect();
    by = grant(4);
  }
  EXPECT_EQ(get(0), chunk(0, 4));
}

TEST_F(BlobTest, the_audit_knows_every_record) {
  put_all(3);
  const auto report = audit();
  EXPECT_EQ(report.kinds.at('b').records, 1U);
  EXPECT_EQ(report.kinds.at('d').records, 3U);
  EXPECT_EQ(report.kinds.at('n').records, 1U);
  EXPECT_EQ(report.damaged + report.unknown, 0U);
}

// A small request and its answer pass what is large: a person's message does not wait for a file.
TEST_F(BlobTest, many_chunks_on_their_way_do_not_starve_a_message) {
  put_all(30);
  const testing::Address address = house.new_address(*owner);
  std::vector<uint32_t> gets;
  for (uint32_t i = 0; i < 29; ++i) gets.push_back(house.send(*nobody, wire::BlobGet{blob, i}));
  const uint32_t message = house.send(*nobody, house.delivery(address, Bytes(300, 1)));
  const auto finished = [&] {
    size_t count = 0;
    for (const uint32_t stream : gets) count += nobody->replies.contains(stream) ? 1U : 0U;
    return count;
  };
  size_t before = 0;
  for (int round = 0; round < 1'000 && !nobody->replies.contains(message); ++round) {
    before = finished();
    house.settle_once();
  }
  ASSERT_TRUE(nobody->replies.contains(message));
  EXPECT_LT(before, gets.size() / 2) << "the answer came while most chunks were still on their way";
  house.settle();
  EXPECT_EQ(finished(), gets.size());
}

// The power goes at every operation of a blob's storing, at three points of each.
void crash_everywhere(store::CrashPoint point) {
  bool crashed = true;
  uint64_t crash_at = 0;
  for (; crashed; ++crash_at) {
    SCOPED_TRACE(crash_at);
    House house(test_options(), 500 + crash_at);
    const Device device = house.new_device();
    house.open_mailbox(device);
    const auto blob = house.random_id<wire::BlobId>();
    const auto granted = house.ask(house.prove(device), wire::BlobGrant{3});
    const Bytes grant = std::get<wire::BlobGranted>(granted).grant;
    house.restart(test_options(), {.crash_at = crash_at, .crash_point = point});
    crashed = false;
    Client* client = &house.connect();
    for (uint32_t i = 0; i < 3; ++i) {
      const wire::BlobPut put{blob, 3, i, grant, BlobTest::chunk(i, 3)};
      for (int attempt = 0; attempt < 3; ++attempt) {
        const auto reply = client->established ? house.ask(*client, put) : wire::Reply(wire::Refused{1, 0, 0});
        if (const auto* state = std::get_if<wire::BlobState>(&reply)) {
          EXPECT_EQ(state->stored, i + 1);
          break;
        }
        ASSERT_LT(attempt, 2);
        crashed = house.store().crashed() || crashed;
        house.restart(test_options());
        client = &house.connect();
      }
    }
    house.restart(test_options());
    house.advance(days(20));
    client = &house.connect();
    for (uint32_t i = 0; i < 3; ++i) {
      const auto reply = house.ask(*client, wire::BlobGet{blob, i});
      ASSERT_TRUE(std::holds_alternative<wire::BlobChunk>(reply)) << "what was said to be whole lives on";
      EXPECT_EQ(std::get<wire::BlobChunk>(reply).bytes, BlobTest::chunk(i, 3));
    }
  }
  EXPECT_GT(crash_at, 6U);
}

TEST(BlobCrash, before_any_operation_takes_effect) { crash_everywhere(store::CrashPoint::kBeforeApply); }
TEST(BlobCrash, before_any_operation_is_on_the_disk) { crash_everywhere(store::CrashPoint::kBeforeSync); }
TEST(BlobCrash, before_any_operation_is_answered) { crash_everywhere(store::CrashPoint::kBeforeAnswer); }

}  // namespace
}  // namespace godwit::home
