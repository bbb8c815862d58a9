#include "engine/fanout.h"

#include <algorithm>
#include <functional>

#include "crypto/hash.h"
#include "engine/commits.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What a delivery may be kept for less than a home allows: a day.
constexpr uint64_t kTtlSpreadSeconds = 86'400;
// How often all tokens of a member of a group may be refused before an item is given up for him. His home may be a Remove
// ahead of us, and the log tells.
constexpr uint32_t kRefusedRoundsMax = 5;

Member* member_numbered(Chat& chat, uint32_t number) {
  const auto found = chat.accounts.find(number);
  return found == chat.accounts.end() ? nullptr : find_member(chat, found->second);
}

// One item for those of one home whose turn it is.
struct Turn {
  uint64_t number = 0;
  wire::HomeKey home;
  friend auto operator<=>(const Turn&, const Turn&) = default;
};

// The first item that is open for each member who has nothing on its way.
std::map<Turn, std::vector<uint32_t>> turns_of(const Machine& m, Chat& chat) {
  std::map<Turn, std::vector<uint32_t>> out;
  MemberSet served;
  const size_t all = chat.members.size();
  size_t count = 0;
  const bool held_back = is_held_back(m, chat);
  for (const auto& [number, item] : chat.outbox) {
    // What is said in an epoch that nobody else is in opens nowhere.
    if (is_held(item, held_back) || (chat.record.astray && item.kind == OutboxRecord::Kind::kContent)) continue;
    for (const uint32_t who : item.recipients.numbers()) {
      if (served.has(who)) continue;
      served.add(who);
      ++count;
      Member* member = member_numbered(chat, who);
      if (member == nullptr || member->sending || !member->delivery.may_start(m.now, chat.wake)) continue;
      out[{number, member->record.home.key}].push_back(who);
    }
    if (count >= all) break;
  }
  return out;
}

// ---- what comes back ------------------------------------------------------------------------------------------------

// All tokens were tried and refused.
void on_all_refused(Machine& m, Chat& chat, uint64_t number, Member& member) {
  const size_t tokens = tokens_of(chat, member.record).size();
  // While the log is not read to its end nobody knows whether these tokens are the last ones. And whoever has been away since the last
  // Remove has not told his home its token: who was not in before it has no other. Neither is a refusal of his.
  const bool early = chat.record.log_wanted || member.heard < chat.record.keys.base;
  if (chat.record.kind == ChatKind::kGroup && early) member.refused = 0;
  const bool again = chat.record.kind == ChatKind::kGroup && member.refused < kRefusedRoundsMax * tokens;
  if (!again) {
    member.refused = 0;
    member.delivery.cancel();
    return close_recipient(m, chat, number, member.record.number, false);
  }
  if (chat.group) want_log(m, chat);
  member.delivery.fail(m.now, {}, m.random);
}

void settle(Machine& m, Chat& chat, uint64_t number, Member& member, const Outcome& outcome) {
  member.sending = false;
  if (outcome.ok()) {
    member.delivery.succeed();
    member.refused = 0;
    return close_recipient(m, chat, number, member.record.number, true);
  }
  const size_t tokens = tokens_of(chat, member.record).size();
  if (outcome.is(wire::kAddressRefused)) {
    ++member.token;
    ++member.refused;
    if (member.refused % tokens == 0) return on_all_refused(m, chat, number, member);
    return member.delivery.cancel();
  }
  if (outcome.error->code.action == Action::kRetryLater) {
    // An old token's quota is low: another one may do.
    if (outcome.is(wire::kQuotaFull)) ++member.token;
    return member.delivery.fail(m.now, outcome.retry_after, m.random);
  }
  member.delivery.cancel();
  close_recipient(m, chat, number, member.record.number, false);
}

void on_delivered(Machine& m, const ChatId& id, uint64_t sending, const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr) return;
  const auto node = chat->sending.extract(sending);
  if (node.empty()) return;
  m.touch(*chat);
  const Sending& sent = node.mapped();
  const auto outcomes = outcomes_of(reply, sent.members.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (Member* member = member_numbered(*chat, sent.members[i])) settle(m, *chat, sent.number, *member, outcomes[i]);
  }
  end_if_done(m, *chat, sent.number);
}

// ---- what goes out --------------------------------------------------------------------------------------------------

// The item is on our disk: it may leave, unless it was called off meanwhile.
void deliver(Machine& m, const ChatId& id, uint64_t sending) {
  Chat* chat = m.find_chat(id);
  const auto under_way = chat->sending.find(sending);
  if (under_way == chat->sending.end()) return;
  Sending& sent = under_way->second;
  const auto found = chat->outbox.find(sent.number);
  std::vector<const Member*> members;
  std::vector<uint32_t> numbers;
  for (const uint32_t number : sent.members) {
    const Member* member = member_numbered(*chat, number);
    if (member == nullptr || found == chat->outbox.end() || !found->second.recipients.has(number)) continue;
    members.push_back(member);
    numbers.push_back(number);
  }
  for (const uint32_t number : std::exchange(sent.members, numbers)) {
    if (Member* member = member_numbered(*chat, number)) member->sending = false;
  }
  if (numbers.empty()) {
    chat->sending.erase(under_way);
    return m.touch(*chat);
  }
  for (const uint32_t number : numbers) member_numbered(*chat, number)->sending = true;
  sent.request =
      m.link(id, sent.home)
          .submit(delivery_request(*chat, found->second, members, time_to_live(m.random)),
                  [&m, id, sending](const Result<wire::Reply>& reply) { on_delivered(m, id, sending, reply); });
}

