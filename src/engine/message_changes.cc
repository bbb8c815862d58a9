#include "engine/message_changes.h"

#include <algorithm>

#include "engine/held.h"
#include "engine/history.h"
#include "engine/members.h"
#include "engine/message_view.h"
#include "engine/outbox.h"
#include "engine/said.h"
#include "engine/search.h"
#include "engine/uploads.h"

namespace godwit::engine {
namespace {

// A message to which something is done, in memory or as it was read.
struct Target {
  uint64_t position;
  const IndexRecord& index;
  StateRecord& state;
};
// What is done to it.
struct Deed {
  OrderKey at;
  const Author& author;
  const Content& content;
  const std::optional<SaidProof>& proof;
};

void put_state(Machine& m, const Chat& chat, const Target& target) {
  m.journal.put(record_key(RecordKind::kState, chat.record.chat.view(), target.position), target.state);
}

// Keeps those of one person that come first by `before`, a total order, at most so many: whoever gives many one place gains nothing.
// What was dropped cannot come back, since what is kept only moves away from it; so the same stay in whatever order they came. Those
// of others stay as they are.
template <typename T, typename Before>
void trim_of_one(std::vector<T>& list, const AccountId& account, size_t most, Before before) {
  std::vector<T> of_one;
  for (const T& each : list) {
    if (each.account == account) of_one.push_back(each);
  }
  if (of_one.size() <= most) return;
  std::sort(of_one.begin(), of_one.end(), before);
  const T last = of_one[most - 1];
  std::erase_if(list, [&](const T& each) { return each.account == account && before(last, each); });
}

// Whether what was just done is among what is kept: what is not is neither written nor told.
template <typename T>
bool is_kept(const std::vector<T>& list, const Deed& deed) {
  return std::any_of(list.begin(), list.end(), [&](const T& each) { return each.account == deed.author.account && each.at == deed.at; });
}

bool react(const Target& target, const Deed& deed) {
  auto body = reaction_of(deed.content);
  if (!body) return false;
  auto& list = target.state.reactions;
  const auto same = std::find_if(list.begin(), list.end(), [&](const ReactionState& each) {
    return each.account == deed.author.account && each.reaction == body->reaction;
  });
  if (same != list.end()) {
    if (same->at >= deed.at) return false;
    same->at = deed.at;
    same->removed = body->removed;
  } else {
    list.push_back({deed.at, deed.author.account, std::move(body->reaction), body->removed});
  }
  trim_of_one(list, deed.author.account, kReactionsOfOneMax, is_newer_reaction);
  return is_kept(list, deed);
}

size_t size_of(const EditState& edit) {
  size_t bytes = edit.text.size();
  for (const ContentExtension& each : edit.extensions) bytes += each.data.size();
  if (edit.proof && edit.proof->content) bytes += edit.proof->content->size();
  return bytes;
}

void trim_edits(std::vector<EditState>& edits) {
  size_t bytes = 0;
  size_t kept = 1;
  for (; kept < edits.size() && kept < kEditsMax; ++kept) {
    bytes += size_of(edits[edits.size() - 1 - kept]);
    if (bytes > kEditBytesMax) break;
  }
  if (edits.size() > kept) edits.erase(edits.begin(), edits.end() - static_cast<ptrdiff_t>(kept));
}

// Of a message that this program does not understand what is done to it is kept, in case that a later one does.
bool may_be(const Target& target, ContentKind kind) {
  return target.index.kind == kind || target.index.kind == ContentKind{};
}

bool edit(const Target& target, const Deed& deed) {
  auto body = edit_of(deed.content);
  const bool text = target.index.kind == ContentKind::kText;
  if (!body || deed.author.account != target.index.author || (!text && !may_be(target, ContentKind::kFile)))
    return false;
  if (text && body->text.empty()) return false;
  auto& edits = target.state.edits;
  const auto place = std::lower_bound(edits.begin(), edits.end(), deed.at,
                                      [](const EditState& each, const OrderKey& at) { return each.at < at; });
  if (place != edits.end() && place->at == deed.at) return false;
  edits.insert(place, {deed.at, static_cast<int64_t>(deed.content.sent_ms), std::move(body->text),
                       deed.content.extensions, deed.proof});
  trim_edits(edits);
  return true;
}

void put_pin(Machine& m, const Chat& chat, const Target& target, bool pinned) {
  Bytes key = record_key(RecordKind::kPinned, chat.record.chat.view(), target.position);
  if (pinned) return m.journal.put(std::move(key), PlaceRecord{target.position});
  m.journal.erase(std::move(key));
}

// Its words go; that there was one stays.
bool take_back(Machine& m, Chat& chat, const Target& target, const Deed& deed) {
  const IndexRecord& index = target.index;
  if (deed.author.account != index.author && !deed.author.is_admin()) return false;
  StateRecord& state = target.state;
  if (state.deleted_by && state.deleted_at <= deed.at) return false;
  if (state.pinned) put_pin(m, chat, target, false);
  StateRecord left;
  left.deleted_by = deed.author.account;
  left.deleted_at = deed.at;
  left.receipts = std::move(state.receipts);
  state = std::move(left);
  HistoryRecord blank;
  blank.id = index.id;
  blank.own = index.own;
  blank.sent_ms = index.sent_ms;
  blank.author = index.author;
  blank.clock = index.clock;
  if (index.expire_seconds != 0) blank.expire_seconds = index.expire_seconds;
  m.journal.put(record_key(RecordKind::kHistory, chat.record.chat.view(), target.position), blank);
  if (chat.talk.newest && chat.talk.newest->id == index.id) chat.talk.newest = std::move(blank);
  cancel_upload(m, chat.record.chat, target.position);
  if (index.own) {
    outbox_withdraw(m, chat, index.id);
    forget_edits_of(m, chat, index.id);
  }
  return true;
}

bool vote(const Target& target, const Deed& deed) {
  auto body = vote_of(deed.content);
  if (!body || !may_be(target, ContentKind::kPoll)) return false;
  auto& list = target.state.votes;
  if (is_kept(list, deed)) return false;  // known
  list.push_back({deed.at, deed.author.account, static_cast<int64_t>(deed.content.sent_ms), std::move(body->choices)});
  // The first ones, not the newest: see kVotesOfOneMax.
  trim_of_one(list, deed.author.account, kVotesOfOneMax, [](const VoteState& a, const VoteState& b) { return a.at < b.at; });
  return is_kept(list, deed);
}

bool close_poll(const Target& target, const Deed& deed) {
  if (!may_be(target, ContentKind::kPoll)) return false;
  if (deed.author.account != target.index.author && !deed.author.is_admin()) return false;
  if (target.state.closed_at && *target.state.closed_at <= deed.at) return false;
  target.state.closed_at = deed.at;
  return true;
}

bool pin(Machine& m, const Chat& chat, const Target& target, const Deed& deed) {
  const auto body = body_of<PinBody>(deed.content);
  if (!body || target.state.pin_at >= deed.at) return false;
  target.state.pin_at = deed.at;
  target.state.pinned = body->pinned;
  put_pin(m, chat, target, body->pinned);
  return true;
}

bool do_deed(Machine& m, Chat& chat, const Target& target, const Deed& deed) {
  if (target.index.kind == ContentKind::kLine) return false;  // nobody has said it
  if (deed.content.kind == ContentKind::kDelete) return take_back(m, chat, target, deed);
  if (target.state.deleted_by) return false;
  switch (deed.content.kind) {
    case ContentKind::kReaction:
      return react(target, deed);
    case ContentKind::kEdit:
      return edit(target, deed);
    case ContentKind::kVote:
      return vote(target, deed);
    case ContentKind::kPollClose:
      return close_poll(target, deed);
    case ContentKind::kPin:
      return pin(m, chat, target, deed);
    default:
      return false;
  }
}

bool apply(Machine& m, Chat& chat, const Target& target, const Deed& deed) {
  if (target.index.gone || !do_deed(m, chat, target, deed)) return false;
  put_state(m, chat, target);
  if (deed.content.kind == ContentKind::kDelete) search_forget(m, chat.record.chat, target.position);
  if (deed.content.kind == ContentKind::kEdit) search_change(m, chat, target.position, target.index.id);
  tell_changed(m, chat, target.position, target.index.id);
  return true;
}

// To a message of the window.
bool apply_in_window(Machine& m, Chat& chat, uint64_t position, const Deed& deed) {
  const auto known = chat.talk.states.find(position);
  if (known != chat.talk.states.end()) return apply(m, chat, {position, chat.index.at(position), known->second}, deed);
  StateRecord state;
  if (!apply(m, chat, {position, chat.index.at(position), state}, deed)) return false;
  chat.talk.states.emplace(position, std::move(state));
  return true;
}

Bytes waiting_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kWaiting, chat.record.chat.view(), number);
}

