#pragma once
// The commands of `godwit` about names, contact requests, invites for many, and blocks; commands.h for the others.

#include <string>

#include "cli/commands.h"

namespace godwit::cli {

/// Of `name claim` and `name find`, and of `request`.
struct NameOptions {
  std::string name;           ///< of `request` also a request link
  std::string passcode_file;  ///< its first line; empty: none
  std::string home;           ///< godwit-home:... of a home that is not known yet
  std::string greeting;
};
/// Prints the own name.
Status run_name(Context& context);
/// Claims a name; prints it with its host.
Status run_name_claim(Context& context, const NameOptions& options);
/// Gives the name back.
Status run_name_release(Context& context);
/// Prints who has a name: how he calls himself, his account, and his request link.
Status run_name_find(Context& context, const NameOptions& options);
/// Sends a contact request to a name, or to a request link.
Status run_request(Context& context, const NameOptions& options);

/// Of `requests`: what to do with which.
struct RequestsOptions {
  std::string request;  ///< id, or its first digits
  bool json = false;
};
/// Prints which contact requests wait, and nothing of what they say.
Status run_requests(Context& context, const RequestsOptions& options);
/// Opens one; prints what it says.
Status run_requests_open(Context& context, const RequestsOptions& options);
/// Accepts one; prints the chat.
Status run_requests_accept(Context& context, const RequestsOptions& options);
/// Removes one.
Status run_requests_decline(Context& context, const RequestsOptions& options);
/// Runs `godwit requests decline-all`.
Status run_requests_decline_all(Context& context);

/// Of `invites`.
struct InvitesOptions {
  uint32_t uses = 0;
  uint32_t days = 30;
  std::string invite;   ///< id, or its first digits
  bool single = false;  ///< only those for one person
  bool json = false;    ///< without `single`: of those for many
};
/// Prints the invites that somebody may still take.
Status run_invites(Context& context, const InvitesOptions& options);
/// Makes one; prints its link.
Status run_invites_make(Context& context, const InvitesOptions& options);
/// Ends one.
Status run_invites_revoke(Context& context, const InvitesOptions& options);

/// Of `block` and `unblock`: a chat of two by name or id, or an account.
struct BlockOptions {
  std::string who;
};
/// Cuts somebody off.
Status run_block(Context& context, const BlockOptions& options);
/// Takes that back.
Status run_unblock(Context& context, const BlockOptions& options);
/// Prints the accounts that are blocked.
Status run_blocked(Context& context);

}  // namespace godwit::cli
