#pragma once
// What goes to the homes of members: stored before it is sent, with the same bytes and delivery ids until it is accepted or its
// epoch ends. fanout.h delivers it.

#include "engine/envelope.h"
#include "engine/machine.h"
#include "wire/bundle.h"

namespace godwit::engine {

/// Messages of one chat that wait to be delivered: months of one person's writing without a network.
constexpr size_t kOutboxMax = 10'000;

/// Queues a welcome that is sealed already: the first that `account`, who is about to be a member, gets.
void queue_welcome(Machine& m, Chat& chat, const AccountId& account, Bytes payload);
/// Queues a message that is no text, to everybody or to one member alone.
void queue_content(Machine& m, Chat& chat, ContentKind kind, Bytes body, const AccountId* to = nullptr);
/// Queues a message of the history (again), under its own id, to everybody or to one member alone.
void queue_again(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position,
                 const AccountId* to = nullptr);
/// Queues a content that is encoded already, to everybody or to one member alone.
void queue_encoded(Machine& m, Chat& chat, const MessageId& id, Bytes content, const AccountId* to = nullptr);
/// Queues a message of the history again, to some members.
void queue_again_for(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position, MemberSet recipients);
/// Queues a content that is encoded already, to some members.
void queue_for(Machine& m, Chat& chat, const MessageId& id, Bytes content, MemberSet recipients);
/// Delivers a content that nobody keeps to those whose homes are open to us and who have nothing else on its way: nothing is
/// stored of it.
void deliver_fleeting(Machine& m, Chat& chat, const Content& content);
/// Encrypts and seals a content that goes past the outbox: it has no reference, so nobody asks for it again. The new state is in the journal
/// then: send it from Journal::then(). Nothing: this epoch takes no messages.
std::optional<OutboxRecord> seal_at_once(Machine& m, Chat& chat, const Content& content);
/// Queues word of a new entry in the group log.
void queue_hint(Machine& m, Chat& chat);

/// Queues a proposal to everybody.
void queue_proposal(Machine& m, Chat& chat, Bytes proposal);

/// Queues the asking for a return to one member.
void queue_return(Machine& m, Chat& chat, Bytes body, const AccountId& to);

/// Queues word of where the group log goes on, a LogMoves, to everybody or to one member.
void queue_moved(Machine& m, Chat& chat, const Bytes& moves, const AccountId* to = nullptr);
/// Queues the question where it does, a LogAsked, to some.
void queue_log_asked(Machine& m, Chat& chat, Bytes body, const std::vector<AccountId>& to);

/// Parcels on their way into a bundle (bundle.h).
struct ParcelBag {
  std::vector<wire::Parcel> parcels;
  size_t bytes_left = 0;
  uint32_t left = 0;  ///< Items that did not fit.
  size_t parcels_max = 10'000;
  std::vector<uint64_t> numbers = {};  ///< Of each parcel, in its chat's outbox.
};
/// Puts what waits in the chat's outbox behind the number `after` into `bag`, in its order, encrypted for the epoch as it is.
/// It stays in the outbox.
void collect_parcels(Machine& m, Chat& chat, ParcelBag& bag, uint64_t after = 0);
/// One delivery on its way past the chat's link.
struct Carried {
  uint64_t number = 0;
  wire::DeliveryId delivery;
  Bytes request;  ///< An encoded wire::Deliver.
};
/// What waits in the outbox of a chat of two behind item `after` (0: all of it), in its order, as requests for the peer's home,
/// at most `bytes_max` of them. The journal has it after this call, the disk later. It stays in the outbox.
std::vector<Carried> carry_outbox(Machine& m, Chat& chat, uint64_t after, size_t bytes_max);
/// The peer's home has answered one of them. What is not done stays in the outbox.
void on_carried(Machine& m, const ChatId& id, uint64_t number, const wire::DeliveryId& delivery,
                const Result<wire::Reply>& reply);
/// The peer's device has stored the parcel `delivery` itself. What he sends no receipt for (receipts, hints) has arrived then.
void outbox_taken(Machine& m, Chat& chat, uint64_t number, const wire::DeliveryId& delivery);
/// A member has said that he has the message: it does not have to go out to him any more.
void outbox_arrived(Machine& m, Chat& chat, const AccountId& account, const MessageId& id);
/// True if this item waits until its owner answers for the recipient's new devices; `held_back`: is_held_back() of the chat.
bool is_held(const OutboxRecord& item, bool held_back);
/// Our own message `id` was taken back or has disappeared: it goes out to nobody any more.
void outbox_withdraw(Machine& m, Chat& chat, const MessageId& id);
/// The same of its edits.
void outbox_withdraw_edits(Machine& m, Chat& chat, const MessageId& target);

// ---- for fanout.cc ----------------------------------------------------------------------------------------------------

/// Encrypts the item, if that has not been done in this epoch; the new state is in the journal then. False: this epoch takes no
/// messages, or not yet.
bool encrypt_item(Machine& m, Chat& chat, uint64_t number, OutboxRecord& item);
/// The item is done for one member: his home has `accepted` it or never will.
void close_recipient(Machine& m, Chat& chat, uint64_t number, uint32_t member, bool accepted);
/// Stores how far an item has come, or forgets it if nobody is left.
void end_if_done(Machine& m, Chat& chat, uint64_t number);
/// We are not a member any more: nothing goes out but the welcomes of those whom we have let in.
void clear_outbox(Machine& m, Chat& chat);
/// The epoch is lost: calls off what is under way, and forgets all but contents.
void keep_contents(Machine& m, Chat& chat);
/// The members are numbered anew, and the recipients of what waits are set: it is encrypted in the epoch as it is.
void address_anew(Machine& m, Chat& chat);
/// Somebody is not a member any more: nothing goes to him.
void forget_recipients(Machine& m, Chat& chat);

/// Delivers what is next, if the chat is ready for it.
void pump_outbox(Machine& m, Chat& chat);
/// The epoch has ended: what is under way is called off, to be encrypted anew.
void outbox_epoch_ended(Machine& m, Chat& chat);

}  // namespace godwit::engine
