// search: finds messages in all histories, and posts of channels.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>

#include "api/rpc_peer.h"
#include "cli/channel_commands.h"
#include "cli/commands.h"
#include "cli/errors.h"

namespace godwit::cli {
namespace {

// The beginning of a day on this machine's clock. kBadDay.
Result<Instant> day_of(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int used = 0;
  const bool read = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &used) == 3;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  REQUIRE(read && static_cast<size_t>(used) == text.size() && date.ok(), kBadDay, "a day as YYYY-MM-DD");
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = static_cast<int>(month) - 1;
  parts.tm_mday = static_cast<int>(day);
  parts.tm_isdst = -1;
  return Instant{static_cast<int64_t>(std::mktime(&parts)) * 1000};
}

}  // namespace

Status run_search(Context& context, const SearchOptions& options) {
  engine::SearchMessages command;
  command.query = options.query;
  command.sender = options.from;
  command.has_file = options.files;
  command.count = options.count;
  command.skip = options.skip;
  if (!options.since.empty()) command.since = TRY(day_of(options.since));
  if (!options.until.empty()) command.until = TRY(day_of(options.until)) + hours(24);
  const auto client = TRY(open_client(context, false));
  if (!options.chat.empty()) command.chat = TRY(find_chat(*client, options.chat)).chat;
  if (!options.channel.empty()) command.channel = TRY(find_channel(*client, options.channel)).channel;
  const auto all = TRY(client->ask<engine::Chats>(engine::ListChats{}));
  const auto channels = TRY(client->ask<engine::Channels>(engine::ListChannels{}));
  const auto found = TRY(client->ask<engine::SearchResults>(command, "searching", minutes(2)));
  std::string out;
  if (options.json) {
    out = api::answer_json(found) + "\n";
  } else {
    std::map<engine::ChatId, const engine::ChatInfo*> chats;
    for (const engine::ChatInfo& each : all.chats) chats[each.chat] = &each;
    std::map<wire::ChannelId, std::string> names;
    for (const engine::ChannelInfo& each : channels.channels) names[each.channel] = each.name;
    for (const engine::FoundMessage& each : found.messages) {
      const auto chat = chats.find(each.chat);
      if (chat == chats.end()) continue;
      out += safe_line(chat->second->name) + "  " + print_message(each.message, *chat->second);
    }
    for (const engine::FoundPost& each : found.posts) {
      const auto name = names.find(each.channel);
      if (name != names.end()) out += safe_line(name->second) + "  " + print_post(each.post);
    }
    if (found.messages.empty() && found.posts.empty()) print_note("Nothing fits.");
    if (found.more) print_note("There is more: --skip " + std::to_string(options.skip + options.count));
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
