#include "engine/own_addresses.h"

#include <set>
#include <vector>

#include "engine/blocks.h"
#include "engine/home_move.h"

namespace godwit::engine {
namespace {

bool is_there(const Machine& m, const Chat& chat) {
  return chat.record.address_ready && chat.record.home_number == m.self->record.home_number && !is_cut_off(m, chat);
}

void on_addresses(Machine& m, const wire::HomeKey& home, const std::vector<wire::Alias>& asked,
                  const Result<wire::Reply>& reply) {
  const auto* list = reply ? std::get_if<wire::Addresses>(&*reply) : nullptr;
  if (list == nullptr || !m.has_account() || m.self->record.home.key != home) return;
  std::set<wire::Alias> known;
  for (const wire::AddressInfo& each : list->addresses) known.insert(each.alias);
  for (const wire::Alias& alias : asked) {
    const auto found = m.chat_of_alias.find(alias);
    if (known.contains(alias) || found == m.chat_of_alias.end()) continue;
    Chat& chat = m.chats.at(found->second);
    if (chat.record.own_alias != alias || !is_there(m, chat)) continue;
    chat.record.address_ready = false;
    chat.address_lost = true;
    m.put(chat);
    m.touch(chat);
  }
}

}  // namespace

void look_for_addresses(Machine& m) {
  if (!m.has_account() || (m.addresses_looked_at && *m.addresses_looked_at + kAddressesLookEvery > m.now)) return;
  m.addresses_looked_at = m.now;
  // Only what the home had before it was asked can be missing in its answer.
  std::vector<wire::Alias> asked;
  for (const auto& [id, chat] : m.chats) {
    if (is_there(m, chat)) asked.push_back(chat.record.own_alias);
  }
  if (asked.empty()) return;
  m.mailbox().submit(wire::AddressList{}, [&m, home = m.self->record.home.key, asked](const Result<wire::Reply>& reply) {
    on_addresses(m, home, asked, reply);
  });
}

}  // namespace godwit::engine
