// Sealed requests in bundles: people carry them, for days, so that their reply keys are stored.

#include <algorithm>

#include "engine/account.h"
#include "engine/bulletins.h"
#include "engine/courier.h"
#include "engine/machine.h"
#include "engine/members.h"
#include "engine/uploads.h"

namespace godwit::engine {
namespace {

// What a sealed request in a bundle takes beside its bytes: an address of some routes, and lengths.
constexpr size_t kEntryOverhead = 2'560;

std::optional<wire::SealedParcel> seal_one(Machine& m, const LinkKey& key, const Link& link, size_t& bytes_left) {
  auto sealed = seal_waiting(m, key, link, kBundledLifetime);
  if (!sealed || sealed->bytes.size() > wire::kSealedSizeMax) return std::nullopt;
  if (sealed->bytes.size() + kEntryOverhead > bytes_left) return std::nullopt;
  bytes_left -= sealed->bytes.size() + kEntryOverhead;
  LetterRecord record;
  record.made_ms = m.wall().ms;
  record.chat = key.chat;
  record.home = key.home;
  record.reply_key = {sealed->letter.key.serialise()};
  record.items = sealed->letter.items;
  sealed->letter.stored = true;
  const ReplyHead head = keep_letter(m, std::move(sealed->letter));
  m.journal.put(record_key(RecordKind::kLetter, head), record);
  return wire::SealedParcel{with_bulletin(m, link.home()), std::move(sealed->bytes)};
}

}  // namespace

std::vector<wire::SealedParcel> collect_sealed(Machine& m, const std::optional<ChatId>& chat, size_t& bytes_left) {
  std::vector<wire::SealedParcel> out;
  std::vector<LinkKey> keys;
  for (const auto& [id, one] : m.chats) {
    // Whatever waits for the chat's homes, and what is in its outbox.
    const MemberRecord* peer = peer_of(one);
    if (peer != nullptr && (!chat || *chat == id)) keys.push_back({id, peer->home.key});
  }
  for (const auto& [key, link] : m.link_of) {
    const bool here = (!chat || *chat == key.chat) && key.chat != nobody() && key.chat != uploader();
    if (here && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  for (const LinkKey& key : keys) {
    if (out.size() == wire::kBundleRequestsMax) break;
    const auto found = m.link_of.find(key);
    const Chat* one = m.find_chat(key.chat);
    const Link* link = found != m.link_of.end() ? found->second.get() : nullptr;
    if (link == nullptr && one != nullptr && peer_of(*one) != nullptr) link = &m.link(key.chat, peer_of(*one)->home);
    if (link == nullptr) continue;
    if (auto sealed = seal_one(m, key, *link, bytes_left)) out.push_back(std::move(*sealed));
  }
  return out;
}

Status restore_letter(Machine& m, LetterRecord record) {
  auto key = session::SealedReplyKey::parse(record.reply_key.value);
  REQUIRE(key.has_value() && !record.items.empty(), kProfileDamaged, "a letter has its reply key");
  const bool over = m.when(record.made_ms) + kBundledLifetime <= m.now;
  if (over) {
    m.journal.erase(record_key(RecordKind::kLetter, key->reply_head()));
    return {};
  }
  // A request of an earlier run has no one who waits for it: it is asked again, and this answer is passed over.
  for (LetterItem& item : record.items) {
    if (item.kind == LetterItem::Kind::kRequest) item.number = 0;
  }
  keep_letter(m, Letter{{record.chat, record.home}, std::move(*key), std::move(record.items), false, true, 0});
  return {};
}

}  // namespace godwit::engine
