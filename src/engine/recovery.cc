// An account whose devices are all lost comes back with its words: they open the mailbox in place of all earlier devices, read what
// was kept beside it, and sign the list anew, which outranks whatever a thief has made of it.

#include <algorithm>

#include "engine/account.h"
#include "engine/backup.h"
#include "engine/channels.h"
#include "engine/devices.h"
#include "engine/home_of_link.h"
#include "engine/inbox.h"
#include "engine/linking.h"
#include "engine/recovery_key.h"
#include "engine/sync.h"
#include "engine/words_list.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

ChatId recoverer() {
  ChatId id;
  constexpr std::string_view kName = "godwit recovery1";
  static_assert(kName.size() == ChatId::kSize);
  std::copy(kName.begin(), kName.end(), id.value.begin());
  return id;
}

// The link may be calling, so it ends with the next event.
void drop_link(Machine& m) {
  const auto found = m.link_of.find(LinkKey{recoverer(), m.devices.recovering->home_link.home.key});
  if (found == m.link_of.end()) return;
  found->second->cancel_all();
  m.dead_links.push_back(std::move(found->second));
  m.link_of.erase(found);
}

void fail_recovery(Machine& m, const Error& error) {
  m.fail(m.devices.recovering->command, error);
  drop_link(m);
  m.devices.recovering.reset();
}

wire::Request proof(const Machine& m, const session::ChannelBinding& binding) {
  const Recovering& recovering = *m.devices.recovering;
  const RecoverySecrets secrets = recovery_secrets(recovering.words);
  const wire::MailboxKey key{recovering.mailbox.public_key};
  Bytes own = to_bytes(as_bytes(wire::kMailboxProofLabel));
  append(own, binding);
  append(own, secrets.mailbox.view());
  Bytes words = to_bytes(as_bytes(wire::kMailboxRecoveryLabel));
  append(words, binding);
  append(words, secrets.mailbox.view());
  append(words, key.view());
  return wire::MailboxRecover{secrets.mailbox, key, to_bytes(recovering.mailbox.sign(own)),
                              wire::MailboxKey{secrets.reopen.public_key}, to_bytes(secrets.reopen.sign(words))};
}

AccountRecord record_of(const Recovering& recovering, std::string name, const DeviceList& devices) {
  AccountRecord record;
  record.account = account_of(recovering.words.public_key);
  record.name = std::move(name);
  record.devices = devices.entries();
  record.device_seed.value = recovering.device.seed.clone();
  record.home = recovering.home_link.home;
  record.mailbox = recovery_secrets(recovering.words).mailbox;
  record.mailbox_seed.value = recovering.mailbox.seed.clone();
  return record;
}

// The new device alone, whatever devices have made of the list that was kept: a chat may know another branch of it.
Result<DeviceList> renewed(const AccountId& account, DeviceListIn entries, const crypto::Ed25519KeyPair& words,
                           const ByteArray<32>& device, Instant now) {
  const auto list = TRY(DeviceList::validate(account, std::move(entries)));
  return signed_by_words(list, {device}, words, now);
}

// What stands in for what the home kept, if a thief has spoiled that: no list and no contacts.
BackupContent nothing_kept(const Recovering& recovering, const AccountId& account) {
  return {kBackupVersion, account, recovering.own_name, {}, {}, {}};
}

