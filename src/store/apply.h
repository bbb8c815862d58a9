#pragma once
// What each operation of home_store.h means, on any ordered table. Pure: no thread, no clock, no file.

#include <optional>

#include "base/result.h"
#include "store/home_store.h"
#include "store/table.h"

namespace godwit::store {

/// The most records that one sweep removes, so that a sweep never holds up those who wait.
constexpr size_t kSweepCountMax = 256;

/// Carries out `operation` on `table`. kCorrupted, kUnavailable: reading failed, nothing was changed.
Result<Outcome> apply_operation(Table& table, const Operation& operation);

/// Removes at most `count_max` items and remembered ids whose time has come, and what says so; returns how many, `count_max` if there may be
/// more. Errors as of apply_operation().
Result<size_t> sweep(Table& table, Instant now, size_t count_max);

/// True if `operation` only reads.
bool only_reads(const Operation& operation);

/// True if a loss of power may undo what `operation` did, though it was answered (home_store.h): it need not have the disk wait for it.
bool may_be_undone(const Operation& operation);

/// The time that an operation brings with it, if it does.
std::optional<Instant> time_of(const Operation& operation);

/// What `operation` works on: equal for two operations whose order matters. Of a Scan: what those keys start with. Of a
/// Survey: nothing, its order does not matter.
Bytes subject_of(const Operation& operation);

/// Roughly the bytes that `operation` keeps in memory while it waits.
size_t size_of(const Operation& operation);

}  // namespace godwit::store
