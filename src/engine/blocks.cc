#include "engine/blocks.h"

#include <algorithm>

#include "engine/calls.h"
#include "engine/chat_keys.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

void put(Machine& m, const BlockRecord& record) {
  m.journal.put(record_key(RecordKind::kBlock, record.account.view()), record);
}

bool is_direct_with(const Chat& chat, const AccountId& account) {
  return chat.record.kind == ChatKind::kDirect && chat.record.peer == account;
}

std::vector<ChatId> chats_with(const Machine& m, const AccountId& account) {
  std::vector<ChatId> out;
  for (const auto& [id, chat] : m.chats) {
    if (is_direct_with(chat, account)) out.push_back(id);
  }
  return out;
}

void on_done(Machine& m, const AccountId& account, const ChatId& chat, bool blocked, const Result<wire::Reply>& reply) {
  const auto found = m.names.blocks.find(account);
  if (found == m.names.blocks.end()) return;
  Block& block = found->second;
  const Outcome outcome = outcome_of(reply);
  if (!outcome.ok()) return block.attempt.fail(m.now, outcome.retry_after, m.random);
  block.attempt.succeed();
  if (block.record.blocked != blocked) return;  // it was turned round meanwhile
  std::erase(block.record.chats, chat);
  if (!block.record.blocked && block.record.chats.empty()) {
    m.journal.erase(record_key(RecordKind::kBlock, account.view()));
    m.names.blocks.erase(found);
  } else {
    put(m, block.record);
  }
}

void pump_block(Machine& m, Block& block, Instant& wake) {
  if (block.record.chats.empty() || !block.attempt.may_start(m.now, wake)) return;
  const ChatId id = block.record.chats.front();
  const Chat* chat = m.find_chat(id);
  if (chat == nullptr) {
    block.record.chats.erase(block.record.chats.begin());
    return put(m, block.record);
  }
  block.attempt.start();
  const bool blocked = block.record.blocked;
  const wire::Alias& alias = chat->record.own_alias;
  wire::Request request = wire::AddressRevoke{alias};
  if (!blocked) request = wire::AddressCreate{alias, hash_of(address_token(chat->record.keys, alias)), 0, false};
  m.mailbox().submit(request, [&m, account = block.record.account, id, blocked](const Result<wire::Reply>& reply) {
    on_done(m, account, id, blocked, reply);
  });
}

}  // namespace

void block_account(Machine& m, CommandId id, const BlockAccount& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (is_blocked(m, command.account)) return m.done(id, Nothing{});
  end_call_with(m, command.account);
  Block& block = m.names.blocks[command.account];
  block.record.account = command.account;
  block.record.blocked = true;
  block.record.chats = chats_with(m, command.account);
  put(m, block.record);
  put_field(m, SyncKind::kBlocked, to_bytes(command.account.view()), {1});
  m.done_then(id, Nothing{});
}

void unblock_account(Machine& m, CommandId id, const UnblockAccount& command) {
  if (!is_blocked(m, command.account)) return m.fail(id, {kNotBlocked, "a blocked account"});
  Block& block = m.names.blocks.at(command.account);
  block.record.blocked = false;
  block.record.chats = chats_with(m, command.account);
  if (block.record.chats.empty()) {
    m.journal.erase(record_key(RecordKind::kBlock, command.account.view()));
    m.names.blocks.erase(command.account);
  } else {
    put(m, block.record);
  }
  put_field(m, SyncKind::kBlocked, to_bytes(command.account.view()), {0});
  m.done_then(id, Nothing{});
}

void take_block(Machine& m, const AccountId& account, bool blocked) {
  if (is_blocked(m, account) == blocked) return;
  if (!blocked) {
    m.journal.erase(record_key(RecordKind::kBlock, account.view()));
    m.names.blocks.erase(account);
    return;
  }
  end_call_with(m, account);
  Block& block = m.names.blocks[account];
  block.record.account = account;
  block.record.blocked = true;
  block.record.chats.clear();
  put(m, block.record);
}

void revoke_blocked(Machine& m) {
  for (auto& [account, block] : m.names.blocks) {
    if (!block.record.blocked) continue;
    block.record.chats = chats_with(m, account);
    put(m, block.record);
  }
}

void list_blocked(Machine& m, CommandId id) {
  BlockedAccounts out;
  for (const auto& [account, block] : m.names.blocks) {
    if (block.record.blocked) out.accounts.push_back(account);
  }
  m.done(id, std::move(out));
}

bool is_blocked(const Machine& m, const AccountId& account) {
  const auto found = m.names.blocks.find(account);
  return found != m.names.blocks.end() && found->second.record.blocked;
}

bool is_cut_off(const Machine& m, const Chat& chat) {
  return chat.record.kind == ChatKind::kDirect && is_blocked(m, chat.record.peer);
}

void pump_blocks(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  for (auto& [account, block] : m.names.blocks) pump_block(m, block, wake);
}

}  // namespace godwit::engine
