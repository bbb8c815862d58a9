#pragma once
// Coming back into a chat whose epoch this device has lost: its log does not reach back so far any more, or a commit has no part for
// this device that opens. Another member commits the exchange of our leaf for a new one, which our device has signed for this leaf
// alone; every member checks that, so it takes no right to help, and who was removed has no leaf to exchange
// (docs/protocol/chat.md, "Coming back").

#include "engine/machine.h"

namespace godwit::engine {

struct ReturnAskedBody;

/// This device has lost the epoch of a chat of which it is a member, as far as it knows: others are asked, until it is in again.
void want_return(Machine& m, Chat& chat);
/// The log was moved, and goes on at an epoch before ours, or at another one of the same number: we come back into that.
void want_return_from(Machine& m, Chat& chat, uint64_t epoch, const ByteArray<32>& place);
/// As well, and we came in by a commit that nobody has where it goes on: but another admin may have used the keys with which we came there
/// too. We ask for the leaf that they made, and leave if nobody brings us back. False: we do not know that leaf any more.
bool want_return_if_in(Machine& m, Chat& chat);
/// For which leaf of `group` keys of ours to come back would stand.
std::optional<ByteArray<32>> own_place_in(const mls::Group& group);
/// Whether we come back in this last way: then others may let us in anew, as if we were out.
bool may_be_out(const Machine& m, const Chat& chat);
/// It follows the log after all, or is no member any more.
void end_return(Machine& m, const ChatId& chat);
/// True if the keys behind this address are for coming back.
bool is_returning(const Machine& m, const wire::Alias& alias);
/// Somebody whom we have asked says that we are no members any more. False: nobody was asked for this address.
bool on_return_refused(Machine& m, const wire::Alias& alias);

/// The address behind keys for coming back: by it the leaf, which its owner signs, names the key that seals the answer.
wire::Alias return_alias(const crypto::Secret<32>& key);

/// Whether these keys are for coming back.
bool is_return_alias(const InviteRecord& record);

/// Whether another device of ours lets us in by these keys: then it has their address already.
bool is_by_own_device(const Machine& m, const InviteRecord& record);

/// A member asks us by this chat: its author, in a chat of two; or somebody, by the chat itself (`author` is null). What he asks is
/// kept until the log was read to its end.
void on_return_asked(Machine& m, const Chat& by, const AccountId* author, ByteView body);
/// The log was read to its end: who asks and is not a member any more is told, and what cannot be done any more is forgotten.
void settle_returns(Machine& m, Chat& chat);

/// Does what waits; lowers `wake` to when to call again.
void pump_returns(Machine& m, Instant& wake);
/// As it was stored.
void restore_returning(Machine& m, ReturningRecord record);

}  // namespace godwit::engine
