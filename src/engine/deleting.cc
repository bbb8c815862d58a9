#include "engine/deleting.h"

#include <algorithm>

#include "engine/blocks.h"
#include "engine/call_lines.h"
#include "engine/downloads.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/kept_chats.h"
#include "engine/kept_sharing.h"
#include "engine/message_changes.h"
#include "engine/outbox.h"
#include "engine/returning.h"
#include "engine/scheduled.h"
#include "engine/search.h"
#include "engine/sync.h"
#include "engine/uploads.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

// Messages whose records are erased in one batch.
constexpr uint32_t kMessagesAtOnce = 256;
// Keys that are erased in one batch.
constexpr uint32_t kKeysAtOnce = 1024;

// What is kept of each message, the index last: it tells what else there is.
constexpr RecordKind kOfMessages[] = {RecordKind::kHistory, RecordKind::kState,  RecordKind::kOrder, RecordKind::kPlace,
                                      RecordKind::kPinned,  RecordKind::kExpiry, RecordKind::kIndex};
constexpr RecordKind kOfKeptMessages[] = {RecordKind::kKeptMessage};
// What else belongs to a chat, all of which goes at once.
constexpr RecordKind kOfChat[] = {
    RecordKind::kPending,   RecordKind::kGroup,        RecordKind::kOutbox,  RecordKind::kShared,
    RecordKind::kPastEpoch, RecordKind::kStaged,       RecordKind::kTickets, RecordKind::kUnknown,
    RecordKind::kUpload,    RecordKind::kPaused,       RecordKind::kDownload,     RecordKind::kMember,  RecordKind::kIntent,
    RecordKind::kProgress,  RecordKind::kWaiting,      RecordKind::kTalk,    RecordKind::kSaid,
    RecordKind::kSaidIds,   RecordKind::kSaidEdits,    RecordKind::kScheduled, RecordKind::kReturn,
    RecordKind::kJoinRequest, RecordKind::kSpeaker, RecordKind::kLinking,  RecordKind::kChatSettings, RecordKind::kChat};

Bytes deletion_key(const ChatId& chat) { return record_key(RecordKind::kDeletion, chat.view()); }

void put(Machine& m, const DeletionRecord& record) { m.journal.put(deletion_key(record.chat), record); }

const DeletionRecord* find_deletion(const Machine& m, const ChatId& chat) {
  const auto found = m.deletions.find(chat);
  return found == m.deletions.end() ? nullptr : &found->second.record;
}

// The erasing begins at the front, also if a page of it is being read.
void begin_anew(Deletion& deletion) {
  deletion.record.swept = false;
  deletion.stage = 0;
  deletion.next.clear();
  deletion.last.clear();
  deletion.again = deletion.busy;
}

bool goes(const DeletionRecord& record, uint64_t position, const IndexRecord& index) {
  return position <= record.all_through && OrderKey{index.clock, index.id} <= record.through;
}

// That there was a message is known as long as it may come again; nothing else of it.
IndexRecord blank(const IndexRecord& index) {
  IndexRecord out;
  out.id = index.id;
  out.own = index.own;
  out.delivery = Delivery::kRead;  // it goes no further
  out.clock = index.clock;
  out.gone = true;
  return out;
}

// ---- what is in memory, and on its way ------------------------------------------------------------------------------

// What has not gone out yet, and files that are under way.
void withdraw(Machine& m, Chat& chat, const DeletionRecord& record) {
  std::vector<MessageId> ids;
  for (const auto& [number, item] : chat.outbox) {
    if (item.kind != OutboxRecord::Kind::kContent || item.position.value == 0) continue;
    const auto index = chat.index.find(item.position.value);
    if (index != chat.index.end() && goes(record, index->first, index->second)) ids.push_back(item.id);
  }
  for (const MessageId& each : ids) {
    outbox_withdraw(m, chat, each);
    outbox_withdraw_edits(m, chat, each);
  }
  const FileOwner of = chat.record.chat;
  std::vector<uint64_t> files;
  for (const auto& [number, upload] : chat.uploads) files.push_back(number);
  for (const auto& [number, download] : chat.downloads) files.push_back(number);
  for (const auto& [number, fetched] : chat.fetched) files.push_back(number);
  for (const uint64_t number : files) {
    if (number > record.all_through) continue;
    cancel_upload(m, of, number);
    drop_download(m, of, number, {kNoSuchFile, "a file of a message that is there"});
  }
}

