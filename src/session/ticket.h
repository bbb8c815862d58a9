#pragma once
// Tickets: what lets a session live longer than its pipe. Each works once.
//
// Neither side sends a ticket: both draw it from a chain that starts at an exporter on the chaining key before Split
// (docs/protocol/session.md, "Tickets"), and the chain forgets what it gave out. What the home keeps of a ticket is a
// TicketRecord, sealed by a TicketVault under a key that is not on the same disk; what a client keeps is a Ticket, which it
// seals like everything else in its profile.

#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/secret.h"
#include "crypto/x25519.h"
#include "session/types.h"

namespace godwit::session {

/// The pre-shared key of a ticket.
using TicketPsk = crypto::Secret<32>;

/// A client's ticket.
struct Ticket {
  TicketId id;
  TicketPsk psk;
  SessionKind kind = SessionKind::kAnonymous;
  Instant expires;                     ///< by the client's clock; the home has the last word
  crypto::X25519PublicKey home_key{};  ///< whose ticket it is

  /// A second copy, asked for by name: one to store, one to use.
  Ticket clone() const { return {id, psk.clone(), kind, expires, home_key}; }
  /// The ticket as bytes, for sealed storage only: the psk is in it.
  crypto::SecretBuffer serialise() const;
  /// The reverse. kBadTicket: throw it away.
  static Result<Ticket> parse(const crypto::SecretBuffer& bytes);
};

/// What a home knows of a ticket while it is valid.
struct TicketRecord {
  TicketId id;
  TicketPsk psk;
  SessionKind kind = SessionKind::kAnonymous;
  Bytes binding;    ///< for kMailbox: what the home bound the session to (opaque here); else empty
  Instant expires;  ///< by the home's clock

  /// A second copy, asked for by name.
  TicketRecord clone() const { return {id, psk.clone(), kind, binding, expires}; }
};

/// Seals ticket records for the home's store. Pure: the home takes a record out of the store and deletes it in one
/// step (so that it works once, in a cluster too), then opens it here.
class TicketVault {
 public:
  /// `key` is never on the disk that holds the records: from memory, or a key file on another volume.
  explicit TicketVault(crypto::Secret<32> key);

  /// Under which name (32 bytes) the store keeps the ticket `id`: a keyed hash, so that a seized disk and a recording of
  /// the line do not match.
  ByteArray<32> name(const TicketId& id) const;
  /// The record, sealed and bound to its name.
  Bytes seal(const TicketRecord& record, Random& random) const;
  /// What was stored under name(id). kBadTicket: another key (the home was restarted with a key in memory), damaged or
  /// moved; treat the ticket as unknown.
  Result<TicketRecord> open(const TicketId& id, ByteView sealed) const;

 private:
  crypto::AeadKey seal_key_;
  crypto::Secret<32> name_key_;
};

/// The chain that both sides of a session draw tickets from, in the same order. Forward secret: what was drawn cannot be
/// drawn again.
class TicketChain {
 public:
  /// Draws nothing of use; for members that are assigned later.
  TicketChain() = default;
  /// From the handshake's exporter secret.
  explicit TicketChain(crypto::Secret<32> exporter_secret) : chain_(std::move(exporter_secret)) {}

  /// Id and psk of one ticket.
  struct Drawn {
    TicketId id;
    TicketPsk psk;
  };
  /// The next ticket.
  Drawn draw();

 private:
  crypto::Secret<32> chain_;
};

}  // namespace godwit::session
