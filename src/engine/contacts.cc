#include "engine/contacts.h"

#include <algorithm>

#include "engine/account.h"
#include "engine/blocks.h"
#include "engine/chat_suite.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/invites.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/sync.h"
#include "mls/errors.h"
#include "mls/ratchet_tree.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

Bytes taking_key(const wire::Alias& alias) { return record_key(RecordKind::kTaking, alias.view()); }

// The one of the key packages that is for chats of two.
Result<mls::KeyPackage> find_key_package(const std::vector<Bytes>& key_packages, Instant now) {
  std::optional<Error> refusal;
  for (const Bytes& one : key_packages) {
    auto parsed = mls::KeyPackage::parse(suite_for(2), one, now);
    if (parsed) return parsed;
    if (!refusal || parsed.error().code != mls::kUnsupportedSuite) refusal = parsed.error();
  }
  return refusal.value_or(Error{mls::kUnsupportedSuite, "an invite has a key package for chats of two"});
}

// The inviter's key package, if it is his and for this invite.
Result<std::pair<mls::KeyPackage, MemberInfo>> check_key_package(const InviteLink& link, ByteView sealed, Instant now) {
  auto package = find_key_package(TRY(open_key_packages(sealed, link.key, link.alias)), now);
  if (!package) {
    const bool late = package.error().code == mls::kLifetime;
    return Error{late ? kInviteRefused : kInviteForged, package.error().rule};
  }
  const mls::LeafNode& leaf = package->leaf_node();
  auto info = validate_member(package->identity(), leaf.signature_key, leaf.extensions);
  REQUIRE(info.has_value(), kInviteForged, "the key package's leaf is of its account");
  REQUIRE(info->account == link.account, kInviteForged, "the key package is of the account in the invite");
  REQUIRE(info->alias == link.alias && info->home.key == link.home.key, kInviteForged,
          "the key package is for the address in the invite");
  return std::pair{std::move(*package), std::move(*info)};
}

// The group of two, and the chat around it. What fails here is wrong with the key package.
Result<Chat> make_chat(Machine& m, const Taking& taking, mls::KeyPackage package, const MemberInfo& inviter) {
  Chat chat;
  ChatRecord& record = chat.record;
  record.chat = taking.record.chat;
  record.peer = inviter.account;
  record.verified = was_verified(m, record.peer);
  record.own_alias = m.random_id<wire::Alias>();
  record.log = {m.self->record.home, m.random_id<wire::LogId>(), {crypto::Secret<32>::random(m.random)}};
  const mls::GroupCreate create{to_bytes(record.chat.view()), own_leaf(m, record.own_alias), {}};
  auto group = TRY(mls::Group::create(suite_for(2), create, m.random, m.wall()));
  mls::CommitRequest request;
  request.add.push_back(std::move(package));
  auto staged = TRY(group.stage_commit(request, m.random, m.wall()));
  REQUIRE(staged.welcome.has_value(), kInviteForged, "a commit that adds somebody has a welcome");
  chat.group = std::move(staged.successor);
  record.keys = TRY(derive_chat_keys(*chat.group));
  sync_members(m, chat);
  const WelcomeBody body{std::move(*staged.welcome), record.log.home, record.log.log, record.log.key.value.clone(),
                         record.keys.clone()};
  for (Bytes& payload : seal_welcome(m, body, taking.link.key, inviter.alias)) {
    queue_welcome(m, chat, inviter.account, std::move(payload));
  }
  return chat;
}

void index_chat(Machine& m, Chat chat) {
  const ChatId id = chat.record.chat;
  m.chat_of_alias[chat.record.own_alias] = id;
  Chat& kept = m.chats.insert_or_assign(id, std::move(chat)).first->second;
  m.put(kept);
  m.put_group(kept);
  m.touch(kept);
}

void on_taken(Machine& m, const wire::Alias& alias, const wire::KeyPackageTaken& taken) {
  const auto node = m.being_taken.extract(alias);
  const Taking& taking = node.mapped();
  m.journal.erase(taking_key(alias));
  m.takings.erase(alias);
  auto checked = check_key_package(taking.link, taken.package, m.wall());
  if (!checked) return m.fail(taking.command, checked.error());
  auto chat = make_chat(m, taking, std::move(checked->first), checked->second);
  if (!chat) return m.fail(taking.command, {kInviteForged, chat.error().rule});
  index_chat(m, std::move(*chat));
  m.done_then(taking.command, ChatMade{chat_info(m, m.chats.at(taking.record.chat))});
}

