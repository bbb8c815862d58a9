#pragma once
// What goes to the peer's home: one thing at a time and in order, so that the sender's order holds; stored before it is
// sent, with the same bytes and delivery id until it is accepted or its epoch ends.

#include "engine/envelope.h"
#include "engine/machine.h"
#include "wire/bundle.h"

namespace godwit::engine {

/// Messages of one chat that wait to be delivered: months of one person's writing without a network.
constexpr size_t kOutboxMax = 10'000;

/// Queues the welcome of a new chat, sealed under the invite's key: always the first.
void queue_welcome(Machine& m, Chat& chat, const WelcomeBody& body, const crypto::Secret<32>& invite_key);
/// Queues a message that is no text.
void queue_content(Machine& m, Chat& chat, ContentKind kind, Bytes body);
/// Queues a message of the history (again), under its own id.
void queue_again(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position);
/// Queues a content that is encoded already.
void queue_encoded(Machine& m, Chat& chat, const MessageId& id, Bytes content);
/// Delivers a content that nobody keeps, if the way to the receiver is open now and nothing waits: nothing is stored of it.
void deliver_fleeting(Machine& m, Chat& chat, const Content& content);
/// Queues word of a new entry in the group log.
void queue_hint(Machine& m, Chat& chat);

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
/// What waits in the chat's outbox behind item `after` (0: all of it), in its order, as requests for the peer's home, at most
/// `bytes_max` of them. The journal has it after this call, the disk later. It stays in the outbox.
std::vector<Carried> carry_outbox(Machine& m, Chat& chat, uint64_t after, size_t bytes_max);
/// The peer's home has answered one of them. What is not done stays in the outbox.
void on_carried(Machine& m, const ChatId& id, uint64_t number, const wire::DeliveryId& delivery,
                const Result<wire::Reply>& reply);
/// The peer's device has stored the parcel `delivery` itself. What he sends no receipt for (receipts, hints) has arrived then.
void outbox_taken(Machine& m, Chat& chat, uint64_t number, const wire::DeliveryId& delivery);
/// The peer has said that he has the message: it does not have to go out any more.
void outbox_arrived(Machine& m, Chat& chat, const MessageId& id);

/// Delivers what is next, if the chat is ready for it.
void pump_outbox(Machine& m, Chat& chat);
/// The epoch has ended: what is under way is called off, to be encrypted anew.
void outbox_epoch_ended(Machine& m, Chat& chat);

}  // namespace godwit::engine
