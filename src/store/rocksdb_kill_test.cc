// A process is killed at any moment, and the lossy file system forgets what a power cut would forget: everything that
// was confirmed is there. Without sync it is not, which shows that this test can fail.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "store/errors.h"
#include "store/rocksdb_store.h"
#include "store/seeded_random_test.h"
#include "store/store_testing.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {
namespace {

constexpr int kRounds = 20;

/// Starts the child, kills it some moment after `confirmed_min` confirmations; returns all that it said.
std::vector<uint64_t> run_and_kill(const std::string& folder, uint64_t first, bool sync, size_t confirmed_min,
                                   useconds_t further_us) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const std::string number = std::to_string(first);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(GODWIT_KILL_CHILD, GODWIT_KILL_CHILD, folder.c_str(), number.c_str(), sync ? "sync" : "nosync", nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[4096];
  bool killed = false;
  for (ssize_t size = 0; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<size_t>(size));
    if (killed || said.size() < confirmed_min * sizeof(uint64_t)) continue;
    ::usleep(further_us);
    ::kill(child, SIGKILL);
    killed = true;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  std::vector<uint64_t> confirmed(said.size() / sizeof(uint64_t));
  if (!confirmed.empty()) std::memcpy(confirmed.data(), said.data(), confirmed.size() * sizeof(uint64_t));
  return confirmed;
}

/// All items of a queue, each as often as it is there.
std::multiset<Bytes> items_of(HomeStore& store, const std::string& queue) {
  std::multiset<Bytes> out;
  uint64_t after = 0;
  for (;;) {
    const auto page = run_as<QueueItems>(store, ReadQueue{b(queue), after, 1 << 20, kTestNow});
    for (const QueueItem& each : page.items) out.insert(each.item);
    if (page.items.empty() || !page.more) return out;
    after = page.items.back().sequence;
  }
}

/// True if the change that kill_child.cc made for `number` is there, whole and once. `shared`: what stands in "queue".
bool is_there(HomeStore& store, uint64_t number, const std::multiset<Bytes>& shared) {
  const std::string text = std::to_string(number);
  auto value = [&](const std::string& key) { return run_as<Found>(store, Get{b(key)}).value; };
  if (number % 4 == 0) return value("put" + text) == Bytes(300, 1);
  if (number % 4 == 2) return value("swap" + text) == b(text);
  const std::string queue = number % 4 == 1 ? "queue" : "queue" + text;
  const auto again = run_as<Appended>(store, append_of(queue, number, "again"));
  if (!again.duplicate) return false;
  return (number % 4 == 1 ? shared : items_of(store, queue)).count(b(text)) == 1;
}

// `synced`: else the journal may have a hole, which is damage.
size_t count_missing(const std::string& folder, const std::vector<uint64_t>& confirmed, bool synced = true) {
  auto opened = open_rocksdb(folder);
  if (!synced && !opened && opened.error().code == kCorrupted) return confirmed.size();
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().code.name);
  if (!opened) return confirmed.size();
  size_t missing = 0;
  const auto shared = items_of(**opened, "queue");
  for (const uint64_t number : confirmed) missing += is_there(**opened, number, shared) ? 0U : 1U;
  return missing;
}

TEST(RocksdbKill, everything_confirmed_is_there_after_a_kill_at_any_moment) {
  TemporaryFolder folder;
  SeededRandom random(static_cast<uint64_t>(::getpid()));
  uint64_t first = 1;
  for (int round = 0; round < kRounds; ++round) {
    const auto confirmed =
        run_and_kill(folder / "db", first, true, 1 + random.below(600), static_cast<useconds_t>(random.below(20'000)));
    ASSERT_FALSE(confirmed.empty());
    ASSERT_EQ(count_missing(folder / "db", confirmed), 0U) << "round " << round << " of seed " << ::getpid();
    first += 1'000'000;
  }
}

TEST(RocksdbKill, without_sync_what_was_confirmed_is_lost) {
  TemporaryFolder folder;
  size_t missing = 0;
  for (int round = 0; round < 3; ++round) {
    const std::string path = folder / std::to_string(round);
    missing += count_missing(path, run_and_kill(path, 1, false, 100, 1'000), false);
  }
  EXPECT_GT(missing, 0U);
}

}  // namespace
}  // namespace godwit::store
