#include "engine/account.h"

#include "crypto/proof_of_work.h"
#include "engine/backup.h"
#include "engine/contacts.h"
#include "engine/devices.h"
#include "engine/group_settings.h"
#include "engine/home_move.h"
#include "engine/home_of_link.h"
#include "engine/inbox.h"
#include "engine/lan.h"
#include "engine/linking.h"
#include "engine/own_addresses.h"
#include "engine/own_name.h"
#include "engine/recovery_key.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// True if an account was begun with the same link: its words and mailbox go on, since the code may be spent on it.
bool goes_on(const Machine& m, const wire::HomeLink& link) {
  return m.self && m.self->record.home.key == link.home.key && m.self->record.admission_code == link.admission_code &&
         !m.devices.record.recovery_seed.value.empty();
}

crypto::Ed25519KeyPair choose_words(Machine& m, const wire::HomeLink& link) {
  if (goes_on(m, link)) {
    auto seed = crypto::Secret<32>::copy_of(m.devices.record.recovery_seed.value.reveal());
    if (seed) return crypto::Ed25519KeyPair::from_seed(std::move(*seed));
  }
  return crypto::Ed25519KeyPair::generate(m.random);
}

AccountRecord make_record(Machine& m, const NewAccount& command, const wire::HomeLink& link,
                          const crypto::Ed25519KeyPair& recovery) {
  AccountRecord record;
  auto device = crypto::Ed25519KeyPair::generate(m.random);
  record.account = account_of(recovery.public_key);
  record.name = command.name;
  record.devices = DeviceList::create(recovery, device.public_key, m.wall()).entries();
  record.device_seed.value = std::move(device.seed);
  record.home = link.home;
  record.admission_code = link.admission_code;
  record.mailbox = recovery_secrets(recovery).mailbox;
  if (goes_on(m, link)) {
    record.mailbox_seed = m.self->record.mailbox_seed.clone();
  } else {
    record.mailbox_seed.value = crypto::Secret<32>::random(m.random);
  }
  return record;
}

void refuse_account(Machine& m, ErrorCode code, const char* rule) {
  if (m.being_made) m.fail(m.being_made->command, {code, rule});
  m.being_made.reset();
  m.forget_account();
}

}  // namespace

namespace {

Bytes proof_signature(const Machine& m, const session::ChannelBinding& binding) {
  Bytes message = to_bytes(as_bytes(wire::kMailboxProofLabel));
  append(message, binding);
  append(message, m.self->record.mailbox.view());
  return to_bytes(m.self->mailbox.sign(message));
}

}  // namespace

wire::Request mailbox_proof(const Machine& m, const session::ChannelBinding& binding) {
  const AccountRecord& record = m.self->record;
  if (!record.opened) return opening_proof(m, binding, record.admission_code, m.mailbox_work);
  return wire::MailboxProve{record.mailbox, wire::MailboxKey{m.self->mailbox.public_key}, proof_signature(m, binding)};
}

wire::Request opening_proof(const Machine& m, const session::ChannelBinding& binding, const Bytes& admission_code,
                            uint64_t work) {
  return wire::MailboxOpen{m.self->record.mailbox, wire::MailboxKey{m.self->mailbox.public_key},
                           proof_signature(m, binding), admission_code, {work}, m.devices.record.recovery};
}

