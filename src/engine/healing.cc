#include "engine/healing.h"

#include <algorithm>

#include "engine/commits.h"
#include "engine/devices.h"
#include "engine/group_content.h"
#include "engine/handing_over.h"
#include "engine/intents.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

// Of offers in one message to the other devices.
constexpr size_t kOfferBytesMax = 48 * 1024;

struct OwnLeaf {
  mls::LeafIndex leaf;
  ByteArray<32> device_key{};
};

// From the left.
std::vector<OwnLeaf> own_leaves(const Machine& m, const Chat& chat) {
  std::vector<OwnLeaf> out;
  const Member* own = find_member(chat, m.self->record.account);
  if (own == nullptr || !chat.group) return out;
  for (const LeafRecord& record : own->record.leaves) {
    const mls::LeafIndex leaf{record.leaf};
    if (const auto member = chat.group->member(leaf)) out.push_back({leaf, member->signature_key});
  }
  return out;
}

bool is_among(const std::vector<OwnLeaf>& leaves, const ByteArray<32>& device_key) {
  return std::ranges::find(leaves, device_key, &OwnLeaf::device_key) != leaves.end();
}

// Devices of the list that stand before this one in the chat: they do first what is to be done.
int64_t rank_in(const Machine& m, const std::vector<OwnLeaf>& leaves, const DeviceList& list) {
  int64_t rank = 0;
  for (const OwnLeaf& each : leaves) {
    if (each.device_key == m.self->device.public_key) break;
    rank += list.has(each.device_key) ? 1 : 0;
  }
  return rank;
}

bool is_wanted(const Chat& chat, const ByteArray<32>& device_key) {
  return std::ranges::any_of(chat.intents, [&](const auto& entry) {
    return entry.second.kind == IntentRecord::Kind::kAdd && entry.second.device_key == device_key;
  });
}

SyncItem offer_of(const Chat& chat, const ByteArray<32>& device_key) {
  const ChatRecord& record = chat.record;
  SyncChatOffer offer{device_key,
                      {record.chat, static_cast<uint16_t>(chat.group->suite().id), record.own_alias, record.home_number,
                       record.last, record.read, record.verified, chat.talk.record, chat.talk.settings}};
  return {SyncItem::Kind::kChatOffer, codec::encoded(offer)};
}

// Offers to the own devices, some of them in one message.
class Offers {
 public:
  explicit Offers(Machine& m) : m_(m) {}
  void add(SyncItem item) {
    bytes_ += item.body.size();
    items_.push_back(std::move(item));
    if (bytes_ >= kOfferBytesMax) send();
  }
  void send() {
    if (!items_.empty()) send_items(m_, std::exchange(items_, {}));
    bytes_ = 0;
  }

 private:
  Machine& m_;
  std::vector<SyncItem> items_;
  size_t bytes_ = 0;
};

void heal(Machine& m, Chat& chat, ChatHealing& healing, const DeviceList& list, Offers& offers) {
  const auto leaves = own_leaves(m, chat);
  const bool stale = std::ranges::any_of(leaves, [&](const OwnLeaf& each) { return !list.has(each.device_key); });
  std::vector<ByteArray<32>> missing;
  for (const ByteArray<32>& device : list.devices()) {
    if (!is_among(leaves, device)) missing.push_back(device);
  }
  const bool looked = healing.epoch == chat.group->epoch() && healing.list == m.devices.list_changes;
  healing.epoch = chat.group->epoch();
  healing.list = m.devices.list_changes;
  if (!stale && missing.empty()) {
    healing.at = kNever;
    return;
  }
  if (!looked) healing.at = m.now + kHealTurn * rank_in(m, leaves, list);
  if (healing.at > m.now) return;
  healing.at = m.now + kHealRepeat;
  if (stale && !chat.record.refresh_wanted) {
    chat.record.refresh_wanted = true;
    m.put(chat);
    m.touch(chat);
  }
  for (const ByteArray<32>& device : missing) {
    if (!is_wanted(chat, device)) offers.add(offer_of(chat, device));
  }
}

bool may_heal(const Chat& chat) {
  const ChatRecord& record = chat.record;
  return chat.group && record.membership == Membership::kActive && !record.leaving && record.ready &&
         record.address_ready && record.log_ready;
}

}  // namespace

std::vector<mls::LeafIndex> stale_leaves(const Machine& m, const Chat& chat) {
  std::vector<mls::LeafIndex> out;
  if (m.self->record.devices.size() < 2) return out;
  const DeviceList list = own_list(m);
  for (const OwnLeaf& each : own_leaves(m, chat)) {
    if (!list.has(each.device_key)) out.push_back(each.leaf);
  }
  return out;
}

bool has_own_device(const Machine& m, const Chat& chat, const ByteArray<32>& device_key) {
  return is_among(own_leaves(m, chat), device_key);
}

