#include "engine/kept_chats.h"

#include <algorithm>

#include "crypto/hash.h"
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
                                      (entry.edited ? kMarkEdited : 0) | (entry.deleted ? kMarkDeleted : 0));
  return record;
}

// The same message of the same chat has the same id, whenever it is imported. `repeat` counts messages that are equal in everything.
MessageId kept_message_id(const ChatId& chat, const KeptMessageRecord& record, uint32_t repeat) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept message 1"));
  writer.raw(chat.view());
  codec::encode(writer, record);
  writer.u32(repeat);
  MessageId id;
  ASSERT(MessageId::from(ByteView(crypto::sha256(writer.view())).first(MessageId::kSize), id));
  return id;
}

// The same for one that has an id where it comes from. It is hashed too, since an id there may be anything.
MessageId kept_message_id(const ChatId& chat, const MessageId& given) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit kept message with id 1"));
  writer.raw(chat.view());
  writer.raw(given.view());
  MessageId id;
  ASSERT(MessageId::from(ByteView(crypto::sha256(writer.view())).first(MessageId::kSize), id));
  return id;
}

Status check(const ImportMessages& command) {
  const auto is_name = [](const std::string& text) { return text.size() <= kKeptNameMax; };
  size_t bytes = 0;
  REQUIRE(command.messages.size() <= kImportBatchMax && is_name(command.name) && is_name(command.source), kTooLong,
          "an import has 1,000 messages at once, and names of 256 bytes");
  REQUIRE(is_utf8(command.name) && is_utf8(command.source) && !command.name.empty(), kNotText, "a name is UTF-8");
  for (const ImportEntry& each : command.messages) {
    bytes += each.text.size();
    REQUIRE(each.text.size() <= kTextSizeMax && bytes <= kImportBatchBytesMax && is_name(each.sender) &&
                is_name(each.media) && is_name(each.forwarded_from),
            kTooLong, "a message that is imported is of the size of others");
    REQUIRE(is_utf8(each.text) && is_utf8(each.sender) && is_utf8(each.media) && is_utf8(each.forwarded_from), kNotText,
            "a message is UTF-8");
  }
  return {};
}

void put(Machine& m, const KeptChat& kept) {
  m.journal.put(record_key(RecordKind::kKeptChat, kept.record.chat.view()), kept.record);
}

Message message_of(const KeptMessageRecord& record, uint64_t position) {
  Message out{record.id, Position{position}, record.own, record.text, Instant{record.sent_ms}, Delivery::kRead};
  KeptInfo info{record.sender, record.media, record.forwarded_from, false, false, false, false};
  info.omitted = (record.marks & kMarkOmitted) != 0;
  info.notice = (record.marks & kMarkNotice) != 0;
  info.edited = (record.marks & kMarkEdited) != 0;
  info.deleted = (record.marks & kMarkDeleted) != 0;
  out.kept = std::move(info);
  return out;
}

constexpr Error kGoing{kBeingDeleted, "a chat is deleted before it comes again"};

void store_messages(Machine& m, CommandId id, const ImportMessages& command) {
  const auto found = m.kept.find(kept_chat_id(command.source));
  if (found == m.kept.end()) return m.fail(id, kGoing);
  KeptChat& kept = found->second;
  ImportDone out;
  out.chat = kept.record.chat;
  std::map<MessageId, uint32_t> repeats;
  for (const ImportEntry& entry : command.messages) {
    KeptMessageRecord record = record_of(entry);
    record.id = entry.id ? kept_message_id(out.chat, *entry.id) : kept_message_id(out.chat, record, 0);
    if (const uint32_t repeat = entry.id ? 0 : repeats[record.id]++; repeat > 0) {
      record.id = {};
      record.id = kept_message_id(out.chat, record, repeat);
    }
    if (!kept.known->insert(record.id).second) {
      ++out.known;
      continue;
    }
    ++out.stored;
    const uint64_t position = ++kept.record.last.value;
    m.journal.put(record_key(RecordKind::kKeptMessage, out.chat.view(), position), record);
    Message message = message_of(record, position);
    search_note(m, out.chat, message);
    if (!kept.newest || kept.newest->sent_at <= message.sent_at) kept.newest = std::move(message);
  }
  put(m, kept);
  if (out.stored > 0) m.tell_then(ChatChanged{kept_chat_info(kept)});
  m.done_then(id, out);
}

// Reads which messages the chat has, then calls `done`.
void load_known(Machine& m, const ChatId& chat, Bytes first, std::shared_ptr<std::set<MessageId>> known,
                std::function<void()> done) {
  const Bytes end = after_prefix(record_key(RecordKind::kKeptMessage, chat.view()));
  m.load(std::move(first), end, kScanPage, false,
         [&m, chat, known = std::move(known), done = std::move(done)](const std::vector<LoadedRecord>& records) {
           for (const LoadedRecord& each : records) {
             const auto record = codec::decoded<KeptMessageRecord>(each.value.reveal());
             if (!record) return m.stop({kProfileDamaged, "a message that is kept is well-formed"});
             known->insert(record->id);
           }
           if (records.size() == kScanPage) {
             Bytes next = records.back().key;
             next.push_back(0);
             return load_known(m, chat, std::move(next), known, done);
           }
           const auto kept = m.kept.find(chat);
           if (kept != m.kept.end() && !kept->second.known) kept->second.known = known;
           done();
         });
}

}  // namespace

Status restore_kept_chat(Machine& m, ByteView value) {
  auto record = codec::decoded<KeptChatRecord>(value);
  REQUIRE(record.has_value() && record->version == 1, kProfileDamaged, "a chat that is kept is well-formed");
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
  if (kept.known || kept.record.last.value == 0) {
    if (!kept.known) kept.known = std::make_shared<std::set<MessageId>>();
    return store_messages(m, id, command);
  }
  auto shared = std::make_shared<ImportMessages>(std::move(command));
  m.journal.then([&m, id, chat, shared] {
    load_known(m, chat, record_key(RecordKind::kKeptMessage, chat.view()), std::make_shared<std::set<MessageId>>(),
               [&m, id, shared] { store_messages(m, id, *shared); });
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
