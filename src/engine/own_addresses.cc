#include "engine/own_addresses.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/backup.h"
#include "engine/blocks.h"
#include "engine/chat_keys.h"
#include "engine/web_push.h"

namespace godwit::engine {
namespace {

// Not of a group that one has left, nor of a chat that has gone: theirs are revoked.
bool is_there(const Machine& m, const Chat& chat) {
  return chat.group && chat.record.address_ready && chat.record.home_number == m.self->record.home_number &&
         !is_cut_off(m, chat);
}

// Everything that waits, and with it what other own devices have said.
bool has_read(const MailboxQueue& queue) {
  return queue.fetched && !queue.fetching && !queue.fetch_again && queue.fetch_at == kNever;
}

// What a home that was put back has lost, but for the addresses of chats.
void tell_again(Machine& m) {
  revoke_blocked(m);
  want_backup(m);
  ask_web_push_anew(m);
  m.queue.acknowledged = {};  // of what was before nothing was taken away
}

void on_addresses(Machine& m, const wire::HomeKey& home, const std::set<wire::Alias>& asked,
                  const Result<wire::Reply>& reply) {
  if (!m.has_account() || m.self->record.home.key != home) return;
  m.own_addresses.not_before = m.now + std::max(outcome_of(reply).retry_after, kAddressesLookEvery);
  const auto* list = reply ? std::get_if<wire::Addresses>(&*reply) : nullptr;
  if (list == nullptr) {
    const Outcome outcome = outcome_of(reply);
    m.own_addresses.wanted = !outcome.error || outcome.error->code.action == Action::kRetryLater;
    return;
  }
  std::map<wire::Alias, wire::TokenHash> known;
  for (const wire::AddressInfo& each : list->addresses) known[each.alias] = each.token_hash;
  bool put_back = false;
  for (auto& [id, chat] : m.chats) {
    if (!is_there(m, chat) || !asked.contains(chat.record.own_alias)) continue;
    const auto found = known.find(chat.record.own_alias);
    if (found == known.end()) {
      chat.address_way = AddressWay::kCreate;
    } else if (chat.record.token_wanted ||
               found->second == hash_of(address_token(chat.record.keys, chat.record.own_alias))) {
      continue;
    }
    // Another own device may be ahead, and an old token be one of somebody who was removed since: not before the log is known.
    if (found != known.end() && chat.record.log_ready && chat.log_seen_at < m.own_addresses.proved_at) {
      m.own_addresses.wanted = true;
      chat.log_read_at = m.now;
      m.touch(chat);
      continue;
    }
    chat.record.token_wanted = put_back = true;
    m.put(chat);
    m.touch(chat);
  }
  if (put_back) tell_again(m);
}

}  // namespace

void home_proved(Machine& m) {
  m.own_addresses.wanted = true;
  m.own_addresses.proved_at = m.now;
  m.queue.acknowledged = {};  // one that ended uncleanly may have put back what was taken last (store/home_store.h)
}

void note_item_number(Machine& m, uint64_t before, uint64_t number) {
  if (before != 0 && number - before > kPutBackLeap) m.own_addresses.put_back = true;
}

void pump_own_addresses(Machine& m, Instant& wake) {
  OwnAddresses& own = m.own_addresses;
  if (!m.has_account() || !has_read(m.queue)) return;
  if (!own.wanted && !own.put_back) return;
  if (own.not_before > m.now) {
    wake = std::min(wake, own.not_before);
    return;
  }
  own.wanted = false;
  own.not_before = m.now + kAddressesLookEvery;
  if (std::exchange(own.put_back, false)) tell_again(m);
  // Only what the home had before it was asked can be missing in its answer.
  std::set<wire::Alias> asked;
  for (const auto& [id, chat] : m.chats) {
    if (is_there(m, chat)) asked.insert(chat.record.own_alias);
  }
  if (asked.empty()) return;
  m.mailbox().submit(wire::AddressList{},
                     [&m, home = m.self->record.home.key, asked](const Result<wire::Reply>& reply) {
                       on_addresses(m, home, asked, reply);
                     });
}

}  // namespace godwit::engine
