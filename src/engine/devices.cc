#include "engine/devices.h"

#include <algorithm>
#include <set>

#include "engine/backup.h"
#include "engine/handing_over.h"
#include "engine/healing.h"
#include "engine/home_move.h"
#include "engine/inbox.h"
#include "engine/kept_sharing.h"
#include "engine/linking.h"
#include "engine/recovery_key.h"
#include "engine/sync.h"
#include "engine/taking_over.h"
#include "engine/words_list.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

DeviceId id_of(const OwnDevice& device) { return DeviceId{device.device_key}; }

OwnDevice* find_device(Machine& m, const ByteArray<32>& key) {
  auto& devices = m.devices.record.devices;
  const auto found = std::ranges::find(devices, key, &OwnDevice::device_key);
  return found == devices.end() ? nullptr : &*found;
}

bool is_changing(const Machine& m, const ByteArray<32>& key) {
  return std::ranges::any_of(m.devices.record.changes,
                             [&](const ListChange& change) { return change.device.device_key == key; });
}

// What waited for the change of this device.
void answer_removers(Machine& m, const DeviceId& device, const std::optional<Error>& error) {
  const auto node = m.devices.removers.extract(device);
  if (node.empty()) return;
  for (const CommandId command : node.mapped()) {
    if (error) {
      m.fail(command, *error);
    } else {
      m.done_then(command, Nothing{});
    }
  }
}

// A removal asks for the order of changes so long; then the list is set where the home had none that anybody has told of.
constexpr Duration kOrderPatience = minutes(1);

ListChange removal_of(const OwnDevice& device, Instant now) {
  ListChange change;
  change.change = DeviceChange::kRemove;
  change.device = device;
  change.asked_ms = now.ms;
  return change;
}

// The list is another: who is not on it is not in the book.
void follow_list(Machine& m, const DeviceList& list) {
  DevicesRecord& record = m.devices.record;
  m.self->record.devices = list.entries();
  list_changed(m);
  std::erase_if(record.devices, [&](const OwnDevice& device) { return !list.has(device.device_key); });
  end_orphaned(m);
}

void sweep_own_mailbox(Machine& m) {
  m.journal.then([&m] {
    if (m.self) sweep_mailbox(m, m.self->record.home);
  });
}

// The home has let the change through: it is in force.
void adopt(Machine& m, const DeviceList& list) {
  DevicesRecord& record = m.devices.record;
  ListChange change = std::move(record.changes.front());
  record.changes.erase(record.changes.begin());
  const DeviceList before = own_list(m);
  follow_list(m, list);
  const ByteArray<32> key = change.device.device_key;
  if (change.change == DeviceChange::kAdd) {
    record.devices.push_back(std::move(change.device));
    if (change.hand_over) record.hand_overs.push_back(std::move(*change.hand_over));
    send_list(m);
  } else {
    // Whom another device has taken out after the words had signed goes again.
    for (const ByteArray<32>& device : list.devices()) {
      if (before.has(device)) continue;
      OwnDevice gone;
      gone.device_key = device;
      record.changes.push_back(removal_of(gone, m.wall()));
    }
    send_list_and_key(m, static_cast<uint32_t>(list.entries().size()));  // the removed one knows the old key
    answer_removers(m, DeviceId{key}, std::nullopt);
    for (const FormerHome& former : m.move.record.formers)
      m.mailbox_at(former.home).submit(wire::DeviceRemove{change.device.mailbox_key, {}, {}}, [](const auto&) {});
    sweep_own_mailbox(m);
  }
  record.backup_wanted = true;
  put_devices(m);
  m.tell_then(DevicesChanged{});
}

// It cannot be done: nothing of it is.
void give_up(Machine& m, const Error& error) {
  DevicesRecord& record = m.devices.record;
  const ListChange change = std::move(record.changes.front());
  record.changes.erase(record.changes.begin());
  put_devices(m);
  answer_removers(m, id_of(change.device), error);
  if (change.change == DeviceChange::kAdd) m.tell_then(LinkingEnded{change.device.name, error});
}

// The home's list stands elsewhere: what another device has done comes with the mailbox, or somebody has lied to the home.
// Until that is known the device that is to go loses its mailbox at once, since that needs no order, and nobody waits behind it.
void on_list_moved(Machine& m) {
  auto& changes = m.devices.record.changes;
  ListChange& change = changes.front();
  if (change.change == DeviceChange::kRemove) {
    if (!change.hand_over) change.hand_over = HandOver{{}, {}, {}, (m.wall() + kOrderPatience).ms};
    m.mailbox().submit(wire::DeviceRemove{change.device.mailbox_key, {}, {}}, [](const Result<wire::Reply>&) {});
  }
  std::ranges::rotate(changes, changes.begin() + 1);
  put_devices(m);
  fetch(m);
}

