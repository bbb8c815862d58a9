#include "engine/chat_lines.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/call_lines.h"
#include "engine/claimed_time.h"
#include "engine/history.h"
#include "engine/log_entry.h"
#include "engine/log_move.h"

namespace godwit::engine {
namespace {

// Where lines stand, and of what their ids are made.
struct LinePlace {
  uint64_t clock = 0;  // 0: where we are
  int64_t sent_ms = 0;
  ByteArray<32> base{};
};

// Who comes by a link and who by hand, who goes and who is removed, is one place: who comes in may see less of it than the others.
uint8_t slot_of(LineKind what) {
  if (what == LineKind::kJoined) what = LineKind::kAdded;
  if (what == LineKind::kLeft) what = LineKind::kRemoved;
  return static_cast<uint8_t>(what);
}

MessageId to_id(const ByteArray<32>& digest) {
  MessageId out;
  std::copy_n(digest.begin(), out.value.size(), out.value.begin());
  return out;
}

MessageId line_id(const Chat& chat, const LineBody& line, const ByteArray<32>& base) {
  Bytes input = to_bytes(as_bytes("godwit line 1"));
  append(input, chat.record.chat.view());
  append(input, ByteView(base));
  input.push_back(slot_of(line.what));
  append(input, line.account.view());
  return to_id(crypto::sha256(input));
}

void add_line(Machine& m, Chat& chat, const LineBody& line, const LinePlace& place) {
  HistoryRecord history;
  history.id = line_id(chat, line, place.base);
  for (auto known = chat.positions.find(history.id); known != chat.positions.end();
       known = chat.positions.find(history.id)) {
    if (chat.index.at(known->second).kind == ContentKind::kLine) return;  // another own device has handed it over
    history.id = to_id(crypto::sha256(history.id.view()));                // somebody has taken this one
  }
  history.sent_ms = place.sent_ms;
  history.author = line.by;
  history.clock = place.clock;
  history.kind = ContentKind::kLine;
  history.body = codec::encoded(line);
  Message message = append_message(m, chat, std::move(history));
  m.tell_then(LineAdded{chat.record.chat, std::move(message)});
}

// Lines of one commit stand at one place of the chat.
void add_lines(Machine& m, Chat& chat, const std::vector<LineBody>& lines, LinePlace place) {
  if (lines.empty()) return;
  place.clock = take_clock(m, chat, place.clock);
  for (const LineBody& line : lines) {
    LinePlace here = place;
    // Who comes in has seen nothing of the commit but the epoch that it has begun.
    const uint8_t slot = slot_of(line.what);
    const bool comes = slot == static_cast<uint8_t>(LineKind::kAdded) || line.what == LineKind::kBack;
    if (comes && chat.group) here.base = epoch_place(*chat.group);
    add_line(m, chat, line, here);
  }
}

LineBody line_of(LineKind what, const Chat& chat, const AccountId& by) {
  LineBody out;
  out.what = what;
  out.by = by;
  out.by_name = member_name(chat, by);
  return out;
}

LineBody line_about(LineKind what, const Chat& chat, const AccountId& by, const AccountId& account, std::string name) {
  LineBody out = line_of(what, chat, by);
  out.account = account;
  out.name = std::move(name);
  return out;
}

void add_members(std::vector<LineBody>& out, const Chat& chat, const CommitSeen& seen, const MemberChanges& members) {
  for (const auto& [account, name] : members.left_names) {
    const bool left = seen.leavers.contains(account);
    const LineKind what = left ? LineKind::kLeft : LineKind::kRemoved;
    out.push_back(line_about(what, chat, left ? account : seen.by, account, name));
    if (left) out.back().by_name = name;
  }
  for (const AccountId& account : members.joined) {
    const bool by_link = seen.note && std::ranges::find(seen.note->by_link, account) != seen.note->by_link.end();
    const LineKind what = by_link ? LineKind::kJoined : LineKind::kAdded;
    out.push_back(line_about(what, chat, seen.by, account, member_name(chat, account)));
  }
  for (const AccountId& account : members.back) {
    out.push_back(line_about(LineKind::kBack, chat, seen.by, account, member_name(chat, account)));
  }
  for (const auto& [account, before] : members.renamed) {
    out.push_back(line_about(LineKind::kNamed, chat, account, account, member_name(chat, account)));
    out.back().before = before;
  }
}

// Of one commit: more would push what was said out of memory.
constexpr size_t kRolesToldMax = 32;

void add_roles(std::vector<LineBody>& out, const Chat& chat, const AccountId& by, const GroupSettings& before,
               const MemberChanges& members) {
  std::set<AccountId> touched;
  for (const RoleEntry& entry : before.roles) touched.insert(entry.account);
  for (const RoleEntry& entry : chat.settings->roles) touched.insert(entry.account);
  size_t told = 0;
  for (const AccountId& account : touched) {
    if (find_member(chat, account) == nullptr) continue;  // he is gone, and his role with him
    const bool joined = std::ranges::find(members.joined, account) != members.joined.end();
    const Role was = joined ? Role::kMember : before.role_of(account);
    const Role is = chat.settings->role_of(account);
    if (was == is || ++told > kRolesToldMax) continue;
    out.push_back(line_about(LineKind::kRole, chat, by, account, member_name(chat, account)));
    out.back().role = is;
  }
}

void add_settings(std::vector<LineBody>& out, const Chat& chat, const AccountId& by, const GroupSettings& before) {
  const GroupSettings& after = *chat.settings;
  if (before.name != after.name) {
    out.push_back(line_of(LineKind::kRenamed, chat, by));
    out.back().text = shown_name(after.name);
    out.back().before = shown_name(before.name);
  }
  const auto add = [&](LineKind what, uint32_t was, uint32_t is) {
    if (was == is) return;
    out.push_back(line_of(what, chat, by));
    out.back().number = is;
  };
  add(LineKind::kWriters, before.announcement_only ? 1 : 0, after.announcement_only ? 1 : 0);
  add(LineKind::kSlowMode, before.slow_mode_seconds, after.slow_mode_seconds);
  add(LineKind::kApproval, before.join_by_approval ? 1 : 0, after.join_by_approval ? 1 : 0);
}

std::vector<LineBody> lines_of(const Chat& chat, const CommitSeen& seen, const std::optional<GroupSettings>& before,
                               const MemberChanges& members) {
  std::vector<LineBody> out;
  add_members(out, chat, seen, members);
  if (!before || !chat.settings) return out;
  add_settings(out, chat, seen.by, *before);
  add_roles(out, chat, seen.by, *before, members);
  return out;
}

LinePlace place_of(const Machine& m, const CommitSeen& seen) {
  if (!seen.note) return {0, m.wall().ms, seen.digest};
  return {seen.note->clock, static_cast<int64_t>(seen.note->sent_ms), seen.digest};
}

void take_note(CommitSeen& seen, ByteView authenticated_data) {
  if (auto note = read_commit_note(authenticated_data)) seen.note = std::move(*note);
}

}  // namespace

Result<CommitNote> read_commit_note(ByteView bytes) {
  codec::Reader reader(bytes);
  auto note = codec::decode<CommitNote>(reader);
  REQUIRE(note.has_value() && note->version != 0 && (note->version > 1 || reader.at_end()), kBadContent,
          "what stands beside a commit is well-formed");
  REQUIRE(note->sent_ms <= kSentMsMax, kBadContent, "a commit was made before the year 10000");
  return note;
}

std::optional<LineInfo> line_info(const HistoryRecord& history) {
  if (auto call = call_line_info(history)) return call;
  const auto body = codec::decoded<LineBody>(history.body);
  if (!body || body->version != 1 || body->what < LineKind::kMade || body->what > LineKind::kBack) return std::nullopt;
  LineInfo out;
  out.what = body->what;
  if (body->by != AccountId{}) out.by = body->by;
  out.by_name = body->by_name;
  if (body->account != AccountId{}) out.account = body->account;
  out.name = body->name;
  out.text = body->text;
  out.before = body->before;
  if (body->what == LineKind::kRole) out.role = body->role;
  if (body->what == LineKind::kSlowMode) out.seconds = body->number;
  if (body->what == LineKind::kWriters || body->what == LineKind::kApproval) out.on = body->number != 0;
  return out;
}

CommitSeen seen_of(const Chat& chat, const mls::CommitReport& report, ByteView commit) {
  CommitSeen out;
  out.digest = crypto::sha256(commit);
  const auto account_of = [&chat](const mls::LeafIndex leaf) {
    const auto owner = chat.owners.find(leaf.value);
    return owner == chat.owners.end() ? AccountId{} : owner->second;
  };
  if (report.sender) out.by = account_of(*report.sender);
  for (const mls::LeafIndex leaf : report.self_removed) out.leavers.insert(account_of(leaf));
  take_note(out, report.authenticated_data);
  return out;
}

CommitSeen seen_of_staged(const Machine& m, const Chat& chat) {
  CommitSeen out;
  out.by = m.self->record.account;
  out.digest = crypto::sha256(chat.staged->commit);
  if (const auto head = mls::peek(chat.staged->commit)) take_note(out, head->authenticated_data);
  const LogLocation& log = chat.record.log;
  const auto body = open_log_entry(chat.staged->entry, log.key.value, log.log, chat.staged->epoch);
  if (!body) return out;
  for (const Bytes& proposal : body->proposals) {
    const auto head = mls::peek(proposal);
    const auto owner = head && head->sender ? chat.owners.find(head->sender->value) : chat.owners.end();
    if (owner != chat.owners.end()) out.leavers.insert(owner->second);
  }
  return out;
}

bool has_lines(const Chat& chat) { return chat.settings.has_value() && !chat.settings->saved; }

Bytes commit_note(Machine& m, Chat& chat, const std::vector<uint64_t>& intents) {
  CommitNote note;
  note.clock = next_clock(m, chat);
  note.sent_ms = static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0));
  for (const uint64_t number : intents) {
    const IntentRecord& intent = chat.intents.at(number);
    if (intent.kind == IntentRecord::Kind::kAdd && intent.door) note.by_link.push_back(intent.account);
  }
  return codec::encoded(note);
}

