#pragma once
// How two people come to share a chat: taking an invite, and being let in by the welcome of whoever took ours.

#include "engine/envelope.h"
#include "engine/machine.h"

namespace godwit::engine {

/// True if the safety number of this account was compared, in whatever chat: after he or we have lost all devices there is another.
bool was_verified(const Machine& m, const AccountId& account);
/// Takes the command AddContact.
void add_contact(Machine& m, CommandId id, const AddContact& command);
/// Asks the inviters' homes for what is being taken; lowers `wake` to when to call again.
void pump_takings(Machine& m, Instant& wake);
/// Fails the command that is taking an invite into this chat. False: there is none.
bool fail_taking(Machine& m, const ChatId& chat, const Error& error);
/// Stops taking an invite of which nobody waits for the answer. `forget`: for good; else add_contact goes on where it stood.
void stop_taking(Machine& m, const wire::Alias& invite, bool forget);
/// A welcome as it goes to `alias`, under the key of an invite or an offer: in several payloads if it is large.
std::vector<Bytes> seal_welcome(Machine& m, const WelcomeBody& body, const crypto::Secret<32>& key,
                                const wire::Alias& alias, size_t part_size = kWelcomePartSize);
/// The private half of the one of our key packages that a Welcome is for. mls::kNotForUs: of none.
Result<mls::KeyPackagePrivate> find_own_key_package(const InviteRecord& invite, ByteView welcome);
/// Joins the chat that was made with the key package of `invite`. Errors: skip the item; the invite stands as before.
Status join_by_welcome(Machine& m, const wire::Alias& invite, const Envelope& envelope);

}  // namespace godwit::engine
