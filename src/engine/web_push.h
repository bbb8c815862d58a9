#pragma once
// The subscription by which the own home wakes this device's browser: given to the home, looked for there once in each run, and given
// up where it is of no use.

#include "engine/attempt.h"
#include "engine/records.h"
#include "engine/web_push_commands.h"

namespace godwit::engine {

struct Machine;

/// What this device has asked of its home.
struct WebPush {
  WebPushRecord record;
  std::vector<CommandId> commands;  ///< That wait for the home.
  Attempt attempt;
  bool looked = false;  ///< The home was asked in this run, and all is as it should be.
  uint64_t turn = 0;    ///< Counts changes: answers to what was asked before are late.
};

/// Takes the command SetWebPush.
void set_web_push(Machine& m, CommandId id, const SetWebPush& command);
/// Takes the command ReadWebPush.
void read_web_push(Machine& m, CommandId id);
/// Goes on with what is under way.
void pump_web_push(Machine& m, Instant& wake);
/// The account lives at another home: what was asked need not be answered any more.
void ask_web_push_anew(Machine& m);
/// True if nothing that was asked waits for the home.
bool web_push_idle(const Machine& m);

}  // namespace godwit::engine
