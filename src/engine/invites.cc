#include "engine/invites.h"

#include <algorithm>
#include <tuple>

#include "engine/account.h"
#include "engine/doors.h"
#include "engine/groups.h"
#include "engine/home_move.h"
#include "engine/padding.h"
#include "engine/returning.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// Of keys for coming back: whoever is asked uses them soon, or others are asked.
constexpr Duration kReturnLifetime = days(3);

void put(Machine& m, const Invite& invite) {
  m.journal.put(record_key(RecordKind::kInvite, invite.record.alias.view()), invite.record);
}

void give_up(Machine& m, Invite& invite, const Error& error) {
  if (invite.command) m.fail(*invite.command, {kRefusedByHome, error.rule});
  invite.command.reset();
  invite.revoked = true;
}

// What an answer means for one step: true if it is done.
bool settle(Machine& m, Invite& invite, const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    invite.attempt.succeed();
    return true;
  }
  invite.attempt.fail(m.now, outcome.retry_after, m.random);
  const bool later = outcome.error->code.action == Action::kRetryLater && !outcome.is(wire::kQuotaFull);
  if (!later && !invite.revoked) give_up(m, invite, *outcome.error);
  return false;
}

void publish(Machine& m, Invite& invite) {
  std::vector<Bytes> key_packages;
  for (const SecretBlob& one : invite.record.key_packages) {
    const auto private_half = mls::KeyPackagePrivate::deserialize(one.value.reveal());
    if (!private_half) return m.stop({kProfileDamaged, "an invite holds its key packages"});
    key_packages.push_back(private_half->encode_message());
  }
  wire::KeyPackagePublish request{invite.record.alias, {}, std::nullopt};
  request.packages.push_back(seal_key_packages(key_packages, invite.record.key.value, invite.record.alias, m.random));
  m.mailbox().submit(request, [&m, alias = invite.record.alias](const Result<wire::Reply>& reply) {
    const auto found = m.invites.find(alias);
    if (found == m.invites.end() || !settle(m, found->second, reply)) return;
    Invite& published = found->second;
    published.record.published = true;
    put(m, published);
    if (published.command) m.done_then(*published.command, InviteMade{invite_text(m, published.record)});
    published.command.reset();
  });
}

void create_address(Machine& m, Invite& invite) {
  const wire::AddressCreate request{invite.record.alias, hash_of(invite.record.token.value), 0};
  m.mailbox().submit(request, [&m, alias = invite.record.alias](const Result<wire::Reply>& reply) {
    const auto found = m.invites.find(alias);
    if (found == m.invites.end() || !settle(m, found->second, reply)) return;
    if (found->second.record.group != ChatId{}) {
      found->second.record.published = true;
      put(m, found->second);
      // Those of a request are taken along by it.
      if (!is_joining(m, alias) && !is_returning(m, alias)) offer_keys(m, found->second.record);
      return;
    }
    found->second.attempt.start();
    publish(m, found->second);
  });
}

void revoke(Machine& m, Invite& invite) {
  revoke_at_former(m, invite.record.alias);
  m.mailbox().submit(wire::AddressRevoke{invite.record.alias},
                     [&m, alias = invite.record.alias](const Result<wire::Reply>& reply) {
                       const auto found = m.invites.find(alias);
                       if (found == m.invites.end() || !settle(m, found->second, reply)) return;
                       forget_invite(m, alias);
                     });
}

}  // namespace

std::string invite_text(const Machine& m, const InviteRecord& record) {
  const AccountRecord& own = m.self->record;
  const auto& formers = m.move.record.formers;
  const auto former =
      std::ranges::find_if(formers, [&](const FormerHome& each) { return record.made_ms < each.left_ms; });
  return to_text(InviteLink{own.account, own.name, former == formers.end() ? own.home : former->home, record.alias,
                            record.token.value.clone(), record.key.value.clone()});
}

namespace {

wire::Alias begin(Machine& m, Invite invite, const ByteArray<32>* replaces = nullptr) {
  invite.record.alias = m.random_id<wire::Alias>();
  invite.record.token.value = crypto::Secret<32>::random(m.random);
  invite.record.key.value = crypto::Secret<32>::random(m.random);
  if (replaces != nullptr) invite.record.alias = return_alias(invite.record.key.value);
  invite.record.made_ms = m.wall().ms;
  for (const mls::CipherSuite* suite : mls::suites_default()) {
    const auto key_package =
        mls::KeyPackagePrivate::generate(*suite, own_leaf(m, invite.record.alias, &invite.record.token.value, replaces),
                                         replaces != nullptr ? kReturnLifetime : kInviteLifetime, m.random, m.wall());
    invite.record.key_packages.push_back({key_package.serialize()});
  }
  const wire::Alias alias = invite.record.alias;
  put(m, invite);
  m.invites.insert_or_assign(alias, std::move(invite));
  m.journal.then([&m, alias] {
    if (const auto found = m.invites.find(alias); found != m.invites.end()) found->second.stored = true;
  });
  return alias;
}

}  // namespace

