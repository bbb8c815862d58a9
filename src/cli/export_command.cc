// export: chats and channels as JSON lines and as pages to read.

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <map>
#include <vector>

#include "api/rpc_peer.h"
#include "cli/channel_commands.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/export_chat.h"
#include "cli/export_page.h"
#include "cli/files.h"
#include "cli/program_chats.h"
#include "imports/media_path.h"
#include "moving/chat_reading.h"

namespace godwit::cli {
namespace {

Status make_export_folder(const std::string& folder) {
  const Status made = make_folders(folder);
  const bool no_access = !made && made.error().code == kProfileNoAccess;
  return no_access ? Error{kFileNoAccess, "a folder to write into"} : made;
}

Status check_empty(const std::string& folder) {
  TRY(make_export_folder(folder));
  DIR* open = ::opendir(folder.c_str());
  REQUIRE(open != nullptr, kFileNoAccess, "a folder that can be read");
  size_t entries = 0;
  while (::readdir(open) != nullptr) ++entries;
  ::closedir(open);
  REQUIRE(entries <= 2, kFileExists, "an empty folder");
  return {};
}

Descriptor new_file(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

Status append_to(const Descriptor& file, ByteView bytes) {
  return write_all(file.number(), bytes) ? Status{} : error_of_system(kFileNoAccess, "room for the file");
}

// False: it cannot be read. What is there already is the same, since its name has a hash of it.
Result<bool> copy_file(const std::string& from, const std::string& to) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!in.valid()) return false;
  const Descriptor out = new_file(to);
  if (!out.valid() && errno == EEXIST) return true;
  if (!out.valid()) return error_of_system(kFileNoAccess, "a new file");
  Bytes piece(size_t{256} * 1024);
  while (true) {
    const ssize_t count = ::read(in.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return true;
    const Status written = count < 0 ? Status{} : append_to(out, ByteView(piece).first(static_cast<size_t>(count)));
    if (count > 0 && written) continue;
    ::unlink(to.c_str());
    TRY(written);
    return false;
  }
}

std::string file_name(const std::string& prefix, const std::string& chat) {
  std::string name;
  for (const char each : chat) {
    const auto byte = static_cast<unsigned char>(each);
    const bool plain =
        byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    name += plain ? each : '_';
  }
  std::string out = prefix + name.substr(0, 60);
  while (!out.empty() && !imports::media_path(out)) out.pop_back();  // a character may be cut
  return out;
}

// Oldest first, page by page: where each page ends is found from the newest on.
Status read_posts(Client& client, const wire::ChannelId& channel,
                  const std::function<Status(const engine::Posts&)>& take) {
  constexpr uint32_t kPage = 200;
  const auto page = [&](uint64_t before) {
    return client.ask<engine::Posts>(engine::ReadChannel{channel, before, kPage});
  };
  std::vector<uint64_t> ends{0};  // 0: the newest
  while (true) {
    const auto posts = TRY(page(ends.back())).posts;
    if (posts.size() < kPage) break;
    ends.push_back(posts.front().post);
  }
  for (; !ends.empty(); ends.pop_back()) {
    const auto posts = TRY(page(ends.back()));
    if (!posts.posts.empty()) TRY(take(posts));
  }
  return {};
}

class Exporter {
 public:
  Exporter(Client& client, std::string folder, std::string media)
      : client_(client), folder_(std::move(folder)), media_(std::move(media)) {}

  /// Into a pair of files whose names begin with `prefix`; where they are, without their endings.
  Result<std::string> write(const engine::ChatInfo& chat, const std::string& prefix) {
    const std::string name = folder_ + "/" + file_name(prefix, chat.name);
    const Descriptor json = new_file(name + ".jsonl");
    const Descriptor page = new_file(name + ".html");
    if (!json.valid() || !page.valid()) return error_of_system(kFileNoAccess, "a new file");
    const auto put = [](const Descriptor& file, const std::string& text) { return append_to(file, as_bytes(text)); };
    // Without its newest message, which may be one that is to disappear, and without what was begun and not sent.
    engine::ChatInfo plain = chat;
    plain.newest.reset();
    plain.settings.draft.clear();
    TRY(put(json, api::answer_json(engine::Chats{{std::move(plain)}}) + "\n"));
    TRY(put(page, page_begin(chat.name)));
    ProgramChats source(client_);
    const moving::ChatNames names = moving::ChatNames::read(source, chat);
    first_words_.clear();
    TRY(moving::read_forward(source, chat.chat, [&](std::vector<engine::Message> read) -> Status {
      disappearing += std::erase_if(read, [](const engine::Message& each) { return each.expire_seconds != 0; });
      TRY(put(json, api::answer_json(engine::Messages{read}) + "\n"));
      std::string text;
      for (const engine::Message& each : read) text += TRY(page_line(names, each));
      messages += read.size();
      return put(page, text);
    }));
    TRY(put(page, page_end()));
    return name;
  }
  /// The same of the posts of a channel that are here.
  Status write(const engine::ChannelInfo& channel, const std::string& prefix) {
    const std::string name = folder_ + "/" + file_name(prefix, channel.name);
    const Descriptor json = new_file(name + ".jsonl");
    const Descriptor page = new_file(name + ".html");
    if (!json.valid() || !page.valid()) return error_of_system(kFileNoAccess, "a new file");
    const auto put = [](const Descriptor& file, const std::string& text) { return append_to(file, as_bytes(text)); };
    TRY(put(json, api::answer_json(engine::Channels{{channel}}) + "\n"));
    TRY(put(page, page_begin(channel.name)));
    TRY(read_posts(client_, channel.channel, [&](const engine::Posts& read) -> Status {
      TRY(put(json, api::answer_json(read) + "\n"));
      std::string text;
      for (const engine::PostInfo& each : read.posts) text += page_post(each, print_time(each.posted));
      posts += read.posts.size();
      return put(page, text);
    }));
    return put(page, page_end());
  }
  uint64_t messages = 0;
  uint64_t posts = 0;
  uint64_t disappearing = 0;               // that are left out
  uint64_t named = 0;                      // files of chats of Godwit, which are not written
  uint64_t missing = 0;                    // files of other chats that are not here or cannot be read
  std::vector<std::string> missing_names;  // of the first of them

