#pragma once
// The members of a chat, as the leaves of its MLS group say.

#include "engine/machine.h"

namespace godwit::engine {

/// The member, or null.
Member* find_member(Chat& chat, const AccountId& account);
/// As above.
const Member* find_member(const Chat& chat, const AccountId& account);
/// Whether nobody more comes in: a group has kMembersMax accounts, and leaves_max() leaves.
bool is_full(const Chat& chat);
/// The other side of a chat of two; null in a group.
const MemberRecord* peer_of(const Chat& chat);
/// How somebody is called; empty if he is not a member.
std::string member_name(const Chat& chat, const AccountId& account);
/// Where this home is, if a member of the chat lives there; else null.
const wire::HomeAddress* home_of_members(const Chat& chat, const wire::HomeKey& home);
/// Whose leaf it was in `epoch`, which is the present one or one that is over. Nothing: nobody's.
std::optional<AccountId> account_at(const Chat& chat, uint64_t epoch, mls::LeafIndex leaf);
/// The home that a leaf of the present epoch names. Nothing: it is nobody's.
std::optional<wire::HomeKey> home_now(const Chat& chat, uint32_t leaf);
/// The home that it named in `epoch`, as for account_at().
std::optional<wire::HomeKey> home_at(const Chat& chat, uint64_t epoch, mls::LeafIndex leaf);
/// The settings of a group in `epoch`, which is the present one or one that is over; null in a chat of two.
const GroupSettings* settings_at(const Chat& chat, uint64_t epoch);
/// Everybody whose home is to be given what we say: all other members, and our own account if it has other devices.
MemberSet everybody(const Machine& m, const Chat& chat);
/// The same of one account alone; nobody if it is no member.
MemberSet only(const Chat& chat, const AccountId& account);

/// What has changed about the members with an epoch.
struct MemberChanges {
  std::vector<AccountId> joined;
  std::vector<AccountId> left;
  std::map<AccountId, std::string> left_names{};  ///< And how they were called.
  std::vector<AccountId> back{};                  ///< Who had lost the epoch, and has a leaf in the place of his old one.
  std::vector<AccountId> readdressed{};  ///< Who has another address: he came back, or has moved.
  std::vector<AccountId> devices{};  ///< Who has a device that another of his has added.
  std::map<AccountId, std::string> renamed{};  ///< And how they were called before.
  bool any = false;                            ///< Or a name, a device, a role, a setting.
};
/// Whether the leaves of one account fit together and to each other: for a group that we are about to join. kBadContent,
/// kBadDeviceList.
Status check_members(const mls::Group& group);
/// Brings the records in line with the leaves and the group context of the present epoch, all of which have been judged.
MemberChanges sync_members(Machine& m, Chat& chat);
/// Tells what has changed, once it is stored.
void tell_members(Machine& m, const Chat& chat, const MemberChanges& changes);
/// Writes a member's record.
void put_member(Machine& m, const Chat& chat, const Member& member);
/// Something that this member has said in `epoch` has come: he is in, whatever he is reached by.
void note_seen(Machine& m, Chat& chat, const AccountId& account, uint64_t epoch);
/// A device of a member has spoken: keeps what makes it his, once.
void note_speaker(Machine& m, Chat& chat, const AccountId& account, mls::LeafIndex leaf,
                  const ByteArray<32>& device_key);

}  // namespace godwit::engine
