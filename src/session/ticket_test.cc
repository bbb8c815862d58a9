#include "session/ticket.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "session/errors.h"

namespace godwit::session {
namespace {

class TicketTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  TicketRecord record() {
    return {TicketId{random_.bytes<16>()}, TicketPsk::random(random_), SessionKind::kMailbox, {1, 2, 3}, Instant{77}};
  }
  crypto::SeededRandom random_{9};
};

TEST_F(TicketTest, a_ticket_survives_storage) {
  const Ticket ticket{TicketId{random_.bytes<16>()}, TicketPsk::random(random_), SessionKind::kAnonymous,
                      Instant{123456789}, random_.bytes<32>()};
  const auto bytes = ticket.serialise();
  const auto parsed = Ticket::parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, ticket.id);
  EXPECT_TRUE(parsed->psk == ticket.psk);
  EXPECT_EQ(parsed->kind, ticket.kind);
  EXPECT_EQ(parsed->expires, ticket.expires);
  EXPECT_EQ(parsed->home_key, ticket.home_key);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(Ticket::parse(crypto::SecretBuffer::copy_of(bytes.reveal().first(size))).error().code, kBadTicket);
  }
}

TEST_F(TicketTest, a_vault_opens_what_it_sealed_and_only_under_its_name) {
  const TicketVault vault(crypto::Secret<32>::random(random_));
  const TicketRecord a = record();
  const TicketRecord b = record();
  const Bytes sealed = vault.seal(a, random_);
  const auto opened = vault.open(a.id, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->id, a.id);
  EXPECT_TRUE(opened->psk == a.psk);
  EXPECT_EQ(opened->kind, a.kind);
  EXPECT_EQ(opened->binding, a.binding);
  EXPECT_EQ(opened->expires, a.expires);
  EXPECT_EQ(vault.open(b.id, sealed).error().code, kBadTicket) << "moved to another name";
  EXPECT_NE(vault.name(a.id), vault.name(b.id));
}

TEST_F(TicketTest, another_vault_key_and_every_change_are_refused) {
  const TicketVault vault(crypto::Secret<32>::random(random_));
  const TicketVault other(crypto::Secret<32>::random(random_));
  const TicketRecord a = record();
  const Bytes sealed = vault.seal(a, random_);
  EXPECT_EQ(other.open(a.id, sealed).error().code, kBadTicket);
  EXPECT_NE(other.name(a.id), vault.name(a.id)) << "names are keyed";
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(vault.open(a.id, changed)) << i;
    EXPECT_FALSE(vault.open(a.id, ByteView(sealed).first(i))) << i;
  }
}

TEST_F(TicketTest, both_ends_draw_the_same_tickets_in_the_same_order) {
  const auto secret = crypto::Secret<32>::random(random_);
  TicketChain a(secret.clone());
  TicketChain b(secret.clone());
  std::vector<TicketId> ids;
  for (int i = 0; i < 10; ++i) {
    const auto from_a = a.draw();
    const auto from_b = b.draw();
    EXPECT_EQ(from_a.id, from_b.id);
    EXPECT_TRUE(from_a.psk == from_b.psk);
    ids.push_back(from_a.id);
  }
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

}  // namespace
}  // namespace godwit::session
