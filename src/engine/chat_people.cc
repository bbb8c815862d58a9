#include "engine/chat_people.h"

#include <algorithm>

#include "engine/group_settings.h"

namespace godwit::engine {
namespace {

// What is done to messages, not said: whoever may write may do that, also where only admins say something new.
bool is_deed(ContentKind kind) {
  switch (kind) {
    case ContentKind::kReaction:
    case ContentKind::kEdit:
    case ContentKind::kDelete:
    case ContentKind::kVote:
    case ContentKind::kPollClose:
    case ContentKind::kTyping:
      return true;
    default:
      return false;
  }
}

// What keeps a chat going: everybody who is in it says that.
bool is_service(ContentKind kind) {
  return kind == ContentKind::kReceipt || kind == ContentKind::kResend || kind == ContentKind::kHello ||
         kind == ContentKind::kBulletin || kind == ContentKind::kCall;
}

}  // namespace

std::vector<AccountId> others_of(const Machine& m, const Chat& chat) {
  std::vector<AccountId> out;
  for (const auto& [account, member] : chat.members) {
    if (!member.record.leaves.empty() && !is_self(m, account)) out.push_back(account);
  }
  return out;
}

size_t count_others(const Chat& chat) {
  const auto members =
      std::ranges::count_if(chat.members, [](const auto& entry) { return !entry.second.record.leaves.empty(); });
  return members == 0 ? 0 : static_cast<size_t>(members) - 1;
}

bool gives_receipts(const Chat& chat) {
  const size_t others = count_others(chat);
  return others > 0 && others < kReceiptMembersMax;
}

Author self_in(const Machine& m, const Chat& chat) {
  const AccountId& own = m.self->record.account;
  return {own, role_of(chat, own)};
}

bool may_say(const GroupSettings* settings, Role role, ContentKind kind) {
  if (settings == nullptr || is_service(kind)) return true;
  const bool admins_only = kind == ContentKind::kSettings || (kind == ContentKind::kPin && settings->admins_pin()) ||
                           (settings->announcement_only && !is_deed(kind));
  return role >= (admins_only ? Role::kAdmin : Role::kMember);
}

bool says_words(ContentKind kind) {
  return static_cast<uint16_t>(kind) < kSilentKinds && !is_service(kind) && kind != ContentKind::kDelete;
}

bool is_slowed(ContentKind kind) { return !is_deed(kind) && !is_service(kind) && kind != ContentKind::kPin; }

}  // namespace godwit::engine
