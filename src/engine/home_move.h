#pragma once
// An account that goes to another home, with its chats: a mailbox of the same id is opened there for all devices, every chat
// gets an address there and hears of it by a commit, and for kFormerHomeKept the mailbox at the home before is looked into as
// well, for what was on its way and for invites that people still have (docs/protocol/chat.md, "Moving to another home").

#include "codec/members.h"
#include "engine/account.h"

namespace godwit::engine {

/// How long the mailbox at the home before is looked into; then it is dropped there, with every address.
constexpr Duration kFormerHomeKept = days(30);

/// The value of SyncKind::kHome.
struct MovedTo {
  uint32_t number = 0;  ///< MemberInfo::home_number
  wire::HomeAddress home;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.number, self.home);
  }
};

/// Takes the command MoveAccount.
void move_account(Machine& m, CommandId id, const MoveAccount& command);
/// What another device has said of a move.
void take_home(Machine& m, ByteView value);
/// A home where the account was and whose mailbox is still looked into; else null.
FormerHome* find_former_home(Machine& m, const wire::HomeKey& home);
/// Chats of this device that have not been told of the move.
uint32_t chats_to_tell(const Machine& m);
/// Where this account takes messages of the chat, as the next commit is to say.
OwnAddress own_address(const Machine& m, const Chat& chat);
/// The home that the account had when its moves came to `number`; null: this device does not know it, or looks into it no more.
const wire::HomeAddress* home_by_number(const Machine& m, uint32_t number);
/// Something may still come to this address, which was the chat's.
void keep_former_alias(Machine& m, ChatRecord& record, const wire::Alias& alias);
/// The chat that takes messages at `alias` if the account has gone back to `home`, where it was before, and this device has not heard
/// of it; nothing: no chat does.
std::optional<ChatId> chat_after_return(const Machine& m, const wire::HomeKey& home, const wire::Alias& alias);
/// Nothing comes to any of the chat's addresses any more.
void forget_aliases(Machine& m, const ChatRecord& record);
/// An alias at the home that the account had when its moves came to `number`; nothing: this device does not know that home.
std::optional<OwnAddress> address_by_number(const Machine& m, const wire::Alias& alias, uint32_t number);
/// The group's members are known anew: one's own address may be another.
void note_own_address(Machine& m, Chat& chat);
/// Takes an address back at the homes where the account was as well, once: there it ends by itself.
void revoke_at_former(Machine& m, const wire::Alias& alias);
/// A home where the account was has answered to the proof.
std::optional<Duration> on_proved_at_former(Machine& m, const wire::HomeKey& home, const wire::Reply& reply);

/// Does what there is to do for the account.
void pump_home_move(Machine& m, Instant& wake);
/// The same for one chat: an address at the new home, and then the commit.
void pump_address_move(Machine& m, Chat& chat);
/// True unless a move is on its way.
bool home_move_idle(const Machine& m);

/// Writes the record of the move.
void put_move(Machine& m);
/// The same when the profile is read.
Status restore_home_move(Machine& m, HomeMoveRecord record);

}  // namespace godwit::engine