uint32_t count_healing(const Machine& m) {
  return static_cast<uint32_t>(
      std::ranges::count_if(m.devices.healing, [](const auto& entry) { return entry.second.at != kNever; }));
}

void pump_healing(Machine& m, Instant& wake) {
  if (m.self->record.devices.size() < 2) return;  // there was never another device
  std::optional<DeviceList> list;
  Offers offers(m);
  for (auto& [id, chat] : m.chats) {
    ChatHealing& healing = m.devices.healing[id];
    if (!may_heal(chat)) {
      healing = {};
      continue;
    }
    const bool looked = healing.epoch == chat.group->epoch() && healing.list == m.devices.list_changes;
    if (!looked || healing.at <= m.now) {
      if (!list) list = own_list(m);
      heal(m, chat, healing, *list, offers);
    }
    wake = std::min(wake, healing.at);
  }
  offers.send();
}

void take_chat_keys(Machine& m, SyncChatKeys keys, const ByteArray<32>& sender) {
  if (keys.to != m.self->device.public_key) return;
  Chat* chat = m.find_chat(keys.chat);
  if (chat == nullptr || !may_heal(*chat) || has_own_device(m, *chat, sender) || is_wanted(*chat, sender)) return;
  const auto package = mls::KeyPackage::parse(chat->group->suite(), keys.package, m.wall());
  if (!package || !equal(package->leaf_node().signature_key, sender)) return;
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kAdd;
  intent.account = m.self->record.account;
  intent.device_key = sender;
  intent.package = std::move(keys.package);
  intent.key = std::move(keys.key);
  want_change(m, *chat, std::move(intent), {});
}

void on_own_return_asked(Machine& m, ByteView body, const ByteArray<32>& sender) {
  auto asked = codec::decoded<ReturnAskedBody>(body);
  Chat* chat = asked ? m.find_chat(asked->chat) : nullptr;
  if (chat == nullptr || !may_heal(*chat) || m.returns.returning.contains(asked->chat)) return;
  const auto package = mls::KeyPackage::parse(chat->group->suite(), asked->package, m.wall());
  if (!package || !equal(package->leaf_node().signature_key, sender)) return;
  const auto info =
      validate_member(package->identity(), package->leaf_node().signature_key, package->leaf_node().extensions);
  if (!info || !info->replaces || info->account != m.self->record.account || info->alias != chat->record.own_alias)
    return;
  std::vector<uint64_t> earlier;
  for (const auto& [number, intent] : chat->intents) {
    if (intent.kind == IntentRecord::Kind::kAdd && intent.returns && intent.device_key == sender)
      earlier.push_back(number);
  }
  // The newest keys are the ones that it waits for, unless we are bringing it back already.
  if (!earlier.empty() && chat->staged) return;
  settle_intents(m, *chat, earlier, std::nullopt);
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kAdd;
  intent.account = info->account;
  intent.device_key = sender;
  intent.returns = true;
  intent.package = std::move(asked->package);
  intent.key = std::move(asked->key);
  want_log(m, *chat);
  want_change(m, *chat, std::move(intent), {});
}

namespace {

// The addresses under which own devices of this commit have made their keys: the account's of then, which may have moved since.
std::set<wire::Alias> addresses_of_keys(const Machine& m, const Chat& chat, const StagedRecord& staged) {
  std::set<wire::Alias> out;
  for (const uint64_t number : staged.intents) {
    const auto intent = chat.intents.find(number);
    if (intent == chat.intents.end() || intent->second.account != m.self->record.account) continue;
    const auto package = mls::KeyPackage::parse(chat.group->suite(), intent->second.package, m.wall());
    if (!package) continue;
    const mls::LeafNode& leaf = package->leaf_node();
    if (const auto info = validate_member(package->identity(), leaf.signature_key, leaf.extensions))
      out.insert(info->alias);
  }
  return out;
}

}  // namespace

void welcome_own_devices(Machine& m, Chat& chat, const StagedRecord& staged) {
  const AccountId& own = m.self->record.account;
  const auto aliases = addresses_of_keys(m, chat, staged);
  for (const StagedWelcome& welcome : staged.welcomes) {
    if (welcome.account != own) continue;
    for (const wire::Alias& alias : aliases) {
      SyncWelcome item{alias, welcome.payload, {}, std::nullopt};
      for (const ChatKeys& before : chat.record.previous) item.previous.push_back(before.clone());
      if (chat.record.entry_token) item.entry_token = chat.record.entry_token->clone();
      send_items(m, {{SyncItem::Kind::kWelcome, codec::encoded(item)}});
    }
  }
  for (const uint64_t number : staged.intents) {
    const auto intent = chat.intents.find(number);
    const bool let_in = intent != chat.intents.end() && intent->second.kind == IntentRecord::Kind::kAdd &&
                        intent->second.account == own && !intent->second.returns;
    if (let_in) begin_history(m, chat, intent->second.device_key);
  }
}

}  // namespace godwit::engine
