#include "engine/journal.h"

#include <gtest/gtest.h>

#include "base/testing/freed_blocks.h"
#include "codec/members.h"
#include "crypto/random_sources.h"
#include "engine/envelope.h"
#include "engine/records.h"

namespace godwit::engine {
namespace {

struct Number {
  uint32_t value = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.value);
  }
};

class JournalTest : public ::testing::Test {
 protected:
  crypto::SeededRandom random{1};
  StorageKey key = StorageKey::random(random);
  Journal journal{key, random};
  int done = 0;
  void put(uint8_t record, uint32_t value) { journal.put(Bytes{record}, Number{value}); }
  uint32_t value_in(const StoreBatch& batch, uint8_t record) {
    for (const auto& change : batch.changes) {
      if (change.key != Bytes{record} || !change.value) continue;
      return codec::decoded<Number>(open_record(key, change.key, *change.value)->reveal())->value;
    }
    return 0;
  }
};

TEST_F(JournalTest, no_freed_block_holds_a_secret_that_was_put) {
  ByteArray<16> marker;
  random.fill(marker);
  TicketsRecord record;
  for (int i = 0; i < 20; ++i) {
    Bytes secret(40 + static_cast<size_t>(i));
    std::copy(marker.begin(), marker.end(), secret.begin());
    record.tickets.push_back({crypto::SecretBuffer::adopt(std::move(secret))});
  }
  Envelope envelope{EnvelopeKind::kWelcome, {}, to_bytes(marker)};
  godwit::testing::FreedBlocks freed(marker);
  journal.put(Bytes{1}, record);
  static_cast<void>(seal_envelope(envelope, key, {}, random));
  journal.stored(journal.flush()->batch);
  record.tickets.clear();
  EXPECT_EQ(freed.leaks(), 0U);
}

TEST_F(JournalTest, work_waits_until_its_batch_is_stored) {
  put(1, 1);
  journal.then([&] { ++done; });
  const auto batch = journal.flush();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(done, 0);
  journal.stored(batch->batch);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(journal.idle());
}

TEST_F(JournalTest, work_that_waits_for_nothing_is_done_at_the_next_flush) {
  journal.then([&] { ++done; });
  EXPECT_FALSE(journal.flush().has_value());
  EXPECT_EQ(done, 1);
}

TEST_F(JournalTest, one_batch_is_under_way_at_a_time) {
  put(1, 1);
  const auto first = journal.flush();
  put(1, 2);
  journal.then([&] { ++done; });
  EXPECT_FALSE(journal.flush().has_value());
  journal.stored(first->batch);
  EXPECT_EQ(done, 0);
  const auto second = journal.flush();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(value_in(*second, 1), 2U);
  journal.stored(second->batch);
  EXPECT_EQ(done, 1);
}

TEST_F(JournalTest, failed_batch_comes_again_with_what_came_after_it) {
  put(1, 1);
  put(2, 1);
  journal.then([&] { ++done; });
  const auto first = journal.flush();
  put(2, 5);
  journal.failed(first->batch, Instant{0});
  EXPECT_FALSE(journal.flush().has_value());
  EXPECT_EQ(journal.retry_at(), Instant{0} + kStoreRetry);
  journal.expire(journal.retry_at());
  const auto second = journal.flush();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(value_in(*second, 1), 1U);
  EXPECT_EQ(value_in(*second, 2), 5U);
  EXPECT_EQ(done, 0);
  journal.stored(second->batch);
  EXPECT_EQ(done, 1);
}

TEST_F(JournalTest, answer_for_another_batch_is_ignored) {
  put(1, 1);
  const auto batch = journal.flush();
  journal.stored(BatchId{batch->batch.value + 1});
  EXPECT_FALSE(journal.idle());
}

}  // namespace
}  // namespace godwit::engine
