#include "store/nats_store.h"

#include "store/layout.h"
#include "store/log_batch.h"
#include "store/memory_store.h"
#include "store/nats_log.h"
#include "store/nats_proxy_test.h"
#include "store/nats_server_test.h"
#include "store/seeded_random_test.h"
#include "store/store_conformance.h"

namespace godwit::store {
namespace {

constexpr const char* kNoProgram = "no nats-server here: tools/install fetches it";

Result<std::unique_ptr<HomeStore>> try_open(const NatsOptions& options) {
  static SeededRandom random(1);
  return open_nats(options, random);
}
std::unique_ptr<HomeStore> open(const NatsOptions& options) {
  auto opened = try_open(options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().code.name);
  return opened ? std::move(*opened) : nullptr;
}

/// Short times, and everything that is gone is cleaned away at once.
NatsOptions restless(const NatsPlace& place) {
  NatsOptions options;
  options.place = place;
  options.renew_every = milliseconds(300);
  options.lease = seconds(3);
  options.answer_within = seconds(2);
  options.sweep_every = milliseconds(5);
  options.clean_every = milliseconds(5);
  return options;
}

class NatsUnderTest final : public StoreUnderTest {
 public:
  NatsUnderTest() : options_(restless(server_.place())), store_(open(options_)) {}
  HomeStore& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = open(options_);
  }

 private:
  NatsServer server_;
  NatsOptions options_;
  std::unique_ptr<HomeStore> store_;
};

std::vector<StoreKind> kinds() {
  if (nats_program().empty()) return {};
  return {StoreKind{"restless", [] { return std::make_unique<NatsUnderTest>(); }}};
}
INSTANTIATE_TEST_SUITE_P(Nats, HomeStoreConformance, testing::ValuesIn(kinds()), store_kind_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(HomeStoreConformance);

TEST(NatsPlace, is_read_from_what_a_configuration_names) {
  EXPECT_FALSE(names_nats("store"));
  EXPECT_TRUE(names_nats("nats://"));
  const auto place = parse_nats_place("nats://one,two:5222,[::1]:4333/club");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->servers, (std::vector<std::string>{"nats://one:4222", "nats://two:5222", "nats://[::1]:4333"}));
  EXPECT_EQ(place->name, "club");
  EXPECT_EQ(parse_nats_place("nats://one")->name, "godwit");
  for (const char* bad : {"one", "nats://", "nats://a,", "nats://a:b", "nats://a:0", "nats://a:65536", "nats://:1",
                          "nats://user:word@a", "nats://a/", "nats://a/b.c", "nats://a/b/c", "nats://a b"}) {
    EXPECT_FALSE(parse_nats_place(bad)) << bad;
  }
}

class NatsStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (nats_program().empty()) GTEST_SKIP() << kNoProgram;
  }
};

TEST_F(NatsStoreTest, random_operations_have_the_outcomes_of_the_memory_twin) {
  NatsServer server;
  SeededRandom random(11);
  MemoryDisk disk;
  MemoryStore twin(disk);
  NatsOptions options = restless(server.place());
  options.sweep_every = hours(1);  // its clock goes on by itself
  auto store = open(options);
  auto key = [&] { return Bytes(random.below(3), static_cast<uint8_t>(random.below(3))); };
  for (int step = 0; step < 1'500; ++step) {
    const Instant now = kTestNow + milliseconds(step);
    const Instant soon = now + milliseconds(static_cast<int64_t>(random.below(200)));
    const Operation operations[] = {
        Get{key()},
        Put{key(), Bytes(random.below(500), 7)},
        Erase{key()},
        CompareAndSwap{key(), std::nullopt, Bytes{1}},
        Scan{key(), {}, 5},
        Append{key(), append_id(random.below(50)), Bytes(random.below(500), 9), soon, soon + milliseconds(50), now},
        ReadQueue{key(), random.below(20), 2'000, now},
        TrimQueue{key(), random.below(300)},
        DropQueue{key()},
    };
    const Operation& operation = operations[random.below(step % 100 == 0 ? 9 : 8)];
    const Result<Outcome> got = outcome_of(*store, operation);
    const Result<Outcome> expected = outcome_of(twin, operation);
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->index(), expected->index());
    if (const auto* one = std::get_if<Appended>(&*got)) {
      const auto& other = std::get<Appended>(*expected);
      ASSERT_EQ(std::pair(one->sequence, one->duplicate), std::pair(other.sequence, other.duplicate)) << step;
    } else if (const auto* queue = std::get_if<QueueItems>(&*got)) {
      ASSERT_EQ(queue->items.size(), std::get<QueueItems>(*expected).items.size()) << step;
    } else if (const auto* found = std::get_if<Found>(&*got)) {
      ASSERT_EQ(found->value, std::get<Found>(*expected).value) << step;
    } else if (const auto* scanned = std::get_if<Scanned>(&*got)) {
      ASSERT_EQ(scanned->records, std::get<Scanned>(*expected).records) << step;
    }
    if (step % 500 == 499) {
      store.reset();
      store = open(options);
    }
  }
}

