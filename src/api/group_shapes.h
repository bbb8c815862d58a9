#pragma once
// The table's part about groups: commands, answers and notices.

#include <array>

#include "api/notice_shapes.h"
#include "engine/errors.h"
#include "engine/group_commands.h"

namespace godwit::api {

template <>
struct Shape<engine::MemberShown> {
  static constexpr std::string_view name = "member";
  static constexpr std::string_view about = "One member of a chat.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::MemberShown::account, "who"),
                      field("name", &engine::MemberShown::name, "as he calls himself"),
                      field("role", &engine::MemberShown::role, "what he is here"),
                      field("devices", &engine::MemberShown::devices, "how many devices he has here"),
                      field("own", &engine::MemberShown::own, "this account"),
                      field("in", &engine::MemberShown::in, "something of him has come since he was let in"));
};

template <>
struct Shape<engine::Members> {
  static constexpr std::string_view name = "members";
  static constexpr std::string_view about = "Who is in a chat, and how a group is set.";
  static constexpr auto fields = fields_in_order(
      field("members", &engine::Members::members, "all of them"),
      field("announcement_only", &engine::Members::announcement_only, "only admins write"),
      field("slow_mode_seconds", &engine::Members::slow_mode_seconds, "between two messages of one member, 0: off"),
      field("join_by_approval", &engine::Members::join_by_approval, "who comes by a link waits for an admin"),
      field("admins_pin", &engine::Members::admins_pin, "only admins pin messages"),
      field("role", &engine::Members::role, "one's own"),
      field("post_quantum", &engine::Members::post_quantum,
            "false: made to be large, so who records it now can read it with a quantum computer"));
};

template <>
struct Shape<engine::MembersChanged> {
  static constexpr std::string_view name = "members_changed";
  static constexpr std::string_view about = "Who is in a group, what somebody is there, or a setting has changed.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MembersChanged::chat, "which group"),
                                                 field("joined", &engine::MembersChanged::joined, "who came"),
                                                 field("left", &engine::MembersChanged::left, "who went"));
};

template <>
struct Shape<engine::NewGroup> {
  using Answer = engine::ChatMade;
  static constexpr std::string_view name = "new_group";
  static constexpr std::string_view about = "Makes a group of oneself alone, its owner.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::NewGroup::name, "1 to 64 characters"),
      field_or_default("large", &engine::NewGroup::large,
                       "for up to 2,000 people with 3,600 devices, not post-quantum; left out: for up to 100, and it is"));
  static constexpr std::array errors{engine::kNoAccount, engine::kTooLong, engine::kNotText};
};

template <>
struct Shape<engine::OpenSaved> {
  using Answer = engine::ChatMade;
  static constexpr std::string_view name = "open_saved";
  static constexpr std::string_view about = "The chat of oneself alone; made if there is none yet. Other devices have it too.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::ListMembers> {
  using Answer = engine::Members;
  static constexpr std::string_view name = "list_members";
  static constexpr std::string_view about = "Says who is in a chat.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ListMembers::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::AddMembers> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "add_members";
  static constexpr std::string_view
      about = "Lets contacts into a group. Their devices are asked for keys and answer by themselves; members_changed "
              "says who came.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::AddMembers::chat, "which group"),
                                                 field("accounts", &engine::AddMembers::accounts, "contacts"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup,  engine::kNotMember,
                                     engine::kNotAllowed, engine::kOvertaken, engine::kNoSuchContact,
                                     engine::kGroupFull};
};

template <>
struct Shape<engine::RemoveMember> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "remove_member";
  static constexpr std::string_view
      about =
          "Removes a member with all his devices. Answered once the group's log has it: nothing that is said after it "
          "can " "be read by him.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::RemoveMember::chat, "which group"),
                                                 field("account", &engine::RemoveMember::account, "who"));
  static constexpr std::array errors{engine::kNoSuchChat,   engine::kNotGroup,   engine::kNotMember,
                                     engine::kNoSuchMember, engine::kNotAllowed, engine::kOvertaken};
};

template <>
struct Shape<engine::LeaveGroup> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "leave_group";
  static constexpr std::string_view about = "Leaves a group. The chat stays, to be read.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::LeaveGroup::chat, "which group"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup, engine::kNotMember, engine::kLastOwner};
};

template <>
struct Shape<engine::SetRole> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_role";
  static constexpr std::string_view about = "Makes a member something else.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::SetRole::chat, "which group"),
                                                 field("account", &engine::SetRole::account, "who"),
                                                 field("role", &engine::SetRole::role, "what he becomes"));
  static constexpr std::array errors{engine::kNoSuchChat,   engine::kNotGroup,   engine::kNotMember,
                                     engine::kNoSuchMember, engine::kNotAllowed, engine::kLastOwner,
                                     engine::kBadSetting,   engine::kOvertaken};
};

template <>
struct Shape<engine::RenameGroup> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "rename_group";
  static constexpr std::string_view about = "Gives a group another name.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::RenameGroup::chat, "which group"),
                                                 field("name", &engine::RenameGroup::name, "1 to 64 characters"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup, engine::kNotMember, engine::kNotAllowed,
                                     engine::kTooLong,    engine::kNotText,  engine::kOvertaken};
};

template <>
struct Shape<engine::SetGroupSettings> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_group_settings";
  static constexpr std::string_view about = "Changes what is given about a group and leaves the rest.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::SetGroupSettings::chat, "which group"),
      field("announcement_only", &engine::SetGroupSettings::announcement_only, "only admins write"),
      field("slow_mode_seconds", &engine::SetGroupSettings::slow_mode_seconds,
            "between two messages of one member, at most 86,400; 0: off"),
      field("join_by_approval", &engine::SetGroupSettings::join_by_approval, "who comes by a link waits for an admin"),
      field("admins_pin", &engine::SetGroupSettings::admins_pin, "only admins pin messages"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup,   engine::kNotMember,
                                     engine::kNotAllowed, engine::kBadSetting, engine::kOvertaken};
};

template <>
struct Shape<engine::MoveLog> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "move_log";
  static constexpr std::string_view about =
      "Goes on with the log of a chat at another home, after the one where it is has gone for good: admins of a group, either of a "
      "chat of two. What only that one knew is lost. Answered when the new log is open, after the old one has been silent for a "
      "minute and a half while the new home answered; or when the old one turns out to be there.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::MoveLog::chat, "which chat"),
                      field("home", &engine::MoveLog::home, "a godwit-home: link; null: the own home"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotMember, engine::kNotAllowed, engine::kLogIsThere,
                                     engine::kOvertaken};
};

}  // namespace godwit::api
