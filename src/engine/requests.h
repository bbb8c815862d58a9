#pragma once
// Contact requests, both ways, and invites for many, which are contact requests that are accepted by themselves.

#include "engine/machine.h"

namespace godwit::engine {

/// Begins an address for contact requests, and stores it.
wire::Alias begin_request_address(Machine& m, bool of_name, uint32_t uses, int64_t expires_ms,
                                  std::optional<CommandId> command);
/// It is to be taken back. Unknown ones are ignored.
void revoke_request_address(Machine& m, const wire::Alias& alias);
/// An address for the own name that another own device has made. False: its alias is another address's.
bool adopt_request_address(Machine& m, SharedName&& shared);
/// Somebody has answered a request on another own device; the chat that comes of it comes by itself.
void take_request_done(Machine& m, const SyncRequestDone& done);
/// What is handed to others of an address.
RequestLink request_link(const Machine& m, const RequestAddressRecord& record);

/// Takes the command MakeOpenInvite.
void make_open_invite(Machine& m, CommandId id, const MakeOpenInvite& command);
/// Takes the command ListOpenInvites.
void list_open_invites(Machine& m, CommandId id);
/// Takes the command RevokeOpenInvite.
void revoke_open_invite(Machine& m, CommandId id, const RevokeOpenInvite& command);
/// Takes the command SendContactRequest.
void send_contact_request(Machine& m, CommandId id, const SendContactRequest& command);
/// Takes the command ListContactRequests.
void list_contact_requests(Machine& m, CommandId id);
/// Takes the command OpenContactRequest.
void open_contact_request(Machine& m, CommandId id, const OpenContactRequest& command);
/// Takes the command AcceptContactRequest.
void accept_contact_request(Machine& m, CommandId id, const AcceptContactRequest& command);
/// Takes the command DeclineContactRequest.
void decline_contact_request(Machine& m, CommandId id, const DeclineContactRequest& command);
/// Takes the command DeclineContactRequests.
void decline_contact_requests(Machine& m, CommandId id);

/// An item came to an address that is no chat's and no invite's. It is kept if it is a request that holds, to one of these
/// addresses, and its account neither blocked nor waiting already.
void take_request_item(Machine& m, const wire::HomeKey& home, const wire::Item& item);
/// The account has moved: what is not of its name is opened at the new home as well, under the same addresses.
void make_request_addresses_anew(Machine& m);
/// Does what waits; lowers `wake` to when to call again.
void pump_requests(Machine& m, Instant& wake);
/// A stored address.
void restore_request_address(Machine& m, RequestAddressRecord record);

}  // namespace godwit::engine
