#include "engine/returning.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/commits.h"
#include "engine/door_records.h"
#include "engine/epochs.h"
#include "engine/fanout.h"
#include "engine/group_content.h"
#include "engine/groups.h"
#include "engine/inbox.h"
#include "engine/intents.h"
#include "engine/invites.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/taking_over.h"

namespace godwit::engine {
namespace {

// Asked at once: who helps makes a commit, and of several one wins.
constexpr size_t kAskedAtOnce = 3;
constexpr Duration kAskPauseFirst = minutes(10);
constexpr Duration kAskPauseMax = hours(24);
// Who may not be in asks so often, and is out two and a half hours after he began. Then he looks into his mailbox once more, which counts
// as one more round.
constexpr uint32_t kRoundsUnknown = 4;
// Those who ask us, in one chat at once.
constexpr size_t kAskersMax = 16;

Bytes returning_key(const ChatId& chat) { return record_key(RecordKind::kReturn, chat.view()); }

void put(Machine& m, const ReturningRecord& record) { m.journal.put(returning_key(record.chat), record); }

// For which leaf our keys are to stand: our own, or, as long as that is one with which we came back, the one that it stands for. So
// it does not matter which of several keys a helper has used, nor whether his Welcome came.
std::optional<ByteArray<32>> own_place(const Chat& chat) { return own_place_in(*chat.group); }

// The chat into which the keys behind this address are to bring us back.
std::optional<ChatId> returning_by(const Machine& m, const wire::Alias& alias) {
  const auto invite = m.invites.find(alias);
  if (invite == m.invites.end() || !is_return_alias(invite->second.record)) return std::nullopt;
  const ChatId& chat = invite->second.record.group;
  return m.returns.returning.contains(chat) ? std::optional(chat) : std::nullopt;
}

// Whether we know that he is a member, or was one.
bool was_member(const Chat& chat, const AccountId& account) {
  if (find_member(chat, account) != nullptr || (chat.settings && chat.settings->is_barred(account))) return true;
  return std::ranges::any_of(chat.retired, [&](const auto& entry) {
    return std::ranges::find(entry.second.removed, account, &FormerLeaf::account) != entry.second.removed.end();
  });
}

Chat* chat_of_two_with(Machine& m, const AccountId& account, const ChatId& not_this) {
  for (auto& [id, chat] : m.chats) {
    const bool direct = chat.record.kind == ChatKind::kDirect && chat.record.peer == account;
    if (direct && chat.group && id != not_this && !m.returns.returning.contains(id)) return &chat;
  }
  return nullptr;
}

// Whom to ask next: contacts first, whom we reach for certain.
std::vector<AccountId> next_helpers(Machine& m, const Chat& chat, ReturningRecord& record) {
  std::vector<AccountId> contacts;
  std::vector<AccountId> others;
  for (const auto& [account, member] : chat.members) {
    if (account == m.self->record.account || std::ranges::find(record.asked, account) != record.asked.end()) continue;
    (chat_of_two_with(m, account, record.chat) != nullptr ? contacts : others).push_back(account);
  }
  for (std::vector<AccountId>* of : {&contacts, &others}) {
    for (size_t i = of->size(); i > 1; --i) std::swap((*of)[i - 1], (*of)[static_cast<size_t>(m.random.below(i))]);
  }
  contacts.insert(contacts.end(), others.begin(), others.end());
  if (contacts.size() > kAskedAtOnce) contacts.resize(kAskedAtOnce);
  return contacts;
}

// For which of our leaves we ask this time. Who is astray may not know in which epoch the log has gone on in the end: so he asks for each
// of those that he has had there, the newest last.
ByteArray<32> place_to_ask_for(const Chat& chat, const ReturningRecord& record) {
  if (record.from == ReturnFrom::kUnknown) return record.replaces;
  std::vector<ByteArray<32>> all{record.replaces};
  const auto add = [&](const ByteArray<32>& place) {
    if (place != ByteArray<32>{} && std::ranges::find(all, place) == all.end()) all.push_back(place);
  };
  if (record.from == ReturnFrom::kAstray) {
    for (const auto& [epoch, past] : chat.retired) add(past.own_place);
    if (const auto own = own_place(chat)) add(*own);
  }
  // A commit of ours that others may have followed, and that we have not.
  for (const CalledOffRecord& each : chat.record.called_off) add(each.place);
  if (const auto own = chat.successor ? own_place_in(*chat.successor) : std::nullopt) add(*own);
  return all[record.rounds % all.size()];
}

// What we ask with, once the address behind the keys is there.
std::optional<Bytes> asking_body(Machine& m, const Chat& chat, ReturningRecord& record) {
  const auto invite = m.invites.find(record.alias);
  if (invite == m.invites.end() || invite->second.revoked) {
    const ByteArray<32> place = place_to_ask_for(chat, record);
    record.alias = add_offer(m, record.chat, m.self->record.account, &place);
    put(m, record);
    return std::nullopt;
  }
  if (!invite->second.record.published) return std::nullopt;
  ReturnAskedBody body;
  body.chat = record.chat;
  body.key = invite->second.record.key.clone();
  for (const SecretBlob& one : invite->second.record.key_packages) {
    const auto package = mls::KeyPackagePrivate::deserialize(one.value.reveal());
    if (!package) {
      m.stop({kProfileDamaged, "an invite holds its key packages"});
      return std::nullopt;
    }
    if (package->key_package.cipher_suite == chat.group->suite().id) body.package = package->encode_message();
  }
  return codec::encoded(body);
}

Duration pause_after(uint32_t rounds) {
  Duration pause = kAskPauseFirst;
  for (uint32_t i = 1; i < rounds && pause < kAskPauseMax; ++i) pause = pause * 2;
  return std::min(pause, kAskPauseMax);
}

bool has_own_others(const Machine& m, const Chat& chat) {
  const Member* own = find_member(chat, m.self->record.account);
  return own != nullptr && own->record.leaves.size() > 1;
}

// He has asked all, and looks into his mailbox for the last time.
bool looks_once_more(const ReturningRecord& record) {
  return record.from == ReturnFrom::kUnknown && record.rounds > kRoundsUnknown;
}

void end_round(Machine& m, ReturningRecord& record, Instant& wake) {
  record.asked_ms = m.wall().ms;
  // Who cannot look into his mailbox then asks on until he can.
  const bool last = record.from == ReturnFrom::kUnknown && record.rounds == kRoundsUnknown;
  if (!last) ++record.rounds;
  put(m, record);
  wake = std::min(wake, m.now + pause_after(record.rounds));
}

void pump_one(Machine& m, ReturningRecord& record, Instant& wake) {
  if (looks_once_more(record)) return;
  Chat& chat = m.chats.at(record.chat);
  const Instant next = m.when(record.asked_ms) + pause_after(record.rounds);
  if (record.rounds > 0 && next > m.now) return void(wake = std::min(wake, next));
  // While another device of ours is in, only such a one can help: the account's address stays. It may be gone, too.
  if (record.rounds % 2 == 0 && has_own_others(m, chat)) {
    ask_own_devices(m, chat, place_to_ask_for(chat, record));
    return end_round(m, record, wake);
  }
  const auto body = asking_body(m, chat, record);
  if (!body) return;
  std::vector<AccountId> helpers = next_helpers(m, chat, record);
  if (helpers.empty()) {
    record.asked.clear();
    helpers = next_helpers(m, chat, record);
  }
  for (const AccountId& account : helpers) {
    record.asked.push_back(account);
    if (Chat* direct = chat_of_two_with(m, account, record.chat)) {
      queue_content(m, *direct, ContentKind::kReturnAsked, *body, &account);
    } else {
      queue_return(m, chat, *body, account);
    }
  }
  // Whom we ask next gets other keys: somebody may use these without telling us.
  end_offer_soon(m, record.alias);
  record.alias = {};
  end_round(m, record, wake);
}

// Who asks is not a member any more: he is told, once, since he cannot read it in the log.
void tell_not_member(Machine& m, const Chat& chat, const IntentRecord& intent) {
  const auto who = joiner_of(chat, intent.package, m.wall());
  if (!who || !was_member(chat, intent.account)) return;
  const wire::Recipient to{who->alias, to_token(who->entry_token->value), m.random_id<wire::DeliveryId>()};
  const Envelope envelope{EnvelopeKind::kRefusal, {}, Bytes{static_cast<uint8_t>(JoinRefusal::kBarred)}, 0};
  const wire::Request request =
      wire::Deliver{to, time_to_live(m.random),
                    seal_envelope(envelope, invite_welcome_key(intent.key->value), who->alias.view(), m.random)};
  m.journal.then([&m, link = m.random_id<ChatId>(), home = who->home, request] {
    m.link(link, home).submit(request, [&m, link, home](const Result<wire::Reply>&) { m.end_link(link, home); });
  });
}

// Who leaves lets himself be committed out, and needs no way back; but where the log has moved nobody knows of his leaving.
bool just_leaves(const Chat& chat) { return chat.record.leaving && chat.record.moves.empty(); }

void begin_anew(Machine& m, ReturningRecord record) {
  put(m, record);
  m.returns.returning.insert_or_assign(record.chat, std::move(record));
  m.tell(Trouble{{kReturning, "a member follows the log of a chat"}});
}

bool has_read_mailbox(const Machine& m) { return m.queue.fetched && !m.queue.fetching && !m.queue.fetch_again; }

// The last pause is over for who may not be in. What came meanwhile, while his machine slept, is read before he is out: a session that
// seems to stand may have given nothing since then, so only a Fetch that is asked for now tells.
void look_once_more(Machine& m, ReturningRecord& record) {
  const bool over = record.from == ReturnFrom::kUnknown && record.rounds == kRoundsUnknown && m.mailbox().works() &&
                    m.when(record.asked_ms) + pause_after(record.rounds) <= m.now;
  if (!over) return;
  ++record.rounds;
  put(m, record);
  m.queue.fetched = false;
  fetch(m);
}

bool is_return_of(const IntentRecord& intent, const AccountId& account) {
  return intent.kind == IntentRecord::Kind::kAdd && intent.returns && intent.account == account;
}

}  // namespace

std::optional<ByteArray<32>> own_place_in(const mls::Group& group) {
  const auto own = group.member(group.own_leaf());
  if (!own) return std::nullopt;
  const auto info = validate_member(*own);
  return info && info->replaces ? *info->replaces : leaf_digest(*own);
}

void want_return(Machine& m, Chat& chat) {
  if (m.returns.returning.contains(chat.record.chat) || !chat.group || just_leaves(chat)) return;
  const auto place = own_place(chat);
  if (!place) return;
  ReturningRecord record;
  record.chat = chat.record.chat;
  record.replaces = *place;
  put(m, record);
  m.returns.returning.emplace(record.chat, std::move(record));
  m.tell(Trouble{{kReturning, "a member follows the log of a chat"}});
}

void want_return_from(Machine& m, Chat& chat, uint64_t epoch, const ByteArray<32>& place) {
  const auto own = own_place(chat);
  if (!own || !chat.group) return;
  ReturningRecord record;
  record.chat = chat.record.chat;
  const auto past = chat.retired.find(epoch);
  record.replaces = past != chat.retired.end() && past->second.place == place ? past->second.own_place : *own;
  record.from = ReturnFrom::kAstray;
  begin_anew(m, std::move(record));
}

bool want_return_if_in(Machine& m, Chat& chat) {
  const auto past = chat.retired.find(chat.record.came);
  ReturningRecord record;
  record.chat = chat.record.chat;
  if (past != chat.retired.end()) {
    record.replaces = past->second.own_place;
  } else if (const auto own = own_place(chat); own && chat.group->epoch() == chat.record.came) {
    record.replaces = *own;
  } else {
    return false;
  }
  record.from = ReturnFrom::kUnknown;
  begin_anew(m, std::move(record));
  return true;
}

bool may_be_out(const Machine& m, const Chat& chat) {
  const auto found = m.returns.returning.find(chat.record.chat);
  return found != m.returns.returning.end() && found->second.from == ReturnFrom::kUnknown;
}

void end_return(Machine& m, const ChatId& chat) {
  const auto node = m.returns.returning.extract(chat);
  if (node.empty()) return;
  end_offer_soon(m, node.mapped().alias);
  m.journal.erase(returning_key(chat));
}

bool is_returning(const Machine& m, const wire::Alias& alias) { return returning_by(m, alias).has_value(); }

wire::Alias return_alias(const crypto::Secret<32>& key) {
  Bytes input = to_bytes(as_bytes("godwit return 1"));
  append(input, key.reveal());
  const auto digest = crypto::sha256(input);
  crypto::wipe(input);
  wire::Alias out;
  std::copy_n(digest.begin(), out.value.size(), out.value.begin());
  return out;
}

bool is_return_alias(const InviteRecord& record) { return record.alias == return_alias(record.key.value); }

bool is_by_own_device(const Machine& m, const InviteRecord& record) {
  return m.self && record.asker == m.self->record.account && !is_return_alias(record);
}

bool on_return_refused(Machine& m, const wire::Alias& alias) {
  const auto id = returning_by(m, alias);
  if (!id) return false;
  Chat& chat = m.chats.at(*id);
  end_return(m, *id);
  if (chat.group) leave_chat(m, chat);
  return true;
}

void on_return_asked(Machine& m, const Chat& by, const AccountId* author, ByteView body) {
  auto asked = codec::decoded<ReturnAskedBody>(body);
  if (!asked) return;
  Chat* chat = m.find_chat(asked->chat);
  if (chat == nullptr || !chat->group || m.returns.returning.contains(asked->chat)) return;
  const auto info = joiner_of(*chat, asked->package, m.wall());
  if (!info || !info->replaces || info->account == m.self->record.account) return;
  // He asks for himself, and the key is his: the leaf that he has signed names it by its address.
  const bool himself = author != nullptr ? by.record.kind == ChatKind::kDirect && info->account == *author
                                         : asked->chat == by.record.chat;
  if (!himself || info->alias != return_alias(asked->key.value)) return;
  size_t askers = 0;
  std::vector<uint64_t> earlier;
  for (const auto& [number, intent] : chat->intents) {
    askers += intent.returns ? 1U : 0U;
    if (is_return_of(intent, info->account)) earlier.push_back(number);
  }
  // His newest keys are the ones that he waits for, unless we are bringing him back already.
  if (!earlier.empty() && chat->staged) return;
  if (earlier.empty() && askers >= kAskersMax) return;
  settle_intents(m, *chat, earlier, std::nullopt);
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kAdd;
  intent.account = info->account;
  intent.returns = true;
  intent.package = std::move(asked->package);
  intent.key = std::move(asked->key);
  // Whether he is a member we do not know before the log is read: nothing is committed, and nothing said, before.
  want_log(m, *chat);
  want_change(m, *chat, std::move(intent), {});
}

void settle_returns(Machine& m, Chat& chat) {
  std::vector<uint64_t> over;
  for (const auto& [number, intent] : chat.intents) {
    if (!intent.returns || check_intent(m, chat, intent)) continue;
    if (find_member(chat, intent.account) == nullptr) tell_not_member(m, chat, intent);
    over.push_back(number);
  }
  settle_intents(m, chat, over, std::nullopt);
}

void pump_returns(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  std::vector<ChatId> over;
  for (auto& [id, record] : m.returns.returning) {
    Chat* chat = m.find_chat(id);
    look_once_more(m, record);
    const bool is_out = looks_once_more(record) && has_read_mailbox(m);
    if (chat != nullptr && chat->group && is_out) leave_chat(m, *chat);
    const bool lost = chat != nullptr && chat->group && !just_leaves(*chat) &&
                      (record.from != ReturnFrom::kBehind || own_place(*chat) == record.replaces);
    lost ? pump_one(m, record, wake) : over.push_back(id);
  }
  for (const ChatId& id : over) end_return(m, id);
}

void restore_returning(Machine& m, ReturningRecord record) {
  const ChatId chat = record.chat;
  m.returns.returning.insert_or_assign(chat, std::move(record));
}

}  // namespace godwit::engine