void on_backup(Machine& m, ByteView bytes) {
  Recovering& recovering = *m.devices.recovering;
  const AccountId account = account_of(recovering.words.public_key);
  const RecoverySecrets secrets = recovery_secrets(recovering.words);
  auto content = open_backup(secrets, account, bytes);
  if (!content) {
    m.tell(Trouble{content.error()});
    content = nothing_kept(recovering, account);
  }
  const ByteArray<32>& device = recovering.device.public_key;
  auto list = renewed(account, content->devices, recovering.words, device, m.wall());
  // None is kept: one that is later than any other that the words have signed.
  if (!list) list = DeviceList::create(recovering.words, device, m.wall());
  AccountRecord record = record_of(recovering, content->name, *list);
  record.opened = true;
  auto self = restore_account(std::move(record));
  if (!self) return fail_recovery(m, self.error());
  if (m.self) m.forget_account();
  m.self = std::move(*self);
  AccountRecovered answer{account, content->name, {}};
  for (const FormerContact& contact : content->contacts) answer.contacts.push_back(contact.name);
  const CommandId command = recovering.command;
  drop_link(m);
  const auto words = std::move(recovering.words);
  const std::string name = std::move(recovering.name);
  m.devices.recovering.reset();
  make_devices(m, words, name);
  DevicesRecord& devices = m.devices.record;
  devices.recovery_seed = {};
  devices.former_contacts = std::move(content->contacts);
  devices.sync_since = static_cast<uint32_t>(list->entries().size());
  put_devices(m);
  list_changed(m);
  for (const AccountId& each : content->more.verified) put_field(m, SyncKind::kVerified, to_bytes(each.view()), {1});
  restore_channels(m, content->more);
  tell_all_channels(m);
  m.done_then(command, std::move(answer));
  m.journal.then([&m] { fetch(m); });
}

void ask_for_backup(Machine& m, Link& link) {
  link.submit(wire::BackupGet{}, [&m](const Result<wire::Reply>& reply) {
    if (!m.devices.recovering) return;
    if (const auto* backup = reply ? std::get_if<wire::Backup>(&*reply) : nullptr) return on_backup(m, backup->bytes);
    fail_recovery(m, outcome_of(reply).error.value_or(Error{kNoBackup, "a home gives what it keeps"}));
  });
}

// The account is unknown here: the home is asked as it is for a new one. Its list is later than any that the words have signed.
void begin_at_new_home(Machine& m) {
  drop_link(m);
  const Recovering recovering = std::move(*m.devices.recovering);
  m.devices.recovering.reset();
  const DeviceList list = DeviceList::create(recovering.words, recovering.device.public_key, m.wall());
  AccountRecord record = record_of(recovering, recovering.own_name, list);
  record.admission_code = recovering.home_link.admission_code;
  make_account(m, {recovering.command, {}}, std::move(record), recovering.words, recovering.name);
}

std::optional<Duration> on_proved(Machine& m, const wire::Reply& reply) {
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok() || !m.devices.recovering) return std::nullopt;
  if (outcome.error->code.action == Action::kRetryLater) return std::max(outcome.retry_after, kLinkPenalty);
  if (m.devices.recovering->at_new_home) {
    begin_at_new_home(m);
    return hours(1);
  }
  fail_recovery(m, {kNoSuchAccount, "a home has a mailbox that the words open"});
  return hours(1);
}

}  // namespace

void recover_account(Machine& m, CommandId id, const RecoverAccount& command) {
  if (m.has_account() || m.being_made || m.devices.joining || m.devices.recovering)
    return m.fail(id, {kAccountExists, "a profile has one account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  const Status own = command.own_name.empty() ? Status{} : check_name(command.own_name);
  if (!own) return m.fail(id, own.error());
  auto words = parse_recovery_key(command.recovery_key);
  if (!words) return m.fail(id, words.error());
  auto link = home_of_link(command.home_link);
  if (!link) return m.fail(id, link.error());
  m.devices.recovering.emplace(Recovering{
      id, std::move(*words), crypto::Ed25519KeyPair::generate(m.random), crypto::Ed25519KeyPair::generate(m.random),
      *link, command.name, command.own_name.empty() ? command.name : command.own_name, command.at_new_home});
  LinkHooks hooks;
  hooks.prove = [&m](const session::ChannelBinding& binding) { return proof(m, binding); };
  hooks.proved = [&m](const wire::Reply& reply) { return on_proved(m, reply); };
  hooks.wrong_home = [&m] {
    if (m.devices.recovering) fail_recovery(m, {kWrongHome, "a home holds the key that its link names"});
  };
  const LinkKey key{recoverer(), link->home.key};
  auto& made = m.link_of[key];
  made = std::make_unique<Link>(m.links, key, link->home, std::move(hooks));
  ask_for_backup(m, *made);
}

}  // namespace godwit::engine
