#pragma once
// The epochs of a chat: our own commits, the group log, and what happens when both sides want the same epoch.
//
// A commit is staged and stored, then appended to the log; it holds when the log says so. The log alone carries commits.
// Which entry ends an epoch is decided by one rule that both sides apply: the lowest attempt that is valid.

#include "engine/machine.h"

namespace godwit::engine {

/// Own keys are refreshed with the first message after this long.
constexpr Duration kRefreshInterval = days(7);
/// A log is looked into at a random moment in so long after a start, in case the hint expired at the home; spread, so that
/// a home does not see all chats of one person come at once.
constexpr Duration kLogReadSpread = seconds(60);
/// From a reading that has come to the end it is one to two of these to the next, if nothing asks for one before: hints get lost, and
/// who was removed is told once.
constexpr Duration kLogReadInterval = days(1);
/// The highest number of an attempt, as it stands on the wire. A home takes the first few at once and slows the others
/// down, so that nobody can fill an epoch with void entries in a moment.
constexpr uint32_t kAttemptsEver = UINT8_MAX;
/// Bytes of log entries in one answer.
constexpr uint32_t kLogReadBytes = 64 * 1024;

/// Takes the command RefreshKeys.
void refresh_keys(Machine& m, CommandId id, const RefreshKeys& command);
/// Wants a commit if it is time for one and people did not switch that off.
void want_refresh_by_itself(Machine& m, Chat& chat);
/// In a large group: draws when a joiner who has made no commit yet makes his first one.
void draw_own_first_commit(Machine& m, Chat& chat);
/// There may be something new in the log.
void want_log(Machine& m, Chat& chat);
/// Reads the log or appends to it, if there is a reason to.
void pump_commits(Machine& m, Chat& chat);

}  // namespace godwit::engine