void forget_in_memory(Machine& m, Chat& chat, const DeletionRecord& record) {
  for (auto& [position, index] : chat.index) {
    if (!goes(record, position, index)) continue;
    drop_timer(m, chat, position, index);
    index = blank(index);
    chat.talk.states.erase(position);
  }
  if (chat.talk.newest && chat.talk.newest_position <= record.all_through) refresh_newest(m, chat);
  chat.record.read = std::max(chat.record.read, Position{record.all_through});
  m.put(chat);
}

// What its owner has set for a chat that he does not want to see, and what was to be said in it.
void forget_settings(Machine& m, Chat& chat) {
  forget_scheduled(m, chat);
  ChatSettingsRecord& set = chat.talk.settings;
  set.changed_ms = std::max(m.wall().ms, set.changed_ms + 1);
  set.archived = set.pinned = set.marked_unread = false;
  set.draft.clear();
  m.journal.put(record_key(RecordKind::kChatSettings, chat.record.chat.view()), set);
}

bool is_over(const Chat& chat) { return !chat.group && chat.record.membership != Membership::kActive; }

// Everything of a chat in which we are not any more.
void go_wholly(Machine& m, Chat& chat) {
  const ChatId id = chat.record.chat;
  Deletion& deletion = m.deletions[id];
  DeletionRecord& record = deletion.record;
  record.chat = id;
  record.whole = true;
  record.all_through = chat.record.last.value;
  // Another own device may still have to hear there that it is out.
  if (m.devices.record.devices.size() < 2) record.alias = chat.record.own_alias;
  begin_anew(deletion);
  put(m, record);
  withdraw(m, chat, record);
  forget_scheduled(m, chat);
  chat.deleted = true;
  chat.index.clear();
  chat.positions.clear();
  chat.talk.states.clear();
  chat.talk.newest.reset();
  chat.outbox.clear();
  forget_aliases(m, chat.record);
  end_return(m, id);
  m.devices.entering.erase(id);
  m.devices.healing.erase(id);
  for (auto& [other, kept] : m.kept) {
    if (kept.record.older_of != id) continue;
    kept.record.older_of.reset();
    m.journal.put(record_key(RecordKind::kKeptChat, other.view()), kept.record);
  }
  search_forget_chat(m, id, record.all_through, true);
  m.tell_then(ChatGone{id});
}

