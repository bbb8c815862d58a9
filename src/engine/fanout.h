#pragma once
// From one item of the outbox to all its recipients: one request for each home, with up to 256 of those who live there. Each
// member gets one item at a time, in the sender's order; whose home is slow or refuses holds up nobody else.

#include "engine/machine.h"

namespace godwit::engine {

/// The tokens under which a member's address may take messages, the likeliest first: that of the base epoch, those of the
/// bases before for who has not seen the last Remove yet, and the one that he had before he was in.
std::vector<wire::Token> tokens_of(const Chat& chat, const MemberRecord& member);
/// The delivery id of an item for one recipient: made of the item's own, so that a repetition has the same.
wire::DeliveryId delivery_id_of(const OutboxRecord& item, const wire::Alias& alias);
/// The request that brings an item to these members, who live at one home; it is kept there for `ttl_seconds`, 0: only if they
/// are connected.
wire::Request delivery_request(const Chat& chat, const OutboxRecord& item, const std::vector<const Member*>& members,
                               uint32_t ttl_seconds);
/// How long a home keeps what is delivered: a little less than it may, and not the same for everybody, so that its end does not
/// say on which day it came (docs/protocol/home.md, Times).
uint32_t time_to_live(Random& random);

/// What became of it for each of `count` recipients of such a request.
std::vector<Outcome> outcomes_of(const Result<wire::Reply>& reply, size_t count);

/// Delivers to everybody what is next for him.
void pump_fanout(Machine& m, Chat& chat);
/// Takes back the requests that are delivering item `number`; 0: all that an epoch has encrypted.
void call_off(Machine& m, Chat& chat, uint64_t number);
/// This member's address is another one: what is on its way to the one before is sent anew.
void aim_anew(Machine& m, Chat& chat, const Member& member);
/// True if something in the outbox is for this member and may go out.
bool has_open_items(const Machine& m, const Chat& chat, uint32_t member);

}  // namespace godwit::engine
