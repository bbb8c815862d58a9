#include "session/handshake.h"

#include <algorithm>

#include "session/errors.h"
#include "session/handshake_messages.h"

namespace godwit::session {
namespace {

constexpr std::string_view kTicketLabel = "godwit tickets";

Bytes random_padding(Random& random) { return Bytes(static_cast<size_t>(random.below(kHandshakePaddingMax + 1))); }

HandshakeOutcome outcome_of(const HandshakeState& state, bool initiator, uint8_t version) {
  SplitCiphers ciphers = state.split();
  HandshakeOutcome out;
  out.send = std::move(initiator ? ciphers.initiator : ciphers.responder);
  out.receive = std::move(initiator ? ciphers.responder : ciphers.initiator);
  std::ranges::copy(state.handshake_hash(), out.channel_binding.begin());
  out.tickets = TicketChain(state.export_secret(kTicketLabel));
  out.version = version;
  return out;
}

HandshakeKeys psk_keys(const TicketPsk& psk) {
  HandshakeKeys keys;
  keys.psks.push_back(psk.clone());
  return keys;
}

}  // namespace

Result<uint8_t> choose_version(uint8_t version_highest) {
  const uint8_t version = std::min(version_highest, kVersionHighest);
  REQUIRE(version >= kVersionLowest, kVersionUnsupported, "docs/protocol/session.md, Versions: too old");
  return version;
}

Result<ClientHandshake> ClientHandshake::full(const crypto::X25519PublicKey& home_key, Form form, Random& random) {
  HandshakeKeys keys;
  keys.rs = home_key;
  ClientHandshake out(TRY(HandshakeState::create(kFullProtocol, /*initiator=*/true,
                                                 hello_prologue(kVersionHighest, form), std::move(keys), random)));
  out.first_message_ = TRY(out.state_.write_message(random_padding(random)));
  return out;
}

Result<ClientHandshake> ClientHandshake::resume(const Ticket& ticket, Form form, ByteView payload, Random& random) {
  const Bytes prologue = resume_prologue(kVersionHighest, form, ticket.kind, ticket.id);
  ClientHandshake out(TRY(
      HandshakeState::create(kResumeProtocol, /*initiator=*/true, prologue, psk_keys(ticket.psk), random)));
  out.first_message_ = TRY(out.state_.write_message(payload));
  return out;
}

Result<HandshakeOutcome> ClientHandshake::finish(ByteView second_message) {
  const Bytes payload = TRY(state_.read_message(second_message));
  REQUIRE(!payload.empty(), kBadHandshake, "docs/protocol/session.md, Versions: the home names none");
  const uint8_t version = payload.front();
  REQUIRE(version >= kVersionLowest && version <= kVersionHighest, kVersionUnsupported,
          "docs/protocol/session.md, Versions: not one that was offered");
  HandshakeOutcome out = outcome_of(state_, /*initiator=*/true, version);
  out.payload = to_bytes(ByteView(payload).subspan(1));
  return out;
}

Result<HomeFull> home_full(const crypto::X25519KeyPair& identity, Form form, uint8_t version_highest,
                           ByteView first_message, Random& random) {
  const uint8_t version = TRY(choose_version(version_highest));
  HandshakeKeys keys;
  keys.s = crypto::X25519KeyPair{identity.private_key.clone(), identity.public_key};
  HandshakeState state = TRY(HandshakeState::create(kFullProtocol, /*initiator=*/false,
                                                    hello_prologue(version_highest, form), std::move(keys), random));
  TRY(state.read_message(first_message));  // the payload is padding: it can be replayed, so nothing of worth is in it
  Bytes payload = random_padding(random);
  payload.insert(payload.begin(), version);
  Bytes second_message = TRY(state.write_message(payload));
  return HomeFull{std::move(second_message), outcome_of(state, /*initiator=*/false, version)};
}

Result<HomeResume> HomeResume::start(const TicketRecord& record, Form form, uint8_t version_highest,
                                     ByteView first_message, Random& random) {
  const uint8_t version = TRY(choose_version(version_highest));
  const Bytes prologue = resume_prologue(version_highest, form, record.kind, record.id);
  HomeResume out(TRY(
      HandshakeState::create(kResumeProtocol, /*initiator=*/false, prologue, psk_keys(record.psk), random)));
  out.payload_ = TRY(out.state_.read_message(first_message));
  out.version_ = version;
  return out;
}

Result<Bytes> HomeResume::finish(ByteView payload) {
  Bytes whole{version_};
  append(whole, payload);
  return state_.write_message(whole);
}

HandshakeOutcome HomeResume::outcome() const { return outcome_of(state_, /*initiator=*/false, version_); }

}  // namespace godwit::session
