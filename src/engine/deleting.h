#pragma once
// Deleting chats and histories: on this device, and on the other own ones. What is deleted is out of sight at once; its records go
// some at a time, across restarts, and a record of it stays for what another own device may still hand over.
//
// A chat that goes wholly keeps an empty place in memory until the program ends, since work on it may be under way. What such work
// still writes goes when the profile is read the next time.

#include "codec/members.h"
#include "engine/machine.h"

namespace godwit::engine {

/// The value of SyncKind::kDeleted.
struct DeletedThrough {
  OrderKey through;
  MessageId
      seen;  ///< The last message that had come to the device that deleted; what came to another one before it was seen.
  bool hidden = false;  ///< Else the history alone was deleted.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.through, self.seen, self.hidden);
  }
};

/// Takes the command DeleteChat.
void delete_chat(Machine& m, CommandId id, const DeleteChat& command);
/// Another own device has deleted it.
void take_deletion(Machine& m, Chat& chat, ByteView value);
/// The same, before this device has come into the chat.
void take_deletion_before(Machine& m, const Chat& chat, ByteView value);
/// We have come back into a chat: if it was deleted, its records of now stay.
void come_back_to_deleted(Machine& m, Chat& chat);

/// True if the message goes, and its records have perhaps not yet.
bool is_deleted(const Machine& m, const Chat& chat, uint64_t position, const IndexRecord& index);
/// True if what stands there was deleted on any own device: it does not come back.
bool was_deleted(const Machine& m, const Chat& chat, const OrderKey& at);
/// True if the chat is out of sight.
bool is_hidden(const Machine& m, const Chat& chat);
/// Something was said in the chat: it is in sight again.
void show_again(Machine& m, const Chat& chat);
/// True if the command is about a chat that has gone wholly.
template <typename OneCommand>
bool names_deleted_chat(const Machine& m, const OneCommand& command) {
  if constexpr (requires { m.chats.find(command.chat); }) {
    const auto found = m.chats.find(command.chat);
    return found != m.chats.end() && found->second.deleted;
  }
  return false;
}

/// Erases the next records; lowers `wake` to when to call again.
void pump_deletions(Machine& m, Instant& wake);
/// True if nothing is left to be erased.
bool deletions_idle(const Machine& m);
/// A stored record, when the profile is read; before those of the chats.
Status restore_deletion(Machine& m, DeletionRecord record);
/// True if no record of this chat is to be read.
bool goes_wholly(const Machine& m, const ChatId& chat);

}  // namespace godwit::engine
