#include "moving/chat_reading.h"

#include <set>

namespace godwit::moving {
namespace {
// What comes meanwhile moves the pages: they are read twice as long as they were counted, so that none falls between two.
constexpr uint32_t kCounted = 100;
constexpr uint32_t kRead = 200;
}  // namespace

Status read_forward(ChatSource& source, const engine::ChatId& chat,
                    const std::function<Status(const std::vector<engine::Message>&)>& take) {
  // Pages are read from the newest message back; only where each ends is kept, and then they are read again the other way.
  std::vector<std::optional<engine::Position>> ends;
  std::optional<engine::Position> before;
  while (true) {
    const auto read = TRY(source.history({chat, before, kCounted}));
    if (read.messages.empty()) break;
    ends.push_back(before);
    before = read.messages.front().position;
  }
  // All of them, not the last: positions count arrivals, and pages are in the order of what was said.
  std::set<engine::Position> taken;
  for (; !ends.empty(); ends.pop_back()) {
    auto messages = TRY(source.history({chat, ends.back(), kRead})).messages;
    std::erase_if(messages, [&](const engine::Message& each) { return !taken.insert(each.position).second; });
    if (!messages.empty()) TRY(take(messages));
  }
  return {};
}

ChatNames ChatNames::read(ChatSource& source, const engine::ChatInfo& chat) {
  ChatNames out;
  out.peer_ = chat.name;
  if (const auto account = source.account()) out.own_ = account->name;
  if (chat.group) out.peer_.clear();
  if (const auto members = source.members(chat.chat)) {
    for (const engine::MemberShown& each : members->members) out.members_.emplace(each.account, each.name);
  }
  return out;
}

std::vector<std::string> ChatNames::names_of(const engine::ReactionInfo& reaction) const {
  std::vector<std::string> out = reaction.names;
  for (const engine::AccountId& each : reaction.accounts) {
    const auto found = members_.find(each);
    if (found != members_.end() && !found->second.empty()) out.push_back(found->second);
  }
  return out;
}

std::string ChatNames::sender_of(const engine::Message& message) const {
  if (message.kept) return message.kept->sender;
  if (message.own) return own_;
  if (!message.author_name.empty()) return message.author_name;
  return peer_.empty() ? to_hex(message.author.view()).substr(0, 8) : peer_;
}

}  // namespace godwit::moving