void on_take_answer(Machine& m, const wire::Alias& alias, const Result<wire::Reply>& reply) {
  const auto found = m.being_taken.find(alias);
  if (found == m.being_taken.end()) return;
  if (reply) {
    if (const auto* taken = std::get_if<wire::KeyPackageTaken>(&*reply)) return on_taken(m, alias, *taken);
  }
  const Outcome outcome = outcome_of(reply);
  if (outcome.error && outcome.error->code.action == Action::kRetryLater) {
    return found->second.attempt.fail(m.now, outcome.retry_after, m.random);
  }
  ErrorCode code = kRefusedByHome;
  if (outcome.is(wire::kNoKeyPackage)) code = kInviteUsed;
  if (outcome.is(wire::kAddressRefused)) code = kInviteRefused;
  fail_taking(m, found->second.record.chat, {code, "the inviter's home gives the key package of the invite"});
}

// Whether a group is what an invite leads to: just founded by the taker, for him and us, and nothing beside.
Status check_chat_of_two(const mls::Group& group) {
  REQUIRE(group.epoch() == 1, kBadContent, "a chat of an invite begins with epoch 1");
  REQUIRE(group.group_context_extensions().empty(), kBadContent, "a chat of an invite has no extensions");
  REQUIRE(group.suite().id == suite_for(2).id, kBadContent, "a chat of two has the hybrid suite");
  const auto tree = TRY(codec::decoded<mls::RatchetTreeIn>(group.ratchet_tree()));
  REQUIRE(group.members().size() == 2 && tree.nodes.size() == 3, kBadContent, "a chat of an invite has a tree of two");
  REQUIRE(group.own_leaf() == mls::LeafIndex{1}, kBadContent, "who founded the chat has its first leaf");
  return {};
}

}  // namespace

bool was_verified(const Machine& m, const AccountId& account) {
  if (find_field(m, SyncKind::kVerified, account.view()) != nullptr) return true;
  return std::ranges::any_of(
      m.chats, [&](const auto& entry) { return entry.second.record.peer == account && entry.second.record.verified; });
}

void add_contact(Machine& m, CommandId id, const AddContact& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  auto link = parse_invite_link(command.link);
  if (!link) return m.fail(id, link.error());
  if (link->account == m.self->record.account) return m.fail(id, {kLinkOwn, "an invite is for somebody else"});
  bool known = m.being_taken.contains(link->alias);
  for (const auto& [chat_id, chat] : m.chats) {
    const MemberRecord* peer = peer_of(chat);
    known = known || (peer != nullptr && peer->alias == link->alias);
  }
  if (known) return m.fail(id, {kLinkKnown, "an invite is taken once"});
  const wire::Alias alias = link->alias;
  if (!m.takings.contains(alias)) {
    m.takings[alias] = {m.random_id<wire::TakeId>(), m.random_id<ChatId>()};
    m.journal.put(taking_key(alias), m.takings[alias]);
  }
  const TakingRecord record = m.takings[alias];
  m.journal.then([&m, alias, record, id, shared = std::make_shared<InviteLink>(std::move(*link))] {
    if (!m.takings.contains(alias)) return;  // it was stopped meanwhile
    m.being_taken.insert_or_assign(alias, Taking{std::move(*shared), record, id, {}});
  });
}

void pump_takings(Machine& m, Instant& wake) {
  for (auto& [alias, taking] : m.being_taken) {
    if (!taking.attempt.may_start(m.now, wake)) continue;
    taking.attempt.start();
    const wire::KeyPackageTake request{alias, to_token(taking.link.token), taking.record.take};
    m.link(taking.record.chat, taking.link.home).submit(request, [&m, taken = alias](const Result<wire::Reply>& reply) {
      on_take_answer(m, taken, reply);
    });
  }
}

bool fail_taking(Machine& m, const ChatId& chat, const Error& error) {
  for (auto it = m.being_taken.begin(); it != m.being_taken.end(); ++it) {
    if (it->second.record.chat != chat) continue;
    m.fail(it->second.command, error);
    m.link(chat, it->second.link.home).cancel_all();
    m.being_taken.erase(it);
    return true;
  }
  return false;
}

