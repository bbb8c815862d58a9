#include "engine/search.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/history.h"
#include "engine/kept_chats.h"
#include "engine/search_index.h"

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
  Instant purge_at = kNever;
};

namespace {

// Messages read at once while their words are put into memory.
constexpr uint32_t kReadPage = 256;
// Results in one answer.
constexpr uint32_t kResultsMax = 100;

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

std::string sender_of(Machine& m, const ChatId& chat, const Message& message) {
  if (message.own) return "me";
  if (message.kept) return message.kept->sender;
  const Chat* of = m.find_chat(chat);
  return of == nullptr ? std::string() : of->record.peer.name;
}

// What is searched of a message.
std::string searched_text(const Message& message) {
  std::string out = message.text;
  if (message.file) out += "\n" + message.file->name;
  if (message.kept && !message.kept->media.empty()) out += "\n" + message.kept->media;
  return out;
}

void add(Machine& m, const ChatId& chat, const Message& message) {
  SearchDoc doc{chat, message.position.value, message.sent_at.ms, message.file.has_value(), {}};
  if (message.kept && !message.kept->media.empty()) doc.file = true;
  doc.sender = sender_digest(sender_of(m, chat, message));
  work(m).index.add(doc, searched_text(message));
}

RecordKind kind_of(Machine& m, const ChatId& chat) {
  return m.kept.contains(chat) ? RecordKind::kKeptMessage : RecordKind::kHistory;
}

Result<Message> message_of(Machine& m, const ChatId& chat, const LoadedRecord& record) {
  const uint64_t position = number_at_end(record.key);
  if (m.kept.contains(chat)) return kept_message(record.value.reveal(), position);
  const HistoryRecord history = TRY(parse_history(record.value.reveal()));
  const Chat& of = m.chats.at(chat);
  const auto found = of.index.find(position);
  return to_message(history, found == of.index.end() ? nullptr : &found->second, position);
}

using Places = std::shared_ptr<std::vector<SearchPlace>>;

// Reads all messages of the chats from these places on, and then, one by one, those that were changed.
void read_tail(Machine& m, const Places& from, const Places& changed) {
  const bool one = from->empty();
  const Places& list = one ? changed : from;
  if (list->empty()) {
    SearchWork& search = work(m);
    search.loaded = true;
    search.loading = false;
    search.unread = 0;
    for (const auto& waiting : std::exchange(search.waiting, {})) waiting();
    return;
  }
  const SearchPlace place = list->back();
  const Bytes first = record_key(kind_of(m, place.chat), place.chat.view(), place.position);
  const Bytes last = one ? record_key(kind_of(m, place.chat), place.chat.view(), place.position + 1)
                         : after_prefix(record_key(kind_of(m, place.chat), place.chat.view()));
  m.load(first, last, kReadPage, false, [&m, from, changed, list, place](const std::vector<LoadedRecord>& records) {
    for (const LoadedRecord& record : records) {
      const auto message = message_of(m, place.chat, record);
      if (!message) return m.stop(message.error());
      add(m, place.chat, *message);
    }
    if (records.size() == kReadPage) {
      list->back().position = number_at_end(records.back().key) + 1;
    } else {
      list->pop_back();
    }
    SearchWork& search = work(m);
    if (list == from && search.index.tail_size() >= kSearchTailMax) search.index.flush();
    read_tail(m, from, changed);
  });
}

void when_loaded(Machine& m, std::function<void()> then) {
  SearchWork& search = work(m);
  if (search.loaded) return then();
  search.waiting.push_back(std::move(then));
  if (std::exchange(search.loading, true)) return;
  m.journal.then([&m] {
    auto from = std::make_shared<std::vector<SearchPlace>>();
    const SearchIndex& index = work(m).index;
    const auto begin_at = [&](const ChatId& chat, const Position& last) {
      const uint64_t through = index.through(chat);
      if (through < last.value) from->push_back({chat, through + 1});
    };
    for (const auto& [id, chat] : m.chats) begin_at(id, chat.record.last);
    for (const auto& [id, kept] : m.kept) begin_at(id, kept.record.last);
    read_tail(m, from, std::make_shared<std::vector<SearchPlace>>(index.changed()));
  });
}

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

void look_at_next(Machine& m, const std::shared_ptr<Looking>& looking) {
  if (looking->next == looking->docs.size() || looking->results.more)
    return m.done(looking->id, std::move(looking->results));
  const SearchDoc& doc = looking->docs[looking->next++];
  if (!m.kept.contains(doc.chat) && m.find_chat(doc.chat) == nullptr) return look_at_next(m, looking);
  const RecordKind kind = kind_of(m, doc.chat);
  m.load(record_key(kind, doc.chat.view(), doc.position), record_key(kind, doc.chat.view(), doc.position + 1), 1, false,
         [&m, looking, chat = doc.chat](const std::vector<LoadedRecord>& records) {
           for (const LoadedRecord& record : records) {
             auto message = message_of(m, chat, record);
             if (!message) return m.stop(message.error());
             const bool sender_fits =
                 looking->sender.empty() || folded_name(sender_of(m, chat, *message)) == looking->sender;
             if (!sender_fits || !fits_query(looking->query, searched_text(*message))) continue;
             if (looking->skip > 0) {
               --looking->skip;
             } else if (looking->results.messages.size() == looking->count) {
               looking->results.more = true;
             } else {
               looking->results.messages.push_back({chat, std::move(*message)});
             }
           }
           look_at_next(m, looking);
         });
}

}  // namespace

void search_note(Machine& m, const ChatId& chat, const Message& message) {
  SearchWork& search = work(m);
  if (search.loaded || search.loading) return add(m, chat, message);
  ++search.unread;
}

void search_change(Machine& m, const ChatId& chat, const Message& message) {
  SearchWork& search = work(m);
  search.index.change({chat, message.position.value});
  search.purge_at = std::min(search.purge_at, m.now + kSearchPurgeAfter);
  if (search.loaded || search.loading) add(m, chat, message);
}

void search_forget(Machine& m, const ChatId& chat, uint64_t position) {
  SearchWork& search = work(m);
  search.index.forget({chat, position});
  search.purge_at = std::min(search.purge_at, m.now + kSearchPurgeAfter);
}

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
    for (const auto& [id, chat] : m.chats)
      search.unread += chat.record.last.value - std::min(chat.record.last.value, search.index.through(id));
    for (const auto& [id, kept] : m.kept)
      search.unread += kept.record.last.value - std::min(kept.record.last.value, search.index.through(id));
  }
  if (!search.loaded && !search.loading && search.unread >= kSearchTailMax) when_loaded(m, [] {});
  if (search.loaded && search.index.tail_size() >= kSearchTailMax) search.index.flush();
  if (search.index.merging()) return;
  const bool purge = search.purge_at <= m.now;
  if (purge) search.purge_at = kNever;
  search.index.merge(purge);
  wake = std::min(wake, search.purge_at);
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
