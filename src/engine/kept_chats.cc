#include "engine/kept_chats.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/content_bodies.h"
#include "engine/history.h"
#include "engine/search.h"

namespace godwit::engine {
namespace {

// Records in one reading of what a chat has.
constexpr uint32_t kScanPage = 512;

ChatId kept_chat_id(std::string_view source) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept chat 1"));
  writer.raw(as_bytes(source));
  ChatId id;
  ASSERT(ChatId::from(ByteView(crypto::sha256(writer.view())).first(ChatId::kSize), id));
  return id;
}

KeptMessageRecord record_of(const ImportEntry& entry) {
  KeptMessageRecord record{{},         entry.sender, entry.own,           entry.sent_at.ms,
                           entry.text, entry.media,  entry.forwarded_from};
  record.marks = static_cast<uint8_t>((entry.omitted ? kMarkOmitted : 0) | (entry.notice ? kMarkNotice : 0) |
                                      (entry.edited ? kMarkEdited : 0) | (entry.deleted ? kMarkDeleted : 0) |
                                      (entry.forwarded ? kMarkForwarded : 0));
  record.spans = entry.spans;
  record.reactions = entry.reactions;
  return record;
}

MessageId hashed_id(const codec::Writer& writer) {
  MessageId id;
  ASSERT(MessageId::from(ByteView(crypto::sha256(writer.view())).first(MessageId::kSize), id));
  return id;
}

// The same message of the same chat has the same id, whenever it is imported: also by a version that knew no formatting and wrote
// it with light marks. `repeat` counts messages that are equal in everything.
MessageId kept_message_id(const ChatId& chat, const KeptMessageRecord& record, uint32_t repeat) {
  KeptMessageRecord known = record;
  known.id = {};
  known.text = with_light_marks(record.text, record.spans);
  // An earlier version did not keep what a lost file was called.
  if ((record.marks & kMarkOmitted) != 0) known.media.clear();
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept message 1"));
  writer.raw(chat.view());
  KeptMessageRecord::known_fields(known)([&](const auto&... each) { (codec::encode(writer, each), ...); });
  writer.u32(repeat);
  return hashed_id(writer);
}

// The same for one that has an id where it comes from. It is hashed too, since an id there may be anything.
MessageId kept_message_id(const ChatId& chat, const MessageId& given) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept message with id 1"));
  writer.raw(chat.view());
  writer.raw(given.view());
  return hashed_id(writer);
}

// What is answered and is not there: an id that nothing has, so that it can still be seen that this is an answer.
MessageId missing_message_id(const ChatId& chat, std::string_view key) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept message that is missing 1"));
  writer.raw(chat.view());
  writer.raw(as_bytes(key));
  return hashed_id(writer);
}

Status check_reactions(const std::vector<KeptReaction>& reactions) {
  REQUIRE(reactions.size() <= kKeptReactionsMax, kTooLong, "a message has at most 64 reactions");
  for (const KeptReaction& each : reactions) {
    REQUIRE(check(ReactionBody{{}, each.reaction, false}), kBadReaction, "an emoji or a short word");
    REQUIRE(each.names.size() <= kKeptReactionNamesMax, kTooLong, "of a reaction at most 32 names");
    for (const std::string& name : each.names) {
      REQUIRE(name.size() <= kKeptNameMax, kTooLong, "a name has 256 bytes");
      REQUIRE(is_utf8(name), kNotText, "a name is UTF-8");
    }
  }
  return {};
}

bool is_kept_name(const std::string& text) { return text.size() <= kKeptNameMax; }

Status check(const ImportMessages& command) {
  size_t bytes = 0;
  REQUIRE(command.messages.size() <= kImportBatchMax && is_kept_name(command.name) && is_kept_name(command.source),
          kTooLong, "an import has 1,000 messages at once, and names of 256 bytes");
  REQUIRE(is_utf8(command.name) && is_utf8(command.source) && !command.name.empty(), kNotText, "a name is UTF-8");
  for (const ImportEntry& each : command.messages) {
    bytes += each.text.size();
    REQUIRE(bytes <= kImportBatchBytesMax && is_kept_name(each.key) && is_kept_name(each.reply_to_key), kTooLong,
            "an import has 4 MiB of text at once, and keys of 256 bytes");
    TRY(check_kept(record_of(each)));
  }
  return {};
}

