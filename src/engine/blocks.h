#pragma once
// Blocked accounts: the address of each chat with them is revoked at the own home, so that it takes nothing from them any more.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command BlockAccount.
void block_account(Machine& m, CommandId id, const BlockAccount& command);
/// Takes the command UnblockAccount.
void unblock_account(Machine& m, CommandId id, const UnblockAccount& command);
/// Takes the command ListBlocked.
void list_blocked(Machine& m, CommandId id);

/// Another own device has blocked somebody, or has ended that; it has seen to the addresses.
void take_block(Machine& m, const AccountId& account, bool blocked);

/// The home may have lost which addresses are revoked: revokes once more those of everybody who is blocked.
void revoke_blocked(Machine& m);

/// True if nothing of this account is taken in.
bool is_blocked(const Machine& m, const AccountId& account);
/// True if nothing is taken in that comes to this chat's address: it is of two, and the other one is blocked.
bool is_cut_off(const Machine& m, const Chat& chat);
/// Revokes, or makes again, what waits for it; lowers `wake` to when to call again.
void pump_blocks(Machine& m, Instant& wake);

}  // namespace godwit::engine
