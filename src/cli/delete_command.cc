// delete.

#include <unistd.h>

#include <set>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/program_chats.h"
#include "cli/secrets.h"
#include "cli/terminal.h"
#include "imports/media_path.h"
#include "moving/chat_reading.h"

namespace godwit::cli {
namespace {

using Names = std::set<std::string>;

// Names of the files that came with a chat that was imported or restored.
Result<Names> media_of(Client& client, const engine::ChatId& chat) {
  Names out;
  ProgramChats source(client);
  TRY(moving::read_forward(source, chat, [&](const std::vector<engine::Message>& messages) -> Status {
    for (const engine::Message& each : messages) {
      if (each.kept && !each.kept->omitted && imports::media_path(each.kept->media)) out.insert(each.kept->media);
    }
    return {};
  }));
  return out;
}

// The files lie under names of their content, so another chat that is kept may have the same.
Status remove_media(Client& client, const std::string& folder, Names names) {
  if (names.empty()) return {};
  for (const engine::ChatInfo& each : TRY(client.ask<engine::Chats>(engine::ListChats{})).chats) {
    if (!each.kept) continue;
    for (const std::string& used : TRY(media_of(client, each.chat))) names.erase(used);
  }
  for (const std::string& each : names) ::unlink((folder + "/" + each).c_str());
  return {};
}

std::string question_of(const engine::ChatInfo& chat, const DeleteOptions& options) {
  if (chat.kept) return "Everything of it goes from this device. Delete it? Type yes: ";
  std::string out = "What was said in it goes from all your devices, and stays with the others. ";
  if (options.block) out += "The other one is blocked. ";
  return out + (options.history_only ? "Delete the history? Type yes: " : "Delete the chat? Type yes: ");
}

}  // namespace

Status run_delete(Context& context, const DeleteOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  if (!options.yes) REQUIRE(TRY(ask_terminal(question_of(chat, options))) == "yes", kNotConfirmed, "a yes, or --yes");
  Names media;
  if (chat.kept) media = TRY(media_of(*client, chat.chat));
  TRY(client->ask<engine::Nothing>(engine::DeleteChat{chat.chat, options.history_only, options.block}));
  REQUIRE(print_out(to_hex(chat.chat.view()) + "\n"), kNoOutput, "write");
  TRY(remove_media(*client, context.globals.profile + "/media", std::move(media)));
  // It is out of sight; what is not gone by then goes with the next command, as does word of it to the other devices.
  static_cast<void>(client->wait_idle("removing the records", seconds(20)));
  return {};
}

}  // namespace godwit::cli
