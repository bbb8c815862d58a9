#pragma once
// The table's part about links of groups.

#include <array>

#include "api/notice_shapes.h"
#include "engine/errors.h"

namespace godwit::api {

template <>
struct Shape<engine::GroupLinkMade> {
  static constexpr std::string_view name = "group_link_made";
  static constexpr std::string_view about = "A link by which others come into a group.";
  static constexpr auto fields = fields_in_order(field("link", &engine::GroupLinkMade::link, "names it"),
                                                 field("text", &engine::GroupLinkMade::text, "to be handed out"));
};

template <>
struct Shape<engine::GroupLinkShown> {
  static constexpr std::string_view name = "group_link";
  static constexpr std::string_view about = "A link of a group.";
  static constexpr auto fields = fields_in_order(
      field("link", &engine::GroupLinkShown::link, "names it"),
      field("keeper", &engine::GroupLinkShown::keeper, "the admin who made it"),
      field("approval", &engine::GroupLinkShown::approval, "an admin looks at each who comes"),
      field("uses", &engine::GroupLinkShown::uses, "how many may come by it; 0: any number"),
      field("expires_day", &engine::GroupLinkShown::expires_day, "its last day, counted from 1970-01-01; 0: none"),
      field("own", &engine::GroupLinkShown::own, "this device keeps it"),
      field("used", &engine::GroupLinkShown::used, "of an own one with uses: how many have come or asked"),
      field("text", &engine::GroupLinkShown::text, "of an own one: to be handed out"));
};

template <>
struct Shape<engine::GroupLinks> {
  static constexpr std::string_view name = "group_links";
  static constexpr std::string_view about = "The links of a group.";
  static constexpr auto fields = fields_in_order(field("links", &engine::GroupLinks::links, "all of them"));
};

template <>
struct Shape<engine::JoinAsked> {
  static constexpr std::string_view name = "join_asked";
  static constexpr std::string_view about =
      "The request to be let in is at the keeper's home. chat_changed says that one is in, join_refused that not.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::JoinAsked::chat, "the group"),
                      field("name", &engine::JoinAsked::name, "of the group, as the link says"),
                      field("approval", &engine::JoinAsked::approval, "an admin looks at it"));
};

template <>
struct Shape<engine::JoinRequestShown> {
  static constexpr std::string_view name = "join_request";
  static constexpr std::string_view about = "Somebody who waits to be let into a group.";
  static constexpr auto fields = fields_in_order(
      field("account", &engine::JoinRequestShown::account, "who; a device of the account has signed it"),
      field("name", &engine::JoinRequestShown::name, "as he calls himself"),
      field("greeting", &engine::JoinRequestShown::greeting, "what he writes"),
      field("received", &engine::JoinRequestShown::received, "when it came"));
};

template <>
struct Shape<engine::JoinRequests> {
  static constexpr std::string_view name = "join_requests";
  static constexpr std::string_view about = "Those who wait for an admin of a group.";
  static constexpr auto fields = fields_in_order(field("requests", &engine::JoinRequests::requests, "oldest first"));
};

template <>
struct Shape<engine::JoinRequestsChanged> {
  static constexpr std::string_view name = "join_requests_changed";
  static constexpr std::string_view about = "The number of those who wait for an admin of a group has changed.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::JoinRequestsChanged::chat, "which group"),
                                                 field("count", &engine::JoinRequestsChanged::count, "how many"));
};

template <>
struct Shape<engine::JoinRefused> {
  static constexpr std::string_view name = "join_refused";
  static constexpr std::string_view about = "This account was not let into a group.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::JoinRefused::chat, "which group"),
                                                 field("name", &engine::JoinRefused::name, "as the link called it"),
                                                 field("error", &engine::JoinRefused::error, "why"));
};

template <>
struct Shape<engine::MakeGroupLink> {
  using Answer = engine::GroupLinkMade;
  static constexpr std::string_view name = "make_group_link";
  static constexpr std::string_view about =
      "Makes a link by which others come into a group; admins only. Answered once all members can see that it exists. "
      "This device " "answers who comes, so they come in when it is connected.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::MakeGroupLink::chat, "which group"),
      field_or_default("approval", &engine::MakeGroupLink::approval, "who comes waits for an admin; left out: not"),
      field_or_default("uses", &engine::MakeGroupLink::uses,
                       "how many may come, at most 1,000; 0 or left out: any number"),
      field_or_default("days", &engine::MakeGroupLink::days,
                       "for how long, at most 365; 0 or left out: until it is revoked"));
  static constexpr std::array errors{engine::kNoSuchChat,    engine::kNotGroup,     engine::kNotMember,
                                     engine::kNotAllowed,    engine::kBadLinkTerms, engine::kGroupLinksFull,
                                     engine::kRefusedByHome, engine::kOvertaken};
};

template <>
struct Shape<engine::ListGroupLinks> {
  using Answer = engine::GroupLinks;
  static constexpr std::string_view name = "list_group_links";
  static constexpr std::string_view about = "Lists the links of a group.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ListGroupLinks::chat, "which group"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup};
};

template <>
struct Shape<engine::RevokeGroupLink> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "revoke_group_link";
  static constexpr std::string_view
      about =
          "Ends a link of a group, whichever admin made it. Answered once the group's log has it: nobody comes in by "
          "it " "then.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::RevokeGroupLink::chat, "which group"),
                                                 field("link", &engine::RevokeGroupLink::link, "which link"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup,        engine::kNotMember,
                                     engine::kNotAllowed, engine::kNoSuchGroupLink, engine::kOvertaken};
};

template <>
struct Shape<engine::JoinGroup> {
  using Answer = engine::JoinAsked;
  static constexpr std::string_view name = "join_group";
  static constexpr std::string_view about =
      "Asks to be let into a group by its link. Goes on across restarts, for 30 days.";
  static constexpr auto fields = fields_in_order(
      field("link", &engine::JoinGroup::link, "godwit:g#..."),
      field_or_default("greeting", &engine::JoinGroup::greeting, "at most 200 characters, for the admin who decides"));
  static constexpr std::array errors{engine::kNoAccount,      engine::kLinkNotGodwit,    engine::kLinkDamaged,
                                     engine::kLinkNewer,      engine::kTooLong,          engine::kNotText,
                                     engine::kAlreadyInGroup, engine::kGroupLinkExpired, engine::kGroupLinkGone,
                                     engine::kRefusedByHome,  engine::kTooMuchWork,      engine::kOvertaken};
};

template <>
struct Shape<engine::ListJoinRequests> {
  using Answer = engine::JoinRequests;
  static constexpr std::string_view name = "list_join_requests";
  static constexpr std::string_view about = "Lists those who wait for an admin of a group, on an admin's device.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ListJoinRequests::chat, "which group"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup};
};

template <>
struct Shape<engine::ApproveJoin> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "approve_join";
  static constexpr std::string_view about = "Lets in one who waits. Answered once the group's log has it.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ApproveJoin::chat, "which group"),
                                                 field("account", &engine::ApproveJoin::account, "who"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup,          engine::kNotMember,
                                     engine::kNotAllowed, engine::kNoSuchJoinRequest, engine::kGroupFull,
                                     engine::kOvertaken};
};

template <>
struct Shape<engine::RefuseJoin> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "refuse_join";
  static constexpr std::string_view about = "Does not let one in who waits; he is told.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::RefuseJoin::chat, "which group"),
                                                 field("account", &engine::RefuseJoin::account, "who"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNotGroup, engine::kNotMember, engine::kNotAllowed,
                                     engine::kNoSuchJoinRequest};
};

}  // namespace godwit::api
