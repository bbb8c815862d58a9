#pragma once
// A mailbox with one device and one address, and what its owner and its correspondent ask of the home.

#include "bench/client.h"

namespace godwit::bench {

/// Everything secret about one mailbox, made at random.
struct Mailbox {
  explicit Mailbox(Random& random);

  /// The first request of a session that opens it; `client` must be established.
  wire::Request open(const Client& client, const Bytes& admission_code) const;
  /// The first request of a later session; `client` must be established.
  wire::Request prove(const Client& client) const;
  /// The request that makes its address.
  wire::Request create_address() const;
  /// A delivery to its address, for a day, under a fresh delivery id.
  wire::Deliver deliver(Bytes payload, Random& random) const;
  /// The payload of an item; ends the program if it was not sealed for this address.
  Bytes open_item(const wire::Item& item) const;

  crypto::Ed25519KeyPair key;
  wire::MailboxId id;
  wire::Alias alias;
  wire::Token token;
};

}  // namespace godwit::bench
