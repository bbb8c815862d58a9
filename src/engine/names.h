#pragma once
// The own name, and asking for others' (name_text.h says what a name is).

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command ClaimName.
void claim_name(Machine& m, CommandId id, const ClaimName& command);
/// Takes the command ReleaseName.
void release_name(Machine& m, CommandId id);
/// Takes the command ReadName.
void read_name(Machine& m, CommandId id);
/// Takes the command ResolveName.
void resolve_name(Machine& m, CommandId id, const ResolveName& command);
/// The account goes to another home than `before`: the name stays there. The device that moves the account gives it up.
void leave_name(Machine& m, const wire::HomeAddress& before, bool mover);
/// Brings what is stored here and what the own devices have told into line: when the program starts, and at another home.
void settle_name(Machine& m);
/// Another own device has claimed a name or given it up, or has another passcode for it: a field of SyncKind::kName.
void take_name(Machine& m, ByteView value);
/// Does what waits; lowers `wake` to when to call again.
void pump_names(Machine& m, Instant& wake);
/// True if nothing of names, contact requests and blocks waits for a home.
bool names_idle(const Machine& m);
/// A stored name; settle_name() follows.
void restore_name(Machine& m, NameRecord record);

}  // namespace godwit::engine
