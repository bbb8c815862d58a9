#pragma once
// Invites of one's own: making them, and taking them back when nobody came.

#include "engine/machine.h"

namespace godwit::engine {

/// How long an invite may be taken; the key package behind it lives as long. Then it is revoked.
constexpr Duration kInviteLifetime = days(90);
/// See end_offer_soon.
constexpr Duration kOfferGrace = days(1);

/// Begins an invite; `command`, if there is one, is answered with its link. Its record is in Machine::invites under the alias.
/// `taker`: the only account that may take it; zeros: whoever has the link.
wire::Alias begin_invite(Machine& m, std::optional<CommandId> command, const AccountId& taker = {});
/// The link of an invite that is published.
std::string invite_text(const Machine& m, const InviteRecord& record);
/// Takes the command MakeInvite.
void make_invite(Machine& m, CommandId id);
/// Takes the command ListInvites.
void list_invites(Machine& m, CommandId id);
/// Takes the command RevokeInvite.
void revoke_invite(Machine& m, CommandId id, const RevokeInvite& command);
/// Makes keys for `asker`, who wants to let us into `group`; they go to him when the address behind them is there. Gives that address.
/// `replaces`: of our leaf for which they stand.
wire::Alias add_offer(Machine& m, const ChatId& group, const AccountId& asker, const ByteArray<32>* replaces = nullptr);
/// Who was given these keys does not want them. They are kept for kOfferGrace, since somebody else may have used them already.
void end_offer_soon(Machine& m, const wire::Alias& alias);
/// Publishes and revokes what waits for it; lowers `wake` to when to call again.
void pump_invites(Machine& m, Instant& wake);
/// Forgets an invite that was taken: its address belongs to a chat now.
void forget_invite(Machine& m, const wire::Alias& alias);

/// The key packages of an invite, one for each suite, as they lie at a home: together, padded, and sealed under its key.
Bytes seal_key_packages(const std::vector<Bytes>& key_packages, const crypto::Secret<32>& invite_key,
                        const wire::Alias& alias, Random& random);
/// The reverse. kInviteForged: the home has changed it.
Result<std::vector<Bytes>> open_key_packages(ByteView sealed, const crypto::Secret<32>& invite_key,
                                             const wire::Alias& alias);

}  // namespace godwit::engine
