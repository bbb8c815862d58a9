// Leaving a group: who goes proposes it to all (SelfRemove), and any of the others commits it.

#include <algorithm>

#include "engine/devices.h"
#include "engine/groups.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "mls/errors.h"

namespace godwit::engine {
namespace {

// Each waits for a random time before he commits what all have heard, so that not all do at once.
constexpr Duration kLeavingSpread = seconds(10);
constexpr size_t kLeavingMax = 32;
// A SelfRemove in a PublicMessage has its group's id, a signature and two tags: a larger one carries something else, and an
// entry of the log would not hold many.
constexpr size_t kProposalBytesMax = 512;
constexpr Duration kLeavingPatience = minutes(10);

bool is_last_owner(const Machine& m, const Chat& chat) {
  const AccountId& own = m.self->record.account;
  if (role_of(chat, own) != Role::kOwner) return false;
  return std::ranges::none_of(chat.members, [&](const auto& entry) {
    return entry.first != own && role_of(chat, entry.first) == Role::kOwner;
  });
}

}  // namespace

void leave_group(Machine& m, CommandId id, const LeaveGroup& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (chat->record.kind != ChatKind::kGroup) return m.fail(id, {kNotGroup, "one leaves groups"});
  if (!chat->group) return m.fail(id, {kNotMember, "who leaves is a member"});
  if (is_last_owner(m, *chat)) return m.fail(id, {kLastOwner, "a group has an owner"});
  chat->record.leaving = true;
  m.put(*chat);
  m.touch(*chat);
  m.done_then(id, Nothing{});
}

void pump_leaving(Machine& m, Chat& chat) {
  if (!chat.record.leaving || !chat.record.address_ready || chat.proposed_epoch == chat.group->epoch()) return;
  chat.proposed_epoch = chat.group->epoch();
  if (is_last_owner(m, chat)) {  // the others have left meanwhile
    chat.record.leaving = false;
    m.put(chat);
    return m.tell(Trouble{{kLastOwner, "a group has an owner"}});
  }
  // Those who heard it may have forgotten it. Then a commit of ours begins another epoch, and it is proposed anew.
  chat.record.refresh_wanted = true;
  chat.blocked_until = m.now + kLeavingPatience;
  m.put(chat);
  auto proposal = chat.group->propose_self_remove(m.random);
  if (!proposal) return;  // it was proposed in this epoch, before a restart
  m.put_group(chat);
  queue_proposal(m, chat, std::move(*proposal));
}

void take_proposal(Machine& m, Chat& chat, ByteView message) {
  if (!chat.group || chat.record.kind != ChatKind::kGroup || chat.leaving.size() >= kLeavingMax) return;
  if (message.size() > kProposalBytesMax) return;
  const auto head = mls::peek(message);
  if (!head || head->epoch != chat.group->epoch() || head->content_type != mls::ContentType::kProposal) return;
  if (std::ranges::any_of(chat.leaving, [&](const Bytes& known) { return equal(known, message); })) return;
  // On a copy: a proposal that waits in the group would stop us from writing.
  mls::Group copy = chat.group->clone();
  const auto taken = copy.process(message, m.wall());
  const auto* stored = taken ? std::get_if<mls::ProposalStored>(&*taken) : nullptr;
  if (stored == nullptr || stored->type != mls::ProposalType::kSelfRemove || !stored->sender) return;
  const auto author = account_at(chat, head->epoch, *stored->sender);
  if (!author) return;
  // Another device of ours has left: so do we. One that was thrown out speaks for nobody.
  const auto leaf = chat.group->member(*stored->sender);
  const bool ours = *author == m.self->record.account && leaf && own_list(m).has(leaf->signature_key);
  if (ours && !chat.record.leaving) {
    chat.record.leaving = true;
    m.put(chat);
  }
  chat.leaving.push_back(to_bytes(message));
  const auto spread = static_cast<uint64_t>(kLeavingSpread.ms);
  chat.commit_leaving_at =
      std::min(chat.commit_leaving_at, m.now + milliseconds(static_cast<int64_t>(m.random.below(spread))));
  m.touch(chat);
}

}  // namespace godwit::engine