// What was said in a chat up to a position, as far as it does not stand behind `through`.
void clear(Machine& m, Chat& chat, const OrderKey& through, uint64_t all_through, bool hidden) {
  Deletion& deletion = m.deletions[chat.record.chat];
  DeletionRecord& record = deletion.record;
  record.chat = chat.record.chat;
  record.through = std::max(record.through, through);
  record.all_through = std::max(record.all_through, all_through);
  record.hidden = hidden;
  forget_calls(m, chat.record.chat);
  if (hidden && is_over(chat)) return go_wholly(m, chat);
  begin_anew(deletion);
  put(m, record);
  withdraw(m, chat, record);
  forget_in_memory(m, chat, record);
  if (hidden) forget_settings(m, chat);
  search_forget_chat(m, record.chat, all_through, false);
  m.tell_then(HistoryCleared{record.chat, Position{all_through}});
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

void delete_kept(Machine& m, CommandId id, const ChatId& chat) {
  const auto found = m.kept.find(chat);
  Deletion& deletion = m.deletions[chat];
  DeletionRecord& record = deletion.record;
  record.chat = chat;
  record.all_through = found->second.record.last.value;
  record.whole = record.kept = true;
  begin_anew(deletion);
  put(m, record);
  m.kept.erase(found);
  stop_kept_sharing(m, chat);
  search_forget_chat(m, chat, record.all_through, true);
  m.done_then(id, Nothing{});
  m.tell_then(ChatGone{chat});
}

// ---- erasing --------------------------------------------------------------------------------------------------------

using KeysHandler = std::function<void(Deletion&, const std::vector<LoadedRecord>&)>;

// Reads records of a chat that is being deleted, unless that has ended or begun anew meanwhile.
void read_page(Machine& m, const ChatId& id, Bytes first, Bytes end, uint32_t count, KeysHandler take) {
  m.deletions.at(id).busy = true;
  m.journal.then([&m, id, first = std::move(first), end = std::move(end), count, take = std::move(take)] {
    m.load(first, end, count, false, [&m, id, take](const std::vector<LoadedRecord>& records) {
      const auto found = m.deletions.find(id);
      if (found == m.deletions.end()) return;
      found->second.busy = false;
      if (!std::exchange(found->second.again, false)) take(found->second, records);
    });
  });
}

Bytes behind(const LoadedRecord& record) {
  Bytes out = record.key;
  out.push_back(0);
  return out;
}

void erase_message(Machine& m, Chat& chat, uint64_t position, const IndexRecord& index) {
  const ByteView id = chat.record.chat.view();
  for (const RecordKind kind : {RecordKind::kHistory, RecordKind::kState, RecordKind::kPinned}) {
    m.journal.erase(record_key(kind, id, position));
  }
  m.journal.erase(order_key(chat.record.chat, {index.clock, index.id}));
  m.journal.erase(record_key(RecordKind::kPlace, id, index.id.view()));
  drop_timer(m, chat, position, index);
  const auto known = chat.index.find(position);
  if (known == chat.index.end()) return m.journal.erase(record_key(RecordKind::kIndex, id, position));
  known->second = blank(index);
  chat.talk.states.erase(position);
  put_index(m, chat, position);
}

// Own edits are kept to be said again, whole; and what only a later version could show.
void erase_beside(Machine& m, const ChatId& id) {
  const Bytes unknown = record_key(RecordKind::kUnknown, id.view());
  read_page(m, id, unknown, after_prefix(unknown), kKeysAtOnce, [&m, id](Deletion&, const auto& records) {
    for (const LoadedRecord& each : records) m.journal.erase(each.key);
    const Bytes said = record_key(RecordKind::kSaid, id.view());
    read_page(m, id, said, after_prefix(said), kKeysAtOnce, [&m, id](Deletion& deletion, const auto& contents) {
      Chat& chat = m.chats.at(id);
      for (const LoadedRecord& each : contents) {
        const auto content = parse_content(each.value.reveal());
        if (!content || content->kind != ContentKind::kEdit) continue;
        m.journal.erase(each.key);
        std::erase(chat.talk.said, content->id);
      }
      chat.talk.said_edits.clear();
      m.journal.put(record_key(RecordKind::kSaidIds, id.view()), SaidIdsRecord{chat.talk.said});
      m.journal.erase(record_key(RecordKind::kSaidEdits, id.view()));
      deletion.record.swept = true;
      put(m, deletion.record);
    });
  });
}

// The next messages of a chat that stays.
void erase_messages(Machine& m, const ChatId& id, const Deletion& deletion) {
  if (deletion.stage > 0) return erase_beside(m, id);
  const Bytes first = deletion.next.empty() ? record_key(RecordKind::kIndex, id.view()) : deletion.next;
  const Bytes end = record_key(RecordKind::kIndex, id.view(), deletion.record.all_through + 1);
  read_page(m, id, first, end, kMessagesAtOnce, [&m, id](Deletion& now, const auto& records) {
    Chat& chat = m.chats.at(id);
    for (const LoadedRecord& each : records) {
      const auto index = codec::decoded<IndexRecord>(each.value.reveal());
      if (!index) return m.stop({kProfileDamaged, "the index of a message is well-formed"});
      const uint64_t position = number_at_end(each.key);
      if (goes(now.record, position, *index)) erase_message(m, chat, position, *index);
      now.next = behind(each);
    }
    if (records.size() < kMessagesAtOnce) now.stage = 1;
  });
}

// Whoever still comes back to it with an answer finds an empty chat.
void empty(Machine& m, Chat& chat) {
  Chat left;
  left.record.chat = chat.record.chat;
  left.record.kind = chat.record.kind;
  left.record.membership = Membership::kLeft;
  left.record.last = chat.record.last;
  left.deleted = true;
  left.talk.late = std::move(chat.talk.late);
  left.talk.late_busy = chat.talk.late_busy;
  left.last_sending = chat.last_sending;
  chat = std::move(left);
  for (auto it = m.link_of.begin(); it != m.link_of.end();) {
    const auto link = it++;
    if (link->first.chat == chat.record.chat) m.end_link(chat.record.chat, link->second->home());
  }
  std::erase_if(m.tickets, [&](const auto& each) { return each.first.chat == chat.record.chat; });
}

void forget_deletion(Machine& m, const ChatId& id) {
  m.journal.erase(deletion_key(id));
  m.deletions.erase(id);
}

void finish(Machine& m, const ChatId& id, Deletion& deletion) {
  for (Bytes& key : std::exchange(deletion.last, {})) m.journal.erase(std::move(key));
  if (deletion.record.kept) {
    m.journal.erase(record_key(RecordKind::kKeptChat, id.view()));
    return forget_deletion(m, id);
  }
  deletion.record.swept = true;
  put(m, deletion.record);
  if (const auto chat = m.chats.find(id); chat != m.chats.end()) return empty(m, chat->second);
  if (deletion.record.alias == wire::Alias{}) forget_deletion(m, id);
}

// The next records of a chat that goes wholly.
void erase_kinds(Machine& m, const ChatId& id, Deletion& deletion) {
  std::span<const RecordKind> many = kOfMessages;
  if (deletion.record.kept) many = kOfKeptMessages;
  if (deletion.stage < many.size()) {
    const Bytes all = record_key(many[deletion.stage], id.view());
    const Bytes first = deletion.next.empty() ? all : deletion.next;
    return read_page(m, id, first, after_prefix(all), kKeysAtOnce, [&m](Deletion& now, const auto& records) {
      for (const LoadedRecord& each : records) m.journal.erase(each.key);
      now.next = records.size() < kKeysAtOnce ? Bytes{} : behind(records.back());
      if (now.next.empty()) ++now.stage;
    });
  }
  const size_t of_chat = deletion.stage - many.size();
  if (deletion.record.kept) {
    // Another import of it would have the same id and the same positions.
    if (!search_has_forgotten(m, id)) finish(m, id, deletion);
    return;
  }
  if (of_chat == std::size(kOfChat)) return finish(m, id, deletion);
  const Bytes all = record_key(kOfChat[of_chat], id.view());
  read_page(m, id, all, after_prefix(all), UINT32_MAX, [](Deletion& now, const auto& records) {
    for (const LoadedRecord& each : records) now.last.push_back(each.key);
    ++now.stage;
  });
}

// The address of a chat that has gone: nothing comes to it any more.
void give_back(Machine& m, const ChatId& id, Deletion& deletion, Instant& wake) {
  if (deletion.record.alias == wire::Alias{} || !m.has_account() || !deletion.attempt.may_start(m.now, wake)) return;
  deletion.attempt.start();
  const wire::AddressRevoke request{deletion.record.alias};
  m.mailbox().submit(request, [&m, id, alias = request.alias](const Result<wire::Reply>& reply) {
    const auto found = m.deletions.find(id);
    if (found == m.deletions.end() || found->second.record.alias != alias) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater) {
      return found->second.attempt.fail(m.now, outcome.retry_after, m.random);
    }
    found->second.attempt.succeed();
    found->second.record.alias = {};
    put(m, found->second.record);
    if (found->second.record.swept && !m.chats.contains(id)) forget_deletion(m, id);
  });
}

}  // namespace

