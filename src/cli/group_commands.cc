// group: new, members, add, remove, role, rename, settings, leave.

#include <set>

#include "cli/commands.h"
#include "cli/errors.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::AccountId;
using engine::Role;

// Other people's homes and devices take part, so it may take a while; what is not done in this time goes on with the next command.
constexpr Duration kGroupWait = seconds(60);
// The old home has a minute and a half to answer, and the new one may have its own proof of work.
constexpr Duration kMoveWait = minutes(5);

std::string_view print_role(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kReader:
      return "reader";
    case Role::kMember:
      return "member";
    case Role::kAdmin:
      return "admin";
    case Role::kOwner:
      return "owner";
  }
  return "unknown";
}

Role role_called(std::string_view name) {
  for (const Role role : {Role::kReader, Role::kMember, Role::kAdmin, Role::kOwner}) {
    if (print_role(role) == name) return role;
  }
  return Role::kNone;
}

// Whose name it is, or whose account begins so.
bool is_called(std::string_view wanted, const std::string& name, const AccountId& account) {
  return name == wanted || (wanted.size() >= 4 && to_hex(account.view()).starts_with(wanted));
}

Result<AccountId> find_contact(Client& client, const std::string& wanted) {
  const engine::ChatInfo chat = TRY(find_chat(client, wanted));
  REQUIRE(!chat.group, engine::kNoSuchContact, "who is let in is a person");
  return chat.peer;
}

Result<AccountId> find_member(Client& client, const engine::ChatId& group, const std::string& wanted) {
  const auto all = TRY(client.ask<engine::Members>(engine::ListMembers{group}));
  std::optional<AccountId> found;
  for (const engine::MemberShown& each : all.members) {
    if (!is_called(wanted, each.name, each.account)) continue;
    REQUIRE(!found, engine::kAmbiguousName, "several members are called so");
    found = each.account;
  }
  REQUIRE(found.has_value(), engine::kNoSuchMember, "a member of the group");
  return *found;
}

// Lets people in and waits until they are there, or the time is over.
Status let_in(Client& client, const engine::ChatInfo& group, const std::vector<std::string>& people) {
  std::vector<AccountId> accounts;
  for (const std::string& each : people) accounts.push_back(TRY(find_contact(client, each)));
  std::set<AccountId> missing(accounts.begin(), accounts.end());
  const auto known = TRY(client.ask<engine::Members>(engine::ListMembers{group.chat}));
  for (const engine::MemberShown& each : known.members) missing.erase(each.account);
  client.on_notice([&](const engine::Notice& notice) {
    const auto* changed = std::get_if<engine::MembersChanged>(&notice);
    if (changed == nullptr || changed->chat != group.chat) return;
    for (const AccountId& account : changed->joined) missing.erase(account);
  });
  TRY(client.ask<engine::Nothing>(engine::AddMembers{group.chat, accounts}, "asking them for keys"));
  const Status waited = client.wait([&] { return missing.empty(); }, "waiting for their devices", kGroupWait);
  client.on_notice({});
  if (!waited && waited.error().code != kTimedOut) return waited;
  if (!missing.empty()) {
    print_note(std::to_string(missing.size()) + " of them have not answered yet. They come in when their devices have, and this "
               "profile is open: with `godwit listen`, `godwit chat` or the next command.");
  }
  return client.wait_idle("finishing", seconds(15));
}

// Something that is done once the group's log has it.
Status change(Client& client, engine::Command command) {
  TRY(client.ask<engine::Nothing>(std::move(command), "changing the group", kGroupWait));
  return client.wait_idle("finishing", seconds(15));
}

}  // namespace

Status run_group_new(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto made = TRY(client->ask<engine::ChatMade>(engine::NewGroup{options.chat, options.large}));
  REQUIRE(print_out(to_hex(made.chat.chat.view()) + "  " + safe_line(made.chat.name) + "\n"), kNoOutput, "write");
  if (!options.people.empty()) return let_in(*client, made.chat, options.people);
  return client->wait_idle("finishing", seconds(15));
}

Status run_group_members(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, false));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const auto all = TRY(client->ask<engine::Members>(engine::ListMembers{chat.chat}));
  std::string out;
  for (const engine::MemberShown& each : all.members) {
    out += to_hex(each.account.view()).substr(0, 8) + "  " + std::string(print_role(each.role));
    out += std::string(each.role == Role::kOwner || each.role == Role::kAdmin ? 3 : 2, ' ') + safe_line(each.name);
    out += std::string(each.own ? " (you)" : "") + (each.in ? "" : " (not heard yet)") + "\n";
  }
  if (!all.post_quantum) print_note("A large group: who records it now can read it once there are quantum computers.");
  if (all.announcement_only) print_note("Only admins write here.");
  if (all.slow_mode_seconds > 0) {
    print_note("Slow mode: " + std::to_string(all.slow_mode_seconds) + " s between two messages of a member.");
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_group_add(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  return let_in(*client, TRY(find_chat(*client, options.chat)), options.people);
}

Status run_group_remove(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  for (const std::string& each : options.people) {
    TRY(change(*client, engine::RemoveMember{chat.chat, TRY(find_member(*client, chat.chat, each))}));
  }
  return {};
}

Status run_group_role(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const AccountId account = TRY(find_member(*client, chat.chat, options.person));
  return change(*client, engine::SetRole{chat.chat, account, role_called(options.value)});
}

Status run_group_rename(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  return change(*client, engine::RenameGroup{chat.chat, options.value});
}

Status run_group_settings(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  return change(*client, engine::SetGroupSettings{chat.chat, options.announcement_only, options.slow_mode_seconds,
                                                  options.join_by_approval, options.admins_pin});
}

Status run_group_move_log(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  engine::MoveLog move{chat.chat, std::nullopt};
  if (!options.value.empty()) move.home = options.value;
  TRY(client->ask<engine::Nothing>(move, "looking whether the old home is really gone", kMoveWait));
  // Who lives at the old home cannot be told, and is not waited for.
  static_cast<void>(client->wait_idle("telling the others", seconds(15)));
  print_note("The others are told. What only the old home knew of the group is lost.");
  return {};
}

Status run_group_leave(Context& context, const GroupOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  TRY(client->ask<engine::Nothing>(engine::LeaveGroup{chat.chat}));
  print_note("The others are told. What was said stays here to be read.");
  return client->wait_idle("finishing", seconds(15));
}

}  // namespace godwit::cli