void on_change_answer(Machine& m, const DeviceList& list, const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  if (m.devices.record.changes.empty()) return;
  if (outcome.ok()) {
    // What came from another device meanwhile would have been refused by the home, but for one that has heard of no list.
    const ListVerdict verdict = own_list(m).judge(list);
    if (verdict != ListVerdict::kContinues && verdict != ListVerdict::kOutranks)
      return m.devices.change.fail(m.now, outcome.retry_after, m.random);
    m.devices.change.succeed();
    return adopt(m, list);
  }
  const bool full = outcome.is(wire::kQuotaFull);
  if (outcome.error->code.action == Action::kRetryLater && !full) {
    m.devices.change.fail(m.now, outcome.retry_after, m.random);
    if (outcome.is(wire::kListMoved)) on_list_moved(m);
    return;
  }
  m.devices.change.succeed();
  give_up(m, full ? Error{kTooManyDevices, "an account has at most 8 devices"} : *outcome.error);
}

wire::Request request_of(const Machine& m, const ListChange& change, const DeviceList& before,
                         const DeviceList& after) {
  wire::ListHead from{before.head()};
  const wire::ListHead to{after.head()};
  if (change.change == DeviceChange::kAdd) return wire::DeviceAdd{change.device.mailbox_key, from, to};
  if (change.hand_over && change.hand_over->ends_ms <= m.wall().ms) from = {};  // the home takes it on whatever it has
  return wire::DeviceRemove{change.device.mailbox_key, from, to};
}

// The list with the change: what the words have signed, or the list as it is now with an entry of this device. Nothing: there is
// nothing left to do.
Result<std::optional<DeviceList>> list_after(const Machine& m, const ListChange& change) {
  const DeviceList list = own_list(m);
  if (change.signer.value.empty()) {
    if (list.has(change.device.device_key) == (change.change == DeviceChange::kAdd)) return std::optional<DeviceList>{};
    auto longer = list.changed(change.change, change.device.device_key, m.self->device);
    REQUIRE(longer.has_value(), kDeviceListFull, "a device list has 1 to 64 entries");
    return std::optional(std::move(*longer));
  }
  auto signed_list = TRY(
      DeviceList::validate(m.self->record.account, TRY(codec::decoded<DeviceListIn>(change.signer.value.reveal()))));
  const ListVerdict verdict = list.judge(signed_list);
  REQUIRE(verdict != ListVerdict::kLoses, wire::kListMoved, "the words have not signed another list meanwhile");
  if (verdict == ListVerdict::kSame) return std::optional<DeviceList>{};
  return std::optional(std::move(signed_list));
}

void pump_change(Machine& m, Instant& wake) {
  DevicesRecord& record = m.devices.record;
  if (record.changes.empty() || !m.devices.change.may_start(m.now, wake)) return;
  const ListChange& change = record.changes.front();
  const auto after = list_after(m, change);
  if (!after) return give_up(m, after.error());
  if (!*after) {  // another device has done it
    answer_removers(m, id_of(change.device), std::nullopt);
    record.changes.erase(record.changes.begin());
    return put_devices(m);
  }
  m.devices.change.start();
  m.journal.then([&m, longer = **after, key = change.device.device_key] {
    const auto& changes = m.devices.record.changes;
    if (changes.empty() || changes.front().device.device_key != key) return m.devices.change.cancel();
    m.mailbox().submit(request_of(m, changes.front(), own_list(m), longer),
                       [&m, longer](const Result<wire::Reply>& reply) { on_change_answer(m, longer, reply); });
  });
}

}  // namespace

DeviceList own_list(const Machine& m) {
  auto list = DeviceList::validate(m.self->record.account, m.self->record.devices);
  ASSERT(list.has_value());  // restore_account has seen to it
  return std::move(*list);
}

OwnDevice make_own_device(const crypto::Ed25519PublicKey& device, const crypto::Ed25519PublicKey& mailbox,
                          const crypto::Secret<32>& sync_seed, std::string name, Instant now) {
  const auto kem = crypto::XWingKeyPair::from_seed(sync_seed.clone());
  return {device, wire::MailboxKey{mailbox}, to_bytes(kem.public_key), std::move(name), now.ms, 0};
}