Message message_of(const KeptMessageRecord& record, uint64_t position) {
  Message out{record.id, Position{position}, record.own, record.text, Instant{record.sent_ms}, Delivery::kRead};
  KeptInfo info{record.sender, record.media, record.forwarded_from, false, false, false, false};
  info.omitted = (record.marks & kMarkOmitted) != 0;
  info.notice = (record.marks & kMarkNotice) != 0;
  info.edited = (record.marks & kMarkEdited) != 0;
  info.deleted = (record.marks & kMarkDeleted) != 0;
  out.forwarded = (record.marks & kMarkForwarded) != 0 || !info.forwarded_from.empty();
  out.reply_to = record.reply_to;
  out.spans = record.spans;
  for (const KeptReaction& each : record.reactions) {
    out.reactions.push_back({each.reaction, each.count, each.own, {}, each.names});
  }
  out.kept = std::move(info);
  return out;
}

}  // namespace

void put_kept(Machine& m, const KeptChat& kept) {
  m.journal.put(record_key(RecordKind::kKeptChat, kept.record.chat.view()), kept.record);
}

namespace {

void add_to_digest(ByteArray<16>& digest, const MessageId& id) {
  for (size_t i = 0; i < digest.size(); ++i) digest[i] ^= id.view()[i];
}

using Known = std::shared_ptr<std::map<MessageId, uint64_t>>;

// Reads which messages the chat has, then calls `done`.
void load_known(Machine& m, const ChatId& chat, Bytes first, Known known, std::function<void()> done) {
  const Bytes end = after_prefix(record_key(RecordKind::kKeptMessage, chat.view()));
  m.load(std::move(first), end, kScanPage, false,
         [&m, chat, known = std::move(known), done = std::move(done)](const std::vector<LoadedRecord>& records) {
           for (const LoadedRecord& each : records) {
             const auto record = codec::decoded<KeptMessageRecord>(each.value.reveal());
             if (!record) return m.stop({kProfileDamaged, "a message that is kept is well-formed"});
             known->emplace(record->id, number_at_end(each.key));
           }
           if (records.size() == kScanPage) {
             Bytes next = records.back().key;
             next.push_back(0);
             return load_known(m, chat, std::move(next), known, done);
           }
           const auto kept = m.kept.find(chat);
           if (kept != m.kept.end() && !kept->second.known) kept->second.known = known;
           if (kept != m.kept.end() && !kept->second.record.digest) {
             ByteArray<16>& digest = kept->second.record.digest.emplace();
             for (const auto& [id, position] : *kept->second.known) add_to_digest(digest, id);
             put_kept(m, kept->second);
           }
           done();
         });
}

}  // namespace

Status check_kept(const KeptMessageRecord& record) {
  REQUIRE(record.text.size() <= kTextSizeMax && is_kept_name(record.sender) && is_kept_name(record.media) &&
              is_kept_name(record.forwarded_from),
          kTooLong, "a message that is kept is of the size of others");
  REQUIRE(is_utf8(record.text) && is_utf8(record.sender) && is_utf8(record.media) && is_utf8(record.forwarded_from),
          kNotText, "a message is UTF-8");
  const bool known = std::ranges::all_of(record.spans, [](const TextSpan& each) { return is_known(each.style); });
  REQUIRE(known && check_spans(record.text, record.spans), kBadFormatting, "a span is a piece of its text");
  return check_reactions(record.reactions);
}

void store_kept_message(Machine& m, KeptChat& kept, const KeptMessageRecord& record) {
  const ChatId& chat = kept.record.chat;
  const uint64_t position = ++kept.record.last.value;
  kept.known->emplace(record.id, position);
  if (kept.record.digest) add_to_digest(*kept.record.digest, record.id);
  m.journal.put(record_key(RecordKind::kKeptMessage, chat.view(), position), record);
  Message message = message_of(record, position);
  search_note(m, chat, message);
  if (!kept.newest || kept.newest->sent_at <= message.sent_at) kept.newest = std::move(message);
}

