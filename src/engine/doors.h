#pragma once
// Links of groups: making and closing them, letting in those who come by them, and coming by one oneself. That a link exists
// stands in the group's settings, so all see it and any admin closes it; what opens it is with its keeper and in the link alone.

#include "engine/door_commands.h"
#include "engine/envelope.h"
#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command MakeGroupLink.
void make_group_link(Machine& m, CommandId id, const MakeGroupLink& command);
/// Takes the command ListGroupLinks.
void list_group_links(Machine& m, CommandId id, const ListGroupLinks& command);
/// Takes the command RevokeGroupLink.
void revoke_group_link(Machine& m, CommandId id, const RevokeGroupLink& command);
/// Takes the command JoinGroup.
void join_by_link(Machine& m, CommandId id, const JoinGroup& command);
/// Takes the command ListJoinRequests.
void list_join_requests(Machine& m, CommandId id, const ListJoinRequests& command);
/// Takes the command ApproveJoin.
void approve_join(Machine& m, CommandId id, const ApproveJoin& command);
/// Takes the command RefuseJoin.
void refuse_join(Machine& m, CommandId id, const RefuseJoin& command);

/// The group that a command is about; null after the command has failed. With `changes`, one that we are in.
Chat* find_group(Machine& m, CommandId id, const ChatId& chat, bool changes = true);

/// An item came to an address that is no chat's and no invite's. False: it is no link's either.
bool take_door_item(Machine& m, const wire::HomeKey& home, const wire::Item& item);
/// Another admin tells who has asked by his link. What is told three days late is over: he may have come, and gone again.
void on_join_asked(Machine& m, Chat& chat, const Author& author, const Content& content);
/// Another admin has refused somebody.
void on_join_settled(Machine& m, Chat& chat, const Author& author, ByteView body);
/// The keeper or an admin says to us that we are not let in. False: we have not asked by this address.
bool on_join_refused(Machine& m, const wire::Alias& alias, const Envelope& envelope);
/// True if the keys behind this address go to the keeper of a link.
bool is_joining(const Machine& m, const wire::Alias& alias);

/// Does what waits; lowers `wake` to when to call again.
void pump_doors(Machine& m, Instant& wake);
/// Another own device has made a link of a group, or closed it: a field of SyncKind::kGroupLink.
void take_group_link(Machine& m, ByteView key, ByteView value);
/// Tells the own other devices of all links of this one of which nobody has told yet.
void tell_all_group_links(Machine& m);
/// True if no command about links waits.
bool doors_idle(const Machine& m);
/// A stored link, request, or asking. Errors: as the codec.
void restore_door(Machine& m, DoorRecord record);
/// As above.
void restore_join_request(Machine& m, JoinRequestRecord record);
/// As above.
void restore_joining(Machine& m, JoiningRecord record);

// ---- among the files of this header ----------------------------------------------------------------------------------

/// Of those who ask; see pump_doors.
void pump_join_requests(Machine& m, Instant& wake);
/// Of one's own asking; see pump_doors.
void pump_joining(Machine& m, Instant& wake);
/// The account has moved: its links are opened at the new home as well, under the same addresses.
void make_doors_anew(Machine& m);
/// What is handed to others of a link that this device keeps, of a group that it is in.
GroupLink group_link(const Machine& m, const Chat& chat, const DoorRecord& record);
/// Writes a link's record.
void put_door(Machine& m, const Door& door);
/// Tells the own other devices what opens a link, and who has come by it.
void tell_group_link(Machine& m, const DoorRecord& record);

}  // namespace godwit::engine