void make_devices(Machine& m, const crypto::Ed25519KeyPair& recovery, const std::string& name) {
  DevicesRecord record;
  record.sync_seed.value = crypto::Secret<32>::random(m.random);
  record.sync_key.value = crypto::Secret<32>::random(m.random);
  record.recovery_seed.value = crypto::SecretBuffer::copy_of(recovery.seed.reveal());
  const RecoverySecrets secrets = recovery_secrets(recovery);
  record.recovery = secrets.hash;
  record.backup_key = to_bytes(secrets.backup.public_key);
  record.backup_wanted = true;
  record.devices.push_back(
      make_own_device(m.self->device.public_key, m.self->mailbox.public_key, record.sync_seed.value, name, m.wall()));
  m.devices.record = std::move(record);
  put_devices(m);
}

void list_changed(Machine& m) {
  m.journal.put(record_key(RecordKind::kAccount), m.self->record);
  ++m.devices.list_changes;
}

void put_devices(Machine& m) { m.journal.put(record_key(RecordKind::kDevices), m.devices.record); }

void list_devices(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  OwnDevices answer;
  for (const OwnDevice& device : m.devices.record.devices) {
    DeviceInfo info{id_of(device),
                    device.name,
                    device.device_key == m.self->device.public_key,
                    is_changing(m, device.device_key),
                    Instant{device.added_ms},
                    std::nullopt};
    if (device.seen_ms != 0) info.seen_at = Instant{device.seen_ms};
    answer.devices.push_back(std::move(info));
  }
  for (const ListChange& change : m.devices.record.changes) {
    if (change.change != DeviceChange::kAdd) continue;
    answer.devices.push_back(
        {id_of(change.device), change.device.name, false, true, Instant{change.device.added_ms}, std::nullopt});
  }
  answer.chats_to_heal = count_healing(m);
  answer.histories_to_send = static_cast<uint32_t>(m.devices.record.histories.size());
  answer.histories_to_come = static_cast<uint32_t>(m.devices.entering.size() + m.devices.kept_coming.size());
  m.done(id, std::move(answer));
}

void rename_device(Machine& m, CommandId id, const RenameDevice& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  OwnDevice* device = find_device(m, command.device.value);
  if (device == nullptr) return m.fail(id, {kNoSuchDevice, "a device of the own account"});
  device->name = command.name;
  put_field(m, SyncKind::kDeviceName, to_bytes(command.device.view()), to_bytes(as_bytes(command.name)));
  put_devices(m);
  m.done_then(id, Nothing{});
  m.tell_then(DevicesChanged{});
}

void remove_device(Machine& m, CommandId id, const RemoveDevice& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  std::optional<crypto::Ed25519KeyPair> signer;
  if (!command.recovery_key.empty()) {
    auto words = parse_recovery_key(command.recovery_key);
    if (!words) return m.fail(id, words.error());
    if (account_of(words->public_key) != m.self->record.account)
      return m.fail(id, {kRecoveryKeyOther, "the words are of this account"});
    signer = std::move(*words);
  }
  if (command.device.value == m.self->device.public_key) return m.fail(id, {kOwnDevice, "another device removes it"});
  const OwnDevice* device = find_device(m, command.device.value);
  if (device == nullptr) return m.fail(id, {kNoSuchDevice, "a device of the own account"});
  ListChange change = removal_of(*device, m.wall());
  if (signer) {
    const DeviceList list = own_list(m);
    auto stay = list.devices();
    std::erase(stay, command.device.value);
    const auto after = signed_by_words(list, stay, *signer, m.wall());
    if (!after) return m.fail(id, after.error());
    change.signer.value = crypto::SecretBuffer::copy_of(codec::encoded(after->entries()));
  }
  m.devices.removers[command.device].push_back(id);
  auto& changes = m.devices.record.changes;
  const auto asked = std::ranges::find_if(changes, [&](const ListChange& each) {
    return each.change == DeviceChange::kRemove && each.device.device_key == command.device.value;
  });
  if (asked == changes.end()) {
    changes.push_back(std::move(change));
  } else if (signer) {
    asked->signer = std::move(change.signer);  // the words are worth more than what waited
  }
  put_devices(m);
}

void add_device(Machine& m, OwnDevice device, HandOver hand_over) {
  m.devices.record.changes.push_back({DeviceChange::kAdd, std::move(device), {}, m.wall().ms, std::move(hand_over)});
  put_devices(m);
}