// ---- one at a time --------------------------------------------------------------------------------------------------

TEST_F(NatsStoreTest, a_second_home_is_refused_while_the_first_one_lives) {
  NatsServer server;
  const NatsOptions options = restless(server.place());
  auto store = open(options);
  run_as<Stored>(*store, Put{b("k"), b("v")});
  EXPECT_EQ(try_open(options).error().code, kLocked);
  run_as<Stored>(*store, Put{b("k"), b("w")});
  store.reset();
  store = open(options);
  EXPECT_EQ(run_as<Found>(*store, Get{b("k")}).value, b("w"));
}

TEST_F(NatsStoreTest, one_that_was_silent_for_too_long_is_overtaken_and_writes_and_reads_nothing_more) {
  NatsServer server;
  NatsOptions silent = restless(server.place());
  silent.renew_every = hours(1);
  silent.lease = hours(1);  // so that it believes that it still has it
  auto first = open(silent);
  run_as<Stored>(*first, Put{b("k"), b("first")});
  NatsOptions options = restless(server.place());
  auto second = open(options);
  EXPECT_EQ(second->known(Get{b("k")}).value().value, b("first"));
  run_as<Stored>(*second, Put{b("k"), b("second")});
  const auto overtaken = outcome_of(*first, Put{b("k"), b("again")});
  ASSERT_FALSE(overtaken.has_value());
  EXPECT_EQ(overtaken.error().code, kOvertaken);
  EXPECT_EQ(overtaken.error().code.action, Action::kStop);
  EXPECT_EQ(outcome_of(*first, Get{b("k")}).error().code, kOvertaken);
  EXPECT_FALSE(first->known(Get{b("k")})) << "it would be out of date";
  first.reset();
  EXPECT_EQ(run_as<Found>(*second, Get{b("k")}).value, b("second"));
  run_as<Stored>(*second, Put{b("k"), b("third")});
}

TEST_F(NatsStoreTest, one_whose_answer_was_lost_and_that_was_overtaken_since_reads_nothing_out_of_date) {
  NatsServer server;
  NatsProxy proxy(server.place());
  NatsOptions lost = restless(proxy.place());
  lost.renew_every = hours(1);
  lost.clean_every = hours(1);
  lost.answer_within = minutes(5);
  auto first = open(lost);
  NatsOptions options = restless(server.place());
  options.clean_every = hours(1);
  auto log = NatsLog::open(options);
  const uint64_t before = *(*log)->last_sequence();
  proxy.hold(true);
  std::optional<Result<Outcome>> outcome;
  first->submit(Put{b("k"), b("first")}, [&](Result<Outcome> is) { outcome.emplace(std::move(is)); });
  while (*(*log)->last_sequence() == before) std::this_thread::yield();
  auto second = open(options);
  run_as<Stored>(*second, Put{b("k"), b("second")});
  proxy.hold(false);
  poll_until(*first, [&] { return outcome.has_value(); });
  EXPECT_TRUE(outcome->has_value()) << "the other one has it";
  EXPECT_FALSE(first->known(Get{b("k")})) << "it is out of date";
}

