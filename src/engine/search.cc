#include "engine/search.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "crypto/hash.h"
#include "engine/chat_people.h"
#include "engine/held.h"
#include "engine/kept_chats.h"
#include "engine/message_view.h"
#include "engine/search_index.h"
#include "engine/vanishing.h"

namespace godwit::engine {

/// The index and what is under way.
class SearchWork {
 public:
  explicit SearchWork(SearchStore store) : index(std::move(store)) {}
  SearchIndex index;
  bool loaded = false;  ///< The newest messages are in memory.
  bool loading = false;
  uint64_t unread = 0;  ///< Noted since the start, and not in memory.
  bool counted = false;
  std::vector<std::function<void()>> waiting;
  /// While it is loading: from where on each chat is to be read, and messages that are to be read again. The last one is next.
  std::vector<SearchPlace> from;
  std::vector<SearchPlace> changed;
  Instant purge_at = kNever;
};

namespace {

// Messages read at once while their words are put into memory.
constexpr uint32_t kReadPage = 256;
// Results in one answer.
constexpr uint32_t kResultsMax = 100;
// Messages into whose texts a search looks at once.
constexpr size_t kLookPage = 32;

SearchStore store_of(Machine& m) {
  SearchStore store;
  store.load = [&m](Bytes first, Bytes last, uint32_t count_max, std::function<void(SearchStore::Records)> done) {
    m.journal.then([&m, first = std::move(first), last = std::move(last), count_max, done = std::move(done)] {
      m.load(first, last, count_max, false, [done](const std::vector<LoadedRecord>& records) {
        SearchStore::Records out;
        for (const LoadedRecord& each : records) out.emplace_back(each.key, to_bytes(each.value.reveal()));
        done(std::move(out));
      });
    });
  };
  store.put = [&m](Bytes key, Bytes value) {
    m.journal.put_bytes(std::move(key), crypto::SecretBuffer::adopt(std::move(value)));
  };
  store.erase = [&m](Bytes key) { m.journal.erase(std::move(key)); };
  return store;
}

SearchWork& work(Machine& m) {
  if (!m.search) m.search = std::make_shared<SearchWork>(store_of(m));
  return *m.search;
}

std::string folded_name(std::string_view name) {
  std::string out;
  for (const std::string& word : words_of(name)) out += (out.empty() ? "" : " ") + word;
  return out;
}

ByteArray<4> sender_digest(std::string_view name) {
  const auto digest = crypto::sha256(as_bytes("godwit search sender 1 " + folded_name(name)));
  return {digest[0], digest[1], digest[2], digest[3]};
}

std::string sender_of(const Message& message) {
  if (message.own) return "me";
  return message.kept ? message.kept->sender : message.author_name;
}

// What is searched of a message.
std::string searched_text(const Message& message) {
  std::string out = message.text;
  if (message.file) out += "\n" + message.file->name;
  if (message.kept && !message.kept->media.empty()) out += "\n" + message.kept->media;
  return out;
}

// Nobody has said a line, and nobody looks for one.
void add(Machine& m, const ChatId& chat, const Message& message) {
  if (message.kind == MessageKind::kLine) return;
  SearchDoc doc{chat, message.position.value, message.sent_at.ms, message.file.has_value(), {}};
  if (message.kept && !message.kept->media.empty() && !message.kept->omitted) doc.file = true;
  doc.sender = sender_digest(sender_of(message));
  work(m).index.add(doc, searched_text(message));
}

// ---- reading messages ----------------------------------------------------------------------------------------------

using MessagesHandler = std::function<void(std::map<uint64_t, Message>)>;

// Hits are scattered over a long past: each run of neighbours is read by itself, and nothing between.
struct KeptReading {
  ChatId chat;
  std::deque<PositionRun> runs;
  std::map<uint64_t, Message> found;
  MessagesHandler done;
};

void read_next_run(Machine& m, const std::shared_ptr<KeptReading>& reading) {
  if (reading->runs.empty()) return reading->done(std::move(reading->found));
  const auto [first, last] = reading->runs.front();
  reading->runs.pop_front();
  m.load(record_key(RecordKind::kKeptMessage, reading->chat.view(), first),
         record_key(RecordKind::kKeptMessage, reading->chat.view(), last + 1), static_cast<uint32_t>(last - first + 1),
         false, [&m, reading](const std::vector<LoadedRecord>& records) {
           for (const LoadedRecord& record : records) {
             const uint64_t position = number_at_end(record.key);
             auto message = kept_message(record.value.reveal(), position);
             if (!message) return m.stop(message.error());
             reading->found.emplace(position, std::move(*message));
           }
           read_next_run(m, reading);
         });
}

void read_kept_messages(Machine& m, const ChatId& chat, std::vector<uint64_t> positions, MessagesHandler done) {
  const auto reading =
      std::make_shared<KeptReading>(KeptReading{chat, runs_of(std::move(positions)), {}, std::move(done)});
  read_next_run(m, reading);
}

// Those that are to be seen; the others are missing. All that was put before must be stored.
void read_messages(Machine& m, const ChatId& chat, const std::vector<uint64_t>& positions, MessagesHandler done) {
  if (m.kept.contains(chat)) return read_kept_messages(m, chat, positions, std::move(done));
  if (!m.chats.contains(chat)) return done({});
  load_held(m, chat, positions, [&m, chat, done = std::move(done)](const std::map<uint64_t, Held>& held) {
    std::map<uint64_t, Message> out;
    for (const auto& [position, each] : held) {
      if (each.state.deleted_by || has_expired(m, each.index)) continue;
      out.emplace(position, to_message(m, m.chats.at(chat), each));
    }
    done(std::move(out));
  });
}

// 0: there is nothing, or not any more.
uint64_t last_of(Machine& m, const ChatId& chat) {
  if (const auto kept = m.kept.find(chat); kept != m.kept.end()) return kept->second.record.last.value;
  const auto found = m.chats.find(chat);
  return found == m.chats.end() ? 0 : found->second.record.last.value;
}

// From where on a chat is to be read. What another own device hands over comes below what is said meanwhile: it is read when all of
// it is here (search_read_again), and until then no segment says that it has this chat.
uint64_t unread_from(Machine& m, const ChatId& chat) {
  const uint64_t next = work(m).index.through(chat) + 1;
  const auto entering = m.devices.entering.find(chat);
  return entering == m.devices.entering.end() ? next : std::max(next, entering->second.offer.last.value + 1);
}

uint64_t count_unread(Machine& m, const ChatId& chat) {
  const uint64_t first = unread_from(m, chat);
  const uint64_t last = last_of(m, chat);
  return first > last ? 0 : last - first + 1;
}

void flush(Machine& m) {
  std::set<ChatId> waiting;
  for (const auto& [chat, entering] : m.devices.entering) waiting.insert(chat);
  work(m).index.flush(waiting);
}

std::vector<uint64_t> positions_from(uint64_t first, uint64_t last) {
  std::vector<uint64_t> out;
  for (uint64_t each = first; each <= last; ++each) out.push_back(each);
  return out;
}

// ---- the newest messages -------------------------------------------------------------------------------------------

void finish_loading(Machine& m) {
  SearchWork& search = work(m);
  search.loaded = true;
  search.loading = false;
  search.unread = 0;
  for (const auto& waiting : std::exchange(search.waiting, {})) waiting();
}

void read_next(Machine& m);

// A page of the chat that is read now.
void read_page(Machine& m) {
  const SearchPlace place = work(m).from.back();
  const uint64_t last = std::min(last_of(m, place.chat), place.position + kReadPage - 1);
  if (last < place.position) {
    work(m).from.pop_back();
    return read_next(m);
  }
  m.journal.then([&m, place, last] {
    read_messages(m, place.chat, positions_from(place.position, last),
                  [&m, place, last](const std::map<uint64_t, Message>& messages) {
                    SearchWork& search = work(m);
                    // Unless the chat is to be read again meanwhile.
                    if (search.from.empty() || search.from.back() != place) return read_next(m);
                    for (const auto& [position, message] : messages) add(m, place.chat, message);
                    search.from.back().position = last + 1;
                    if (last >= last_of(m, place.chat)) search.from.pop_back();
                    if (search.index.is_full()) flush(m);
                    read_next(m);
                  });
  });
}

void read_changed(Machine& m) {
  const SearchPlace place = work(m).changed.back();
  work(m).changed.pop_back();
  m.journal.then([&m, place] {
    read_messages(m, place.chat, {place.position}, [&m, place](const std::map<uint64_t, Message>& messages) {
      for (const auto& [position, message] : messages) add(m, place.chat, message);
      read_next(m);
    });
  });
}

void read_next(Machine& m) {
  if (!work(m).from.empty()) return read_page(m);
  if (!work(m).changed.empty()) return read_changed(m);
  finish_loading(m);
}

void when_loaded(Machine& m, std::function<void()> then) {
  SearchWork& search = work(m);
  if (search.loaded) return then();
  search.waiting.push_back(std::move(then));
  if (std::exchange(search.loading, true)) return;
  const auto begin_at = [&](const ChatId& chat) {
    if (count_unread(m, chat) > 0) search.from.push_back({chat, unread_from(m, chat)});
  };
  for (const auto& [id, chat] : m.chats) begin_at(id);
  for (const auto& [id, kept] : m.kept) begin_at(id);
  search.changed = search.index.changed();
  read_next(m);
}

// ---- one search ----------------------------------------------------------------------------------------------------

// One search, which looks into the texts of what the index gives, until a page is full.
struct Looking {
  CommandId id;
  SearchQuery query;
  std::string sender;
  uint32_t skip = 0;
  uint32_t count = 0;
  std::vector<SearchDoc> docs;
  size_t next = 0;
  SearchResults results;
};

void take_result(Looking& looking, const ChatId& chat, Message message, const std::string& sender) {
  if (!looking.sender.empty() && folded_name(sender) != looking.sender) return;
  if (!fits_query(looking.query, searched_text(message))) return;
  if (looking.skip > 0) {
    --looking.skip;
  } else if (looking.results.messages.size() == looking.count) {
    looking.results.more = true;
  } else {
    looking.results.messages.push_back({chat, std::move(message)});
  }
}

void look_at_next(Machine& m, const std::shared_ptr<Looking>& looking);

// The next documents that are in one chat, as far as they stand together.
void look_into(Machine& m, const std::shared_ptr<Looking>& looking) {
  const ChatId chat = looking->docs[looking->next].chat;
  std::vector<uint64_t> positions;
  while (looking->next < looking->docs.size() && positions.size() < kLookPage &&
         looking->docs[looking->next].chat == chat) {
    positions.push_back(looking->docs[looking->next++].position);
  }
  if (!m.kept.contains(chat) && m.find_chat(chat) == nullptr) return look_at_next(m, looking);
  const auto take = [&m, looking, chat, positions](std::map<uint64_t, Message> messages) {
    for (const uint64_t position : positions) {
      const auto found = messages.find(position);
      if (found == messages.end()) continue;
      const std::string sender = sender_of(found->second);
      take_result(*looking, chat, std::move(found->second), sender);
    }
    look_at_next(m, looking);
  };
  m.journal.then([&m, chat, positions, take] { read_messages(m, chat, positions, take); });
}

void look_at_next(Machine& m, const std::shared_ptr<Looking>& looking) {
  if (looking->next < looking->docs.size() && !looking->results.more) return look_into(m, looking);
  m.done(looking->id, std::move(looking->results));
}

}  // namespace

void search_note(Machine& m, const ChatId& chat, const Message& message) {
  SearchWork& search = work(m);
  if (search.loaded) return add(m, chat, message);
  ++search.unread;
  const auto of_chat = [&](const SearchPlace& place) { return place.chat == chat; };
  // A chat that was read to its end is read again from here on; the one that is being read now stays the last.
  if (search.loading && std::none_of(search.from.begin(), search.from.end(), of_chat)) {
    search.from.insert(search.from.begin(), {chat, message.position.value});
  }
}

void search_change(Machine& m, Chat& chat, uint64_t position, const MessageId& id) {
  SearchWork& search = work(m);
  const SearchPlace place{chat.record.chat, position};
  search.index.change(place);
  search.purge_at = std::min(search.purge_at, m.now + kSearchPurgeAfter);
  if (search.loading) search.changed.insert(search.changed.begin(), place);
  if (!search.loaded) return;
  with_message(m, chat, id, [&m](Chat& of, Held* held) {
    if (held == nullptr || held->state.deleted_by) return;
    add(m, of.record.chat, to_message(m, of, *held));
  });
}

void search_forget(Machine& m, const ChatId& chat, uint64_t position) {
  SearchWork& search = work(m);
  search.index.forget({chat, position});
  search.purge_at = std::min(search.purge_at, m.now + kSearchPurgeAfter);
}

void search_read_again(Machine& m, const ChatId& chat) {
  SearchWork& search = work(m);
  search.index.drop(chat);
  std::erase_if(search.from, [&](const SearchPlace& place) { return place.chat == chat; });
  const uint64_t unread = count_unread(m, chat);
  if (unread == 0) return;
  if (!search.loaded && !search.loading) return void(search.unread += unread);
  search.from.insert(search.from.begin(), {chat, unread_from(m, chat)});
  if (std::exchange(search.loading, true)) return;
  search.loaded = false;
  read_next(m);
}

void search_forget_chat(Machine& m, const ChatId& chat, uint64_t through, bool whole) {
  SearchWork& search = work(m);
  search.index.forget_chat(chat, through, whole);
  search.purge_at = m.now;
}

bool search_has_forgotten(Machine& m, const ChatId& chat) { return work(m).index.has_forgotten(chat); }

Status restore_search(Machine& m, const LoadedRecord& record) {
  SearchWork& search = work(m);
  TRY(search.index.restore(record.key, record.value.reveal()));
  // What was removed before the last stop is removed from the records now.
  search.purge_at = m.now;
  return {};
}

void pump_search(Machine& m, Instant& wake) {
  SearchWork& search = work(m);
  if (!std::exchange(search.counted, true)) {
    search.index.sweep();
    for (const auto& [id, chat] : m.chats) search.unread += count_unread(m, id);
    for (const auto& [id, kept] : m.kept) search.unread += count_unread(m, id);
  }
  if (!search.loaded && !search.loading && search.unread >= kSearchTailMax) when_loaded(m, [] {});
  if (search.loaded && search.index.is_full()) flush(m);
  if (!search.index.merging()) {
    const bool purge = search.purge_at <= m.now;
    if (purge) search.purge_at = kNever;
    search.index.merge(purge);
    wake = std::min(wake, search.purge_at);
  }
  search.index.store_state();
}

void search_messages(Machine& m, CommandId id, SearchMessages command) {
  if (!is_utf8(command.query) || !is_utf8(command.sender)) return m.fail(id, {kNotText, "a query is UTF-8"});
  auto looking = std::make_shared<Looking>();
  looking->id = id;
  looking->query = parse_query(command.query);
  looking->sender = folded_name(command.sender);
  looking->skip = command.skip;
  looking->count = std::clamp<uint32_t>(command.count, 1, kResultsMax);
  if (looking->query.words.empty()) return m.fail(id, {kNothingToSearch, "a query has a word"});
  SearchIndex::Filter filter;
  filter.chat = command.chat;
  if (!looking->sender.empty()) filter.sender = sender_digest(looking->sender);
  if (command.since) filter.since_ms = command.since->ms;
  if (command.until) filter.until_ms = command.until->ms;
  filter.has_file = command.has_file;
  when_loaded(m, [&m, looking, filter] {
    work(m).index.find(looking->query, filter, [&m, looking](std::vector<SearchDoc> docs) {
      looking->docs = std::move(docs);
      look_at_next(m, looking);
    });
  });
}

}  // namespace godwit::engine
