#pragma once
// The account of this profile and the link to its mailbox.

#include "engine/machine.h"

namespace godwit::engine {

/// What proves the mailbox in a session, or in a sealed request, of this binding.
wire::Request mailbox_proof(const Machine& m, const session::ChannelBinding& binding);
/// Tells how the device is connected, if it has changed.
void tell_connection(Machine& m);

/// Takes the command NewAccount.
void new_account(Machine& m, CommandId id, const NewAccount& command);
/// Asks the home of `record` to open a mailbox for this account; `making.command` is answered when it has, or has refused.
void make_account(Machine& m, AccountBeingMade making, AccountRecord record, const crypto::Ed25519KeyPair& words,
                  const std::string& device_name);
/// Takes the command ReadAccount.
void read_account(Machine& m, CommandId id);
/// The account of a stored record. kProfileDamaged, and as DeviceList::validate.
Result<Self> restore_account(AccountRecord record);
/// What the mailbox's link asks of the account.
LinkHooks mailbox_hooks(Machine& m);
/// Somebody else answers where this home should be: tells, once, and fails the commands that wait for that home.
void on_wrong_home(Machine& m, const LinkKey& key);
/// What one's own leaf says in the chat whose address is `alias`.
MemberInfo own_member_info(const Machine& m, const wire::Alias& alias);
/// The leaf of this device in the chat whose address is `alias`; `entry_token` writes to it until this device is in;
/// `replaces`: see MemberInfoIn.
mls::LeafParameters own_leaf(const Machine& m, const wire::Alias& alias,
                             const crypto::Secret<32>* entry_token = nullptr, const ByteArray<32>* replaces = nullptr);

}  // namespace godwit::engine