TEST_F(NatsStoreTest, a_look_makes_nothing_and_takes_nothing_over) {
  NatsServer server;
  const NatsOptions options = restless(server.place());
  auto look = look_at_nats(options);
  ASSERT_TRUE(look.has_value());
  EXPECT_FALSE(look->has_value()) << "and it was not made";
  EXPECT_FALSE(look_at_nats(options)->has_value());
  auto store = open(options);
  run_as<Stored>(*store, Put{b("k"), b("v")});
  look = look_at_nats(options);
  ASSERT_TRUE(look.has_value() && look->has_value());
  EXPECT_FALSE((*look)->is_released);
  EXPECT_GE((*look)->messages, 2U);
  run_as<Stored>(*store, Put{b("k"), b("w")});
  store.reset();
  EXPECT_TRUE((*look_at_nats(options))->is_released);
}

TEST_F(NatsStoreTest, two_homes_have_two_streams) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  auto one = open(options);
  options.place.name = "other";
  auto other = open(options);
  run_as<Stored>(*one, Put{b("k"), b("v")});
  EXPECT_EQ(run_as<Found>(*other, Get{b("k")}).value, std::nullopt);
}

// ---- servers that go and come ---------------------------------------------------------------------------------------

TEST_F(NatsStoreTest, what_was_answered_is_there_after_the_server_was_killed_and_each_append_once) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  options.answer_within = seconds(20);
  auto store = open(options);
  std::vector<uint64_t> sequences;
  size_t answered = 0;
  constexpr uint64_t kCount = 600;
  for (uint64_t i = 1; i <= kCount; ++i) {
    store->submit(append_of("q", i, std::to_string(i)), [&](Result<Outcome> outcome) {
      ++answered;
      if (outcome) sequences.push_back(std::get<Appended>(*outcome).sequence);
    });
    if (i % 200 == 0) {
      server.stop(SIGKILL);
      server.start();
    }
    if (i % 20 == 0) poll_until(*store, [&] { return answered + 10 >= i; });
  }
  poll_until(*store, [&] { return answered == kCount; });
  store.reset();
  store = open(options);
  const auto kept = run_as<QueueItems>(*store, ReadQueue{b("q"), 0, 1 << 20, kTestNow}).items;
  std::vector<Bytes> items;
  for (const QueueItem& item : kept) items.push_back(item.item);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(std::adjacent_find(items.begin(), items.end()), items.end()) << "an item is there twice";
  EXPECT_EQ(sequences.size(), kCount) << "the server was away for less than answer_within";
  EXPECT_EQ(items.size(), kCount);
}

TEST_F(NatsStoreTest, without_the_server_changes_are_unavailable_and_come_back_with_it) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  options.answer_within = milliseconds(300);
  auto store = open(options);
  run_as<Stored>(*store, Put{b("k"), b("before")});
  server.stop(SIGTERM);
  EXPECT_EQ(outcome_of(*store, Put{b("k"), b("doubtful")}).error().code, kUnavailable);
  EXPECT_EQ(outcome_of(*store, Put{b("k"), b("refused")}).error().code, kUnavailable);
  while (outcome_of(*store, Get{b("k")}).has_value()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(outcome_of(*store, Get{b("k")}).error().code, kUnavailable) << "another home may have taken over";
  server.start();
  while (!outcome_of(*store, Put{b("other"), b("after")})) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(run_as<Found>(*store, Get{b("k")}).value, b("doubtful")) << "the first was in doubt, the second never begun";
}

