#pragma once
// Requests about names and from strangers (docs/protocol/wire.md, "Names and contact requests").

#include "wire/fields.h"
#include "wire/ids.h"

namespace godwit::wire {

/// Bounds; a home answers kTooLarge above them.
constexpr uint32_t kNameCardSizeMax = 8 * 1024;         ///< of what stands behind a name
constexpr uint32_t kContactRequestSizeMax = 24 * 1024;  ///< of one contact request

/// One recipient of a delivery.
struct Recipient {
  Alias alias;
  Token token;
  DeliveryId delivery_id;
  GODWIT_WIRE_FIELDS(self.alias, self.token, self.delivery_id)
};
/// Puts a card behind a name, for as long as the mailbox is there (mailbox session); again by the same mailbox: another card
/// or passcode. kNameTaken, kHasName.
struct NameClaim {
  NameId name;
  TokenHash access_hash;  ///< SHA-256 of what a NameResolve shows
  Bytes card;             ///< sealed: the home cannot read it without the name
  GODWIT_WIRE_FIELDS(self.name, self.access_hash, self.card)
};
/// Gives the mailbox's name back: from now on nobody finds it, and everybody may claim it (mailbox session). Idempotent.
struct NameRelease {
  GODWIT_WIRE_FIELDS()
};
/// Asks for the card behind a name (anonymous session). Answered by NameCard. kNameRefused: no such name or another
/// passcode, always this one answer; kProofOfWorkRefused: more of it the more often this name was asked for;
/// kTooManyRequests. Idempotent.
struct NameResolve {
  NameId name;
  Token access;      ///< made of name and passcode
  ProofOfWork work;  ///< over name and access
  GODWIT_WIRE_FIELDS(self.name, self.access, self.work)
};
/// Delivers a contact request to an address that takes those (AddressCreate, `strangers`), for 30 days (anonymous session).
/// Idempotent by delivery id. kAddressRefused, kQuotaFull, kTooManyRequests; kProofOfWorkRefused: more of it the more wait.
struct ContactDeliver {
  Recipient recipient;
  ProofOfWork work;  ///< over alias and delivery id
  Bytes payload;
  GODWIT_WIRE_FIELDS(self.recipient, self.work, self.payload)
};

}  // namespace godwit::wire
