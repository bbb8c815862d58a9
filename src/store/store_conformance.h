#pragma once
// What every home's store must do, as gtest cases; a program instantiates them for the stores it links.
//
// Include it in one source of a test program, and INSTANTIATE_TEST_SUITE_P(<name>, HomeStoreConformance, ...).

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "store/home_store.h"
#include "store/store_testing.h"

namespace godwit::store {

/// A store under test, with the disk below it.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  /// The store as it is open now; valid until reopen().
  virtual HomeStore& store() = 0;
  /// Closes the store and opens another on the same disk.
  virtual void reopen() = 0;
};

/// Makes one kind of store, empty.
struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
};

/// What gtest calls the cases of one kind.
inline std::string store_kind_name(const testing::TestParamInfo<StoreKind>& kind) { return kind.param.name; }

/// The cases; each starts with an empty store.
class HomeStoreConformance : public testing::TestWithParam<StoreKind> {
 protected:
  HomeStore& store() { return under_test_->store(); }
  void reopen() { under_test_->reopen(); }

  void put(std::string_view key, std::string_view value) { run_as<Stored>(store(), Put{b(key), b(value)}); }
  std::optional<Bytes> get(std::string_view key) { return run_as<Found>(store(), Get{b(key)}).value; }
  Appended append(Append append) { return run_as<Appended>(store(), std::move(append)); }
  /// The items of `queue` after `after` as text, each with its sequence in front.
  std::vector<std::string> read(std::string_view queue, uint64_t after = 0, Instant now = kTestNow) {
    std::vector<std::string> out;
    for (const QueueItem& item : run_as<QueueItems>(store(), ReadQueue{b(queue), after, 1 << 20, now}).items) {
      out.push_back(std::to_string(item.sequence) + std::string(as_text(item.item)));
    }
    return out;
  }
  std::vector<std::string> scan(std::string_view prefix, std::string_view after, uint32_t count_max, bool& more) {
    std::vector<std::string> out;
    Scanned scanned = run_as<Scanned>(store(), Scan{b(prefix), b(after), count_max});
    for (const auto& [key, value] : scanned.records) out.emplace_back(as_text(key));
    more = scanned.more;
    return out;
  }

  std::unique_ptr<StoreUnderTest> under_test_ = GetParam().make();
};

using Texts = std::vector<std::string>;

// ---- records --------------------------------------------------------------------------------------------------------

TEST_P(HomeStoreConformance, a_record_is_found_as_it_was_put_and_gone_once_erased) {
  EXPECT_EQ(get("k"), std::nullopt);
  put("k", "one");
  put("k", "two");
  EXPECT_EQ(get("k"), b("two"));
  reopen();
  EXPECT_EQ(get("k"), b("two"));
  run_as<Stored>(store(), Erase{b("k")});
  run_as<Stored>(store(), Erase{b("k")});
  EXPECT_EQ(get("k"), std::nullopt);
  reopen();
  EXPECT_EQ(get("k"), std::nullopt);
}

