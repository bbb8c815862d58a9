#include "engine/known_devices.h"

#include <algorithm>

#include "engine/history.h"
#include "engine/members.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

using DeviceKeys = std::vector<ByteArray<32>>;

// The devices of a list that was validated before, or of these only those that a device has added.
DeviceKeys devices_of(const DeviceListIn& list, bool by_device) {
  DeviceKeys out;
  for (const DeviceEntry& entry : list) {
    std::erase(out, entry.device_key);
    const bool counts = !by_device || entry.signer != list.front().signer;
    if (entry.change == DeviceChange::kAdd && counts) out.push_back(entry.device_key);
  }
  return out;
}

bool are_known(const DeviceListIn& list, const DeviceKeys& known) {
  return std::ranges::all_of(devices_of(list, true),
                             [&](const ByteArray<32>& key) { return std::ranges::find(known, key) != known.end(); });
}

// When the words signed the list last: the part that devices have signed comes after theirs.
uint64_t words_signed_ms(const DeviceListIn& list) {
  uint64_t out = 0;
  for (const DeviceEntry& entry : list) out = std::max(out, entry.signed_ms);
  return out;
}

// True if the words have signed `now` after `before`, and thrown out all devices that are in the latter.
bool left_behind(const DeviceListIn& before, const DeviceListIn& now) {
  if (words_signed_ms(now) <= words_signed_ms(before)) return false;
  const DeviceKeys there = devices_of(now, false);
  return std::ranges::none_of(devices_of(before, false),
                              [&](const ByteArray<32>& key) { return std::ranges::find(there, key) != there.end(); });
}

}  // namespace

std::optional<ChatId> came_back_in(const Machine& m, const Chat& chat) {
  const MemberRecord* peer = peer_of(chat);
  if (peer == nullptr || chat.record.kind != ChatKind::kDirect) return {};
  const Chat* out = nullptr;
  uint64_t signed_ms = 0;
  for (const auto& [id, other] : m.chats) {
    if (other.record.peer != chat.record.peer || id == chat.record.chat || other.deleted || !other.group) continue;
    const MemberRecord* there = peer_of(other);
    if (there == nullptr || !left_behind(peer->devices, there->devices)) continue;
    // Of several the one that the words have signed last.
    const uint64_t last = words_signed_ms(there->devices);
    if (out != nullptr && last <= signed_ms) continue;
    out = &other;
    signed_ms = last;
  }
  return out == nullptr ? std::nullopt : std::optional(out->record.chat);
}

bool has_new_devices(const Machine& m, const Chat& chat) {
  const MemberRecord* peer = peer_of(chat);
  if (peer == nullptr) return false;
  const Bytes* field = find_field(m, SyncKind::kKnownDevices, peer->account.view());
  if (field == nullptr) return false;
  const auto known = codec::decoded<DeviceKeys>(*field);
  return known && !are_known(peer->devices, *known);
}

bool is_held_back(const Machine& m, const Chat& chat) { return chat.record.verified && has_new_devices(m, chat); }

bool adds_device(const DeviceListIn& before, const DeviceListIn& now) {
  return !are_known(now, devices_of(before, false));
}

void note_first_devices(Machine& m, const Chat& chat, const DeviceListIn& known) {
  const AccountId& account = chat.record.peer;
  // What was said in to a device that the words have thrown out is said in here from now on.
  for (const auto& [id, other] : m.chats) {
    if (other.record.peer == account && came_back_in(m, other) == chat.record.chat) {
      m.tell_then(ChatChanged{chat_info(m, other)});
    }
  }
  // Into a chat of our other devices we come with what they know.
  if (m.devices.entering.contains(chat.record.chat)) return;
  if (find_field(m, SyncKind::kKnownDevices, account.view()) != nullptr) return;
  put_field(m, SyncKind::kKnownDevices, to_bytes(account.view()), codec::encoded(devices_of(known, false)));
}

void know_devices(Machine& m, Chat& chat) {
  const MemberRecord* peer = peer_of(chat);
  if (peer == nullptr || !has_new_devices(m, chat)) return;
  put_field(m, SyncKind::kKnownDevices, to_bytes(peer->account.view()),
            codec::encoded(devices_of(peer->devices, false)));
  take_known_devices(m, peer->account);
}

void acknowledge_devices(Machine& m, CommandId id, const AcknowledgeDevices& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (chat->record.kind != ChatKind::kDirect) return m.fail(id, {kNotDirect, "devices of one contact"});
  know_devices(m, *chat);
  m.done_then(id, Nothing{});
}

void take_known_devices(Machine& m, const AccountId& account) {
  for (auto& [id, chat] : m.chats) {
    if (chat.record.peer != account) continue;
    m.touch(chat);  // what was held back goes out
    m.tell_then(ChatChanged{chat_info(m, chat)});
  }
}

}  // namespace godwit::engine