void delete_chat(Machine& m, CommandId id, const DeleteChat& command) {
  if (m.kept.contains(command.chat)) {
    if (!command.history_only) return delete_kept(m, id, command.chat);
    return m.fail(id, {kChatOnlyKept, "a chat that is only kept goes wholly"});
  }
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  const ByteView key = chat->record.chat.view();
  DeletedThrough deleted{{chat->talk.record.clock, {}}, {}, !command.history_only || is_hidden(m, *chat)};
  deleted.through.id.value.fill(0xff);
  // Another own device may not have made a line yet.
  const auto last = std::find_if(chat->index.rbegin(), chat->index.rend(),
                                 [](const auto& each) { return each.second.kind != ContentKind::kLine; });
  if (last != chat->index.rend()) deleted.seen = last->second.id;
  put_field(m, SyncKind::kDeleted, to_bytes(key), codec::encoded(deleted));
  const AccountId peer = chat->record.peer;
  const bool direct = chat->record.kind == ChatKind::kDirect;
  clear(m, *chat, deleted.through, chat->record.last.value, deleted.hidden);
  if (command.block && direct) block_account(m, kNobodysCommand, {peer});
  m.done_then(id, Nothing{});
}

void take_deletion(Machine& m, Chat& chat, ByteView value) {
  const auto deleted = codec::decoded<DeletedThrough>(value);
  if (!deleted || deleted->through.clock > chat.talk.record.clock + kClockJumpMax) return;
  // What came here and was not seen by anybody yet, or was said later, stays.
  uint64_t through = chat.record.last.value;
  uint64_t seen = chat.record.read.value;
  if (const auto known = chat.positions.find(deleted->seen); known != chat.positions.end())
    seen = std::max(seen, known->second);
  const auto stays = [&](const auto& entry) {
    const auto& [position, index] = entry;
    const bool said = index.kind != ContentKind::kLine;
    const bool unread = said && !index.own && !index.gone && position > seen;
    return unread || (!index.gone && OrderKey{index.clock, index.id} > deleted->through);
  };
  const auto first = std::ranges::find_if(chat.index, stays);
  std::vector<std::pair<uint64_t, IndexRecord>> single;
  if (first != chat.index.end()) {
    through = first->first - 1;
    for (auto it = first; it != chat.index.end(); ++it) {
      if (!it->second.gone && !stays(*it)) single.emplace_back(*it);
    }
  }
  clear(m, chat, deleted->through, through, deleted->hidden && through == chat.record.last.value);
  for (auto& [position, index] : single) remove_message(m, chat, position, std::move(index));
}

