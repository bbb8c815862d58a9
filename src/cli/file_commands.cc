// send --file, get.

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/transfer_files.h"
#include "engine/errors.h"
#include "wire/errors.h"

namespace godwit::cli {
namespace {

// Digits of a message's id that name it.
constexpr size_t kIdDigitsMin = 6;
// Posts that are asked for at once.
constexpr uint32_t kPostsAtOnce = 200;
// Messages of each chat that are looked through for an id: those that the engine finds by their ids.
constexpr uint64_t kLookedThrough = 4'096;

// Those of posts, page by page, as far as for a chat.
Status find_in_channel(Client& client, const wire::ChannelId& channel, const std::string& wanted,
                       std::vector<engine::GetFile>& found) {
  uint64_t before = 0;
  for (uint64_t looked = 0; looked < kLookedThrough;) {
    const auto page = TRY(client.ask<engine::Posts>(engine::ReadChannel{channel, before, kPostsAtOnce})).posts;
    if (page.empty()) return {};
    for (const engine::PostInfo& post : page) {
      for (const engine::PostFileInfo& each : post.files) {
        if (to_hex(each.id.view()).starts_with(wanted)) found.push_back({{}, each.id, {}, channel, post.post});
      }
    }
    looked += page.size();
    before = page.front().post;
  }
  return {};
}

}  // namespace

Result<engine::GetFile> find_file(Client& client, const std::string& wanted) {
  REQUIRE(wanted.size() >= kIdDigitsMin, engine::kNoSuchFile, "at least six digits of an id");
  const auto all = TRY(client.ask<engine::Chats>(engine::ListChats{}));
  std::vector<engine::GetFile> found;
  for (const engine::ChatInfo& chat : all.chats) {
    for (const engine::Message& each : TRY(read_messages(client, chat.chat, kLookedThrough))) {
      if (each.file && to_hex(each.id.view()).starts_with(wanted)) found.push_back({chat.chat, each.id, {}});
    }
  }
  for (const auto& each : TRY(client.ask<engine::Channels>(engine::ListChannels{})).channels) {
    TRY(find_in_channel(client, each.channel, wanted, found));
  }
  REQUIRE(!found.empty(), engine::kNoSuchFile, "a message, or a file of a post, with this id");
  REQUIRE(found.size() == 1, engine::kAmbiguousName, "one message has this id");
  return std::move(found.front());
}

std::string print_progress(const engine::FileProgress& progress) {
  return (progress.sending ? "sending " : "fetching ") + print_size(progress.done) + " of " +
         print_size(progress.total);
}

std::string destination_of(const std::string& to) {
  if (to.empty()) return downloads_folder();
  struct stat found{};
  const std::string path = absolute_path(to);
  const bool folder = ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  return folder && !path.ends_with('/') ? path + "/" : path;
}

Status run_send_file(Context& context, const SendOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  engine::SendFile command{chat.chat, (options.as_is ? std::string(kAsIs) : "") + absolute_path(options.file), {}, {}};
  command.media = media_of(options.file);
  return send_and_wait(*client, std::move(command), options.wait_seconds);
}

Status send_and_wait(Client& client, engine::Command command, uint32_t wait_seconds) {
  engine::MessageId id;
  engine::Delivery state = engine::Delivery::kQueued;
  std::optional<Error> why;
  client.on_notice([&](const engine::Notice& notice) {
    if (const auto* move = std::get_if<engine::MessageMoved>(&notice)) {
      if (move->id == id) state = move->delivery;
    } else if (const auto* progress = std::get_if<engine::FileProgress>(&notice)) {
      if (progress->message == id && progress->error) why = progress->error;
      if (progress->message == id) client.show_detail(print_progress(*progress));
    }
  });
  const auto queued = TRY(client.ask<engine::MessageQueued>(std::move(command), "looking at the file"));
  id = queued.message.id;
  // A limit given by hand holds; the usual one is for texts.
  const Duration limit = wait_seconds == SendOptions{}.wait_seconds ? kTransferTime : seconds(wait_seconds);
  const auto full = [&] { return why && (why->code == wire::kQuotaFull || why->code == wire::kHomeFull); };
  const Status sent =
      client.wait([&] { return state != engine::Delivery::kQueued || full(); }, "sending the file", limit);
  REQUIRE(print_out(to_hex(id.view()) + "  " + std::string(print_delivery(state)) + "\n"), kNoOutput, "write");
  if (!sent) {
    const bool late = sent.error().code == kTimedOut || sent.error().code == kInterrupted;
    return late ? client.still_queued("the home has not got all of it yet") : sent.error();
  }
  if (state == engine::Delivery::kQueued) return *why;  // it goes on by itself, but not soon
  if (state == engine::Delivery::kFailed)
    return why.value_or(Error{engine::kFileChanged, "the file could not be sent"});
  return {};
}

Status run_get(Context& context, const GetOptions& options) {
  const auto client = TRY(open_client(context, true));
  engine::GetFile command = TRY(find_file(*client, options.message));
  command.destination = destination_of(options.to);
  client->on_notice([&, wanted = command.message](const engine::Notice& notice) {
    const auto* progress = std::get_if<engine::FileProgress>(&notice);
    if (progress != nullptr && progress->message == wanted) client->show_detail(print_progress(*progress));
  });
  const auto saved = TRY(client->ask<engine::FileSaved>(std::move(command), "fetching the file", kTransferTime));
  REQUIRE(print_out(safe_line(saved.path) + "\n"), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