namespace {

// What another device knows of the devices on the list.
void take_book(Machine& m, const DeviceList& list, std::vector<OwnDevice> devices) {
  auto& own = m.devices.record.devices;
  bool came = false;
  for (OwnDevice& device : devices) {
    const bool fits = list.has(device.device_key) && check_given_name(device.name).has_value() &&
                      device.sync_key.size() == crypto::kXWingPublicKeySize &&
                      find_device(m, device.device_key) == nullptr;
    if (!fits || own.size() >= wire::kDevicesMax) continue;
    device.name = shown_name(device.name);
    own.push_back(std::move(device));
    came = true;
  }
  put_devices(m);
  // The account may have been moved to a home that was not told of it.
  if (came && m.self->record.home_number > 0) sweep_own_mailbox(m);
  m.tell_then(DevicesChanged{});
}

}  // namespace

void take_list(Machine& m, DeviceListIn entries, std::vector<OwnDevice> devices) {
  const DeviceList known = own_list(m);
  auto list = DeviceList::validate(m.self->record.account, std::move(entries));
  if (!list) return;
  const ListVerdict verdict = known.judge(*list);
  if (verdict == ListVerdict::kLoses) return;
  if (verdict == ListVerdict::kSame) {
    // A chat may have shown the list before the device that has changed it told of its book.
    if (list->head() == known.head()) take_book(m, known, std::move(devices));
    return;
  }
  if (!list->has(m.self->device.public_key)) {
    if (!std::exchange(m.devices.told_removed, true))
      m.tell(Trouble{{kDeviceRemoved, "this device is in its account's list"}});
    return;
  }
  // On another branch keys are counted by its entries.
  const auto parted = std::ranges::mismatch(known.entries(), list->entries()).in1 - known.entries().begin();
  m.devices.record.sync_since = std::min(m.devices.record.sync_since, static_cast<uint32_t>(parted));
  follow_list(m, *list);
  if (!m.devices.change.under_way()) m.devices.change.succeed();  // what waited for this may go on at once
  take_book(m, *list, std::move(devices));
}

namespace {

bool is_being_removed(const DevicesRecord& record, const OwnDevice& device) {
  return std::ranges::any_of(record.changes, [&](const ListChange& change) {
    return change.change == DeviceChange::kRemove && change.device.device_key == device.device_key;
  });
}

// Only on the list as it is known here: else a key is of a device that another one has just let in, or has just taken out.
void make_fit(Machine& m, const wire::HomeAddress& home, const wire::Devices& there, const DeviceList& list) {
  const DevicesRecord& record = m.devices.record;
  const wire::ListHead head{list.head()};
  std::set<wire::MailboxKey> known{wire::MailboxKey{m.self->mailbox.public_key}};
  for (const OwnDevice& device : record.devices) known.insert(device.mailbox_key);
  for (const ListChange& change : record.changes) known.insert(change.device.mailbox_key);
  for (const wire::MailboxKey& key : there.keys) {
    if (!known.contains(key))
      m.mailbox_at(home).submit(wire::DeviceRemove{key, head, head}, [](const Result<wire::Reply>&) {});
  }
  if (home.key != m.self->record.home.key) return;
  // The device that has moved the account here had not heard of all of them.
  for (const OwnDevice& device : record.devices) {
    if (std::ranges::find(there.keys, device.mailbox_key) != there.keys.end() || is_being_removed(record, device)) continue;
    m.mailbox_at(home).submit(wire::DeviceAdd{device.mailbox_key, head, head}, [](const Result<wire::Reply>&) {});
  }
}

}  // namespace

void sweep_mailbox(Machine& m, const wire::HomeAddress& home) {
  if (m.self->record.devices.size() < 2) return;  // there was never another device
  m.mailbox_at(home).submit(wire::DeviceList{}, [&m, home](const Result<wire::Reply>& reply) {
    const auto* there = reply ? std::get_if<wire::Devices>(&*reply) : nullptr;
    if (there == nullptr || !m.has_account()) return;
    if (queue_at(m, home.key) == nullptr) return;
    const DeviceList list = own_list(m);
    if (m.devices.record.devices.size() != list.devices().size()) return;  // word of some has still to come
    make_fit(m, home, *there, list);
  });
}

void pump_devices(Machine& m, Instant& wake) {
  pump_being_linked(m, wake);
  if (!m.has_account()) return;
  take_early_sync(m);
  pump_offering(m, wake);
  pump_change(m, wake);
  pump_hand_over(m, wake);
  pump_healing(m, wake);
  pump_kept_sharing(m, wake);
  pump_history_out(m, wake);
  pump_history_in(m, wake);
  pump_backup(m, wake);
  pump_sync(m, wake);
}

bool devices_idle(const Machine& m) {
  const DevicesRecord& record = m.devices.record;
  return record.changes.empty() && record.hand_overs.empty() && record.histories.empty() && m.devices.out.empty() &&
         !has_parcels(m) && !m.devices.joining && !m.devices.recovering;
}

}  // namespace godwit::engine
