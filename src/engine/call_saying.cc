#include "engine/call_saying.h"

#include <algorithm>

#include "engine/chat_people.h"
#include "engine/fanout.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What a home keeps of it for who is not connected just now.
constexpr uint32_t kTtlSeconds = 60;

uint64_t ms_of(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }

// One request to one home, with what it is made of, in case that it has to be made again.
struct ToHome {
  ChatId chat;
  CallId call;
  CallStep step{};
  OutboxRecord item;
  wire::HomeAddress home;
  std::vector<AccountId> accounts;
  size_t tries = 0;
};

void submit(Machine& m, ToHome said);

void on_answer(Machine& m, uint64_t number, const ToHome& said, const Result<wire::Reply>& reply) {
  std::erase_if(m.calls.said, [&](const CallSaid& each) { return each.number == number; });
  Chat* chat = m.find_chat(said.chat);
  if (chat == nullptr) return;
  const auto outcomes = outcomes_of(reply, said.accounts.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    Member* member = find_member(*chat, said.accounts[i]);
    if (member == nullptr || !outcomes[i].is(wire::kAddressRefused)) continue;
    // An older or newer token may hold.
    ToHome again = said;
    again.accounts = {said.accounts[i]};
    if (++again.tries >= tokens_of(*chat, member->record).size()) continue;
    ++member->token;
    submit(m, std::move(again));
  }
}

void submit(Machine& m, ToHome said) {
  const Chat* chat = m.find_chat(said.chat);
  if (chat == nullptr || chat->deleted) return;
  std::vector<const Member*> members;
  std::erase_if(said.accounts, [&](const AccountId& account) { return find_member(*chat, account) == nullptr; });
  for (const AccountId& account : said.accounts) members.push_back(find_member(*chat, account));
  if (members.empty()) return;
  const uint64_t number = ++m.calls.last_said;
  const wire::Request request = delivery_request(*chat, said.item, members, kTtlSeconds);
  CallSaid on_its_way{number, said.call, said.step, said.chat, said.home, {}, m.now};
  Link& link = m.link(said.chat, said.home);
  m.calls.said.push_back(std::move(on_its_way));
  const RequestId id = link.submit(request, [&m, number, said = std::move(said)](const Result<wire::Reply>& reply) {
    on_answer(m, number, said, reply);
  });
  const auto entry = std::ranges::find(m.calls.said, number, &CallSaid::number);
  if (entry != m.calls.said.end()) entry->request = id;
}

}  // namespace

bool is_last_word(CallStep step) {
  return step == CallStep::kDecline || step == CallStep::kBusy || step == CallStep::kCancel || step == CallStep::kEnd ||
         step == CallStep::kTaken || step == CallStep::kGone || step == CallStep::kFull || step == CallStep::kGive;
}

void call_off_said(Machine& m, const std::function<bool(const CallSaid&)>& wanted) {
  for (auto it = m.calls.said.begin(); it != m.calls.said.end();) {
    if (!wanted(*it)) {
      ++it;
      continue;
    }
    m.link(it->chat, it->home).cancel(it->request);
    it = m.calls.said.erase(it);
  }
}

void say_of_call(Machine& m, const SayCall& said) {
  Chat* chat = m.find_chat(said.chat);
  if (chat == nullptr || chat->deleted || !chat->group) return;
  Content content{1, m.random_id<MessageId>(), ms_of(m.wall()), ContentKind::kCall, codec::encoded(said.body)};
  if (said.lasting) {
    content.clock = chat->talk.record.clock;
    return queue_encoded(m, *chat, content.id, codec::encoded(content));
  }
  // A device of the other side that its owner does not know of yet is neither rung nor answered.
  if (!is_last_word(said.body.step) && is_held_back(m, *chat)) return;
  const CallStep step = said.body.step;
  if (step == CallStep::kRing || step == CallStep::kHas || step == CallStep::kWant) {  // one that waits for a line says all
    call_off_said(m, [&](const CallSaid& each) { return each.call == said.body.call && each.step == step; });
  }
  std::map<wire::HomeKey, ToHome> homes;
  const MemberSet all = everybody(m, *chat);
  for (const auto& [account, member] : chat->members) {
    if (!all.has(member.record.number)) continue;
    if (!said.to.empty() && std::ranges::find(said.to, account) == said.to.end()) continue;
    ToHome& to = homes[member.record.home.key];
    to.home = member.record.home;
    to.accounts.push_back(account);
  }
  const auto item = homes.empty() ? std::nullopt : seal_at_once(m, *chat, content);
  if (!item) return;
  for (auto& [key, to] : homes) {
    to.chat = said.chat;
    to.call = said.body.call;
    to.step = said.body.step;
    to.item = *item;
    m.journal.then([&m, there = std::move(to)] { submit(m, there); });
  }
}

}  // namespace godwit::engine
