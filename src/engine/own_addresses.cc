#include "engine/own_addresses.h"

#include <set>

#include "engine/backup.h"
#include "engine/blocks.h"
#include "engine/web_push.h"

namespace godwit::engine {
namespace {

// Not of a group that one has left, nor of a chat that has gone: theirs are revoked.
bool is_there(const Machine& m, const Chat& chat) {
  return chat.group && chat.record.address_ready && chat.record.home_number == m.self->record.home_number && !is_cut_off(m, chat);
}

void tell_again(Machine& m, const std::set<wire::Alias>& lost) {
  for (auto& [id, chat] : m.chats) {
    if (!is_there(m, chat)) continue;
    chat.record.token_wanted = true;
    if (lost.contains(chat.record.own_alias)) chat.address_way = AddressWay::kCreate;
    m.put(chat);
    m.touch(chat);
  }
  revoke_blocked(m);
  want_backup(m);
  ask_web_push_anew(m);
  m.queue.acknowledged = {};  // of what was before nothing was taken away
}

void on_addresses(Machine& m, const wire::HomeKey& home, const std::set<wire::Alias>& asked,
                  const Result<wire::Reply>& reply) {
  if (!m.has_account() || m.self->record.home.key != home) return;
  const auto* list = reply ? std::get_if<wire::Addresses>(&*reply) : nullptr;
  if (list == nullptr) {
    m.own_addresses.wanted = true;
    return;
  }
  m.own_addresses.looked_at = m.now;
  std::set<wire::Alias> lost = asked;
  for (const wire::AddressInfo& each : list->addresses) lost.erase(each.alias);
  if (!lost.empty()) tell_again(m, lost);
}

}  // namespace

void home_proved(Machine& m) { m.own_addresses.wanted = true; }

void note_item_number(Machine& m, uint64_t before, uint64_t number) {
  if (before != 0 && number - before > kPutBackLeap) m.own_addresses.put_back = true;
}

void look_after_addresses(Machine& m) {
  if (!m.has_account()) return;
  OwnAddresses& own = m.own_addresses;
  if (std::exchange(own.put_back, false)) tell_again(m, {});
  if (!own.wanted || (own.looked_at && *own.looked_at + kAddressesLookEvery > m.now)) return;
  own.wanted = false;
  // Only what the home had before it was asked can be missing in its answer.
  std::set<wire::Alias> asked;
  for (const auto& [id, chat] : m.chats) {
    if (is_there(m, chat)) asked.insert(chat.record.own_alias);
  }
  if (asked.empty()) return;
  m.mailbox().submit(wire::AddressList{}, [&m, home = m.self->record.home.key, asked](const Result<wire::Reply>& reply) {
    on_addresses(m, home, asked, reply);
  });
}

}  // namespace godwit::engine