void forget_waiting(Machine& m, Chat& chat, std::map<uint64_t, WaitingRecord>::iterator entry) {
  m.journal.erase(waiting_key(chat, entry->first));
  chat.talk.waiting.erase(entry);
}

// Room for one more of this author.
void make_room(Machine& m, Chat& chat, const AccountId& author) {
  auto& waiting = chat.talk.waiting;
  const auto of_author = [&](const auto& entry) { return entry.second.author == author; };
  const auto count = std::count_if(waiting.begin(), waiting.end(), of_author);
  if (count >= static_cast<ptrdiff_t>(kWaitingOfOneMax)) {
    return forget_waiting(m, chat, std::find_if(waiting.begin(), waiting.end(), of_author));
  }
  if (waiting.size() >= kWaitingMax) forget_waiting(m, chat, waiting.begin());
}

Author author_of(const WaitingRecord& record) { return {record.author, record.role}; }

void look_up(Machine& m, Chat& chat, uint64_t number) {
  const MessageId target = chat.talk.waiting.at(number).target;
  with_message(m, chat, target, [&m, number, target](Chat& now, Held* held) {
    const auto entry = now.talk.waiting.find(number);
    if (held == nullptr || entry == now.talk.waiting.end()) return;
    if (entry->second.target != target) return;  // the number was given to another meanwhile
    const auto content = parse_content(entry->second.content);
    if (content) change_message(m, now, *held, author_of(entry->second), *content, entry->second.proof);
    forget_waiting(m, now, entry);
  });
}

