#include "engine/devices.h"

#include <algorithm>

#include "engine/backup.h"
#include "engine/handing_over.h"
#include "engine/healing.h"
#include "engine/inbox.h"
#include "engine/linking.h"
#include "engine/recovery_key.h"
#include "engine/sync.h"
#include "engine/taking_over.h"
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

// The home has let the change through: it is in force.
void adopt(Machine& m, const DeviceList& list) {
  DevicesRecord& record = m.devices.record;
  ListChange change = std::move(record.changes.front());
  record.changes.erase(record.changes.begin());
  m.self->record.devices = list.entries();
  list_changed(m);
  const ByteArray<32> key = change.device.device_key;
  if (change.change == DeviceChange::kAdd) {
    record.devices.push_back(std::move(change.device));
    if (change.hand_over) record.hand_overs.push_back(std::move(*change.hand_over));
    send_list(m);
  } else {
    std::erase_if(record.devices, [&](const OwnDevice& device) { return device.device_key == key; });
    send_list(m);
    send_new_key(m, static_cast<uint32_t>(list.entries().size()));  // the removed one knows the old key
    answer_removers(m, DeviceId{key}, std::nullopt);
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

void on_change_answer(Machine& m, const DeviceList& list, const Result<wire::Reply>& reply) {
  const Outcome outcome = outcome_of(reply);
  if (m.devices.record.changes.empty()) return;
  if (outcome.ok()) {
    // What came from another device meanwhile would have been refused by the home, but for one that has heard of no list.
    if (own_list(m).judge(list) != ListVerdict::kContinues)
      return m.devices.change.fail(m.now, outcome.retry_after, m.random);
    m.devices.change.succeed();
    return adopt(m, list);
  }
  const bool full = outcome.is(wire::kQuotaFull);
  if (outcome.error->code.action == Action::kRetryLater && !full) {
    m.devices.change.fail(m.now, outcome.retry_after, m.random);
    if (outcome.is(wire::kListMoved)) fetch(m);
    return;
  }
  m.devices.change.succeed();
  give_up(m, full ? Error{kTooManyDevices, "an account has at most 8 devices"} : *outcome.error);
}

wire::Request request_of(const ListChange& change, const DeviceList& before, const DeviceList& after) {
  const wire::ListHead from{before.head()};
  const wire::ListHead to{after.head()};
  if (change.change == DeviceChange::kAdd) return wire::DeviceAdd{change.device.mailbox_key, from, to};
  return wire::DeviceRemove{change.device.mailbox_key, from, to};
}

void pump_change(Machine& m, Instant& wake) {
  DevicesRecord& record = m.devices.record;
  if (record.changes.empty() || !m.devices.change.may_start(m.now, wake)) return;
  const ListChange& change = record.changes.front();
  const DeviceList list = own_list(m);
  const bool there = list.has(change.device.device_key);
  if (there == (change.change == DeviceChange::kAdd)) {  // another device has done it
    answer_removers(m, id_of(change.device), std::nullopt);
    record.changes.erase(record.changes.begin());
    return put_devices(m);
  }
  auto signer = m.self->device.clone();
  if (!change.signer.value.empty()) {
    auto seed = crypto::Secret<32>::copy_of(change.signer.value.reveal());
    if (seed) signer = crypto::Ed25519KeyPair::from_seed(std::move(*seed));
  }
  const auto longer = list.changed(change.change, change.device.device_key, signer, Instant{change.asked_ms});
  if (!longer) {
    const bool full = list.entries().size() >= kDeviceListMax;
    return give_up(m, full ? Error{kDeviceListFull, "a device list has 1 to 64 entries"} : longer.error());
  }
  m.devices.change.start();
  m.journal.then([&m, list, longer = *longer] {
    if (m.devices.record.changes.empty()) return;
    m.mailbox().submit(request_of(m.devices.record.changes.front(), list, longer),
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

void make_devices(Machine& m, const crypto::Ed25519KeyPair& recovery) {
  DevicesRecord record;
  record.sync_seed.value = crypto::Secret<32>::random(m.random);
  record.sync_key.value = crypto::Secret<32>::random(m.random);
  record.recovery_seed.value = crypto::SecretBuffer::copy_of(recovery.seed.reveal());
  const RecoverySecrets secrets = recovery_secrets(recovery);
  record.recovery = secrets.hash;
  record.backup_key = to_bytes(secrets.backup.public_key);
  record.backup_wanted = true;
  record.devices.push_back(make_own_device(m.self->device.public_key, m.self->mailbox.public_key,
                                           record.sync_seed.value, std::string(kFirstDeviceName), m.wall()));
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
  answer.histories_to_come = static_cast<uint32_t>(m.devices.entering.size());
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
  ListChange change;
  change.change = DeviceChange::kRemove;
  change.asked_ms = m.wall().ms;
  if (!command.recovery_key.empty()) {
    auto words = parse_recovery_key(command.recovery_key);
    if (!words) return m.fail(id, words.error());
    if (account_of(words->public_key) != m.self->record.account)
      return m.fail(id, {kRecoveryKeyOther, "the words are of this account"});
    change.signer.value = crypto::SecretBuffer::copy_of(words->seed.reveal());
  }
  if (command.device.value == m.self->device.public_key) return m.fail(id, {kOwnDevice, "another device removes it"});
  const OwnDevice* device = find_device(m, command.device.value);
  if (device == nullptr) return m.fail(id, {kNoSuchDevice, "a device of the own account"});
  m.devices.removers[command.device].push_back(id);
  const bool asked = std::ranges::any_of(m.devices.record.changes, [&](const ListChange& each) {
    return each.change == DeviceChange::kRemove && each.device.device_key == command.device.value;
  });
  if (asked) return;
  change.device = *device;
  m.devices.record.changes.push_back(std::move(change));
  put_devices(m);
}

void add_device(Machine& m, OwnDevice device, HandOver hand_over) {
  m.devices.record.changes.push_back({DeviceChange::kAdd, std::move(device), {}, m.wall().ms, std::move(hand_over)});
  put_devices(m);
}

void take_list(Machine& m, DeviceListIn entries, std::vector<OwnDevice> devices) {
  const DeviceList known = own_list(m);
  auto list = DeviceList::validate(m.self->record.account, std::move(entries));
  if (!list) return;
  const ListVerdict verdict = known.judge(*list);
  if (verdict != ListVerdict::kContinues && verdict != ListVerdict::kOutranks) return;
  if (!list->has(m.self->device.public_key)) {
    if (!std::exchange(m.devices.told_removed, true))
      m.tell(Trouble{{kDeviceRemoved, "this device is in its account's list"}});
    return;
  }
  m.self->record.devices = list->entries();
  list_changed(m);
  auto& own = m.devices.record.devices;
  std::erase_if(own, [&](const OwnDevice& device) { return !list->has(device.device_key); });
  for (OwnDevice& device : devices) {
    const bool fits = list->has(device.device_key) && check_name(device.name).has_value() &&
                      device.sync_key.size() == crypto::kXWingPublicKeySize &&
                      find_device(m, device.device_key) == nullptr;
    if (fits && own.size() < wire::kDevicesMax) own.push_back(std::move(device));
  }
  if (!m.devices.change.under_way()) m.devices.change.succeed();  // what waited for this may go on at once
  put_devices(m);
  m.tell_then(DevicesChanged{});
}

void pump_devices(Machine& m, Instant& wake) {
  pump_joining(m, wake);
  if (!m.has_account()) return;
  pump_offering(m, wake);
  pump_change(m, wake);
  pump_hand_over(m, wake);
  pump_healing(m, wake);
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
