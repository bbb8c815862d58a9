#pragma once
// The account of this profile and the link to its mailbox.

#include "engine/machine.h"

namespace godwit::engine {

/// What proves the mailbox in a session, or in a sealed request, of this binding.
wire::Request mailbox_proof(const Machine& m, const session::ChannelBinding& binding);
/// The same for a home that has no mailbox of this account yet; `work` is the nonce of the proof of work so far.
wire::Request opening_proof(const Machine& m, const session::ChannelBinding& binding, const Bytes& admission_code,
                            uint64_t work);
/// Tells how the device is connected, if it has changed.
void tell_connection(Machine& m);
/// The same where a home has run out of room, or has some again.
void tell_full_homes(Machine& m, Instant& wake);

/// Takes the command NewAccount.
void new_account(Machine& m, CommandId id, const NewAccount& command);
/// Asks the home of `record` to open a mailbox for this account; `making.command` is answered when it has, or has refused.
void make_account(Machine& m, AccountBeingMade making, AccountRecord record, const crypto::Ed25519KeyPair& words,
                  const std::string& device_name);
/// Takes the command ReadAccount.
void read_account(Machine& m, CommandId id);
/// The account of a stored record. kProfileDamaged, and as DeviceList::validate.
Result<Self> restore_account(AccountRecord record);
/// What the link of the account's mailbox at `home`, or at one where it was, asks of it.
LinkHooks mailbox_hooks(Machine& m, const wire::HomeKey& home);
/// Somebody else answers where this home should be: tells, once, and fails the commands that wait for that home.
void on_wrong_home(Machine& m, const LinkKey& key);
/// Where one takes messages of a chat.
struct OwnAddress {
  wire::Alias alias;
  wire::HomeAddress home;
  uint32_t home_number = 0;  ///< MemberInfo
};
/// The leaf of this device in a chat with this address; `entry_token` writes to it until this device is in; `replaces`: see
/// MemberInfoIn.
mls::LeafParameters own_leaf(const Machine& m, OwnAddress address, const crypto::Secret<32>* entry_token = nullptr,
                             const ByteArray<32>* replaces = nullptr);
/// The same with an address at the account's home.
mls::LeafParameters own_leaf(const Machine& m, const wire::Alias& alias,
                             const crypto::Secret<32>* entry_token = nullptr, const ByteArray<32>* replaces = nullptr);

}  // namespace godwit::engine
