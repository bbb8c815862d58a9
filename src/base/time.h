#pragma once
// Time as core code sees it: always handed in, never asked for.

#include <compare>
#include <cstdint>

namespace godwit {

/// A span of time in milliseconds; may be negative.
struct Duration {
  int64_t ms = 0;

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ms + b.ms}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ms - b.ms}; }
  friend constexpr Duration operator*(Duration a, int64_t k) { return {a.ms * k}; }
};

constexpr Duration milliseconds(int64_t n) { return {n}; }           ///< `n` of them
constexpr Duration seconds(int64_t n) { return {n * 1000}; }           ///< `n` of them
constexpr Duration minutes(int64_t n) { return {n * 60'000}; }         ///< `n` of them
constexpr Duration hours(int64_t n) { return {n * 3'600'000}; }        ///< `n` of them
constexpr Duration days(int64_t n) { return {n * 86'400'000}; }        ///< `n` times 24 hours

/// A point in time: milliseconds since 1970-01-01 UTC of whichever clock the host keeps. It may jump.
struct Instant {
  int64_t ms = 0;

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return {t.ms + d.ms}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return {t.ms - d.ms}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.ms - b.ms}; }

  /// Whole seconds since 1970, as MLS lifetimes count them (RFC 9420 §7.2); 0 before 1970.
  constexpr uint64_t unix_seconds() const { return ms < 0 ? 0 : static_cast<uint64_t>(ms) / 1000; }
  /// Whole days since 1970: what a home may keep of a time.
  constexpr uint32_t day() const { return ms < 0 ? 0 : static_cast<uint32_t>(ms / 86'400'000); }
};

/// A point that never comes: the deadline of somebody who waits for nothing.
constexpr Instant kNever{INT64_MAX};

}  // namespace godwit
