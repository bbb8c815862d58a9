#include "store/log_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/seeded_random_test.h"

namespace godwit::store {
namespace {

Bytes b(std::string_view text) { return to_bytes(as_bytes(text)); }

/// A log as a stream keeps it: messages by sequence, from which any may be removed.
using Log = std::map<uint64_t, std::vector<LogChange>>;

std::map<Bytes, Bytes> all_of(Table& table) {
  std::map<Bytes, Bytes> out;
  EXPECT_TRUE(table.visit(Bytes{}, Bytes(9, 0xff), [&](ByteView key, ByteView value) {
    out.emplace(to_bytes(key), to_bytes(value));
    return true;
  }));
  return out;
}

std::map<Bytes, Bytes> replayed(const Log& log) {
  LogTable table;
  for (const auto& [sequence, changes] : log) table.apply(sequence, changes);
  return all_of(table);
}

// ---- LogBatch -------------------------------------------------------------------------------------------------------

TEST(LogBatch, is_read_as_it_was_written_and_nothing_else_is) {
  Batch batch{BatchKind::kTaken, {}, 7, {{b("key"), b("value")}, {b("gone"), std::nullopt}, {b("empty"), Bytes{}}}};
  batch.writer.value[3] = 9;
  const Bytes bytes = encode_batch(batch);
  size_t size = kBatchHeadSize;
  for (const LogChange& change : batch.changes) size += encoded_size(change);
  EXPECT_EQ(bytes.size(), size);
  const auto read = decode_batch(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(encode_batch(*read), bytes);
  EXPECT_EQ(read->changes.at(1).value, std::nullopt);
  EXPECT_EQ(read->changes.at(2).value, Bytes{});
  for (size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(decode_batch(ByteView(bytes).first(length)));
  for (size_t at : {size_t{0}, size_t{2}, size_t{3}, kBatchHeadSize}) {
    Bytes turned = bytes;
    turned[at] = 0xee;
    EXPECT_FALSE(decode_batch(turned)) << at;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_batch(longer));
  Bytes many = encode_batch({});
  many[kBatchHeadSize - 4] = 0xff;  // says that it has four thousand million changes
  EXPECT_FALSE(decode_batch(many));
}

// ---- LogTable -------------------------------------------------------------------------------------------------------

TEST(LogTable, a_message_is_empty_once_others_have_the_last_word_about_all_of_it) {
  LogTable table;
  table.apply(1, {{b("Ra"), b("1")}, {b("Rb"), b("1")}});
  table.apply(2, {{b("Ra"), b("2")}});
  EXPECT_FALSE(table.is_empty(1));
  table.apply(3, {{b("Rb"), std::nullopt}});
  EXPECT_TRUE(table.is_empty(1));
  EXPECT_FALSE(table.is_empty(3)) << "message 1 still says otherwise";
  EXPECT_EQ(table.bytes(), 3U);
  EXPECT_EQ(table.begin_round(4), std::vector<uint64_t>{1});
  table.removed(1);
  EXPECT_FALSE(table.is_empty(3)) << "message 1 may yet come back";
  EXPECT_EQ(table.begin_round(4), std::vector<uint64_t>{3});
  EXPECT_TRUE(table.is_empty(3));
}

TEST(LogTable, what_is_rewritten_often_is_cleaned_only_when_little_else_is_left) {
  LogTable table;
  table.apply(1, {{b("C1"), b("1")}, {b("C2"), b("1")}, {b("C3"), b("1")}});
  table.apply(2, {{b("C1"), b("2")}});
  EXPECT_TRUE(table.begin_round(2).empty());
  table.apply(3, {{b("C2"), b("2")}});
  EXPECT_EQ(table.begin_round(2), std::vector<uint64_t>{1});
}

TEST(LogTable, a_round_is_wanted_once_more_is_stale_than_needed_and_not_when_it_is_over) {
  LogTable table;
  uint64_t last = 0;
  while (last < 1'000'000 && !table.wants_round()) table.apply(++last, {{b("C"), b("1")}});
  EXPECT_TRUE(table.wants_round());
  EXPECT_LT(last, 1'000'000U);
  for (const uint64_t sequence : table.begin_round(last)) table.removed(sequence);
  EXPECT_FALSE(table.wants_round());
}

// The log is cleaned with what the table says, breaks off anywhere, and is read anew: always the same table.
TEST(LogTable, a_log_that_is_cleaned_and_cut_off_anywhere_says_the_same) {
  SeededRandom random(5);
  Log log;
  LogTable table;
  uint64_t last = 0;
  auto append = [&](std::vector<LogChange> changes) {
    log[++last] = changes;
    table.apply(last, changes);
  };
  size_t removed = 0;
  for (int step = 0; step < 400; ++step) {
    std::map<Bytes, std::optional<Bytes>> changes;
    for (uint64_t i = random.below(4) + 1; i > 0; --i) {
      const Bytes key{static_cast<uint8_t>(random.below(2) == 0 ? 'R' : 'C'), static_cast<uint8_t>(random.below(20))};
      changes[key] = random.below(3) == 0 ? std::nullopt : std::optional(Bytes{static_cast<uint8_t>(random.below(256))});
    }
    std::vector<LogChange> list;
    for (const auto& [key, value] : changes) list.push_back({key, value});
    append(list);
    if (step % 20 != 19) continue;
    for (const uint64_t sequence : table.begin_round(last)) {
      const auto again = table.needed_of(sequence, log.at(sequence));
      EXPECT_EQ(again.empty(), table.is_empty(sequence));
      if (!again.empty()) append(again);
      if (random.below(8) == 0) {
        ASSERT_EQ(replayed(log), all_of(table));
      }
      ++removed;
      table.removed(sequence);
      log.erase(sequence);
      if (random.below(8) == 0) {
        ASSERT_EQ(replayed(log), all_of(table));
      }
      if (random.below(5) == 0) break;
    }
  }
  EXPECT_GT(removed, 50U);
  // Another that reads it cleans it as well.
  LogTable other;
  for (const auto& [sequence, changes] : log) other.apply(sequence, changes);
  EXPECT_EQ(other.bytes(), table.bytes());
}

// ---- OverlayTable ---------------------------------------------------------------------------------------------------

TEST(OverlayTable, shows_what_was_written_on_top_and_leaves_the_other_as_it_is) {
  LogTable below;
  below.apply(1, {{b("b"), b("1")}, {b("d"), b("1")}, {b("f"), b("1")}});
  OverlayTable over(below);
  over.put(b("a"), b("2"));
  over.put(b("d"), b("2"));
  over.put(b("e"), b("2"));
  over.erase(b("f"));
  over.put(b("g"), b("2"));
  over.erase(b("g"));
  using All = std::map<Bytes, Bytes>;
  EXPECT_EQ(all_of(over), (All{{b("a"), b("2")}, {b("b"), b("1")}, {b("d"), b("2")}, {b("e"), b("2")}}));
  EXPECT_EQ(*over.get(b("f")), std::nullopt);
  EXPECT_EQ(*over.get(b("b")), b("1"));
  std::string seen;
  EXPECT_TRUE(over.visit(b("a"), b("z"), [&](ByteView key, ByteView) {
    seen.append(as_text(key));
    return seen.size() < 3;
  }));
  EXPECT_EQ(seen, "abd");
  const size_t size = over.encoded_bytes();
  EXPECT_EQ(encode_batch({BatchKind::kChanges, {}, 0, over.take()}).size(), kBatchHeadSize + size);
  EXPECT_EQ(all_of(over), all_of(below));
}

}  // namespace
}  // namespace godwit::store
