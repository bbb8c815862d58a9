#pragma once
// Searching the histories, and the posts of channels: keeps the index (search_index.h) beside them, and looks into the texts of what it
// gives.
//
// Whoever appends, changes or removes a message calls one of the three below; nothing more is written for a message than before. The
// words of the newest messages are read again from the history when they are needed.

#include "engine/machine.h"

namespace godwit::engine {

/// A message was appended to a chat.
void search_note(Machine& m, const ChatId& chat, const Message& message);
/// What a message says was changed: it is read again.
void search_change(Machine& m, Chat& chat, uint64_t position, const MessageId& id);
/// A message is no more. Its words leave the records within kSearchPurgeAfter and what a merge takes.
void search_forget(Machine& m, const ChatId& chat, uint64_t position);
/// All messages of a chat up to a position are no more; with `whole` the chat is not, and another of its name begins anew.
void search_forget_chat(Machine& m, const ChatId& chat, uint64_t through, bool whole);
/// True while the index still has something of what search_forget_chat() has named.
bool search_has_forgotten(Machine& m, const ChatId& chat);
/// A post of a channel was put; of one that was edited, `content` says so: it is read again.
void search_note_post(Machine& m, Channel& channel, uint64_t post, const ChannelContent& content);
/// A post is no more.
void search_forget_post(Machine& m, const Channel& channel, uint64_t post);
/// All posts of a channel up to one are no more.
void search_forget_posts(Machine& m, const Channel& channel, uint64_t through);
/// A channel is no more.
void search_forget_channel(Machine& m, const Channel& channel);
/// So long after a message was removed all segments are written anew without it.
constexpr Duration kSearchPurgeAfter = seconds(60);

/// All of a chat's history is here now that another own device has handed over: it is read from where the index ends, in its order.
void search_read_again(Machine& m, const ChatId& chat);
/// Takes a stored record of the search. kProfileDamaged.
Status restore_search(Machine& m, const LoadedRecord& record);
/// Does what is due; lowers `wake` to when there is more.
void pump_search(Machine& m, Instant& wake);
/// Takes the command SearchMessages.
void search_messages(Machine& m, CommandId id, SearchMessages command);

}  // namespace godwit::engine