void with_known_messages(Machine& m, KeptChat& kept, std::function<void()> done) {
  if (!kept.known && kept.record.last.value == 0) {
    kept.known = std::make_shared<Known::element_type>();
    kept.record.digest = ByteArray<16>{};
  }
  if (kept.known) return done();
  m.journal.then([&m, chat = kept.record.chat, done = std::move(done)] {
    load_known(m, chat, record_key(RecordKind::kKeptMessage, chat.view()), std::make_shared<Known::element_type>(),
               done);
  });
}

namespace {

constexpr Error kGoing{kBeingDeleted, "a chat is deleted before it comes again"};

void store_messages(Machine& m, CommandId id, const ImportMessages& command) {
  const auto found = m.kept.find(kept_chat_id(command.source));
  if (found == m.kept.end() || !found->second.known) return m.fail(id, kGoing);
  KeptChat& kept = found->second;
  ImportDone out;
  out.chat = kept.record.chat;
  std::map<MessageId, uint32_t> repeats;
  for (const ImportEntry& entry : command.messages) {
    KeptMessageRecord record = record_of(entry);
    record.id = entry.id ? kept_message_id(out.chat, *entry.id) : kept_message_id(out.chat, record, 0);
    if (!entry.id) {
      const uint32_t repeat = entry.repeat ? *entry.repeat : repeats[record.id]++;
      if (repeat > 0) record.id = kept_message_id(out.chat, record, repeat);
    }
    // The first one: a text that is too long for one message goes on in the next.
    if (!entry.key.empty()) kept.keys.emplace(entry.key, record.id);
    if (!entry.reply_to_key.empty()) {
      const auto answered = kept.keys.find(entry.reply_to_key);
      record.reply_to =
          answered != kept.keys.end() ? answered->second : missing_message_id(out.chat, entry.reply_to_key);
    }
    const bool there = kept.known->contains(record.id);
    ++(there ? out.known : out.stored);
    if (!there) store_kept_message(m, kept, record);
  }
  put_kept(m, kept);
  if (out.stored > 0) {
    m.devices.kept_quiet_at = m.now + kKeptQuiet;
    m.tell_then(ChatChanged{kept_chat_info(kept)});
  }
  m.done_then(id, out);
}

}  // namespace

void KeptChatRecord::encode_to(codec::Writer& writer) const {
  codec::encode(writer, kKeptChatVersion);
  codec::encode(writer, chat);
  codec::encode(writer, name);
  codec::encode(writer, older_of);
  codec::encode(writer, last);
  codec::encode(writer, offered);
  codec::encode(writer, taken);
  codec::encode(writer, digest);
}

Result<KeptChatRecord> KeptChatRecord::decode_from(codec::Reader& reader) {
  KeptChatRecord out;
  out.version = TRY(reader.u8());
  out.chat = TRY(codec::decode<ChatId>(reader));
  out.name = TRY(codec::decode<std::string>(reader));
  out.older_of = TRY(codec::decode<std::optional<ChatId>>(reader));
  out.last = TRY(codec::decode<Position>(reader));
  if (out.version < 2) return out;
  out.offered = TRY(codec::decode<uint64_t>(reader));
  out.taken = TRY(codec::decode<ByteArray<16>>(reader));
  out.digest = TRY(codec::decode<std::optional<ByteArray<16>>>(reader));
  return out;
}

Status restore_kept_chat(Machine& m, ByteView value) {
  REQUIRE(value.empty() || value[0] <= kKeptChatVersion, kProfileNewer, "a chat that is kept is of version 2");
  auto record = codec::decoded<KeptChatRecord>(value);
  REQUIRE(record.has_value() && record->version > 0, kProfileDamaged, "a chat that is kept is well-formed");
  const ChatId id = record->chat;
  if (m.deletions.contains(id)) return {};
  m.kept[id].record = std::move(*record);
  return {};
}

