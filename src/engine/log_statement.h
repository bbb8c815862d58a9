#pragma once
// What members sign about the log of their chat: that it has moved, and that one does not find it (log_move.h).

#include "engine/log_move.h"

namespace godwit::engine {

/// Signs it by this device.
void sign(const Machine& m, LogMove& move);
void sign(const Machine& m, LogAsked& asked);
/// Of this chat, by one of its members' devices: the account. kBadLogMove and as the members' codecs: it is none.
Result<AccountId> asker_of(const Chat& chat, const LogAsked& asked);
/// By us: from `from` to `log`, in the epoch of now.
LogMove signed_move(const Machine& m, const Chat& chat, const wire::LogId& from, const wire::HomeAddress& home,
                    const wire::LogId& log);
/// Whose device it is, as the members and their device lists are now; nothing: nobody's.
std::optional<AccountId> account_of_device(const Chat& chat, const ByteArray<32>& device);
/// Whether an account may move the log: admins, and in a chat of two both.
bool may_move(const Chat& chat, const AccountId& account);
/// A statement about this chat that somebody has signed. kBadLogMove and as the members' codecs.
Result<LogMove> read_move(const Chat& chat, ByteView encoded);
/// The same, of somebody who may make it.
Result<LogMove> open_move(const Chat& chat, ByteView encoded);
/// Whether this device follows a move, or has followed it.
bool is_known(const ChatRecord& record, const wire::LogId& from, const wire::LogId& log);
/// Where in the list of moves this one belongs: behind the last one, or in the place of a worse one of the same log; nothing: it does not.
std::optional<size_t> place_among(const ChatRecord& record, const LogMove& move);
/// Keeps a move that was told until it is judged. Those whose signers are nobody's devices go before all others, and no device has more than
/// kMovesKept. True if it is kept, and of somebody who may move the log.
bool keep_told(Chat& chat, const LogMove& move, Bytes encoded);
/// True if nothing was ever read of the log, which begins beyond our epoch: that it is one, and whose, we have by the word of those alone
/// who have moved it there.
bool is_unread(const Chat& chat);
/// True if the log was there once.
bool is_passed(const ChatRecord& record, const wire::LogId& log);

}  // namespace godwit::engine