TEST_P(HomeStoreConformance, keys_and_values_may_be_empty_or_any_bytes) {
  run_as<Stored>(store(), Put{{}, {}});
  EXPECT_EQ(run_as<Found>(store(), Get{{}}).value, Bytes{});
  const Bytes key(300, 0xff);
  const Bytes value(200'000, 0);
  run_as<Stored>(store(), Put{key, value});
  EXPECT_EQ(run_as<Found>(store(), Get{key}).value, value);
  const auto all = run_as<Scanned>(store(), Scan{{}, {}, 10});
  ASSERT_EQ(all.records.size(), 2U);
  EXPECT_EQ(all.records[1].first, key);
}

TEST_P(HomeStoreConformance, compare_and_swap_writes_only_over_what_was_expected) {
  auto swap = [&](std::optional<Bytes> expected, std::optional<Bytes> value) {
    return run_as<Swapped>(store(), CompareAndSwap{b("k"), std::move(expected), std::move(value)});
  };
  Swapped result = swap(b("x"), b("one"));
  EXPECT_FALSE(result.swapped);
  EXPECT_EQ(result.found, std::nullopt);
  EXPECT_TRUE(swap(std::nullopt, b("one")).swapped);
  result = swap(std::nullopt, b("two"));
  EXPECT_FALSE(result.swapped);
  EXPECT_EQ(result.found, b("one"));
  EXPECT_TRUE(swap(b("one"), b("two")).swapped);
  EXPECT_EQ(get("k"), b("two"));
  EXPECT_TRUE(swap(b("two"), std::nullopt).swapped);
  EXPECT_EQ(get("k"), std::nullopt);
  EXPECT_TRUE(swap(std::nullopt, std::nullopt).swapped);
}

TEST_P(HomeStoreConformance, of_swaps_racing_on_one_value_exactly_one_wins) {
  size_t won = 0;
  size_t answered = 0;
  for (int i = 0; i < 50; ++i) {
    store().submit(CompareAndSwap{b("race"), std::nullopt, b(std::to_string(i))}, [&](Result<Outcome> outcome) {
      ++answered;
      won += outcome.has_value() && std::get<Swapped>(*outcome).swapped ? 1U : 0U;
    });
  }
  poll_until(store(), [&] { return answered == 50; });
  EXPECT_EQ(won, 1U);
  EXPECT_EQ(get("race"), b("0"));
}

TEST_P(HomeStoreConformance, a_scan_pages_through_a_prefix_in_key_order) {
  for (const char* key : {"b2", "a", "b", "b1", "c", "b3"}) put(key, "v");
  bool more = false;
  EXPECT_EQ(scan("b", "", 2, more), (Texts{"b", "b1"}));
  EXPECT_TRUE(more);
  EXPECT_EQ(scan("b", "b1", 2, more), (Texts{"b2", "b3"}));
  EXPECT_FALSE(more);
  EXPECT_EQ(scan("b", "b3", 2, more), Texts{});
  EXPECT_FALSE(more);
  EXPECT_EQ(scan("b", "zzz", 2, more), Texts{});
  EXPECT_EQ(scan("b", "a", 9, more), (Texts{"b", "b1", "b2", "b3"}));
  EXPECT_EQ(scan("", "b3", 9, more), Texts{"c"});
  EXPECT_EQ(scan("b", "", 0, more), Texts{});
  EXPECT_TRUE(more);
}

TEST_P(HomeStoreConformance, a_scan_never_shows_queues) {
  append(append_of("q", 1, "item"));
  bool more = true;
  EXPECT_EQ(scan("", "", 10, more), Texts{});
  EXPECT_FALSE(more);
}

// ---- queues ---------------------------------------------------------------------------------------------------------

TEST_P(HomeStoreConformance, items_are_read_in_the_order_of_their_appends) {
  for (uint64_t i = 1; i <= 300; ++i) EXPECT_EQ(append(append_of("q", i, "x")).sequence, i);
  reopen();
  const auto all = run_as<QueueItems>(store(), ReadQueue{b("q"), 0, 1 << 20, kTestNow});
  ASSERT_EQ(all.items.size(), 300U);
  for (size_t i = 0; i < 300; ++i) EXPECT_EQ(all.items[i].sequence, i + 1);
  EXPECT_EQ(read("q", 298), (Texts{"299x", "300x"}));
  EXPECT_EQ(read("q", 300), Texts{});
  EXPECT_EQ(read("q", UINT64_MAX), Texts{});
}

TEST_P(HomeStoreConformance, a_read_stops_at_its_bytes_but_gives_at_least_one_item) {
  for (uint64_t i = 1; i <= 3; ++i) append(append_of("q", i, "12345"));
  auto read_bytes = [&](uint32_t bytes_max, uint64_t after = 0) {
    return run_as<QueueItems>(store(), ReadQueue{b("q"), after, bytes_max, kTestNow});
  };
  EXPECT_EQ(read_bytes(0).items.size(), 1U);
  EXPECT_TRUE(read_bytes(0).more);
  EXPECT_EQ(read_bytes(10).items.size(), 2U);
  EXPECT_TRUE(read_bytes(10).more);
  EXPECT_EQ(read_bytes(15).items.size(), 3U);
  EXPECT_FALSE(read_bytes(15).more);
  EXPECT_FALSE(read_bytes(0, 2).more);
}

TEST_P(HomeStoreConformance, append_of_a_known_id_is_a_duplicate) {
  EXPECT_FALSE(append(append_of("q", 1, "a")).duplicate);
  EXPECT_FALSE(append(append_of("q", 2, "b")).duplicate);
  const Appended again = append(append_of("q", 1, "other"));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.sequence, 0U) << "which one it was is not kept";
  EXPECT_FALSE(append(append_of("r", 1, "a")).duplicate);
  EXPECT_EQ(read("q"), (Texts{"1a", "2b"}));
}

