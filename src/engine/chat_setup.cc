#include "engine/chat_setup.h"

#include "crypto/proof_of_work.h"
#include "engine/blocks.h"
#include "engine/home_move.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// An inviter's address lives on under the invite's token for those messages that are under way: as long as homes allow.
constexpr uint8_t kOldTokenDays = 7;

// Whose address was there before the chat gives it the token that only members can derive; so does everybody after a Remove.
// Others make one.
wire::Request address_request(const Chat& chat) {
  const wire::TokenHash hash = hash_of(address_token(chat.record.keys, chat.record.own_alias));
  const bool there = chat.record.inviter || chat.record.address_ready;
  if (chat.address_way == AddressWay::kByRecord ? there : chat.address_way == AddressWay::kToken)
    return wire::AddressToken{chat.record.own_alias, hash, kOldTokenDays};
  return wire::AddressCreate{chat.record.own_alias, hash, 0};
}

void on_address(Machine& m, const ChatId& id, const wire::Alias& alias, uint64_t base,
                const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  m.touch(*chat);
  if (chat->record.own_alias != alias) return;  // the account has moved meanwhile
  const Outcome outcome = outcome_of(reply);
  // A home that was put back does not know it any more; and it may be there already, under another token.
  if (outcome.is(wire::kAddressRefused)) chat->address_way = AddressWay::kCreate;
  if (outcome.is(wire::kIdTaken)) chat->address_way = AddressWay::kToken;
  if (!outcome.ok()) return chat->address.fail(m.now, outcome.retry_after, m.random);
  chat->address.succeed();
  chat->address_way = AddressWay::kByRecord;
  chat->record.address_ready = true;
  if (chat->record.keys.base == base) chat->record.token_wanted = false;
  m.put(*chat);
}

void on_log_open(Machine& m, const ChatId& id, const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  m.touch(*chat);
  const Outcome outcome = outcome_of(reply);
  if (wants_other_work(outcome, chat->record.log.log, chat->log_work)) {
    chat->log_work = crypto::find_work(wire::kWorkLabel, chat->record.log.log.view(),
                                       static_cast<uint8_t>(outcome.detail), chat->log_work);
    return chat->log_open.cancel();
  }
  if (!outcome.ok()) return chat->log_open.fail(m.now, outcome.retry_after, m.random);
  chat->log_open.succeed();
  chat->record.log_ready = true;
  m.put(*chat);
}

}  // namespace

bool wants_other_work(const Outcome& outcome, const wire::LogId& log, uint64_t work) {
  const bool asked = outcome.is(wire::kProofOfWorkRefused) && outcome.detail > 0 && outcome.detail <= kProofBitsMax;
  return asked && !crypto::work_is_done(wire::kWorkLabel, log.view(), work, static_cast<uint8_t>(outcome.detail));
}

void pump_setup(Machine& m, Chat& chat) {
  const ChatId id = chat.record.chat;
  const wire::HomeAddress* home = home_by_number(m, chat.record.home_number);
  const bool address_wanted =
      home != nullptr && (!chat.record.address_ready || chat.record.token_wanted) && !is_cut_off(m, chat);
  if (address_wanted && chat.address.may_start(m.now, chat.wake)) {
    chat.address.start();
    // After the chat is on the disk, since an address is of no use without it.
    m.journal.then([&m, id] {
      Chat& ready = m.chats.at(id);
      const wire::HomeAddress* now = home_by_number(m, ready.record.home_number);
      if (now == nullptr || is_cut_off(m, ready)) return ready.address.cancel();
      m.mailbox_at(*now).submit(address_request(ready),
                                [&m, id, alias = ready.record.own_alias, base = ready.record.keys.base](const Result<wire::Reply>& reply) {
                                  on_address(m, id, alias, base, reply);
                                });
    });
  }
  if (!chat.record.log_ready && chat.log_open.may_start(m.now, chat.wake)) {
    const auto token = log_epoch_token(*chat.group);
    if (!token) return;
    chat.log_open.start();
    const wire::LogOpen request{chat.record.log.log,
                                chat.group->epoch(),
                                hash_of(*token),
                                hash_of(chat.record.keys.log_read.value),
                                {chat.log_work}};
    m.journal.then([&m, id, request] {
      m.link(id, m.chats.at(id).record.log.home).submit(request, [&m, id](const Result<wire::Reply>& reply) {
        on_log_open(m, id, reply);
      });
    });
  }
}

}  // namespace godwit::engine