void take_deletion_before(Machine& m, const Chat& chat, ByteView value) {
  const auto deleted = codec::decoded<DeletedThrough>(value);
  if (!deleted || deleted->through.clock > chat.talk.record.clock + kClockJumpMax) return;
  if (const DeletionRecord* known = find_deletion(m, chat.record.chat); known != nullptr && !known->swept) return;
  DeletionRecord& record = m.deletions[chat.record.chat].record;
  record.chat = chat.record.chat;
  record.through = std::max(record.through, deleted->through);
  record.hidden = deleted->hidden;
  record.swept = true;
  put(m, record);
}

void come_back_to_deleted(Machine& m, Chat& chat) {
  const auto found = m.deletions.find(chat.record.chat);
  if (found == m.deletions.end() || !found->second.record.whole) return;
  DeletionRecord& record = found->second.record;
  chat.record.last = std::max(chat.record.last, Position{record.all_through});
  chat.record.read = std::max(chat.record.read, Position{record.all_through});
  record.whole = record.hidden = false;
  record.alias = {};
  begin_anew(found->second);
  put(m, record);
}

bool is_deleted(const Machine& m, const Chat& chat, uint64_t position, const IndexRecord& index) {
  const DeletionRecord* record = find_deletion(m, chat.record.chat);
  return record != nullptr && !record->swept && (record->whole || goes(*record, position, index));
}

bool was_deleted(const Machine& m, const Chat& chat, const OrderKey& at) {
  const DeletionRecord* record = find_deletion(m, chat.record.chat);
  return record != nullptr && at <= record->through;
}

bool is_hidden(const Machine& m, const Chat& chat) {
  const DeletionRecord* record = find_deletion(m, chat.record.chat);
  return record != nullptr && record->hidden;
}

void show_again(Machine& m, const Chat& chat) {
  const auto found = m.deletions.find(chat.record.chat);
  if (found == m.deletions.end() || !found->second.record.hidden || found->second.record.whole) return;
  found->second.record.hidden = false;
  put(m, found->second.record);
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

void pump_deletions(Machine& m, Instant& wake) {
  for (auto it = m.deletions.begin(); it != m.deletions.end();) {
    const auto entry = it++;  // it may be the last that is done about it
    auto& [id, deletion] = *entry;
    Chat* chat = m.find_chat(id);
    if (deletion.record.hidden && !deletion.record.whole && chat != nullptr && is_over(*chat)) go_wholly(m, *chat);
    if (deletion.busy) continue;
    if (deletion.record.swept) {
      give_back(m, id, deletion, wake);
    } else if (deletion.record.whole) {
      erase_kinds(m, id, deletion);
    } else if (chat != nullptr) {
      erase_messages(m, id, deletion);
    }
  }
}

bool deletions_idle(const Machine& m) {
  return std::ranges::all_of(m.deletions, [](const auto& entry) { return entry.second.record.swept; });
}

Status restore_deletion(Machine& m, DeletionRecord record) {
  const ChatId id = record.chat;
  // What was on its way to the disk when the program ended may have come after the rest had gone.
  if (record.whole) record.swept = false;
  m.deletions[id].record = std::move(record);
  return {};
}

bool goes_wholly(const Machine& m, const ChatId& chat) {
  const DeletionRecord* record = find_deletion(m, chat);
  return record != nullptr && record->whole;
}

}  // namespace godwit::engine
