#include "engine/message_view.h"

#include <algorithm>

#include "engine/chat_lines.h"
#include "engine/members.h"
#include "engine/transfers.h"

namespace godwit::engine {
namespace {

// Its body as a content again, for the functions that read one. Programs before this have kept what a later version had appended.
Content body_only(const HistoryRecord& history) {
  Content content;
  content.version = UINT8_MAX;
  content.kind = history.kind;
  content.body = history.body;
  return content;
}

// Of one who has left the chat, as a contact of ours he still has a name.
std::string name_of_author(const Machine& m, const Chat& chat, const AccountId& author) {
  std::string name = member_name(chat, author);
  for (auto it = m.chats.begin(); name.empty() && it != m.chats.end(); ++it) {
    if (it->second.record.kind == ChatKind::kDirect && it->second.record.peer == author) {
      name = member_name(it->second, author);
    }
  }
  return name;
}

// Of each person the newest reactions; then the number of each.
void show_reactions(const Machine& m, const StateRecord& state, Message& out) {
  std::map<AccountId, size_t> of_one;
  std::vector<const ReactionState*> newest_first;
  for (const ReactionState& each : state.reactions) newest_first.push_back(&each);
  std::sort(newest_first.begin(), newest_first.end(), [](const auto* a, const auto* b) { return is_newer_reaction(*a, *b); });
  std::map<std::string, ReactionInfo> found;
  for (const ReactionState* each : newest_first) {
    if (++of_one[each->account] > kReactionsOfOneMax || each->removed) continue;
    ReactionInfo& info = found[each->reaction];
    info.reaction = each->reaction;
    ++info.count;
    info.own = info.own || is_self(m, each->account);
    if (info.accounts.size() < kReactionAccountsMax) info.accounts.push_back(each->account);
  }
  for (auto& [reaction, info] : found) out.reactions.push_back(std::move(info));
  std::sort(out.reactions.begin(), out.reactions.end(), [](const ReactionInfo& a, const ReactionInfo& b) {
    return std::tie(b.count, a.reaction) < std::tie(a.count, b.reaction);
  });
}

bool counts(const VoteState& vote, const PollBody& poll, const StateRecord& state) {
  if (state.closed_at && vote.at > *state.closed_at) return false;
  if (poll.closes_ms != 0 && static_cast<uint64_t>(std::max<int64_t>(vote.sent_ms, 0)) > poll.closes_ms) return false;
  if (!poll.multiple && vote.choices.size() > 1) return false;
  return std::all_of(vote.choices.begin(), vote.choices.end(),
                     [&](uint8_t choice) { return choice < poll.options.size(); });
}

void show_poll(const Machine& m, const Held& held, Message& out) {
  const auto poll = poll_of(body_only(held.history));
  if (!poll) return;
  PollInfo info;
  info.question = poll->question;
  info.multiple = poll->multiple;
  if (poll->closes_ms != 0) info.closes_at = Instant{static_cast<int64_t>(poll->closes_ms)};
  info.closed = poll_closed(held, *poll, m.wall());
  for (const std::string& each : poll->options) info.options.push_back({each, 0, false});
  std::map<AccountId, const VoteState*> last;
  for (const VoteState& vote : held.state.votes) {
    const VoteState*& of_one = last[vote.account];
    if (counts(vote, *poll, held.state) && (of_one == nullptr || of_one->at < vote.at)) of_one = &vote;
  }
  for (const auto& [account, of_one] : last) {
    if (of_one == nullptr || of_one->choices.empty()) continue;
    const VoteState& vote = *of_one;
    ++info.voters;
    for (const uint8_t choice : vote.choices) {
      ++info.options[choice].votes;
      info.options[choice].own = info.options[choice].own || is_self(m, vote.account);
    }
  }
  out.poll = std::move(info);
}

void show_body(const Machine& m, const Held& held, Message& out) {
  const HistoryRecord& history = held.history;
  if (history.file) out.file = file_info(*history.file);
  if (out.kind == MessageKind::kPoll) show_poll(m, held, out);
  if (out.kind == MessageKind::kLocation) {
    if (auto place = location_of(body_only(history))) {
      out.location = LocationInfo{place->latitude, place->longitude, place->accuracy_m, place->name};
    }
  } else if (out.kind == MessageKind::kContact) {
    if (auto contact = contact_of(body_only(history))) {
      out.contact = ContactInfo{contact->name, contact->account, contact->text};
    }
  } else if (out.kind == MessageKind::kSettings) {
    if (const auto settings = settings_of(body_only(history))) out.disappear_seconds = settings->disappear_seconds;
  } else if (out.kind == MessageKind::kLine) {
    out.line = line_info(history);
    out.line->by_own = out.line->by && is_self(m, *out.line->by);
    out.line->own = out.line->account && is_self(m, *out.line->account);
    if (out.author_name.empty()) out.author_name = out.line->by_name;
  }
  out.text = history.text;
  const auto* extensions = &history.extensions;
  if (is_edited(held)) {
    out.text = held.state.edits.back().text;
    extensions = &held.state.edits.back().extensions;
    out.edits = static_cast<uint32_t>(held.state.edits.size());
  }
  out.spans = spans_in(*extensions, out.text);
  out.mentions = mentions_in(*extensions, out.text);
  if (out.kind == MessageKind::kText) out.preview = preview_of(held, out.text);
}

// Of those who are in.
void show_receipts(const Chat& chat, const Held& held, Message& out) {
  if (!out.own) return;
  if (count_others(chat) <= 1) {
    out.read_by = out.delivery == Delivery::kRead ? 1 : 0;
    out.delivered_to = out.read_by + (out.delivery == Delivery::kDelivered ? 1 : 0);
    return;
  }
  for (const ReceiptState& each : held.state.receipts) {
    if (find_member(chat, each.account) == nullptr) continue;  // he has gone, and is not counted among the others either
    ++out.delivered_to;
    out.read_by += each.read_ms > 0 ? 1 : 0;
  }
}

}  // namespace

MessageKind kind_of(const HistoryRecord& history) {
  if (history.newer > 0) return MessageKind::kNewer;
  switch (history.kind) {
    case ContentKind::kText:
      return MessageKind::kText;
    case ContentKind::kFile:
      return MessageKind::kFile;
    case ContentKind::kLocation:
      return MessageKind::kLocation;
    case ContentKind::kContact:
      return MessageKind::kContact;
    case ContentKind::kPoll:
      return MessageKind::kPoll;
    case ContentKind::kSettings:
      return MessageKind::kSettings;
    case ContentKind::kLine:
      return line_info(history) ? MessageKind::kLine : MessageKind::kNewer;
    default:
      return MessageKind::kNewer;
  }
}

bool is_edited(const Held& held) {
  const ContentKind kind = held.history.kind;
  return !held.state.edits.empty() && held.history.newer == 0 &&
         (kind == ContentKind::kText || kind == ContentKind::kFile);
}

bool poll_closed(const Held& held, const PollBody& poll, Instant wall) {
  return held.state.closed_at || (poll.closes_ms != 0 && wall.ms > static_cast<int64_t>(poll.closes_ms));
}

std::optional<LinkPreview> preview_of(const Held& held, std::string_view text) {
  if (!held.state.edits.empty()) {
    if (auto preview = preview_in(held.state.edits.back().extensions, text)) return preview;
  }
  return preview_in(held.history.extensions, text);
}

Result<HistoryRecord> history_of(const Content& content, const AccountId& author, bool own) {
  HistoryRecord out;
  out.id = content.id;
  out.own = own;
  out.sent_ms = static_cast<int64_t>(content.sent_ms);
  out.author = author;
  out.clock = content.clock;
  out.kind = content.kind;
  out.reply_to = content.reply_to;
  out.expire_seconds = content.expire_seconds;
  out.extensions = content.extensions;
  if (content.kind == ContentKind::kText) {
    out.text = TRY(text_of(content));
    return out;
  }
  if (content.kind == ContentKind::kFile) {
    out.file = TRY(file_of(content));
    out.text = std::exchange(out.file->caption, {});
    return out;
  }
  // What is known of a body is kept, without what a later version has appended: it is said and forwarded as one of ours.
  if (content.kind == ContentKind::kLocation) {
    const auto place = TRY(location_of(content));
    out.text = place.name;
    out.body = codec::encoded(place);
  } else if (content.kind == ContentKind::kContact) {
    const auto contact = TRY(contact_of(content));
    out.text = contact.name;
    out.body = codec::encoded(contact);
  } else if (content.kind == ContentKind::kPoll) {
    const auto poll = TRY(poll_of(content));
    out.text = poll.question;
    out.body = codec::encoded(poll);
  } else if (content.kind == ContentKind::kSettings) {
    out.body = codec::encoded(TRY(settings_of(content)));
  } else {
    out.body = content.body;
    out.newer = content.version;
  }
  return out;
}

Content content_of(const HistoryRecord& history) {
  Content out;
  out.version = std::max<uint8_t>(history.newer, 1);
  out.id = history.id;
  out.sent_ms = static_cast<uint64_t>(std::max<int64_t>(history.sent_ms, 0));
  out.kind = history.kind;
  out.clock = history.clock;
  out.reply_to = history.reply_to;
  out.expire_seconds = history.expire_seconds;
  out.extensions = history.extensions;
  if (history.file) {
    FileBody file = history.file->clone();
    file.caption = history.text;
    out.body = codec::encoded(file);
  } else {
    out.body =
        history.kind == ContentKind::kText && history.newer == 0 ? to_bytes(as_bytes(history.text)) : history.body;
  }
  return out;
}

bool is_newer_reaction(const ReactionState& a, const ReactionState& b) {
  return std::tie(a.at, a.reaction) > std::tie(b.at, b.reaction);
}

Message to_message(const Machine& m, const Chat& chat, const Held& held) {
  const HistoryRecord& history = held.history;
  const IndexRecord& index = held.index;
  Message out{history.id, Position{held.position}, history.own, {}, Instant{history.sent_ms}, index.delivery};
  out.author = history.author;
  out.author_name = name_of_author(m, chat, history.author);
  out.kind = kind_of(history);
  out.clock = history.clock;
  out.reply_to = history.reply_to;
  out.expire_seconds = history.expire_seconds.value_or(0);
  if (index.expires_ms != 0) out.expires_at = Instant{index.expires_ms};
  show_receipts(chat, held, out);
  if (held.state.deleted_by) {
    out.deleted = DeletedInfo{*held.state.deleted_by, *held.state.deleted_by != history.author};
    return out;
  }
  out.forwarded = find_extension(history.extensions, ExtensionId::kForwarded) != nullptr;
  if (const Bytes* about = find_extension(history.extensions, ExtensionId::kAboutPost)) {
    if (auto post = codec::decoded<PostRef>(*about)) out.about = std::move(*post);
  }
  out.pinned = held.state.pinned;
  show_body(m, held, out);
  show_reactions(m, held.state, out);
  note_transfer(chat, out);
  return out;
}

Edits edits_of(const Held& held) {
  Edits out;
  if (held.state.deleted_by || held.history.newer > 0) return out;
  const auto add = [&](const std::string& text, int64_t sent_ms, const std::vector<ContentExtension>& extensions) {
    out.versions.push_back({text, Instant{sent_ms}, spans_in(extensions, text), mentions_in(extensions, text)});
  };
  add(held.history.text, held.history.sent_ms, held.history.extensions);
  if (!is_edited(held)) return out;
  for (const EditState& each : held.state.edits) add(each.text, each.sent_ms, each.extensions);
  return out;
}

}  // namespace godwit::engine