void start(Machine& m, Chat& chat, const OutboxRecord& item, uint64_t number, std::vector<uint32_t> members) {
  const uint64_t sending = ++chat.last_sending;
  for (const uint32_t who : members) {
    Member* member = member_numbered(chat, who);
    member->sending = true;
    member->delivery.start();
  }
  const wire::HomeAddress home = member_numbered(chat, members.front())->record.home;
  chat.sending.emplace(sending, Sending{number, item.delivery, home, std::move(members), {}});
  m.journal.then([&m, id = chat.record.chat, sending] { deliver(m, id, sending); });
}

}  // namespace

std::vector<wire::Token> tokens_of(const Chat& chat, const MemberRecord& member) {
  std::vector<wire::Token> out;
  if (member.entry_token && !member.seen) out.push_back(to_token(member.entry_token->value));
  out.push_back(to_token(address_token(chat.record.keys, member.alias)));
  for (const ChatKeys& before : chat.record.previous) out.push_back(to_token(address_token(before, member.alias)));
  if (member.entry_token && member.seen) out.push_back(to_token(member.entry_token->value));
  return out;
}

std::vector<Outcome> outcomes_of(const Result<wire::Reply>& reply, size_t count) {
  const auto* delivered = reply ? std::get_if<wire::Delivered>(&*reply) : nullptr;
  if (delivered == nullptr) return std::vector<Outcome>(count, outcome_of(reply));
  std::vector<Outcome> out;
  if (delivered->codes.size() != count) {
    return std::vector<Outcome>(count, Outcome{Error{wire::kUnavailable, "one result for each recipient"}, {}, 0});
  }
  for (const uint16_t code : delivered->codes) {
    const wire::Reply one = code == 0 ? wire::Reply(wire::Done{}) : wire::Reply(wire::Refused{code, 0, 0});
    out.push_back(outcome_of(one));
  }
  return out;
}

wire::DeliveryId delivery_id_of(const OutboxRecord& item, const wire::Alias& alias) {
  Bytes input = to_bytes(as_bytes("godwit delivery 1"));
  append(input, item.delivery.view());
  append(input, alias.view());
  const auto digest = crypto::sha256(input);
  wire::DeliveryId out;
  std::copy_n(digest.begin(), out.value.size(), out.value.begin());
  return out;
}

uint32_t time_to_live(Random& random) {
  return wire::kTtlSecondsMax - static_cast<uint32_t>(random.below(kTtlSpreadSeconds));
}

wire::Request delivery_request(const Chat& chat, const OutboxRecord& item, const std::vector<const Member*>& members,
                               uint32_t ttl_seconds) {
  std::vector<wire::Recipient> recipients;
  for (const Member* member : members) {
    const auto tokens = tokens_of(chat, member->record);
    recipients.push_back(
        {member->record.alias, tokens[member->token % tokens.size()], delivery_id_of(item, member->record.alias)});
  }
  if (recipients.size() == 1) return wire::Deliver{std::move(recipients.front()), ttl_seconds, item.payload};
  return wire::DeliverMany{std::move(recipients), ttl_seconds, item.payload};
}

void pump_fanout(Machine& m, Chat& chat) {
  for (auto& [turn, members] : turns_of(m, chat)) {
    OutboxRecord& item = chat.outbox.at(turn.number);
    if (!encrypt_item(m, chat, turn.number, item)) return;
    const size_t fit = std::max<size_t>(1, wire::kDeliverManyBytesMax / item.payload.size());
    const size_t most = std::min(fit, size_t{wire::kDeliverManyMax});
    for (size_t i = 0; i < members.size(); i += most) {
      const size_t count = std::min(most, members.size() - i);
      const auto first = members.begin() + static_cast<ptrdiff_t>(i);
      start(m, chat, item, turn.number, {first, first + static_cast<ptrdiff_t>(count)});
    }
  }
}

namespace {

void call_off_if(Machine& m, Chat& chat, const std::function<bool(const Sending&)>& wanted) {
  for (auto it = chat.sending.begin(); it != chat.sending.end();) {
    const Sending& sent = it->second;
    if (!wanted(sent)) {
      ++it;
      continue;
    }
    m.link(chat.record.chat, sent.home).cancel(sent.request);
    for (const uint32_t who : sent.members) {
      Member* member = member_numbered(chat, who);
      if (member == nullptr) continue;
      member->sending = false;
      member->delivery.cancel();
    }
    it = chat.sending.erase(it);
  }
}

}  // namespace

void call_off(Machine& m, Chat& chat, uint64_t number) {
  call_off_if(m, chat, [&](const Sending& sent) {
    const auto item = chat.outbox.find(sent.number);
    const bool encrypted = item == chat.outbox.end() || item->second.epoch != 0;
    return number == 0 ? encrypted : sent.number == number;
  });
}

void aim_anew(Machine& m, Chat& chat, const Member& member) {
  call_off_if(m, chat, [&](const Sending& sent) {
    return std::ranges::find(sent.members, member.record.number) != sent.members.end();
  });
}

bool has_open_items(const Machine& m, const Chat& chat, uint32_t member) {
  const bool held_back = is_held_back(m, chat);
  return std::ranges::any_of(chat.outbox, [&](const auto& entry) {
    return entry.second.recipients.has(member) && !is_held(entry.second, held_back);
  });
}

}  // namespace godwit::engine
