#include "session/ticket.h"

#include "codec/reader.h"
#include "crypto/hash.h"
#include "session/errors.h"

namespace godwit::session {
namespace {

constexpr uint8_t kTicketFormat = 1;
constexpr const char* kFormatRule = "a stored ticket is not what was stored";

ByteArray<8> big_endian(Instant time) {
  ByteArray<8> out;
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(static_cast<uint64_t>(time.ms) >> (56 - 8 * i));
  return out;
}

Result<SessionKind> kind_of(uint8_t number) {
  REQUIRE(number == 1 || number == 2, kBadTicket, kFormatRule);
  return static_cast<SessionKind>(number);
}

/// The errors of a reader over stored bytes are one: the ticket is damaged.
template <typename T>
Result<T> stored(Result<T> result) {
  REQUIRE(result, kBadTicket, kFormatRule);
  return result;
}

/// What Ticket and TicketRecord have in common, in this order: format, kind, id, psk, expiry.
template <typename T>
Result<T> read_common(codec::Reader& reader) {
  T out;
  REQUIRE(TRY(stored(reader.u8())) == kTicketFormat, kBadTicket, kFormatRule);
  out.kind = TRY(kind_of(TRY(stored(reader.u8()))));
  REQUIRE(TicketId::from(TRY(stored(reader.raw(TicketId::kSize))), out.id), kBadTicket, kFormatRule);
  out.psk = TRY(TicketPsk::copy_of(TRY(stored(reader.raw(TicketPsk::kSize)))));
  out.expires = Instant{static_cast<int64_t>(TRY(stored(reader.u64())))};
  return out;
}

template <typename T>
crypto::SecretBuffer write(const T& ticket, ByteView rest) {
  const ByteArray<2> head{kTicketFormat, static_cast<uint8_t>(ticket.kind)};
  return crypto::secret_concat({head, ticket.id.view(), ticket.psk.reveal(), big_endian(ticket.expires), rest});
}

crypto::Secret<32> derive(const crypto::Secret<32>& key, std::string_view label) {
  crypto::Secret<32> out;
  crypto::hkdf_expand(key.reveal(), as_bytes(label), out.fill());
  return out;
}

}  // namespace

crypto::SecretBuffer Ticket::serialise() const { return write(*this, home_key); }

Result<Ticket> Ticket::parse(const crypto::SecretBuffer& bytes) {
  codec::Reader reader(bytes.reveal());
  Ticket out = TRY(read_common<Ticket>(reader));
  REQUIRE(reader.rest().size() == out.home_key.size(), kBadTicket, kFormatRule);
  std::ranges::copy(reader.rest(), out.home_key.begin());
  return out;
}

TicketVault::TicketVault(crypto::Secret<32> key)
    : seal_key_(derive(key, "godwit ticket vault seal")), name_key_(derive(key, "godwit ticket vault name")) {}

ByteArray<32> TicketVault::name(const TicketId& id) const { return crypto::hmac_sha256(name_key_.reveal(), id.view()); }

Bytes TicketVault::seal(const TicketRecord& record, Random& random) const {
  const crypto::SecretBuffer plain = write(record, record.binding);
  return crypto::box_seal(seal_key_, random, name(record.id), plain.reveal());
}

Result<TicketRecord> TicketVault::open(const TicketId& id, ByteView sealed) const {
  auto opened = crypto::box_open(seal_key_, name(id), sealed);
  REQUIRE(opened, kBadTicket, "a stored ticket does not open under this key and name");
  const auto plain = crypto::SecretBuffer::adopt(*std::move(opened));
  codec::Reader reader(plain.reveal());
  TicketRecord out = TRY(read_common<TicketRecord>(reader));
  out.binding = to_bytes(reader.rest());
  REQUIRE(out.id == id, kBadTicket, kFormatRule);
  return out;
}

TicketChain::Drawn TicketChain::draw() {
  crypto::Secret<TicketId::kSize + TicketPsk::kSize + 32> material;
  crypto::hkdf_expand(chain_.reveal(), as_bytes("godwit ticket"), material.fill());
  const ByteView bytes = material.reveal();
  Drawn out;
  std::copy_n(bytes.begin(), TicketId::kSize, out.id.value.begin());
  std::ranges::copy(bytes.subspan(TicketId::kSize, TicketPsk::kSize), out.psk.fill().begin());
  std::ranges::copy(bytes.last(32), chain_.fill().begin());
  return out;
}

}  // namespace godwit::session
