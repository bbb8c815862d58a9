#include "bench/mailbox.h"

#include "crypto/hash.h"
#include "crypto/sealed_item.h"

namespace godwit::bench {

Mailbox::Mailbox(Random& random) : key(crypto::Ed25519KeyPair::generate(random)) {
  random.fill(id.value);
  random.fill(alias.value);
  random.fill(token.value);
}

wire::Request Mailbox::open(const Client& client, const Bytes& admission_code) const {
  return wire::MailboxOpen{id, {key.public_key}, client.mailbox_proof(key, id), admission_code, {}};
}

wire::Request Mailbox::prove(const Client& client) const {
  return wire::MailboxProve{id, {key.public_key}, client.mailbox_proof(key, id)};
}

wire::Request Mailbox::create_address() const { return wire::AddressCreate{alias, {crypto::sha256(token.view())}, 0}; }

wire::Deliver Mailbox::deliver(Bytes payload, Random& random) const {
  constexpr uint32_t kDay = 86'400;
  return {{alias, token, {random.bytes<16>()}}, kDay, std::move(payload)};
}

Bytes Mailbox::open_item(const wire::Item& item) const {
  auto payload = crypto::open_item(token.view(), alias.view(), item.sealed);
  ASSERT(payload.has_value());
  return std::move(payload).value();
}

}  // namespace godwit::bench
