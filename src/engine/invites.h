#pragma once
// Invites of one's own: making them, and taking them back when nobody came.

#include "engine/machine.h"

namespace godwit::engine {

/// How long an invite may be taken; the key package behind it lives as long. Then it is revoked.
constexpr Duration kInviteLifetime = days(90);

/// Takes the command MakeInvite.
void make_invite(Machine& m, CommandId id);
/// Publishes and revokes what waits for it; lowers `wake` to when to call again.
void pump_invites(Machine& m, Instant& wake);
/// Forgets an invite that was taken: its address belongs to a chat now.
void forget_invite(Machine& m, const wire::Alias& alias);

/// A key package as it lies at a home: padded, and sealed under the invite's key.
Bytes seal_key_package(ByteView key_package, const crypto::Secret<32>& invite_key, const wire::Alias& alias,
                       Random& random);
/// The reverse. kInviteForged: the home has changed it.
Result<Bytes> open_key_package(ByteView sealed, const crypto::Secret<32>& invite_key, const wire::Alias& alias);

}  // namespace godwit::engine
