#pragma once
// Quiet lines in a group's history: who came and went, and what was changed. Each device makes them of the commits that it follows; nobody
// sends them (docs/protocol/chat.md, "Lines").

#include <set>

#include "codec/members.h"
#include "engine/machine.h"
#include "engine/members.h"

namespace godwit::engine {

/// What whoever commits says beside the commit, in its authenticated_data: the same for all who follow it, and signed with it. A later
/// version may append members.
struct CommitNote {
  uint8_t version = 1;
  uint64_t clock = 0;              ///< Of the chat: where the lines stand.
  uint64_t sent_ms = 0;            ///< By the clock of whoever commits, since 1970: for people only.
  std::vector<AccountId> by_link;  ///< Of those who are let in: who comes by a link, without an admin's hand.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.clock, self.sent_ms, self.by_link);
  }
};
/// Reads it. kBadContent: there is none, or none that can be read; the lines stand where the reader is then.
Result<CommitNote> read_commit_note(ByteView bytes);

/// The body of a HistoryRecord of kLine. Names are those of then: zeros and empty where nobody is named.
struct LineBody {
  uint8_t version = 1;
  LineKind what{};
  AccountId by{};
  std::string by_name{};
  AccountId account{};
  std::string name{};
  Role role = Role::kNone;
  std::string text{};
  std::string before{};
  uint32_t number = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.what, self.by, self.by_name, self.account, self.name, self.role, self.text,
                          self.before, self.number);
  }
};
/// As people and programs are shown it; nothing: a later version has made it.
std::optional<LineInfo> line_info(const HistoryRecord& history);

/// What was seen of a commit before it took over.
struct CommitSeen {
  AccountId by;  ///< Zeros: not known.
  std::optional<CommitNote> note;
  std::set<AccountId> leavers;  ///< Who goes by it of his own will.
  ByteArray<32> digest{};       ///< SHA-256 of it, so that lines have the same ids on all devices.
};
/// Of a commit of somebody else that ends the present epoch.
CommitSeen seen_of(const Chat& chat, const mls::CommitReport& report, ByteView commit);
/// Of our own one that is staged.
CommitSeen seen_of_staged(const Machine& m, const Chat& chat);

/// Whether a chat has lines: it is a group, and not what one keeps for oneself.
bool has_lines(const Chat& chat);
/// What we say beside a commit of a group that does what these intents want.
Bytes commit_note(Machine& m, Chat& chat, const std::vector<uint64_t>& intents);

/// A group was made here.
void note_made(Machine& m, Chat& chat);
/// A commit has taken over: `before` are the settings until then, `members` what has changed about the members.
void note_commit(Machine& m, Chat& chat, const CommitSeen& seen, const std::optional<GroupSettings>& before,
                 const MemberChanges& members);
/// We are out, before the epoch ends; by a commit, or (`seen` null) we were told so.
void note_departure(Machine& m, Chat& chat, const CommitSeen* seen);
/// We have come in, or are back in `chat`; `by` has brought us, `clock` is that of the Welcome.
struct Coming {
  AccountId by;
  uint64_t clock = 0;
  bool by_link = false;
  bool is_new = true;                     ///< Else we are back, or the account was in already.
  bool is_back = false;                   ///< Then what has changed meanwhile is told, as far as it can be seen.
  std::optional<GroupSettings> before{};  ///< Of when we were last in.
  MemberChanges members{};                ///< Since then.
};
/// See above.
void note_coming(Machine& m, Chat& chat, const Coming& coming);
/// The log goes on at another home.
void note_log_moved(Machine& m, Chat& chat, const AccountId& by, const std::string& host, const wire::LogId& log);

}  // namespace godwit::engine