TEST_P(HomeStoreConformance, append_of_a_known_id_is_a_duplicate_after_trim_and_reopen) {
  append(append_of("q", 1, "a"));
  run_as<Stored>(store(), TrimQueue{b("q"), 1});
  EXPECT_TRUE(append(append_of("q", 1, "a")).duplicate);
  reopen();
  const Appended again = append(append_of("q", 1, "a"));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.sequence, 0U) << "which one it was is not kept";
  EXPECT_EQ(read("q"), Texts{});
}

TEST_P(HomeStoreConformance, an_id_is_forgotten_when_its_time_has_passed_and_not_before) {
  append(append_of("q", 1, "a"));
  const Instant until = append_of("q", 1, "a").remember_until;
  EXPECT_TRUE(append(append_of("q", 1, "b", until - minutes(1))).duplicate);
  const Appended again = append(append_of("q", 1, "c", until));
  EXPECT_FALSE(again.duplicate);
  EXPECT_EQ(again.sequence, 2U);
  // The second remembrance outlives the sweep of the first.
  append(append_of("other", 9, "x", until + days(1)));
  reopen();
  EXPECT_TRUE(append(append_of("q", 1, "d", until + days(2))).duplicate);
}

TEST_P(HomeStoreConformance, an_expired_item_is_left_out_at_once) {
  append(append_of("q", 1, "old"));
  append(append_of("q", 2, "new", kTestNow + hours(1)));
  const Instant expires = kTestNow + days(30);
  EXPECT_EQ(read("q", 0, expires - milliseconds(1)), (Texts{"1old", "2new"}));
  EXPECT_EQ(read("q", 0, expires), Texts{"2new"});
  reopen();
  EXPECT_EQ(read("q", 0, expires), Texts{"2new"});
}