namespace {

std::optional<Duration> on_proof_refused(Machine& m, const Outcome& outcome) {
  if (outcome.is(wire::kProofOfWorkRefused) && outcome.detail > 0 && outcome.detail <= kProofBitsMax) {
    m.mailbox_work = crypto::find_work(wire::kWorkLabel, m.self->record.mailbox.view(),
                                       static_cast<uint8_t>(outcome.detail), m.mailbox_work);
    return Duration{};
  }
  const Duration pause = std::max(outcome.retry_after, kLinkPenalty);
  if (outcome.error->code.action == Action::kRetryLater) return pause;
  if (!m.self->record.opened) {
    refuse_account(m, kRefusedByHome, "the home opens a mailbox for its link");
  } else if (outcome.is(wire::kNoSuchMailbox)) {
    m.tell(Trouble{*outcome.error});
    return hours(1);
  }
  return pause;
}

void answer_made(Machine& m, const AccountBeingMade& made) {
  const AccountRecord& record = m.self->record;
  if (made.recovery_key.empty()) {
    m.done_then(made.command, AccountRecovered{record.account, record.name, {}});
  } else {
    m.done_then(made.command, AccountMade{record.account, made.recovery_key});
  }
}

std::optional<Duration> on_proved(Machine& m, const wire::Reply& reply) {
  const Outcome outcome = outcome_of(reply);
  if (!outcome.ok()) return on_proof_refused(m, outcome);
  if (m.self->record.opened) {
    home_proved(m);
    sweep_mailbox(m, m.self->record.home);
    return std::nullopt;
  }
  m.self->record.opened = true;
  m.journal.put(record_key(RecordKind::kAccount), m.self->record);
  m.devices.record.recovery_seed = {};
  put_devices(m);
  if (m.being_made) answer_made(m, *m.being_made);
  m.being_made.reset();
  fetch(m);
  return std::nullopt;
}

void tell_connection(Machine& m, const LinkState& state) {
  if (!m.self) return;
  ConnectionChanged now;
  now.connection = state.connection;
  now.why = state.why;
  now.trying = state.trying;
  now.nearby = chats_nearby(m);
  now.through_home = m.courier.through_home && state.connection == Connection::kConnected;
  now.home_full = m.links.full_homes.has(m.self->record.home.key);
  now.others_full = m.links.full_homes.has_other(m.self->record.home.key);
  if (m.courier.by_mail && state.connection != Connection::kConnected) {
    now.connection = Connection::kConnected;
    now.by_mail = true;
    now.why.reset();
  }
  now.route = m.self->record.home.routes.front();
  if (state.way) {
    now.route = state.way->uri;
    now.carrier = state.way->carrier;
    now.look = state.way->look;
    now.small = state.way->small;
  }
  const auto said = [](const ConnectionChanged& c) {
    return std::tie(c.connection, c.route, c.look, c.small, c.trying, c.by_mail, c.through_home, c.nearby, c.home_full,
                    c.others_full);
  };
  if (m.told_connection && said(*m.told_connection) == said(now)) return;
  m.told_connection = now;
  m.tell(now);
}

}  // namespace

