#include "engine/messages.h"

#include "engine/bulletins.h"
#include "engine/calls.h"
#include "engine/doors.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/message_changes.h"
#include "engine/message_view.h"
#include "engine/receipts.h"
#include "engine/returning.h"
#include "engine/sync.h"
#include "engine/typing.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

// Messages of unknown silent kinds that a chat keeps, the newest ones: nobody sees them, so a contact could fill the disk with
// them.
constexpr uint64_t kUnknownKept = 1024;

// What it says, or that a newer version has said something.
std::optional<HistoryRecord> read_shown(const Content& content, const AccountId& author, bool own) {
  if (auto history = history_of(content, author, own)) return std::move(*history);
  if (content.version <= 1) return std::nullopt;
  HistoryRecord newer;
  newer.id = content.id;
  newer.own = own;
  newer.sent_ms = static_cast<int64_t>(content.sent_ms);
  newer.author = author;
  newer.clock = content.clock;
  newer.kind = content.kind;
  newer.reply_to = content.reply_to;
  newer.expire_seconds = content.expire_seconds;
  newer.extensions = content.extensions;
  newer.body = content.body;
  newer.newer = content.version;
  return newer;
}

// What people see, stored once however often it comes.
void take_shown(Machine& m, Chat& chat, const AccountId& author, const Content& content, ByteView plaintext,
                std::optional<SaidProof> proof) {
  const bool own = is_self(m, author);
  if (chat.positions.contains(content.id)) {
    ++m.counters.duplicates;
    // It came again because the sender does not know that it came; or another device of ours has sent at last what it had
    // handed over before.
    if (!own) {
      owe_delivered(m, chat, author, content.id);
    } else {
      move_message(m, chat, chat.positions.at(content.id), Delivery::kSent);
    }
    return;
  }
  auto history = read_shown(content, author, own);
  if (!history) return;
  if (proof && !own) {
    // Most messages are kept so that they give the bytes again that were signed.
    if (!equal(codec::encoded(content_of(*history)), plaintext)) proof->content = to_bytes(plaintext);
    history->proof = std::move(proof);
  }
  Message message = append_message(m, chat, std::move(*history));
  if (content.kind == ContentKind::kSettings) {
    if (const auto settings = settings_of(content)) {
      take_settings(m, chat, {message.clock, message.id}, settings->disappear_seconds);
      m.tell_then(ChatChanged{chat_info(m, chat)});
    }
  }
  if (own) {
    move_message(m, chat, message.position.value, Delivery::kSent);
    message.delivery = Delivery::kSent;
  } else {
    owe_delivered(m, chat, author, content.id);
  }
  m.tell_then(MessageReceived{chat.record.chat, message});
  note_read_elsewhere(m, chat, content.id);
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
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

// Whether what is kept of a change gives the same bytes again.
bool is_bare(const Content& content, ByteView plaintext) {
  const bool more = content.reply_to || content.expire_seconds || !content.extensions.empty();
  return content.version == 1 && !more && equal(codec::encoded(content), plaintext);
}

}  // namespace

void take_content(Machine& m, Chat& chat, const Author& author, ByteView plaintext, std::optional<SaidProof> proof) {
  const auto content = parse_content(plaintext);
  if (!content) return;
  chat.asking.succeed();
  chat.talk.typing_futile = false;
  become_ready(m, chat);
  switch (content->kind) {
    case ContentKind::kReceipt:
      if (const auto receipt = receipt_of(*content)) on_receipt(m, chat, author.account, *receipt);
      return;
    case ContentKind::kResend:
      if (const auto resend = resend_of(*content)) on_resend(m, chat, author.account, *resend);
      return;
    case ContentKind::kHello:
      return;
    case ContentKind::kKeysWanted:
      return on_keys_wanted(m, chat, author.account, *content);
    case ContentKind::kKeysOffered:
      return on_keys_offered(m, chat, author.account, *content);
    case ContentKind::kJoinAsked:
      return on_join_asked(m, chat, author, content->body);
    case ContentKind::kJoinSettled:
      return on_join_settled(m, chat, author, content->body);
    case ContentKind::kReturnAsked:
      return on_return_asked(m, chat, &author.account, content->body);
    case ContentKind::kBulletin:
      return take_bulletin_bytes(m, content->body);
    case ContentKind::kReaction:
    case ContentKind::kEdit:
    case ContentKind::kDelete:
    case ContentKind::kVote:
    case ContentKind::kPollClose:
    case ContentKind::kPin:
      // Of an edit its words alone are kept.
      if (proof && !is_bare(*content, plaintext)) proof->content = to_bytes(plaintext);
      return take_change(m, chat, author, *content, std::move(proof));
    case ContentKind::kCall:
      return take_call(m, chat, author, *content);
    case ContentKind::kTyping:
      return take_typing(m, chat, author.account, *content);
    default:
      break;
  }
  if (static_cast<uint16_t>(content->kind) >= kSilentKinds) return keep_unknown(m, chat, plaintext);
  take_shown(m, chat, author.account, *content, plaintext, std::move(proof));
}

}  // namespace godwit::engine