// Older messages than those in memory are in the history.
bool has_older(const Chat& chat) { return chat.record.last.value > chat.index.size(); }

}  // namespace

bool change_message(Machine& m, Chat& chat, Held& held, const Author& author, const Content& content,
                    const std::optional<SaidProof>& proof) {
  const Deed deed{{content.clock, content.id}, author, content, proof};
  if (chat.index.contains(held.position)) return apply_in_window(m, chat, held.position, deed);
  return apply(m, chat, {held.position, held.index, held.state}, deed);
}

void take_change(Machine& m, Chat& chat, const Author& author, const Content& content, std::optional<SaidProof> proof) {
  const auto target = target_of(content);
  if (!target) return;
  Content ordered = content;
  ordered.clock = take_clock(m, chat, content.clock);
  const auto found = chat.positions.find(*target);
  if (found != chat.positions.end()) {
    apply_in_window(m, chat, found->second, {{ordered.clock, ordered.id}, author, ordered, proof});
    return;
  }
  for (const auto& [number, each] : chat.talk.waiting) {
    if (each.target == *target && each.content == codec::encoded(ordered)) return;
  }
  make_room(m, chat, author.account);
  auto& waiting = chat.talk.waiting;
  const uint64_t number = waiting.empty() ? 1 : waiting.rbegin()->first + 1;
  WaitingRecord record{author.account, author.role, *target, codec::encoded(ordered), std::move(proof)};
  m.journal.put(waiting_key(chat, number), record);
  waiting.emplace(number, std::move(record));
  if (has_older(chat)) look_up(m, chat, number);
}

void take_waiting(Machine& m, Chat& chat, uint64_t position) {
  const MessageId& id = chat.index.at(position).id;
  for (auto it = chat.talk.waiting.begin(); it != chat.talk.waiting.end();) {
    const auto entry = it++;
    if (entry->second.target != id) continue;
    const auto content = parse_content(entry->second.content);
    const Author author = author_of(entry->second);
    // The clock of a stored content is the one by which it is ordered.
    if (content)
      apply_in_window(m, chat, position, {{content->clock, content->id}, author, *content, entry->second.proof});
    forget_waiting(m, chat, entry);
  }
}

void look_up_waiting(Machine& m, Chat& chat) {
  if (!has_older(chat)) return;
  for (const auto& [number, record] : chat.talk.waiting) look_up(m, chat, number);
}

void note_receipt(Machine& m, Chat& chat, uint64_t position, const AccountId& account, bool read) {
  if (count_others(chat) <= 1 || !chat.index.contains(position)) return;
  const Member* member = find_member(chat, account);
  // Who came later owes no receipt: he would be one more than there were.
  if (member == nullptr || member->record.since_clock >= chat.index.at(position).clock) return;
  auto& receipts = chat.talk.states[position].receipts;
  auto found =
      std::find_if(receipts.begin(), receipts.end(), [&](const auto& each) { return each.account == account; });
  if (found == receipts.end()) found = receipts.insert(found, {account, m.wall().ms, 0});
  if (read && found->read_ms == 0) found->read_ms = m.wall().ms;
  put_state(m, chat, {position, chat.index.at(position), chat.talk.states.at(position)});
  tell_changed(m, chat, position, chat.index.at(position).id);
}

void tell_changed(Machine& m, Chat& chat, uint64_t position, const MessageId& id) {
  if (!chat.talk.changed.insert(position).second) return;
  with_message(m, chat, id, [&m, position](Chat& now, Held* held) {
    now.talk.changed.erase(position);
    if (held != nullptr) m.tell(MessageChanged{now.record.chat, to_message(m, now, *held)});
  });
}

void remove_message(Machine& m, Chat& chat, uint64_t position, IndexRecord index) {
  const ByteView id = chat.record.chat.view();
  cancel_upload(m, chat.record.chat, position);
  outbox_withdraw(m, chat, index.id);
  if (index.own) forget_edits_of(m, chat, index.id);
  for (const RecordKind kind : {RecordKind::kHistory, RecordKind::kState, RecordKind::kPinned}) {
    m.journal.erase(record_key(kind, id, position));
  }
  m.journal.erase(order_key(chat.record.chat, {index.clock, index.id}));
  m.journal.erase(record_key(RecordKind::kPlace, id, index.id.view()));
  search_forget(m, chat.record.chat, position);
  index.gone = true;
  m.journal.put(record_key(RecordKind::kIndex, id, position), index);
  if (chat.index.contains(position)) chat.index[position] = index;
  chat.talk.states.erase(position);
  if (chat.talk.newest && chat.talk.newest->id == index.id) refresh_newest(m, chat);
  m.tell_then(MessageGone{chat.record.chat, index.id});
}

}  // namespace godwit::engine