void load_newest_kept(Machine& m, std::function<void()> done) {
  const auto unread = std::find_if(m.kept.begin(), m.kept.end(), [](const auto& each) {
    return !each.second.newest && each.second.record.last.value > 0;
  });
  if (unread == m.kept.end()) return done();
  const ByteView chat = unread->first.view();
  const uint64_t last = unread->second.record.last.value;
  m.load(record_key(RecordKind::kKeptMessage, chat, last), record_key(RecordKind::kKeptMessage, chat, last + 1), 1,
         false, [&m, id = unread->first, last, done = std::move(done)](const std::vector<LoadedRecord>& records) {
           auto newest = records.empty() ? Result<Message>(Error{kProfileDamaged, "a chat has its last message"})
                                         : kept_message(records.front().value.reveal(), last);
           if (!newest) return m.stop(newest.error());
           m.kept.at(id).newest = std::move(*newest);
           load_newest_kept(m, done);
         });
}

ChatInfo kept_chat_info(const KeptChat& kept) {
  ChatInfo info;
  info.chat = kept.record.chat;
  info.name = kept.record.name;
  info.last = kept.record.last;
  info.read = kept.record.last;
  info.newest = kept.newest;
  info.kept = true;
  info.older_of = kept.record.older_of;
  return info;
}

Result<Message> kept_message(ByteView value, uint64_t position) {
  const auto record = codec::decoded<KeptMessageRecord>(value);
  REQUIRE(record.has_value(), kProfileDamaged, "a message that is kept is well-formed");
  return message_of(*record, position);
}

void import_messages(Machine& m, CommandId id, ImportMessages command) {
  if (const Status checked = check(command); !checked) return m.fail(id, checked.error());
  if (command.older_of && m.find_chat(*command.older_of) == nullptr)
    return m.fail(id, {kNoSuchChat, "a chat of this device"});
  const ChatId chat = kept_chat_id(command.source);
  if (m.deletions.contains(chat)) return m.fail(id, kGoing);
  KeptChat& kept = m.kept[chat];
  kept.record.chat = chat;
  kept.record.name = command.name;
  if (command.older_of) kept.record.older_of = command.older_of;
  auto shared = std::make_shared<ImportMessages>(std::move(command));
  with_known_messages(m, kept, [&m, id, shared] { store_messages(m, id, *shared); });
}

void read_kept_message(Machine& m, CommandId id, const ReadMessage& command) {
  constexpr Error kMissing{kNoSuchMessage, "a message of this chat"};
  with_known_messages(m, m.kept.at(command.chat), [&m, id, command, kMissing] {
    const auto kept = m.kept.find(command.chat);
    if (kept == m.kept.end() || !kept->second.known) return m.fail(id, kMissing);
    const auto found = kept->second.known->find(command.message);
    if (found == kept->second.known->end()) return m.fail(id, kMissing);
    m.journal.then([&m, id, chat = command.chat, position = found->second, kMissing] {
      m.load(record_key(RecordKind::kKeptMessage, chat.view(), position),
             record_key(RecordKind::kKeptMessage, chat.view(), position + 1), 1, false,
             [&m, id, position, kMissing](const std::vector<LoadedRecord>& records) {
               if (records.empty()) return m.fail(id, kMissing);
               auto message = kept_message(records.front().value.reveal(), position);
               if (!message) return m.stop(message.error());
               m.done(id, MessageFound{std::move(*message)});
             });
    });
  });
}

void read_kept(Machine& m, CommandId id, const ReadHistory& command) {
  const uint32_t count = std::min(command.count, kHistoryPageMax);
  if (count == 0) return m.done(id, Messages{});
  m.journal.then([&m, id, chat = command.chat, before = command.before, count] {
    const Bytes first = record_key(RecordKind::kKeptMessage, chat.view());
    const Bytes last = before ? record_key(RecordKind::kKeptMessage, chat.view(), before->value) : after_prefix(first);
    m.load(first, last, count, true, [&m, id](const std::vector<LoadedRecord>& records) {
      Messages out;
      for (const LoadedRecord& record : records) {
        auto message = kept_message(record.value.reveal(), number_at_end(record.key));
        if (!message) return m.stop(message.error());
        out.messages.push_back(std::move(*message));
      }
      std::reverse(out.messages.begin(), out.messages.end());
      m.done(id, std::move(out));
    });
  });
}

}  // namespace godwit::engine
