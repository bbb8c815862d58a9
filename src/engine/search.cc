#include "engine/search.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "crypto/hash.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
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
  std::map<ChatId, wire::ChannelId> channels;  ///< By their place in the index.
};

/// A message or post as it is searched.
struct SearchHit {
  std::variant<Message, PostInfo> what;
  int64_t sent_ms = 0;
  bool file = false;
  std::string sender;
  std::string text;
};

namespace {

// Messages read at once while their words are put into memory.
constexpr uint32_t kReadPage = 256;
// The same of posts, each of which may have 128 KiB.
constexpr uint32_t kPostPage = 32;
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

SearchHit hit_of(Message message) {
  SearchHit hit;
  hit.sent_ms = message.sent_at.ms;
  hit.file = message.file.has_value() || (message.kept && !message.kept->media.empty() && !message.kept->omitted);
  hit.sender = sender_of(message);
  hit.text = searched_text(message);
  hit.what = std::move(message);
  return hit;
}

// A post is said by its channel, or by oneself.
SearchHit hit_of(const Channel& channel, PostInfo post) {
  SearchHit hit;
  hit.sent_ms = post.posted.ms;
  hit.file = !post.files.empty();
  hit.sender = channel.record.seed ? "me" : channel.record.head.text;
  hit.text = post.text;
  for (const PostFileInfo& each : post.files) hit.text += "\n" + each.file.name;
  hit.what = std::move(post);
  return hit;
}

void add(Machine& m, const SearchPlace& place, const SearchHit& hit) {
  // Nobody has said a line, and nobody looks for one.
  const auto* message = std::get_if<Message>(&hit.what);
  if (message != nullptr && message->kind == MessageKind::kLine) return;
  work(m).index.add({place.chat, place.position, hit.sent_ms, hit.file, sender_digest(hit.sender)}, hit.text);
}

// ---- channels ------------------------------------------------------------------------------------------------------

// The channel that has this place in the index; null: none has, or not any more.
Channel* channel_at(Machine& m, const ChatId& place) {
  const auto found = work(m).channels.find(place);
  return found == work(m).channels.end() ? nullptr : find_channel(m, found->second);
}

ChatId place_of(Machine& m, Channel& channel) {
  if (channel.mark.place == ChatId{}) {
    channel.mark.place = m.random_id<ChatId>();
    put_mark(m, channel);
  }
  work(m).channels.insert_or_assign(channel.mark.place, channel_of(channel.record.link.key));
  return channel.mark.place;
}

void note_channels(Machine& m) {
  for (auto& [id, channel] : m.channels.all) place_of(m, channel);
}

// ---- reading messages ----------------------------------------------------------------------------------------------

using Hits = std::map<uint64_t, SearchHit>;
using HitsHandler = std::function<void(Hits)>;

// Hits are scattered over a long past: each run of neighbours is read by itself, and nothing between.
struct KeptReading {
  ChatId chat;
  std::deque<PositionRun> runs;
  Hits found;
  HitsHandler done;
};

// Takes what was read of kept messages, or of posts. Errors: kProfileDamaged.
Status take_records(Machine& m, const ChatId& place, const std::vector<LoadedRecord>& records, Hits& out) {
  const Channel* channel = channel_at(m, place);
  for (const LoadedRecord& record : records) {
    const uint64_t position = number_at_end(record.key);
    if (channel != nullptr) {
      const auto post = kept_post(channel->record.link, record);
      if (!post) return post.error();
      out.emplace(position, hit_of(*channel, post_info(*channel, position, post->content)));
    } else if (m.kept.contains(place)) {
      auto message = kept_message(record.value.reveal(), position);
      if (!message) return message.error();
      out.emplace(position, hit_of(std::move(*message)));
    }
  }
  return {};
}

// Where what is at a position is kept.
Bytes record_at(Machine& m, const ChatId& place, uint64_t position) {
  if (const Channel* channel = channel_at(m, place)) return post_key(channel_of(channel->record.link.key), position);
  return record_key(RecordKind::kKeptMessage, place.view(), position);
}

void read_next_run(Machine& m, const std::shared_ptr<KeptReading>& reading) {
  if (reading->runs.empty()) return reading->done(std::move(reading->found));
  const auto [first, last] = reading->runs.front();
  reading->runs.pop_front();
  m.load(record_at(m, reading->chat, first), record_at(m, reading->chat, last + 1),
         static_cast<uint32_t>(last - first + 1), false, [&m, reading](const std::vector<LoadedRecord>& records) {
           const Status taken = take_records(m, reading->chat, records, reading->found);
           if (!taken) return m.stop(taken.error());
           read_next_run(m, reading);
         });
}

// Those that are to be seen; the others are missing. All that was put before must be stored.
void read_hits(Machine& m, const ChatId& chat, std::vector<uint64_t> positions, HitsHandler done) {
  if (m.kept.contains(chat) || channel_at(m, chat) != nullptr) {
    return read_next_run(
        m, std::make_shared<KeptReading>(KeptReading{chat, runs_of(std::move(positions)), {}, std::move(done)}));
  }
  if (!m.chats.contains(chat)) return done({});
  load_held(m, chat, positions, [&m, chat, done = std::move(done)](const std::map<uint64_t, Held>& held) {
    Hits out;
    for (const auto& [position, each] : held) {
      if (each.state.deleted_by || has_expired(m, each.index)) continue;
      out.emplace(position, hit_of(to_message(m, m.chats.at(chat), each)));
    }
    done(std::move(out));
  });
}

// 0: there is nothing, or not any more.
uint64_t last_of(Machine& m, const ChatId& chat) {
  if (const auto kept = m.kept.find(chat); kept != m.kept.end()) return kept->second.record.last.value;
  if (const Channel* channel = channel_at(m, chat)) return channel->record.read;
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

// A page of what is read now came, up to `last`; there may be more behind it.
void take_page(Machine& m, const SearchPlace& place, const Hits& hits, uint64_t last) {
  SearchWork& search = work(m);
  // Unless the chat is to be read again meanwhile.
  if (search.from.empty() || search.from.back() != place) return read_next(m);
  for (const auto& [position, hit] : hits) add(m, {place.chat, position}, hit);
  search.from.back().position = last + 1;
  if (last >= last_of(m, place.chat)) search.from.pop_back();
  if (search.index.is_full()) flush(m);
  read_next(m);
}

// Posts have gaps between them: those that are here are read one after the other.
void read_posts(Machine& m, const SearchPlace& place, uint64_t last) {
  m.load(record_at(m, place.chat, place.position), record_at(m, place.chat, last + 1), kPostPage, false,
         [&m, place, last](const std::vector<LoadedRecord>& records) {
           Hits hits;
           const Status taken = take_records(m, place.chat, records, hits);
           if (!taken) return m.stop(taken.error());
           take_page(m, place, hits, records.size() < kPostPage ? last : number_at_end(records.back().key));
         });
}

// A page of the chat that is read now.
void read_page(Machine& m) {
  const SearchPlace place = work(m).from.back();
  const uint64_t end = last_of(m, place.chat);
  if (end < place.position) {
    work(m).from.pop_back();
    return read_next(m);
  }
  const uint64_t last = std::min(end, place.position + kReadPage - 1);
  m.journal.then([&m, place, last, end] {
    if (channel_at(m, place.chat) != nullptr) return read_posts(m, place, end);
    read_hits(m, place.chat, positions_from(place.position, last),
              [&m, place, last](const Hits& hits) { take_page(m, place, hits, last); });
  });
}

void read_changed(Machine& m) {
  const SearchPlace place = work(m).changed.back();
  work(m).changed.pop_back();
  m.journal.then([&m, place] {
    read_hits(m, place.chat, {place.position}, [&m, place](const Hits& hits) {
      for (const auto& [position, hit] : hits) add(m, {place.chat, position}, hit);
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
  note_channels(m);
  for (const auto& [id, channel] : m.channels.all) begin_at(channel.mark.place);
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

void take_result(Machine& m, Looking& looking, const ChatId& chat, SearchHit hit) {
  if (!looking.sender.empty() && folded_name(hit.sender) != looking.sender) return;
  if (!fits_query(looking.query, hit.text)) return;
  SearchResults& results = looking.results;
  if (looking.skip > 0) {
    --looking.skip;
  } else if (results.messages.size() + results.posts.size() == looking.count) {
    results.more = true;
  } else if (auto* message = std::get_if<Message>(&hit.what)) {
    results.messages.push_back({chat, std::move(*message)});
  } else if (const Channel* channel = channel_at(m, chat)) {
    results.posts.push_back({channel_of(channel->record.link.key), std::get<PostInfo>(std::move(hit.what))});
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
  const bool there = m.kept.contains(chat) || m.find_chat(chat) != nullptr || channel_at(m, chat) != nullptr;
  if (!there) return look_at_next(m, looking);
  const auto take = [&m, looking, chat, positions](Hits hits) {
    for (const uint64_t position : positions) {
      const auto found = hits.find(position);
      if (found != hits.end()) take_result(m, *looking, chat, std::move(found->second));
    }
    look_at_next(m, looking);
  };
  m.journal.then([&m, chat, positions, take] { read_hits(m, chat, positions, take); });
}

void look_at_next(Machine& m, const std::shared_ptr<Looking>& looking) {
  if (looking->next < looking->docs.size() && !looking->results.more) return look_into(m, looking);
  m.done(looking->id, std::move(looking->results));
}

}  // namespace

namespace {

// False: it will be read later.
bool note_new(Machine& m, const SearchPlace& place) {
  SearchWork& search = work(m);
  if (search.loaded) return true;
  ++search.unread;
  const auto of_chat = [&](const SearchPlace& each) { return each.chat == place.chat; };
  // A chat that was read to its end is read again from here on; the one that is being read now stays the last.
  if (search.loading && std::none_of(search.from.begin(), search.from.end(), of_chat)) {
    search.from.insert(search.from.begin(), place);
  }
  return false;
}

// Whoever owns a channel makes all who follow it write their index anew: not as often as one likes.
constexpr Duration kPostPurgeAfter = hours(6);

// The same of what was changed.
bool note_changed(Machine& m, const SearchPlace& place, Duration purge_after) {
  SearchWork& search = work(m);
  search.index.change(place);
  search.purge_at = std::min(search.purge_at, m.now + purge_after);
  if (search.loading) search.changed.insert(search.changed.begin(), place);
  return search.loaded;
}

}  // namespace

void search_note(Machine& m, const ChatId& chat, const Message& message) {
  const SearchPlace place{chat, message.position.value};
  if (note_new(m, place)) add(m, place, hit_of(message));
}

void search_change(Machine& m, Chat& chat, uint64_t position, const MessageId& id) {
  if (!note_changed(m, {chat.record.chat, position}, kSearchPurgeAfter)) return;
  with_message(m, chat, id, [&m, position](Chat& of, Held* held) {
    if (held == nullptr || held->state.deleted_by) return;
    add(m, {of.record.chat, position}, hit_of(to_message(m, of, *held)));
  });
}

void search_note_post(Machine& m, Channel& channel, uint64_t post, const ChannelContent& content) {
  const SearchPlace place{place_of(m, channel), post};
  const bool edited = content.kind == ChannelContentKind::kEdit;
  const bool now = edited ? note_changed(m, place, kPostPurgeAfter) : note_new(m, place);
  if (now) add(m, place, hit_of(channel, post_info(channel, post, content)));
}

void search_forget_post(Machine& m, const Channel& channel, uint64_t post) {
  if (channel.mark.place == ChatId{}) return;
  SearchWork& search = work(m);
  search.index.forget({channel.mark.place, post});
  search.purge_at = std::min(search.purge_at, m.now + kPostPurgeAfter);
}

void search_forget_posts(Machine& m, const Channel& channel, uint64_t through) {
  if (channel.mark.place != ChatId{}) search_forget_chat(m, channel.mark.place, through, false);
}

void search_forget_channel(Machine& m, const Channel& channel) {
  const ChatId place = channel.mark.place;
  if (place == ChatId{}) return;
  search_forget_chat(m, place, channel.record.read, true);
  work(m).channels.erase(place);
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
  if (command.channel) {
    Channel* channel = find_channel(m, *command.channel);
    if (channel == nullptr || (command.chat && *command.chat != channel->mark.place)) return m.done(id, SearchResults{});
    filter.chat = place_of(m, *channel);
  }
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