void note_made(Machine& m, Chat& chat) {
  if (!has_lines(chat)) return;
  add_lines(m, chat, {line_of(LineKind::kMade, chat, m.self->record.account)},
            {0, m.wall().ms, epoch_place(*chat.group)});
}

void note_commit(Machine& m, Chat& chat, const CommitSeen& seen, const std::optional<GroupSettings>& before,
                 const MemberChanges& members) {
  if (has_lines(chat)) add_lines(m, chat, lines_of(chat, seen, before, members), place_of(m, seen));
}

void note_departure(Machine& m, Chat& chat, const CommitSeen* seen) {
  if (!has_lines(chat) || !chat.group) return;
  CommitSeen told;
  told.digest = epoch_place(*chat.group);
  const CommitSeen& known = seen == nullptr ? told : *seen;
  const AccountId& own = m.self->record.account;
  const bool left = chat.record.leaving;  // a device that was thrown out speaks for nobody
  const LineKind what = left ? LineKind::kLeft : LineKind::kRemoved;
  add_lines(m, chat, {line_about(what, chat, left ? own : known.by, own, member_name(chat, own))}, place_of(m, known));
}

void note_coming(Machine& m, Chat& chat, const Coming& coming) {
  if (!has_lines(chat) || (!coming.is_new && !coming.is_back)) return;
  const AccountId& own = m.self->record.account;
  const LinePlace place{coming.clock, m.wall().ms, epoch_place(*chat.group)};
  LineKind what = coming.by_link ? LineKind::kJoined : LineKind::kAdded;
  if (coming.is_back) what = LineKind::kBack;
  std::vector<LineBody> lines{line_about(what, chat, coming.by, own, member_name(chat, own))};
  if (coming.is_back) {
    auto meanwhile = lines_of(chat, {}, coming.before, coming.members);
    lines.insert(lines.end(), std::make_move_iterator(meanwhile.begin()), std::make_move_iterator(meanwhile.end()));
  }
  add_lines(m, chat, lines, place);
}

void note_log_moved(Machine& m, Chat& chat, const AccountId& by, const std::string& host, const wire::LogId& log) {
  if (!has_lines(chat)) return;
  LinePlace place{0, m.wall().ms, crypto::sha256(log.view())};
  LineBody line = line_of(LineKind::kLogMoved, chat, by);
  line.text = host;
  add_lines(m, chat, {line}, place);
}

}  // namespace godwit::engine
