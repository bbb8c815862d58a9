#include "engine/messages.h"

#include "engine/bulletins.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/receipts.h"

namespace godwit::engine {
namespace {

// Messages of unknown kinds that a chat keeps, the newest ones: nobody sees them, so a contact could fill the disk with them.
constexpr uint64_t kUnknownKept = 1024;

// What people see, stored once however often it comes.
void take_shown(Machine& m, Chat& chat, const AccountId& author, const Content& content, std::string text,
                std::optional<FileBody> file) {
  if (chat.positions.contains(content.id)) {
    ++m.counters.duplicates;
    // It came again because the sender does not know that it came.
    return owe_delivered(m, chat, author, content.id);
  }
  const Message message = append_message(m, chat, content.id, false, static_cast<int64_t>(content.sent_ms),
                                         std::move(text), std::move(file), author);
  owe_delivered(m, chat, author, content.id);
  m.tell_then(MessageReceived{chat.record.chat, message});
}

// Kept sealed as it came, for a version that understands it.
void keep_unknown(Machine& m, Chat& chat, ByteView plaintext) {
  Bytes id = to_bytes(chat.record.chat.view());
  const uint64_t place = chat.record.unknown_next++ % kUnknownKept;
  id.push_back(static_cast<uint8_t>(place >> 8));
  id.push_back(static_cast<uint8_t>(place));
  m.journal.put_bytes(record_key(RecordKind::kUnknown, id), crypto::SecretBuffer::copy_of(plaintext));
  m.put(chat);
}

// The peer's first message: he is in.
void become_ready(Machine& m, Chat& chat) {
  if (chat.record.ready) return;
  chat.record.ready = true;
  m.put(chat);
  m.touch(chat);
  m.tell_then(ChatChanged{chat_info(chat)});
}

}  // namespace

void take_content(Machine& m, Chat& chat, const AccountId& author, ByteView plaintext) {
  const auto content = parse_content(plaintext);
  if (!content) return;
  chat.asking.succeed();
  become_ready(m, chat);
  switch (content->kind) {
    case ContentKind::kText:
      if (auto text = text_of(*content)) take_shown(m, chat, author, *content, std::move(*text), std::nullopt);
      return;
    case ContentKind::kFile:
      if (auto file = file_of(*content)) take_shown(m, chat, author, *content, {}, std::move(*file));
      return;
    case ContentKind::kReceipt:
      if (const auto receipt = receipt_of(*content)) on_receipt(m, chat, author, *receipt);
      return;
    case ContentKind::kResend:
      if (const auto resend = resend_of(*content)) on_resend(m, chat, author, *resend);
      return;
    case ContentKind::kHello:
      return;
    case ContentKind::kKeysWanted:
      return on_keys_wanted(m, chat, author, *content);
    case ContentKind::kKeysOffered:
      return on_keys_offered(m, chat, author, *content);
    case ContentKind::kBulletin:
      return take_bulletin_bytes(m, content->body);
  }
  keep_unknown(m, chat, plaintext);
}

}  // namespace godwit::engine
