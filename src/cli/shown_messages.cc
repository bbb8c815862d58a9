#include "cli/shown_messages.h"

#include "cli/commands.h"
#include "cli/terminal.h"

namespace godwit::cli {
namespace {

// Bytes of one message that are shown at most: a longer one would push everything else off the screen.
constexpr size_t kShownBytes = 4'000;
// Bytes of a message that say which one is meant.
constexpr size_t kQuotedBytes = 60;
// Under the text of a line, whose hour stands before.
constexpr char kIndent[] = "      ";

// The message as it was said, without what others did to it.
engine::Message bare(engine::Message message) {
  message.edits = 0;
  message.reactions.clear();
  return message;
}

std::string print_reactions(const engine::Message& message) {
  std::string out;
  for (const engine::ReactionInfo& each : message.reactions) {
    out += (out.empty() ? "" : " ") + safe_line(each.reaction) + (each.count > 1 ? std::to_string(each.count) : "");
  }
  return out;
}

}  // namespace

std::string shown_body(const engine::Message& message) {
  const std::string body = print_body(message);
  std::string shown = shortened(body, kShownBytes);
  if (shown.size() < body.size()) {
    shown += "\n[" + print_size(body.size() - shown.size()) + " more: `godwit history` shows all]";
  }
  std::string out;
  for (const char each : shown) {
    out += each;
    if (each == '\n') out += kIndent;
  }
  return out;
}

ShownMessages::Known ShownMessages::known_of(const engine::Message& message, const engine::ChatInfo& chat) {
  std::string words = safe_line(print_body(bare(message)));
  const std::string some = shortened(words, kQuotedBytes);
  if (some.size() < words.size()) words = some + "...";
  return {speaker_of(message, chat),
          words,
          print_reactions(message),
          message.edits,
          message.deleted.has_value(),
          message.pinned,
          message.poll && message.poll->closed};
}

void ShownMessages::add(const engine::Message& message, const engine::ChatInfo& chat) {
  if (known_.insert_or_assign(message.id, known_of(message, chat)).second) order_.push_back(message.id);
  while (order_.size() > kKept) {
    known_.erase(order_.front());
    order_.pop_front();
  }
}

std::string ShownMessages::quotation(const engine::Message& message) const {
  if (!message.reply_to || message.deleted) return {};
  const auto found = known_.find(*message.reply_to);
  if (found == known_.end()) return std::string(kIndent) + "> [a message that is not here]";
  return kIndent + ("> " + found->second.who) + ": " + found->second.words;
}

std::vector<std::string> ShownMessages::changes(const engine::Message& message, const engine::ChatInfo& chat) {
  const auto found = known_.find(message.id);
  const std::string who = speaker_of(message, chat);
  if (found == known_.end()) {
    add(message, chat);
    const std::string when = print_time(message.sent_at) + " " + who;
    return {"[changed: " + when + ": " + shown_body(message) + "]"};
  }
  const Known before = found->second;
  const Known now = known_of(message, chat);
  add(message, chat);
  const std::string which = "\"" + before.words + "\"";
  if (now.deleted) {
    if (before.deleted) return {};
    return {"[" + which + (message.deleted->by_admin ? " was removed by an admin]" : " was taken back]")};
  }
  std::vector<std::string> out;
  if (now.edits != before.edits) {
    out.push_back(std::string(kIndent) + "> " + before.words);
    out.push_back("[" + who + (message.own ? " correct: " : " corrects: ") + shown_body(bare(message)) + "]");
  }
  if (now.reactions != before.reactions) {
    out.push_back("[" + (now.reactions.empty() ? "no reaction any more" : now.reactions) + " on \"" + now.words +
                  "\"]");
  }
  if (now.pinned != before.pinned) {
    out.push_back("[\"" + now.words + (now.pinned ? "\" is pinned]" : "\" is not pinned any more]"));
  }
  if (now.closed && !before.closed) out.push_back(shown_body(bare(message)));
  return out;
}

}  // namespace godwit::cli