TEST_F(NatsStoreTest, a_server_that_stands_still_is_waited_for_and_nothing_is_doubled) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  options.answer_within = seconds(30);
  auto store = open(options);
  server.pause(true);
  std::optional<Result<Outcome>> outcome;
  store->submit(append_of("q", 1, "once"), [&](Result<Outcome> is) { outcome.emplace(std::move(is)); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2'500);  // longer than one try
  while (std::chrono::steady_clock::now() < until) store->poll();
  EXPECT_FALSE(outcome.has_value());
  server.pause(false);
  poll_until(*store, [&] { return outcome.has_value(); });
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ(run_as<QueueItems>(*store, ReadQueue{b("q"), 0, 1 << 20, kTestNow}).items.size(), 1U);
}

// ---- what is refused ------------------------------------------------------------------------------------------------

TEST_F(NatsStoreTest, servers_that_are_absent_old_or_unfit_are_named) {
  NatsOptions options;
  options.place = *parse_nats_place("nats://127.0.0.1:1");
  EXPECT_EQ(try_open(options).error().code, kUnavailable);
  {
    NatsServer server(nats_program(), "", /*jet_stream=*/false);
    options.place = server.place();
    EXPECT_EQ(try_open(options).error().code, kUnfitStream);
  }
  {
    NatsServer server(nats_program(), "max_payload: 65536");
    options.place = server.place();
    EXPECT_EQ(try_open(options).error().code, kUnfitStream);
  }
  {
    NatsServer server(nats_program(), "authorization { token: secret }");
    options.place = server.place();
    EXPECT_EQ(try_open(options).error().code, kNoAccess);
  }
  {
    NatsServer server;
    options.place = server.place();
    options.place.servers.resize(3, options.place.servers[0]);
    EXPECT_EQ(try_open(options).error().code, kUnfitStream) << "three names are one server";
  }
}

TEST_F(NatsStoreTest, a_log_that_somebody_else_wrote_is_corrupted) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  options.lease = milliseconds(300);
  open(options);
  {
    auto log = NatsLog::open(options);
    ASSERT_TRUE(log.has_value());
    ASSERT_TRUE((*log)->append(b("nonsense"), *(*log)->last_sequence(), seconds(5)));
  }
  EXPECT_EQ(try_open(options).error().code, kCorrupted);
}

TEST_F(NatsStoreTest, a_log_from_before_is_marked_so_that_a_program_that_knows_less_leaves_it_alone) {
  NatsServer server;
  const NatsOptions options = restless(server.place());
  open(options);
  const auto log = NatsLog::open(options);
  ASSERT_TRUE(log.has_value());
  const auto mark = [&](uint64_t version) {
    const uint64_t last = *(*log)->last_sequence();
    const Batch batch{BatchKind::kReleased, {}, last, {{b(layout::kFormatKey), layout::write_number(version)}}};
    ASSERT_TRUE((*log)->append(encode_batch(batch), last, seconds(5)));
  };
  mark(1);
  auto store = open(options);
  ASSERT_NE(store, nullptr);
  std::optional<uint64_t> version;
  for (const Entry& entry : run_as<Surveyed>(*store, Survey{{}, 1 << 20, true}).entries) {
    if (entry.kind == EntryKind::kFormat) version = layout::read_number(entry.stored_value);
  }
  EXPECT_EQ(version, 2U) << "one that knows 1 would remove counters with an expiry of ids";
  store.reset();
  mark(3);
  EXPECT_EQ(try_open(options).error().code, kNewerVersion);
}

TEST_F(NatsStoreTest, a_stream_that_somebody_emptied_or_deleted_is_no_empty_home) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  open(options);
  auto log = NatsLog::open(options);
  ASSERT_TRUE(log.has_value());
  const uint64_t last = *(*log)->last_sequence();
  for (uint64_t sequence = 1; sequence <= last; ++sequence) EXPECT_TRUE((*log)->remove(sequence));
  EXPECT_EQ(try_open(options).error().code, kCorrupted);
  options.place.name = "deleted";
  options.makes = false;
  EXPECT_EQ(try_open(options).error().code, kUnfitStream);
  EXPECT_FALSE(look_at_nats(options)->has_value()) << "and none was made";
}

TEST_F(NatsStoreTest, a_foreign_message_at_the_end_is_removed_by_hand_and_all_is_well) {
  NatsServer server;
  const NatsOptions options = restless(server.place());
  auto store = open(options);
  run_as<Stored>(*store, Put{b("k"), b("v")});
  store.reset();
  auto log = NatsLog::open(options);
  ASSERT_TRUE(log.has_value());
  const auto foreign = (*log)->append(b("nonsense"), *(*log)->last_sequence(), seconds(5));
  ASSERT_TRUE(foreign.has_value());
  EXPECT_EQ(try_open(options).error().code, kCorrupted);
  ASSERT_TRUE((*log)->remove(*foreign));
  store = open(options);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(run_as<Found>(*store, Get{b("k")}).value, b("v"));
}

