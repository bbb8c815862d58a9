// group: link, links, unlink, join, requests, approve, refuse.

#include "cli/group_link_commands.h"
#include "cli/handed_on.h"

#include <chrono>
#include <cstdio>
#include <map>

#include "cli/errors.h"
#include "engine/door_link.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

// Other people's homes and devices take part.
constexpr Duration kGroupLinkWait = seconds(60);

// Those that lie at the home are taken in first.
Status take_in(Client& client) {
  const auto connected = [&] {
    return client.connection() && client.connection()->connection == engine::Connection::kConnected;
  };
  const Status waited = client.wait(connected, "asking the home", seconds(5));
  if (!waited && waited.error().code != kTimedOut) return waited;
  const Status slept = client.wait_quietly([] { return false; }, milliseconds(waited ? 1500 : 0));
  return slept || slept.error().code == kTimedOut ? Status{} : slept;
}

std::string day_text(uint32_t day) {
  if (day == 0) return "no end";
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "until %04d-%02u-%02u", static_cast<int>(date.year()),
                                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
  return text;
}

std::string line_of(const engine::GroupLinkShown& link) {
  std::string out = to_hex(link.link.view()).substr(0, 8) + "  " + day_text(link.expires_day);
  if (link.uses > 0) {
    out += ", " + (link.own ? std::to_string(link.used) + " of " : std::string("for ")) + std::to_string(link.uses) +
           " people";
  }
  out += link.approval ? ", with approval" : "";
  out +=
      link.own ? "\n          " + link.text.value_or(std::string()) : ", of " + to_hex(link.keeper.view()).substr(0, 8);
  return out + "\n";
}

Result<wire::Alias> find_link(Client& client, const engine::ChatId& group, const std::string& wanted) {
  const auto all = TRY(client.ask<engine::GroupLinks>(engine::ListGroupLinks{group}));
  std::optional<wire::Alias> found;
  for (const engine::GroupLinkShown& each : all.links) {
    const bool same = each.text == wanted || (!wanted.empty() && to_hex(each.link.view()).starts_with(wanted));
    if (!same) continue;
    REQUIRE(!found, engine::kAmbiguousName, "several links begin so");
    found = each.link;
  }
  REQUIRE(found.has_value(), engine::kNoSuchGroupLink, "a link of this group");
  return *found;
}

Result<engine::AccountId> find_waiting(Client& client, const engine::ChatId& group, const std::string& wanted) {
  const auto all = TRY(client.ask<engine::JoinRequests>(engine::ListJoinRequests{group}));
  std::optional<engine::AccountId> found;
  for (const engine::JoinRequestShown& each : all.requests) {
    const bool same = each.name == wanted || (wanted.size() >= 4 && to_hex(each.account.view()).starts_with(wanted));
    if (!same) continue;
    REQUIRE(!found, engine::kAmbiguousName, "several who wait are called so");
    found = each.account;
  }
  REQUIRE(found.has_value(), engine::kNoSuchJoinRequest, "somebody who waits for an admin");
  return *found;
}

}  // namespace

Status run_group_link(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const auto made = TRY(
      client->ask<engine::GroupLinkMade>(engine::MakeGroupLink{chat.chat, options.approve, options.uses, options.days},
                                         "making the link", kGroupLinkWait));
  const std::string_view mark = options.call ? engine::kCallLinkMark : std::string_view{};
  REQUIRE(print_out(std::string(made.text).append(mark) + "\n"), kNoOutput, "write");
  print_note("Who holds it comes in when this profile is open: with `godwit listen`, `godwit chat` or `godwit serve`.");
  return client->wait_idle("finishing", seconds(15));
}

Status run_group_links(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, false));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  std::string out;
  const auto all = TRY(client->ask<engine::GroupLinks>(engine::ListGroupLinks{chat.chat}));
  for (const engine::GroupLinkShown& each : all.links) out += line_of(each);
  if (out.empty()) print_note("It has no links. `godwit group link` makes one.");
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_group_unlink(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const wire::Alias link = TRY(find_link(*client, chat.chat, options.link));
  TRY(client->ask<engine::Nothing>(engine::RevokeGroupLink{chat.chat, link}, "ending the link", kGroupLinkWait));
  return client->wait_idle("finishing", seconds(15));
}

Status run_group_join(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  std::map<engine::ChatId, engine::ChatInfo> in;
  std::map<engine::ChatId, Error> refused;
  client->on_notice([&](const engine::Notice& notice) {
    if (const auto* changed = std::get_if<engine::ChatChanged>(&notice); changed != nullptr && changed->chat.member) {
      in[changed->chat.chat] = changed->chat;
    } else if (const auto* no = std::get_if<engine::JoinRefused>(&notice)) {
      refused.insert_or_assign(no->chat, no->error);
    }
  });
  const auto asked = TRY(client->ask<engine::JoinAsked>(engine::JoinGroup{link_in(options.link), options.greeting},
                                                        "asking to be let in", kGroupLinkWait));
  const auto answered = [&] { return in.contains(asked.chat) || refused.contains(asked.chat); };
  const Status waited = client->wait(answered, "waiting to be let in", asked.approval ? seconds(5) : kGroupLinkWait);
  client->on_notice({});
  if (!waited && waited.error().code != kTimedOut) return waited;
  if (const auto no = refused.find(asked.chat); no != refused.end()) return no->second;
  if (const auto yes = in.find(asked.chat); yes != in.end()) {
    REQUIRE(print_out(to_hex(asked.chat.view()) + "  " + safe_line(yes->second.name) + "\n"), kNoOutput, "write");
  } else {
    print_note(asked.approval ? "An admin looks at it. You come in when he lets you, and this profile is open."
                              : "The device behind the link has not answered yet. You come in when it has, and this "
                                "profile " "is open: with `godwit listen`, `godwit chat` or the next command.");
  }
  return client->wait_idle("finishing", seconds(15));
}

Status run_group_requests(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  TRY(take_in(*client));
  std::string out;
  const auto all = TRY(client->ask<engine::JoinRequests>(engine::ListJoinRequests{chat.chat}));
  for (const engine::JoinRequestShown& each : all.requests) {
    out += to_hex(each.account.view()).substr(0, 8) + "  " + safe_line(each.name);
    out += (each.greeting.empty() ? "" : ": " + safe_line(each.greeting)) + "\n";
  }
  if (out.empty()) print_note("Nobody waits.");
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

namespace {

template <typename Command>
Status answer_all(Context& context, const GroupLinkOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  TRY(take_in(*client));
  for (const std::string& each : options.people) {
    const engine::AccountId account = TRY(find_waiting(*client, chat.chat, each));
    TRY(client->ask<engine::Nothing>(Command{chat.chat, account}, "changing the group", kGroupLinkWait));
  }
  return client->wait_idle("finishing", seconds(15));
}

}  // namespace

Status run_group_approve(Context& context, const GroupLinkOptions& options) {
  return answer_all<engine::ApproveJoin>(context, options);
}

Status run_group_refuse(Context& context, const GroupLinkOptions& options) {
  return answer_all<engine::RefuseJoin>(context, options);
}

}  // namespace godwit::cli