TEST_P(HomeStoreConformance, what_never_expires_stays) {
  append({b("q"), append_id(1), b("item"), kNever, kNever, kTestNow});
  EXPECT_EQ(read("q", 0, kTestNow + days(100'000)), Texts{"1item"});
  EXPECT_TRUE(append({b("q"), append_id(1), b("item"), kNever, kNever, kTestNow + days(100'000)}).duplicate);
}

TEST_P(HomeStoreConformance, sequences_go_on_after_trim_and_reopen) {
  for (uint64_t i = 1; i <= 3; ++i) append(append_of("q", i, "x"));
  run_as<Stored>(store(), TrimQueue{b("q"), 2});
  EXPECT_EQ(read("q"), Texts{"3x"});
  run_as<Stored>(store(), TrimQueue{b("q"), UINT64_MAX});
  EXPECT_EQ(read("q"), Texts{});
  reopen();
  EXPECT_EQ(append(append_of("q", 4, "y")).sequence, 4U);
  EXPECT_EQ(read("q"), Texts{"4y"});
}

TEST_P(HomeStoreConformance, a_trim_of_what_is_not_there_is_fine) {
  run_as<Stored>(store(), TrimQueue{b("q"), 7});
  run_as<Stored>(store(), DropQueue{b("q")});
  EXPECT_EQ(append(append_of("q", 1, "x")).sequence, 1U);
}

TEST_P(HomeStoreConformance, a_dropped_queue_is_as_if_it_had_never_been) {
  append(append_of("q", 1, "x"));
  append(append_of("q", 2, "y"));
  append(append_of("qq", 1, "z"));
  run_as<Stored>(store(), DropQueue{b("q")});
  EXPECT_EQ(read("q"), Texts{});
  reopen();
  const Appended again = append(append_of("q", 2, "again"));
  EXPECT_FALSE(again.duplicate);
  EXPECT_EQ(again.sequence, 1U);
  EXPECT_EQ(read("qq"), Texts{"1z"});
}

TEST_P(HomeStoreConformance, a_large_queue_is_dropped_a_bounded_number_of_records_at_a_time) {
  constexpr uint64_t kIds = 20'000;
  size_t answered = 0;
  for (uint64_t i = 1; i <= kIds; ++i) {
    store().submit(append_of("q", i, "x"), [&](Result<Outcome> outcome) { answered += outcome.has_value() ? 1U : 0U; });
    if (i % 5'000 == 0) poll_until(store(), [&] { return answered == i; });
  }
  const uint64_t trimmed = 2 * kRemoveCountMax;
  EXPECT_TRUE(run_as<Stored>(store(), TrimQueue{b("q"), trimmed}).more);
  EXPECT_EQ(run_as<QueueItems>(store(), ReadQueue{b("q"), 0, 1, kTestNow}).items.at(0).sequence, kRemoveCountMax + 1);
  EXPECT_FALSE(run_as<Stored>(store(), TrimQueue{b("q"), trimmed}).more);
  size_t batches = 1;
  for (; run_as<Stored>(store(), DropQueue{b("q")}).more; ++batches) {
    if (batches == 4) reopen();  // half-way: what is left is dropped later
  }
  EXPECT_EQ(batches, (2 * kIds - trimmed + kRemoveCountMax - 1) / kRemoveCountMax);
  const Appended again = append(append_of("q", kIds, "again"));
  EXPECT_FALSE(again.duplicate);
  EXPECT_EQ(again.sequence, 1U);
}

TEST_P(HomeStoreConformance, queues_do_not_touch_each_other) {
  const Texts names = {"", "a", "ab", std::string("a\0", 2), "\xff\xff", "b"};
  for (const std::string& name : names) append(append_of(name, 1, name));
  run_as<Stored>(store(), DropQueue{b("a")});
  run_as<Stored>(store(), TrimQueue{b(""), 9});
  EXPECT_EQ(read(""), Texts{});
  EXPECT_EQ(read("a"), Texts{});
  for (size_t i = 2; i < names.size(); ++i) EXPECT_EQ(read(names[i]), Texts{"1" + names[i]});
}

// ---- everything -----------------------------------------------------------------------------------------------------

TEST_P(HomeStoreConformance, a_survey_shows_every_entry_once_however_it_is_cut) {
  put("k", "value");
  append(append_of("q", 1, "item"));
  run_as<Stored>(store(), TrimQueue{b("q"), 1});
  append(append_of("q", 2, std::string(100, 'x')));  // with which the trim is durable too
  reopen();
  for (const uint32_t bytes_max : {0U, 90U, 1U << 20}) {
    std::map<EntryKind, size_t> kinds;
    Bytes after;
    while (true) {
      const auto piece = run_as<Surveyed>(store(), Survey{after, bytes_max});
      if (piece.next.empty()) break;
      after = piece.next;
      for (const Entry& entry : piece.entries) {
        ++kinds[entry.kind];
        EXPECT_TRUE(entry.sound);
        if (entry.kind == EntryKind::kFormat) continue;
        EXPECT_EQ(entry.key, b(entry.kind == EntryKind::kRecord ? "k" : "q"));
        if (entry.kind == EntryKind::kRecord) {
          EXPECT_EQ(entry.value, b("value"));
          EXPECT_EQ(entry.bytes, 7U);
        }
        if (entry.kind == EntryKind::kItem) {
          EXPECT_EQ(entry.value, b(std::string(100, 'x')));
        }
      }
    }
    kinds.erase(EntryKind::kFormat);  // only on a disk
    const std::map<EntryKind, size_t> expected = {{EntryKind::kRecord, 1},
                                                  {EntryKind::kItem, 1},
                                                  {EntryKind::kRememberedId, 2},
                                                  {EntryKind::kCounter, 1},
                                                  {EntryKind::kExpiry, 2}};
    EXPECT_EQ(kinds, expected) << "an id is remembered though its item was trimmed";
  }
}

// ---- order, polling ------------------------------------------------------------------------------------------------

TEST_P(HomeStoreConformance, operations_on_one_key_take_effect_in_the_order_of_submission) {
  Texts seen;
  size_t answered = 0;
  auto note = [&](Result<Outcome> outcome) {
    ++answered;
    const auto& value = std::get<Found>(*outcome).value;
    seen.emplace_back(value ? as_text(*value) : "-");
  };
  auto ignore = [&](Result<Outcome>) { ++answered; };
  store().submit(Get{b("k")}, note);
  store().submit(Put{b("k"), b("1")}, ignore);
  store().submit(Get{b("k")}, note);
  store().submit(CompareAndSwap{b("k"), b("1"), b("2")}, ignore);
  store().submit(Get{b("k")}, note);
  store().submit(Erase{b("k")}, ignore);
  store().submit(Get{b("k")}, note);
  poll_until(store(), [&] { return answered == 7; });
  std::sort(seen.begin(), seen.end());  // outcomes may come in any order
  EXPECT_EQ(seen, (Texts{"-", "-", "1", "2"}));
}

TEST_P(HomeStoreConformance, a_read_sees_what_was_submitted_before_it_and_nothing_after) {
  size_t answered = 0;
  for (uint64_t i = 1; i <= 100; ++i) {
    const std::string key = "p" + std::to_string(i % 3);
    store().submit(Put{b(key), b(std::to_string(i))}, [&](Result<Outcome>) { ++answered; });
    store().submit(append_of("q", i, "x"), [&](Result<Outcome>) { ++answered; });
    store().submit(Get{b(key)}, [&, i](Result<Outcome> outcome) {
      ++answered;
      EXPECT_EQ(std::get<Found>(*outcome).value, b(std::to_string(i)));
    });
    store().submit(Scan{b("p"), {}, 10}, [&, i, key](Result<Outcome> outcome) {
      ++answered;
      for (const auto& [name, value] : std::get<Scanned>(*outcome).records) {
        EXPECT_TRUE(name != b(key) || value == b(std::to_string(i)));
      }
    });
    store().submit(ReadQueue{b("q"), 0, 1 << 20, kTestNow}, [&, i](Result<Outcome> outcome) {
      ++answered;
      EXPECT_EQ(std::get<QueueItems>(*outcome).items.size(), i);
    });
    if (i % 7 == 0) store().poll();
  }
  poll_until(store(), [&] { return answered == 500; });
}

TEST_P(HomeStoreConformance, an_outcome_never_comes_from_inside_submit) {
  bool inside = false;
  size_t answered = 0;
  for (int i = 0; i < 20; ++i) {
    inside = true;
    store().submit(Put{b("k"), b("v")}, [&](Result<Outcome>) {
      EXPECT_FALSE(inside);
      ++answered;
      store().submit(Get{b("k")}, [&](Result<Outcome>) { ++answered; });
    });
    inside = false;
  }
  poll_until(store(), [&] { return answered == 40; });
  EXPECT_EQ(store().poll(), 0U);
}

TEST_P(HomeStoreConformance, the_wake_comes_before_poll_finds_something) {
  auto woken = std::make_shared<std::atomic<int>>(0);
  store().on_ready([woken] { ++*woken; });
  size_t answered = 0;
  for (int i = 0; i < 10; ++i) {
    store().submit(Put{b("k"), b("v")}, [&](Result<Outcome>) { ++answered; });
    poll_until(store(), [&] { return answered == static_cast<size_t>(i) + 1; });
    EXPECT_GE(*woken, i + 1);
  }
  store().on_ready({});
}

}  // namespace godwit::store
