#pragma once
// The table's part about names, contact requests, invites for many and blocks: commands, answers and notices.

#include <array>

#include "api/notice_shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::NameClaimed> {
  static constexpr std::string_view name = "name_claimed";
  static constexpr std::string_view about = "The name is claimed.";
  static constexpr auto fields =
      fields_in_order(field("name", &engine::NameClaimed::name, "name@host, as people write it"));
};

template <>
struct Shape<engine::NameState> {
  static constexpr std::string_view name = "name_state";
  static constexpr std::string_view about = "The own name.";
  static constexpr auto fields =
      fields_in_order(field("name", &engine::NameState::name, "name@host; empty: none"),
                      field("passcode", &engine::NameState::passcode, "whether a passcode is needed to find it"));
};

template <>
struct Shape<engine::NameResolved> {
  static constexpr std::string_view name = "name_resolved";
  static constexpr std::string_view about = "Who has a name, by the word of its home.";
  static constexpr auto fields = fields_in_order(field("link", &engine::NameResolved::link, "for send_contact_request"),
                                                 field("account", &engine::NameResolved::account, "who it is"),
                                                 field("name", &engine::NameResolved::name, "as he calls himself"));
};

template <>
struct Shape<engine::RequestSent> {
  static constexpr std::string_view name = "request_sent";
  static constexpr std::string_view about = "The home has the contact request.";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<engine::OpenInviteInfo> {
  static constexpr std::string_view name = "open_invite";
  static constexpr std::string_view about = "An invite for many.";
  static constexpr auto fields = fields_in_order(
      field("invite", &engine::OpenInviteInfo::invite, "names it"),
      field("uses_left", &engine::OpenInviteInfo::uses_left, "how many may still take it; 0: any number"),
      field("expires", &engine::OpenInviteInfo::expires, "until when"),
      field("link", &engine::OpenInviteInfo::link, "to be handed out"));
};

template <>
struct Shape<engine::OpenInvites> {
  static constexpr std::string_view name = "open_invites";
  static constexpr std::string_view about = "The invites for many.";
  static constexpr auto fields = fields_in_order(field("invites", &engine::OpenInvites::invites, "all of them"));
};

template <>
struct Shape<engine::ContactRequestInfo> {
  static constexpr std::string_view name = "contact_request";
  static constexpr std::string_view about = "A contact request that nobody has opened.";
  static constexpr auto fields =
      fields_in_order(field("request", &engine::ContactRequestInfo::request, "names it"),
                      field("received", &engine::ContactRequestInfo::received, "when it came"));
};

template <>
struct Shape<engine::ContactRequests> {
  static constexpr std::string_view name = "contact_requests";
  static constexpr std::string_view about = "The contact requests that wait.";
  static constexpr auto fields = fields_in_order(field("requests", &engine::ContactRequests::requests, "oldest first"));
};

template <>
struct Shape<engine::ContactRequestOpened> {
  static constexpr std::string_view name = "contact_request_opened";
  static constexpr std::string_view about = "What a contact request says. A device of the account has signed it.";
  static constexpr auto fields =
      fields_in_order(field("request", &engine::ContactRequestOpened::request, "which"),
                      field("account", &engine::ContactRequestOpened::account, "who it is"),
                      field("name", &engine::ContactRequestOpened::name, "as he calls himself"),
                      field("greeting", &engine::ContactRequestOpened::greeting, "what he writes"));
};

template <>
struct Shape<engine::BlockedAccounts> {
  static constexpr std::string_view name = "blocked_accounts";
  static constexpr std::string_view about = "The blocked accounts.";
  static constexpr auto fields = fields_in_order(field("accounts", &engine::BlockedAccounts::accounts, "all of them"));
};

template <>
struct Shape<engine::ContactRequestsChanged> {
  static constexpr std::string_view name = "contact_requests_changed";
  static constexpr std::string_view about = "The number of contact requests that wait has changed.";
  static constexpr auto fields = fields_in_order(field("count", &engine::ContactRequestsChanged::count, "how many"));
};

template <>
struct Shape<engine::OpenInviteUsedUp> {
  static constexpr std::string_view name = "open_invite_used_up";
  static constexpr std::string_view about =
      "An invite for many has led to as many chats as it may, and lets nobody in any more.";
  static constexpr auto fields = fields_in_order(field("invite", &engine::OpenInviteUsedUp::invite, "which"),
                                                 field("chats", &engine::OpenInviteUsedUp::chats, "how many"));
};

template <>
struct Shape<engine::ClaimName> {
  using Answer = engine::NameClaimed;
  static constexpr std::string_view name = "claim_name";
  static constexpr std::string_view about =
      "Claims a name at the own home, so that people find this account as name@host.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::ClaimName::name, "3 to 32 letters of one script, digits, and . _ - between them"),
      field_or_default("passcode", &engine::ClaimName::passcode, "at least 6 characters; left out: everybody who knows the name finds it"));
  static constexpr std::array errors{engine::kNoAccount,     engine::kBadName,       engine::kNameTaken,
                                     engine::kHasName,       engine::kPasscodeShort, engine::kTooManyClaims,
                                     engine::kRefusedByHome};
};

template <>
struct Shape<engine::ReleaseName> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "release_name";
  static constexpr std::string_view about = "Gives the own name back.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount, engine::kHasName};
};