TEST_F(NatsStoreTest, a_full_disk_is_cleaned_of_what_is_gone_at_once) {
  NatsServer server(nats_program(), "", /*jet_stream=*/true, "max_file_store: 1MB");
  NatsOptions options = restless(server.place());
  options.sweep_every = options.clean_every = hours(1);
  auto store = open(options);
  Result<Outcome> outcome = Outcome{Stored{}};
  while (outcome) outcome = outcome_of(*store, Put{b("k"), Bytes(100'000, 1)});
  EXPECT_EQ(outcome.error().code, kDiskFull);
  while (!outcome_of(*store, Put{b("k"), b("v")})) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(run_as<Found>(*store, Get{b("k")}).value, b("v"));
}

TEST_F(NatsStoreTest, above_its_memory_it_takes_nothing_more_and_reads_and_removes) {
  NatsServer server;
  NatsOptions options = restless(server.place());
  options.bytes_max = 100'000;  // nats_bytes_max
  auto store = open(options);
  Result<Outcome> outcome = Outcome{Stored{}};
  size_t count = 0;
  for (; outcome && count < 100; ++count) outcome = outcome_of(*store, Put{b("k" + std::to_string(count)), Bytes(9'000, 1)});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, kDiskFull);
  EXPECT_EQ(count, 13U);
  EXPECT_TRUE(run_as<Found>(*store, Get{b("k0")}).value);
  run_as<Stored>(*store, Erase{b("k0")});
  run_as<Stored>(*store, Put{b("k0"), b("small")});
}

// ---- erasing --------------------------------------------------------------------------------------------------------

bool log_holds(const std::string& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::error_code vanished;
    if (entry.is_regular_file(vanished) && contents_of(entry.path()).find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_F(NatsStoreTest, what_is_gone_from_the_answers_goes_from_the_servers_files) {
  NatsServer server;
  auto store = open(restless(server.place()));
  run_as<Appended>(*store, append_of("expired", 1, "marker-of-an-expired-item", kTestNow - days(30)));
  run_as<Appended>(*store, append_of("q", 1, "marker-of-a-trimmed-item"));
  run_as<Appended>(*store, append_of("q", 2, "marker-of-a-kept-item"));
  run_as<Appended>(*store, append_of("dropped", 1, "marker-of-a-dropped-item"));
  run_as<Stored>(*store, Put{b("k"), b("marker-of-an-old-value")});
  run_as<Stored>(*store, Put{b("e"), b("marker-of-an-erased-value")});
  run_as<Stored>(*store, TrimQueue{b("q"), 1});
  run_as<Stored>(*store, DropQueue{b("dropped")});
  run_as<Stored>(*store, Put{b("k"), b("marker-of-a-new-value")});
  run_as<Stored>(*store, Erase{b("e")});
  for (const char* marker : {"marker-of-a-trimmed-item", "marker-of-a-dropped-item", "marker-of-an-expired-item",
                             "marker-of-an-old-value", "marker-of-an-erased-value"}) {
    while (log_holds(server.data(), marker)) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  store.reset();
  for (const char* marker : {"marker-of-a-kept-item", "marker-of-a-new-value"}) {
    EXPECT_TRUE(log_holds(server.data(), marker)) << marker;
  }
}

TEST_F(NatsStoreTest, what_somebody_removed_by_hand_is_said_again_and_keeps_nothing_else_from_going) {
  NatsServer server;
  auto store = open(restless(server.place()));
  auto log = NatsLog::open(restless(server.place()));
  ASSERT_TRUE(log.has_value());
  const uint64_t before = *(*log)->last_sequence();
  run_as<Appended>(*store, append_of("q", 1, "item"));
  const uint64_t after = *(*log)->last_sequence();
  for (uint64_t sequence = before + 1; sequence <= after; ++sequence) ASSERT_TRUE((*log)->remove(sequence));
  run_as<Stored>(*store, Put{b("e"), b("marker-of-an-erased-value")});
  run_as<Stored>(*store, TrimQueue{b("q"), 1});
  run_as<Stored>(*store, Erase{b("e")});
  while (log_holds(server.data(), "marker-of-an-erased-value")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  store.reset();
  store = open(restless(server.place()));
  EXPECT_TRUE(run_as<Appended>(*store, append_of("q", 1, "item")).duplicate);
  EXPECT_EQ(run_as<Appended>(*store, append_of("q", 2, "item")).sequence, 2U);
}

}  // namespace
}  // namespace godwit::store
