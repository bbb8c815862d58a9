#pragma once
// The two handshakes, each from both sides: NKhfs with a home's key, NNpsk0 with a ticket (docs/protocol/session.md).
// Not here: cookies, limits and timeouts (handshake_gate.h, client_session.h, home_session.h).

#include "base/random.h"
#include "crypto/x25519.h"
#include "session/handshake_state.h"
#include "session/ticket.h"
#include "session/types.h"

namespace godwit::session {

constexpr std::string_view kFullProtocol = "Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256";
constexpr std::string_view kResumeProtocol = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";

/// What both sides have when a handshake is through.
struct HandshakeOutcome {
  CipherState send;
  CipherState receive;
  ChannelBinding channel_binding{};
  TicketChain tickets;
  uint8_t version = 0;
  Bytes payload;  ///< of a resumption: the frames beside the version; else empty
};

/// The version that a home uses with a client that speaks up to `version_highest`. kVersionUnsupported.
Result<uint8_t> choose_version(uint8_t version_highest);

/// The client's side of either handshake, between its two messages.
class ClientHandshake {
 public:
  /// A full handshake with random padding. kBadHandshake: the home's key is of small order.
  static Result<ClientHandshake> full(const crypto::X25519PublicKey& home_key, Form form, Random& random);
  /// A resumption with `payload` (at most kFirstFlightSizeMax) in the first flight.
  static Result<ClientHandshake> resume(const Ticket& ticket, Form form, ByteView payload, Random& random);

  /// Noise message 1.
  const Bytes& first_message() const { return first_message_; }
  /// Noise message 2: version and payload inside. kBadHandshake: not from this home, or damaged. kVersionUnsupported: a
  /// version that we did not offer.
  Result<HandshakeOutcome> finish(ByteView second_message);

 private:
  explicit ClientHandshake(HandshakeState state) : state_(std::move(state)) {}
  HandshakeState state_;
  Bytes first_message_;
};

/// What a home makes of a hello.
struct HomeFull {
  Bytes second_message;
  HandshakeOutcome outcome;
};
/// The home's side of a full handshake: message 2 and what follows. kBadHandshake: not for this home, another form,
/// damaged. kVersionUnsupported.
Result<HomeFull> home_full(const crypto::X25519KeyPair& identity, Form form, uint8_t version_highest,
                           ByteView first_message, Random& random);

/// The home's side of a resumption, between its two messages.
class HomeResume {
 public:
  /// kBadHandshake: another psk, kind or form, damaged. kVersionUnsupported.
  static Result<HomeResume> start(const TicketRecord& record, Form form, uint8_t version_highest,
                                  ByteView first_message, Random& random);
  /// What stood in the first flight.
  const Bytes& payload() const { return payload_; }
  /// The version in use.
  uint8_t version() const { return version_; }
  /// Message 2 with `payload` in it. kBadHandshake: the client's ephemeral key is of small order.
  Result<Bytes> finish(ByteView payload);
  /// After finish().
  HandshakeOutcome outcome() const;

 private:
  explicit HomeResume(HandshakeState state) : state_(std::move(state)) {}
  HandshakeState state_;
  Bytes payload_;
  uint8_t version_ = 0;
};

}  // namespace godwit::session