void stop_taking(Machine& m, const wire::Alias& invite, bool forget) {
  const auto found = m.being_taken.find(invite);
  if (found != m.being_taken.end()) {
    if (found->second.command != kNobodysCommand) return;
    m.end_link(found->second.record.chat, found->second.link.home);
    m.being_taken.erase(found);
  }
  if (!forget || m.takings.erase(invite) == 0) return;
  m.journal.erase(taking_key(invite));
}

Result<mls::KeyPackagePrivate> find_own_key_package(const InviteRecord& invite, ByteView welcome) {
  const auto recipients = TRY(mls::welcome_recipients(welcome));
  for (const SecretBlob& one : invite.key_packages) {
    auto package = TRY(mls::KeyPackagePrivate::deserialize(one.value.reveal()));
    const auto suite = TRY(mls::find_suite(mls::suites_default(), package.key_package.cipher_suite));
    if (std::ranges::find(recipients, package.ref(*suite)) != recipients.end()) return package;
  }
  return Error{mls::kNotForUs, "a Welcome to an invite is for one of its key packages"};
}

std::vector<Bytes> seal_welcome(Machine& m, const WelcomeBody& body, const crypto::Secret<32>& key,
                                const wire::Alias& alias, size_t part_size) {
  Bytes whole = codec::encoded(body);
  std::vector<Bytes> out;
  const auto seal = [&](EnvelopeKind kind, Bytes bytes) {
    Envelope envelope{kind, {}, std::move(bytes)};
    out.push_back(seal_envelope(envelope, invite_welcome_key(key), alias.view(), m.random));
    crypto::wipe(envelope.body);
  };
  const size_t count = (whole.size() + part_size - 1) / part_size;
  if (count == 1) {
    seal(EnvelopeKind::kWelcome, std::move(whole));
    return out;
  }
  WelcomePart part{m.random.bytes<16>(), 0, static_cast<uint8_t>(count), {}};
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * part_size;
    part.index = static_cast<uint8_t>(i);
    part.bytes = to_bytes(ByteView(whole).subspan(at, std::min(part_size, whole.size() - at)));
    seal(EnvelopeKind::kWelcomePart, codec::encoded(part));
    crypto::wipe(part.bytes);
  }
  crypto::wipe(whole);
  return out;
}

Status join_by_welcome(Machine& m, const wire::Alias& invite_alias, const Envelope& envelope) {
  Invite& invite = m.invites.at(invite_alias);
  if (invite.record.group != ChatId{}) return join_group(m, invite_alias, envelope);
  auto body = TRY(codec::decoded<WelcomeBody>(envelope.body));
  const auto package = TRY(find_own_key_package(invite.record, body.welcome));
  Chat chat;
  chat.group = TRY(mls::Group::join(mls::suites_default(), body.welcome, package, std::nullopt, m.wall()));
  TRY(check_chat_of_two(*chat.group));
  const MemberInfo peer = TRY(validate_member(*chat.group->member({0})));
  REQUIRE(peer.account != m.self->record.account, kBadContent, "a chat is with somebody else");
  const AccountId& wanted = invite.record.asker;
  REQUIRE(wanted == AccountId{} || peer.account == wanted, kBadContent, "who was asked takes the invite, nobody else");
  REQUIRE(!is_blocked(m, peer.account), kBadContent, "who is blocked does not come in");
  ChatRecord& record = chat.record;
  REQUIRE(ChatId::from(chat.group->group_id(), record.chat) && record.chat != ChatId{}, kBadContent,
          "a group id has 16 bytes");
  // MLS-153
  REQUIRE(!m.chats.contains(record.chat), kBadContent, "a group id is new");
  record.inviter = true;
  record.ready = true;
  record.log_ready = true;
  record.log_wanted = true;
  record.peer = peer.account;
  record.verified = was_verified(m, record.peer);
  record.own_alias = invite_alias;
  record.log = {std::move(body.home), body.log, {std::move(body.log_key)}};
  record.entry_token = invite.record.token.clone();
  record.keys = TRY(derive_chat_keys(*chat.group));
  sync_members(m, chat);
  queue_content(m, chat, ContentKind::kHello, codec::encoded(Hello{}));
  forget_invite(m, invite_alias);
  const ChatId id = record.chat;
  index_chat(m, std::move(chat));
  m.tell_then(ChatChanged{chat_info(m, m.chats.at(id))});
  return {};
}

}  // namespace godwit::engine
