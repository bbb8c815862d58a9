#include "home/address_counts.h"

#include <algorithm>

namespace godwit::home {

// Counted, else null.
const AddressCounts::Mailbox* AddressCounts::find(const wire::MailboxId& mailbox) const {
  const auto found = mailboxes_.find(mailbox);
  return found == mailboxes_.end() || found->second.counting ? nullptr : &found->second;
}

AddressCounts::Mailbox* AddressCounts::find(const wire::MailboxId& mailbox) {
  const auto found = mailboxes_.find(mailbox);
  return found == mailboxes_.end() || found->second.counting ? nullptr : &found->second;
}

bool AddressCounts::knows(const wire::MailboxId& mailbox) const { return find(mailbox) != nullptr; }

bool AddressCounts::knows_strangers(const wire::MailboxId& mailbox) const {
  const Mailbox* counted = find(mailbox);
  return counted != nullptr && counted->strangers_known;
}

bool AddressCounts::has(const wire::MailboxId& mailbox, const wire::Alias& alias) const {
  const Mailbox* counted = find(mailbox);
  return counted != nullptr && std::ranges::binary_search(counted->aliases, alias);
}

size_t AddressCounts::count(const wire::MailboxId& mailbox) const {
  const Mailbox* counted = find(mailbox);
  return counted == nullptr ? 0 : counted->aliases.size();
}

size_t AddressCounts::strangers(const wire::MailboxId& mailbox, uint32_t today) const {
  const Mailbox* counted = find(mailbox);
  if (counted == nullptr) return 0;
  return static_cast<size_t>(std::ranges::count_if(
      counted->for_strangers, [&](const auto& each) { return each.second == 0 || today <= each.second; }));
}

std::vector<wire::Alias> AddressCounts::aliases(const wire::MailboxId& mailbox) const {
  const Mailbox* counted = find(mailbox);
  return counted == nullptr ? std::vector<wire::Alias>{} : counted->aliases;
}

void AddressCounts::begin(const wire::MailboxId& mailbox) {
  make_room(0, 1, mailbox);
  mailboxes_[mailbox].counting = true;
}

void AddressCounts::finish(const wire::MailboxId& mailbox, std::vector<wire::Alias> aliases) {
  const auto found = mailboxes_.find(mailbox);
  if (found == mailboxes_.end() || !found->second.counting) return;  // forgotten meanwhile
  Mailbox& counted = found->second;
  std::erase_if(aliases, [&](const wire::Alias& each) { return counted.gone.contains(each); });
  std::ranges::sort(aliases);
  make_room(aliases.size(), 0, mailbox);
  size_ += aliases.size();
  counted.aliases = std::move(aliases);
  counted.gone.clear();
  counted.counting = false;
}

void AddressCounts::finish_strangers(const wire::MailboxId& mailbox) {
  if (Mailbox* counted = find(mailbox)) counted->strangers_known = true;
}

void AddressCounts::add(const wire::MailboxId& mailbox, const wire::Alias& alias) {
  Mailbox* counted = find(mailbox);
  if (counted == nullptr) return;
  const auto at = std::ranges::lower_bound(counted->aliases, alias);
  if (at != counted->aliases.end() && *at == alias) return;
  counted->aliases.insert(at, alias);
  make_room(1, 0, mailbox);
  ++size_;
}

void AddressCounts::add_stranger(const wire::MailboxId& mailbox, const wire::Alias& alias, uint32_t expires_day) {
  if (has(mailbox, alias)) find(mailbox)->for_strangers[alias] = expires_day;
}

void AddressCounts::remove(const wire::MailboxId& mailbox, const wire::Alias& alias) {
  const auto found = mailboxes_.find(mailbox);
  if (found == mailboxes_.end()) return;
  Mailbox& counted = found->second;
  if (counted.counting) counted.gone.insert(alias);
  const auto at = std::ranges::lower_bound(counted.aliases, alias);
  if (at == counted.aliases.end() || *at != alias) return;
  counted.aliases.erase(at);
  counted.for_strangers.erase(alias);
  --size_;
}

void AddressCounts::forget(const wire::MailboxId& mailbox) {
  const auto found = mailboxes_.find(mailbox);
  if (found != mailboxes_.end()) erase(found);
}

void AddressCounts::erase(Mailboxes::iterator at) {
  size_ -= at->second.aliases.size();
  mailboxes_.erase(at);
}

// Each in turn gives way, but for those that are being counted and `but`; if only such are left, their number is the bound.
void AddressCounts::make_room(size_t aliases, size_t mailboxes, const wire::MailboxId& but) {
  const auto fits = [&] {
    return size_ + aliases <= bounds_.aliases && mailboxes_.size() + mailboxes <= bounds_.mailboxes;
  };
  auto next = mailboxes_.upper_bound(last_evicted_);
  for (size_t left = mailboxes_.size(); left > 0 && !fits(); --left) {
    if (next == mailboxes_.end()) next = mailboxes_.begin();
    const auto at = next++;
    if (at->second.counting || at->first == but) continue;
    last_evicted_ = at->first;
    erase(at);
  }
}

}  // namespace godwit::home