wire::Alias begin_invite(Machine& m, std::optional<CommandId> command, const AccountId& taker) {
  Invite invite;
  invite.command = command;
  invite.record.asker = taker;
  return begin(m, std::move(invite));
}

void make_invite(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  begin_invite(m, id);
}

namespace {

// One that a person has made, to hand to another one: not keys for a group, and not those for one account alone.
bool is_for_one(const Invite& invite) {
  const InviteRecord& record = invite.record;
  return record.published && !invite.revoked && record.group == ChatId{} && record.asker == AccountId{};
}

}  // namespace

void list_invites(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  Invites out;
  for (const auto& [alias, invite] : m.invites) {
    if (!is_for_one(invite)) continue;
    const Instant made{invite.record.made_ms};
    out.invites.push_back({alias, made, made + kInviteLifetime, invite_text(m, invite.record)});
  }
  std::ranges::sort(out.invites, {}, [](const InviteInfo& each) { return std::tie(each.made, each.invite); });
  m.done(id, std::move(out));
}

void revoke_invite(Machine& m, CommandId id, const RevokeInvite& command) {
  const auto found = m.invites.find(command.invite);
  if (found == m.invites.end() || !is_for_one(found->second))
    return m.fail(id, {kNoSuchInvite, "an invite for one person that nobody has taken"});
  Invite& invite = found->second;
  // Without keys no welcome opens, whatever the home does; and what is not published is revoked after a restart.
  invite.record.key_packages.clear();
  invite.record.published = false;
  invite.revoked = invite.taken_back = true;
  put(m, invite);
  m.done_then(id, Nothing{});
}

wire::Alias add_offer(Machine& m, const ChatId& group, const AccountId& asker, const ByteArray<32>* replaces) {
  Invite invite;
  invite.record.group = group;
  invite.record.asker = asker;
  return begin(m, std::move(invite), replaces);
}

void end_offer_soon(Machine& m, const wire::Alias& alias) {
  const auto found = m.invites.find(alias);
  if (found == m.invites.end()) return;
  found->second.record.made_ms = (m.wall() + kOfferGrace - kInviteLifetime).ms;
  put(m, found->second);
}

void pump_invites(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  std::vector<wire::Alias> expired;
  for (auto& [alias, invite] : m.invites) {
    const Instant expires = m.when(invite.record.made_ms) + kInviteLifetime;
    if (expires <= m.now && is_by_own_device(m, invite.record)) {
      expired.push_back(alias);  // the address is not its own: our other devices have it
      continue;
    }
    if (expires <= m.now) invite.revoked = true;
    // Its keys go at once; the home's answer to the revocation may take months.
    if (invite.revoked && !invite.record.key_packages.empty()) {
      invite.record.key_packages.clear();
      put(m, invite);
    }
    if (!invite.revoked && invite.record.published) {
      wake = std::min(wake, expires);
      continue;
    }
    if (!invite.stored || !invite.attempt.may_start(m.now, wake)) continue;
    invite.attempt.start();
    if (invite.revoked) {
      revoke(m, invite);
    } else {
      create_address(m, invite);
    }
  }
  for (const wire::Alias& alias : expired) forget_invite(m, alias);
}

void forget_invite(Machine& m, const wire::Alias& alias) {
  m.journal.erase(record_key(RecordKind::kInvite, alias.view()));
  m.invites.erase(alias);
}

Bytes seal_key_packages(const std::vector<Bytes>& key_packages, const crypto::Secret<32>& invite_key,
                        const wire::Alias& alias, Random& random) {
  codec::Writer writer;
  codec::encode(writer, key_packages);
  Bytes plaintext = writer.take();
  pad(plaintext);
  return crypto::box_seal(invite_package_key(invite_key), random, alias.view(), plaintext);
}

Result<std::vector<Bytes>> open_key_packages(ByteView sealed, const crypto::Secret<32>& invite_key,
                                             const wire::Alias& alias) {
  const auto plaintext = crypto::box_open(invite_package_key(invite_key), alias.view(), sealed);
  REQUIRE(plaintext.has_value(), kInviteForged, "key packages open with the invite's key");
  codec::Reader reader(*plaintext);
  auto key_packages = codec::decode<std::vector<Bytes>>(reader);
  REQUIRE(key_packages.has_value() && is_padding(reader.rest()), kInviteForged, "sealed key packages are well-formed");
  return std::move(*key_packages);
}

}  // namespace godwit::engine
