#include "cli/chat_reading.h"

namespace godwit::cli {
namespace {
constexpr uint32_t kPage = 200;
}

Status read_forward(Client& client, const engine::ChatId& chat,
                    const std::function<Status(const std::vector<engine::Message>&)>& take) {
  // Pages are read from the newest message back; only where each ends is kept, and then they are read again the other way.
  std::vector<std::optional<engine::Position>> ends;
  std::optional<engine::Position> before;
  std::vector<engine::Message> page;
  while (true) {
    auto read = TRY(client.ask<engine::Messages>(engine::ReadHistory{chat, before, kPage}, "reading"));
    if (read.messages.empty()) break;
    page = std::move(read.messages);
    ends.push_back(before);
    before = page.front().position;
  }
  while (!ends.empty()) {
    if (page.empty()) {
      page = TRY(client.ask<engine::Messages>(engine::ReadHistory{chat, ends.back(), kPage}, "reading")).messages;
    }
    TRY(take(page));
    page.clear();
    ends.pop_back();
  }
  return {};
}

ChatNames ChatNames::read(Client& client, const engine::ChatInfo& chat) {
  ChatNames out;
  out.peer_ = chat.name;
  if (const auto account = client.ask<engine::Account>(engine::ReadAccount{})) out.own_ = account->name;
  if (chat.group) out.peer_.clear();
  if (const auto members = client.ask<engine::Members>(engine::ListMembers{chat.chat})) {
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

}  // namespace godwit::cli