template <>
struct Shape<engine::ReadName> {
  using Answer = engine::NameState;
  static constexpr std::string_view name = "read_name";
  static constexpr std::string_view about = "Tells the own name.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::ResolveName> {
  using Answer = engine::NameResolved;
  static constexpr std::string_view name = "resolve_name";
  static constexpr std::string_view about =
      "Asks who has a name. The host is that of the own home, or the link of the home is given. Who it is, is the word of "
      "that home until safety numbers are compared.";
  static constexpr auto fields =
      fields_in_order(field("name", &engine::ResolveName::name, "name@host, or a name"),
                      field_or_default("passcode", &engine::ResolveName::passcode, "if the name has one"),
                      field_or_default("home_link", &engine::ResolveName::home_link,
                                       "godwit-home:..., of a home that is not the own one"));
  static constexpr std::array errors{engine::kNoAccount,    engine::kBadName,     engine::kUnknownNameHome,
                                     engine::kNoSuchName,   engine::kLinkDamaged, engine::kTooMuchWork,
                                     engine::kRefusedByHome};
};

template <>
struct Shape<engine::SendContactRequest> {
  using Answer = engine::RequestSent;
  static constexpr std::string_view name = "send_contact_request";
  static constexpr std::string_view about =
      "Asks somebody whose request link is known to be a contact. The chat comes when he accepts.";
  static constexpr auto fields = fields_in_order(
      field("link", &engine::SendContactRequest::link, "godwit:m#..., as resolve_name and make_open_invite give it"),
      field_or_default("greeting", &engine::SendContactRequest::greeting, "at most 200 characters"));
  static constexpr std::array errors{engine::kNoAccount, engine::kLinkDamaged,   engine::kLinkNotGodwit,
                                     engine::kLinkNewer, engine::kLinkOwn,       engine::kTooLong,
                                     engine::kNotText,   engine::kInviteRefused, engine::kTooMuchWork,
                                     engine::kRefusedByHome};
};

template <>
struct Shape<engine::MakeOpenInvite> {
  using Answer = engine::InviteMade;
  static constexpr std::string_view name = "make_open_invite";
  static constexpr std::string_view about =
      "Makes an invite for many: whoever takes it, by send_contact_request, comes in by himself, once.";
  static constexpr auto fields = fields_in_order(
      field_or_default("uses", &engine::MakeOpenInvite::uses, "how many may; 0 or left out: any number, up to 200"),
      field_or_default("days", &engine::MakeOpenInvite::days, "for how many days, 1 to 365; left out: 30"));
  static constexpr std::array errors{engine::kNoAccount, engine::kBadInviteDays, engine::kRefusedByHome};
};

template <>
struct Shape<engine::ListOpenInvites> {
  using Answer = engine::OpenInvites;
  static constexpr std::string_view name = "list_open_invites";
  static constexpr std::string_view about = "Lists the invites for many.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::RevokeOpenInvite> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "revoke_open_invite";
  static constexpr std::string_view about = "Ends an invite for many.";
  static constexpr auto fields = fields_in_order(field("invite", &engine::RevokeOpenInvite::invite, "which"));
  static constexpr std::array errors{engine::kNoSuchInvite};
};

template <>
struct Shape<engine::ListContactRequests> {
  using Answer = engine::ContactRequests;
  static constexpr std::string_view name = "list_contact_requests";
  static constexpr std::string_view about = "Lists the contact requests that wait, and nothing of what they say.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::OpenContactRequest> {
  using Answer = engine::ContactRequestOpened;
  static constexpr std::string_view name = "open_contact_request";
  static constexpr std::string_view about = "Opens a contact request.";
  static constexpr auto fields = fields_in_order(field("request", &engine::OpenContactRequest::request, "which"));
  static constexpr std::array errors{engine::kNoSuchRequest};
};

template <>
struct Shape<engine::AcceptContactRequest> {
  using Answer = engine::ChatMade;
  static constexpr std::string_view name = "accept_contact_request";
  static constexpr std::string_view about = "Makes the chat with whoever sent a contact request.";
  static constexpr auto fields = fields_in_order(field("request", &engine::AcceptContactRequest::request, "which"));
  static constexpr std::array errors{engine::kNoAccount,  engine::kNoSuchRequest, engine::kLinkKnown,
                                     engine::kInviteUsed, engine::kInviteRefused, engine::kInviteForged,
                                     engine::kWrongHome};
};

template <>
struct Shape<engine::DeclineContactRequest> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "decline_contact_request";
  static constexpr std::string_view about = "Removes a contact request; its sender is told nothing.";
  static constexpr auto fields = fields_in_order(field("request", &engine::DeclineContactRequest::request, "which"));
  static constexpr std::array errors{engine::kNoSuchRequest};
};

template <>
struct Shape<engine::DeclineContactRequests> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "decline_contact_requests";
  static constexpr std::string_view about = "Removes all contact requests that wait; their senders are told nothing.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::BlockAccount> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "block_account";
  static constexpr std::string_view about = "Cuts an account off: nothing of it comes in any more. It is told nothing.";
  static constexpr auto fields = fields_in_order(field("account", &engine::BlockAccount::account, "whom"));
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::UnblockAccount> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "unblock_account";
  static constexpr std::string_view about = "Takes a block back.";
  static constexpr auto fields = fields_in_order(field("account", &engine::UnblockAccount::account, "whom"));
  static constexpr std::array errors{engine::kNotBlocked};
};

template <>
struct Shape<engine::ListBlocked> {
  using Answer = engine::BlockedAccounts;
  static constexpr std::string_view name = "list_blocked";
  static constexpr std::string_view about = "Lists the blocked accounts.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

}  // namespace godwit::api