 private:
  static constexpr size_t kNamesMax = 10;
  void note_missing(const std::string& name) {
    ++missing;
    if (missing_names.size() < kNamesMax) missing_names.emplace_back(imports::name_for_people(name));
  }
  Result<std::string> page_line(const moving::ChatNames& names, const engine::Message& message) {
    std::string media;
    const bool has_media = !media_.empty() && message.kept && !message.kept->omitted && !message.kept->media.empty();
    if (has_media && imports::media_path(message.kept->media)) {
      TRY(make_export_folder(folder_ + "/media"));
      const std::string name = "/media/" + message.kept->media;
      if (TRY(copy_file(media_ + name.substr(6), folder_ + name))) media = name.substr(1);
    }
    if (has_media && media.empty()) note_missing(message.kept->media);
    if (message.file) ++named;
    const std::string sender = names.sender_of(message);
    PageBeside beside{sender, print_time(message.sent_at), media, {}};
    if (message.reply_to) {
      const auto found = first_words_.find(*message.reply_to);
      if (found != first_words_.end()) beside.quoted = found->second;
    }
    first_words_[message.id] = (sender.empty() ? "" : sender + ": ") + first_words(message);
    return page_message(message, beside);
  }
  Client& client_;
  std::string folder_;
  std::string media_;                                     // empty: without files
  std::map<engine::MessageId, std::string> first_words_;  // of this chat's messages, for those that answer them
};

}  // namespace

Result<ExportedChat> export_chat(Client& client, const engine::ChatInfo& chat, const std::string& folder) {
  std::string plain = folder;
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  TRY(check_empty(plain));
  Exporter exporter(client, plain, {});
  const std::string name = TRY(exporter.write(chat, "chat-"));
  return ExportedChat{name + ".html", name + ".jsonl", exporter.messages};
}

Status run_export(Context& context, const ExportOptions& options) {
  const auto client = TRY(open_client(context, false));
  std::vector<engine::ChatInfo> chats = TRY(client->ask<engine::Chats>(engine::ListChats{})).chats;
  std::vector<engine::ChannelInfo> channels;
  if (options.chat.empty()) channels = TRY(client->ask<engine::Channels>(engine::ListChannels{})).channels;
  if (!options.chat.empty()) chats = {TRY(find_chat(*client, options.chat))};
  TRY(check_empty(options.folder));
  Exporter exporter(*client, options.folder, context.globals.profile + "/media");
  for (size_t i = 0; i < chats.size(); ++i) TRY(exporter.write(chats[i], std::to_string(i + 1) + "-"));
  for (size_t i = 0; i < channels.size(); ++i)
    TRY(exporter.write(channels[i], "channel-" + std::to_string(i + 1) + "-"));
  print_note(std::to_string(exporter.messages) + " messages of " + std::to_string(chats.size()) + " chats, and " +
             std::to_string(exporter.posts) + " posts of " + std::to_string(channels.size()) +
             " channels. They are not encrypted there.");
  if (exporter.disappearing > 0) {
    print_note(std::to_string(exporter.disappearing) + " messages that are to disappear were left out.");
  }
  if (exporter.named > 0) {
    print_note(std::to_string(exporter.named) +
               " files of chats of Godwit are named there and not written: an archive has them.");
  }
  if (exporter.missing > 0) {
    print_note(std::to_string(exporter.missing) + " files of imported chats are not here or cannot be read:");
    for (const std::string& each : exporter.missing_names) print_note("  " + safe_line(each));
    if (exporter.missing > exporter.missing_names.size()) print_note("  and others");
  }
  return {};
}

}  // namespace godwit::cli
