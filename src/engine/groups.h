#pragma once
// Groups: making them, letting in, putting out, leaving, roles and settings. What changes a group is an intent (intents.h).

#include "engine/content.h"
#include "engine/envelope.h"
#include "engine/machine.h"
#include "engine/member_info.h"

namespace godwit::engine {

/// Whether it is what the account keeps for itself.
bool is_saved(const Chat& chat);
/// Takes the command OpenSaved.
void open_saved(Machine& m, CommandId id);
/// Takes the command NewGroup.
void new_group(Machine& m, CommandId id, const NewGroup& command);
/// Takes the command ListMembers.
void list_members(Machine& m, CommandId id, const ListMembers& command);
/// Takes the command AddMembers.
void add_members(Machine& m, CommandId id, const AddMembers& command);
/// Takes the command RemoveMember.
void remove_member(Machine& m, CommandId id, const RemoveMember& command);
/// Takes the command LeaveGroup.
void leave_group(Machine& m, CommandId id, const LeaveGroup& command);
/// Takes the command SetRole.
void set_role(Machine& m, CommandId id, const SetRole& command);
/// Takes the command RenameGroup.
void rename_group(Machine& m, CommandId id, const RenameGroup& command);
/// Takes the command SetGroupSettings.
void set_group_settings(Machine& m, CommandId id, const SetGroupSettings& command);

/// Somebody who is about to leave asks to be removed, in a message of this epoch; we propose it anew with each.
void pump_leaving(Machine& m, Chat& chat);
/// A proposal of a member has come: if it is that he leaves, it is to be committed.
void take_proposal(Machine& m, Chat& chat, ByteView message);

/// A contact asks for keys, to let us into a group.
void on_keys_wanted(Machine& m, Chat& chat, const AccountId& author, const Content& content);
/// A contact gives keys that we have asked for.
void on_keys_offered(Machine& m, Chat& chat, const AccountId& author, const Content& content);
/// The address behind keys that were asked for is there: they go to who asked.
void offer_keys(Machine& m, const InviteRecord& record);
/// Who is to be let in by this KeyPackage (MLSMessage), if it is for the suite of the group and names where he takes the welcome.
/// kBadContent, kBadDeviceList, and what mls::KeyPackage::parse refuses.
Result<MemberInfo> joiner_of(const Chat& chat, ByteView package, Instant now);
/// Joins the group to which keys that we gave were added. Errors: skip the item; the keys stay.
Status join_group(Machine& m, const wire::Alias& alias, const Envelope& envelope);

}  // namespace godwit::engine
