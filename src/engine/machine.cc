#include "engine/machine.h"

#include "engine/account.h"
#include "wire/errors.h"

namespace godwit::engine {

Machine::Machine(StorageKey key, Options chosen, Random& source)
    : storage_key(std::move(key)),
      options(chosen),
      random(source),
      journal(storage_key, source),
      links{source, journal, effects, counters, now, HomeRoutes(source), 0, 0, {}} {
  links.homes.world().given_look_only = !options.other_looks;
}

Machine::~Machine() = default;

void Machine::tell(Notice notice) { effects.push_back(Tell{std::move(notice)}); }

void Machine::done(CommandId command, Answer result) {
  if (command != kNobodysCommand) tell(CommandDone{command, std::move(result)});
}

void Machine::done_then(CommandId command, Answer result) {
  if (command != kNobodysCommand) tell_then(CommandDone{command, std::move(result)});
}

void Machine::fail(CommandId command, Error error) {
  if (command != kNobodysCommand) tell(CommandFailed{command, error});
}

void Machine::set_time(Instant host_now) {
  if (host_now + shift < now) shift = now - host_now;
  now = host_now + shift;
}

void Machine::tell_then(Notice notice) {
  journal.then([this, notice = std::move(notice)] { tell(notice); });
}

void Machine::stop(Error error) {
  if (broken) return;
  broken = error;
  tell(Trouble{error});
  for (auto& [id, command] : std::exchange(early_commands, {})) fail(id, error);
}

void Machine::load(Bytes first, Bytes last, uint32_t count_max, bool backwards, LoadHandler handler) {
  const LoadId id{++last_load};
  loads.emplace(id, std::move(handler));
  effects.push_back(LoadRecords{id, std::move(first), std::move(last), count_max, backwards});
}

Error Machine::no_chat(const ChatId& id) const {
  if (kept.contains(id)) return {kChatOnlyKept, "a chat with somebody in it"};
  return {kNoSuchChat, "a chat of this device"};
}

Chat* Machine::find_chat(const ChatId& id) {
  const auto found = chats.find(id);
  return found == chats.end() ? nullptr : &found->second;
}

void Machine::put(const Chat& chat) {
  if (chat.deleted) return;
  journal.put(record_key(RecordKind::kChat, chat.record.chat.view()), chat.record);
}

void Machine::put_group(Chat& chat) {
  put_changes(chat, chat.past.take_changes());
  if (chat.group) put_changes(chat, chat.group->take_changes());
}

void Machine::put_changes(const Chat& chat, const mls::StateChanges& changes) {
  for (const mls::StateChange& change : changes) {
    Bytes key = record_key(RecordKind::kGroup, chat.record.chat.view(), change.key);
    if (change.value) {
      journal.put_bytes(std::move(key), *change.value);
    } else {
      journal.erase(std::move(key));
    }
  }
}

Link& Machine::mailbox() {
  ASSERT(self.has_value());
  return mailbox_at(self->record.home);
}

Link& Machine::mailbox_at(const wire::HomeAddress& home) {
  const LinkKey key{ChatId{}, home.key};
  auto& link = link_of[key];
  if (!link) {
    link = std::make_unique<Link>(links, key, home, mailbox_hooks(*this, home.key));
    if (const auto found = tickets.find(key); found != tickets.end()) link->restore_tickets(std::move(found->second));
    tickets.erase(key);
  }
  return *link;
}

Link& Machine::link(const ChatId& chat, const wire::HomeAddress& home, LinkHooks hooks) {
  const LinkKey key{chat, home.key};
  auto& link = link_of[key];
  if (!link) {
    hooks.wrong_home = [this, key] { on_wrong_home(*this, key); };
    link = std::make_unique<Link>(links, key, home, std::move(hooks));
    if (const auto found = tickets.find(key); found != tickets.end()) link->restore_tickets(std::move(found->second));
    tickets.erase(key);
  }
  return *link;
}

void Machine::end_link(const ChatId& chat, const wire::HomeAddress& home) {
  const auto found = link_of.find(LinkKey{chat, home.key});
  if (found == link_of.end()) return;
  found->second->cancel_all();
  dead_links.push_back(std::move(found->second));
  link_of.erase(found);
  Bytes id = to_bytes(chat.view());
  append(id, home.key.view());
  journal.erase(record_key(RecordKind::kTickets, id));
}

void Machine::forget_account() {
  const auto found = link_of.find(LinkKey{ChatId{}, self->record.home.key});
  if (found != link_of.end()) {
    dead_links.push_back(std::move(found->second));
    link_of.erase(found);
  }
  journal.erase(record_key(RecordKind::kAccount));
  journal.erase(record_key(RecordKind::kDevices));
  devices.record = {};
  self.reset();
}

Outcome outcome_of(const Result<wire::Reply>& reply) {
  if (!reply) return {reply.error(), {}, 0};
  if (std::holds_alternative<wire::Done>(*reply)) return {};
  if (const auto* refused = std::get_if<wire::Refused>(&*reply)) {
    const Duration pause = std::min(milliseconds(refused->retry_after_ms), kRetryAfterMax);
    return {Error{wire::refusal(*refused), "the home refused it"}, pause, refused->detail};
  }
  return {Error{wire::kMalformed, "a reply fits its request"}, {}, 0};
}

}  // namespace godwit::engine
