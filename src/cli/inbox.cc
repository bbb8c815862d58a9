#include "cli/inbox.h"

#include <algorithm>
#include <utility>

namespace godwit::cli {
namespace {

/// Unread messages that are shown of one chat at once; a flood beyond it stays in the history.
constexpr uint64_t kUnreadMax = 10'000;

}  // namespace

void Inbox::note(const engine::ChatInfo& chat) { chats_[chat.chat] = chat; }

void Inbox::take(const engine::Notice& notice) {
  if (const auto* changed = std::get_if<engine::ChatChanged>(&notice)) {
    note(changed->chat);
  } else if (const auto* received = std::get_if<engine::MessageReceived>(&notice)) {
    take_message(received->chat, received->message);
  } else if (const auto* line = std::get_if<engine::LineAdded>(&notice)) {
    take_message(line->chat, line->message);
  }
}

void Inbox::take_message(const engine::ChatId& chat, const engine::Message& message) {
  if (only_ && chat != *only_) return;
  if (opened_) return show(chat, message);
  waiting_.push_back({chat, message});
}

void Inbox::show(const engine::ChatId& id, const engine::Message& message) {
  engine::Position& shown = shown_[id];
  if (message.own || broken_ || message.position <= shown || (message.line && !only_)) return;
  if (!show_(chats_[id], message)) {
    broken_ = true;
    return;
  }
  shown = message.position;
  client_.command(engine::MarkRead{id, message.position});
}

Status Inbox::show_unread(const engine::ChatInfo& chat, const std::function<bool()>& enough) {
  shown_[chat.chat] = chat.read;
  if (chat.last <= chat.read) return {};
  const uint64_t count = std::min(chat.last.value - chat.read.value, kUnreadMax);
  const auto found = TRY(read_messages(client_, chat.chat, count));
  for (const engine::Message& each : found) {
    if (enough()) break;
    show(chat.chat, each);
  }
  return {};
}

Status Inbox::open(const std::function<bool()>& enough) {
  const auto all = TRY(client_.ask<engine::Chats>(engine::ListChats{true}));
  for (const engine::ChatInfo& each : all.chats) {
    note(each);
    if (only_ && each.chat != *only_) continue;
    TRY(show_unread(each, enough));
  }
  while (!waiting_.empty() && !enough()) {
    const engine::MessageReceived next = std::move(waiting_.front());
    waiting_.pop_front();
    show(next.chat, next.message);
  }
  opened_ = waiting_.empty() && !enough();
  return {};
}

}  // namespace godwit::cli
