#pragma once
// Between contents as they travel, records as they are kept, and messages as people see them. Nothing here changes anything.

#include "engine/chat_people.h"
#include "engine/machine.h"

namespace godwit::engine {

/// What a content says, as it is kept: without its place and with the clock that it claims. kBadContent: it says nothing right.
/// For kinds that are shown, known and unknown.
Result<HistoryRecord> history_of(const Content& content, const AccountId& author, bool own);
/// The content that a message was or becomes, with the same id however often.
Content content_of(const HistoryRecord& history);
/// What people see it as.
MessageKind kind_of(const HistoryRecord& history);
/// True if `a` was given or taken back after `b`: the same for all, also of reactions that claim one place.
bool is_newer_reaction(const ReactionState& a, const ReactionState& b);
/// A message as it stands. Polls, reactions and edits are counted here, so that the order in which they came makes no difference.
Message to_message(const Machine& m, const Chat& chat, const Held& held);
/// The preview of a message whose text is now `text`: of its last edit, or the first one if its link still stands there.
std::optional<LinkPreview> preview_of(const Held& held, std::string_view text);
/// True if it says something else now than at first. Edits of what can have none were kept while it was not understood.
bool is_edited(const Held& held);
/// All versions of a text, the first one first.
Edits edits_of(const Held& held);
/// True if the poll takes no votes any more at the time `wall`.
bool poll_closed(const Held& held, const PollBody& poll, Instant wall);

}  // namespace godwit::engine