void new_account(Machine& m, CommandId id, const NewAccount& command) {
  if (m.has_account() || m.being_made || m.devices.joining || m.devices.recovering)
    return m.fail(id, {kAccountExists, "a profile has one account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  const auto link = home_of_link(command.home_link);
  if (!link) return m.fail(id, link.error());
  const auto recovery = choose_words(m, *link);
  make_account(m, {id, recovery_key_text(recovery)}, make_record(m, command, *link, recovery), recovery,
               std::string(kFirstDeviceName));
}

void make_account(Machine& m, AccountBeingMade making, AccountRecord record, const crypto::Ed25519KeyPair& words,
                  const std::string& device_name) {
  auto self = restore_account(std::move(record));
  if (!self) return m.fail(making.command, self.error());
  if (m.self) m.forget_account();
  m.self = std::move(*self);
  m.being_made = std::move(making);
  m.journal.put(record_key(RecordKind::kAccount), m.self->record);
  make_devices(m, words, device_name);
  m.journal.then([&m] {
    if (m.self) m.mailbox();
  });
}

void read_account(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const AccountRecord& record = m.self->record;
  Account out{record.account, record.name, record.home.routes.front(), {}, {}, chats_to_tell(m), {}};
  if (!m.move.record.formers.empty()) out.former_home = m.move.record.formers.back().home.routes.front();
  if (!home_move_idle(m)) out.moving_to = m.move.record.to.routes.front();
  for (const FormerContact& each : m.devices.record.former_contacts) {
    const auto met = [&](const auto& entry) { return entry.second.record.peer == each.account; };
    if (std::ranges::none_of(m.chats, met)) out.former_contacts.push_back(each.name);
  }
  m.done(id, std::move(out));
}

Result<Self> restore_account(AccountRecord record) {
  TRY(wire::check_home_address(record.home));
  auto device = crypto::Ed25519KeyPair::from_seed(record.device_seed.value.clone());
  auto mailbox = crypto::Ed25519KeyPair::from_seed(record.mailbox_seed.value.clone());
  const auto devices = TRY(DeviceList::validate(record.account, record.devices));
  REQUIRE(devices.has(device.public_key), kProfileDamaged, "this device is in its account's list");
  return Self{std::move(record), std::move(device), std::move(mailbox)};
}

LinkHooks mailbox_hooks(Machine& m, const wire::HomeKey& home) {
  const auto is_own = [&m, home] { return m.self && m.self->record.home.key == home; };
  LinkHooks hooks;
  hooks.begin_session = [&m, home] {
    if (m.has_account()) fetch_from(m, home);
  };
  hooks.prove = [&m](const session::ChannelBinding& binding) { return mailbox_proof(m, binding); };
  hooks.proved = [&m, is_own, home](const wire::Reply& reply) {
    return is_own() ? on_proved(m, reply) : on_proved_at_former(m, home, reply);
  };
  hooks.push = [&m, home](const wire::Reply& reply) {
    if (const auto* items = std::get_if<wire::Items>(&reply)) on_push(m, home, *items);
  };
  hooks.state = [&m, is_own](const LinkState& state) {
    if (is_own()) tell_connection(m, state);
  };
  hooks.wrong_home = [&m, is_own] {
    if (is_own()) on_wrong_home(m, LinkKey{ChatId{}, m.self->record.home.key});
  };
  return hooks;
}

void on_wrong_home(Machine& m, const LinkKey& key) {
  constexpr const char* kRule = "a home holds the key that its link names";
  if (key.chat == ChatId{} && m.being_made) return refuse_account(m, kWrongHome, kRule);
  if (fail_taking(m, key.chat, {kWrongHome, kRule}) || fail_being_linked(m, key, {kWrongHome, kRule})) return;
  if (m.told_wrong_home) return;
  m.told_wrong_home = true;
  m.tell(Trouble{{kWrongHome, kRule}});
}

void tell_connection(Machine& m) {
  if (!m.self) return;
  LinkState state = m.mailbox().state();
  // What is told here is news of other ways: why the home was not reached is as it was.
  const auto& told = m.told_connection;
  if (state.connection == Connection::kOffline && told && told->connection == Connection::kOffline)
    state.why = told->why;
  tell_connection(m, state);
}

void tell_full_homes(Machine& m, Instant& wake) {
  FullHomes& full = m.links.full_homes;
  wake = std::min(wake, full.expire(m.now));
  const auto& told = m.told_connection;
  if (!m.self || !told) return;
  const wire::HomeKey& own = m.self->record.home.key;
  if (told->home_full != full.has(own) || told->others_full != full.has_other(own)) tell_connection(m);
}

mls::LeafParameters own_leaf(const Machine& m, const wire::Alias& alias, const crypto::Secret<32>* entry_token,
                             const ByteArray<32>* replaces) {
  return own_leaf(m, {alias, m.self->record.home, m.self->record.home_number}, entry_token, replaces);
}

mls::LeafParameters own_leaf(const Machine& m, OwnAddress address, const crypto::Secret<32>* entry_token,
                             const ByteArray<32>* replaces) {
  mls::LeafParameters leaf;
  const AccountRecord& record = m.self->record;
  MemberInfo info{record.account, record.name,  own_list(m),        std::move(address.home), address.alias,
                  std::nullopt,   std::nullopt, own_name_number(m), address.home_number};
  if (entry_token != nullptr) info.entry_token = SecretField{entry_token->clone()};
  if (replaces != nullptr) info.replaces = *replaces;
  leaf.identity = to_bytes(m.self->record.account.view());
  leaf.signature_key = m.self->device.clone();
  leaf.extensions = {member_extension(info)};
  leaf.supported = {kGroupSettingsExtension};
  for (const mls::CipherSuite* suite : mls::suites_default()) leaf.cipher_suites.push_back(suite->id);
  return leaf;
}

}  // namespace godwit::engine
