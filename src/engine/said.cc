#include "engine/said.h"

#include <algorithm>

#include "engine/outbox.h"

namespace godwit::engine {
namespace {

// What was kept of `id`.
void erase_said(Machine& m, Chat& chat, const MessageId& id) {
  m.journal.erase(record_key(RecordKind::kSaid, chat.record.chat.view(), id.view()));
  std::erase(chat.talk.said, id);
}

void put_ids(Machine& m, const Chat& chat) {
  m.journal.put(record_key(RecordKind::kSaidIds, chat.record.chat.view()), SaidIdsRecord{chat.talk.said});
}

void put_edits(Machine& m, const Chat& chat) {
  m.journal.put(record_key(RecordKind::kSaidEdits, chat.record.chat.view()), SaidEditsRecord{chat.talk.said_edits});
}

}  // namespace

void keep_said(Machine& m, Chat& chat, const Content& content, const MessageId& target) {
  const ByteView of = chat.record.chat.view();
  auto& ids = chat.talk.said;
  auto& edits = chat.talk.said_edits;
  m.journal.put(record_key(RecordKind::kSaid, of, content.id.view()), content);
  ids.push_back(content.id);
  bool changed = content.kind == ContentKind::kEdit;
  if (changed) edits.push_back({content.id, target});
  if (ids.size() > kSaidMax) {
    const MessageId oldest = ids.front();
    erase_said(m, chat, oldest);
    changed = std::erase_if(edits, [&](const SaidEdit& each) { return each.id == oldest; }) > 0 || changed;
  }
  put_ids(m, chat);
  if (changed) put_edits(m, chat);
}

void forget_edits_of(Machine& m, Chat& chat, const MessageId& target) {
  outbox_withdraw_edits(m, chat, target);
  auto& edits = chat.talk.said_edits;
  for (const SaidEdit& each : edits) {
    if (each.target == target) erase_said(m, chat, each.id);
  }
  if (std::erase_if(edits, [&](const SaidEdit& each) { return each.target == target; }) == 0) return;
  put_ids(m, chat);
  put_edits(m, chat);
}

}  // namespace godwit::engine
