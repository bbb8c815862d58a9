// Writes to a store until it is killed, and says on standard output what was confirmed: for rocksdb_kill_test.cc.
//
// kill_child <folder> <first number> sync|nosync: for each number that was confirmed, 8 bytes in this machine's order.

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "store/rocksdb_store.h"
#include "store/store_testing.h"

namespace godwit::store {
namespace {

constexpr size_t kInFlight = 24;

/// One of four kinds of change, by its number; rocksdb_kill_test.cc looks for each.
Operation change(uint64_t number) {
  const std::string text = std::to_string(number);
  switch (number % 4) {
    case 0: return Put{b("put" + text), Bytes(300, 1)};
    case 1: return append_of("queue", number, text);
    case 2: return CompareAndSwap{b("swap" + text), std::nullopt, b(text)};
    default: return append_of("queue" + text, number, text);
  }
}

int run(const std::string& folder, uint64_t number, bool sync) {
  RocksdbOptions options;
  options.drop_unsynced_at_kill = true;
  options.unsafe_without_sync = !sync;
  options.write_buffer_bytes = 64 << 10;  // so that tables, manifests and renames are under way when the end comes
  options.erase_every = milliseconds(20);
  options.journal_bytes = 8 << 10;
  options.settle_every = milliseconds(40);
  auto opened = open_rocksdb(folder, options);
  if (!opened) return 2;
  size_t in_flight = 0;
  uint64_t pauses = 0;
  for (;;) {
    for (; in_flight < kInFlight; ++in_flight, ++number) {
      (*opened)->submit(change(number), [&in_flight, number](Result<Outcome> outcome) {
        --in_flight;
        if (!outcome || ::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) ::_exit(3);
      });
    }
    (*opened)->poll();
    // Now and then a group that is a trim alone, which is answered before the disk has it: the journal must hold with and without it.
    if (in_flight > 0 || ++pauses % 8 != 0) continue;
    (*opened)->submit(append_of("queue of nobody", pauses, "x"), [](const auto&) {});
    ::usleep(4'000);
    (*opened)->submit(TrimQueue{b("queue of nobody"), UINT64_MAX}, [](const auto&) {});
    ::usleep(4'000);
  }
}

}  // namespace
}  // namespace godwit::store

int main(int count, char** arguments) {
  if (count != 4) return 1;
  return godwit::store::run(arguments[1], std::strtoull(arguments[2], nullptr, 10),
                            std::string_view(arguments[3]) == "sync");
}
