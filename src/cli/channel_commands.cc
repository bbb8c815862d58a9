// channel: list, create, describe, end, post, edit, delete, follow, unfollow, read, report, check-report, discussion, comment.

#include "cli/channel_commands.h"

#include <unistd.h>

#include <algorithm>

#include "api/messages.h"
#include "api/rpc_peer.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/handed_on.h"
#include "cli/transfer_files.h"
#include "engine/channel_content.h"
#include "engine/door_link.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

Result<std::vector<engine::ChannelInfo>> channels(Client& client) {
  return TRY(client.ask<engine::Channels>(engine::ListChannels{})).channels;
}

std::string print_channel(const engine::ChannelInfo& each, Instant now) {
  std::string out = to_hex(each.channel.view()).substr(0, 12) + "  " + (each.own ? "own      " : "followed ") +
                    (each.is_public ? "public     " : "link-only  ") + safe_line(each.name);
  if (each.unread > 0) out += "  [" + std::to_string(each.unread) + " new]";
  if (is_muted(each, now)) out += "  [muted]";
  if (each.trouble) out += "  [" + std::string(each.trouble->code.name) + "]";
  if (each.withheld > 0) out += "  [its home withholds " + std::to_string(each.withheld) + "]";
  return out + "\n";
}

// What its home has is read first, if it can be reached.
Status catch_up(Client& client, const wire::ChannelId& channel) {
  const Instant give_up = client.loop().steady_now() + seconds(10);
  while (client.loop().steady_now() < give_up) {
    const auto all = TRY(channels(client));
    const auto found = std::ranges::find(all, channel, &engine::ChannelInfo::channel);
    if (found == all.end() || found->up_to_date || found->trouble) return {};
    const Status slept = client.wait_quietly([] { return false; }, milliseconds(50));
    if (!slept && slept.error().code != kTimedOut) return slept;
  }
  print_note("Its home could not be reached; these are the posts that were read before.");
  return {};
}

Status print_posted(const engine::Posted& posted) {
  REQUIRE(print_out(std::to_string(posted.post) + "\n"), kNoOutput, "write");
  return {};
}

}  // namespace

Result<engine::ChannelInfo> find_channel(Client& client, const std::string& wanted) {
  const auto all = TRY(channels(client));
  const engine::ChannelInfo* found = nullptr;
  const auto link = engine::parse_channel_link(wanted);
  for (const engine::ChannelInfo& each : all) {
    const bool linked = link && engine::channel_of(link->key) == each.channel;
    const bool begins = wanted.size() >= 4 && to_hex(each.channel.view()).starts_with(wanted);
    if (!linked && !begins && each.name != wanted) continue;
    REQUIRE(found == nullptr, engine::kAmbiguousName, "one channel of this name");
    found = &each;
  }
  REQUIRE(found != nullptr, engine::kNoSuchChannel, "a channel of this profile");
  return *found;
}

bool is_muted(const engine::ChannelInfo& channel, Instant now) {
  return channel.muted_until && *channel.muted_until > now;
}

std::string print_post(const engine::PostInfo& post) {
  std::string out = std::to_string(post.post) + "  " + print_time(post.posted) + (post.edited ? "  (edited)  " : "  ") +
                    safe_text(post.text) + "\n";
  for (const engine::PostFileInfo& each : post.files) {
    out += "    [file " + safe_line(each.file.name) + ", " + print_size(each.file.size) +
           (each.file.fetching ? ", being fetched" : "") + ", get " + to_hex(each.id.view()).substr(0, 12) + "]\n";
  }
  return out;
}

Status run_channel_list(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto all = TRY(client->ask<engine::Channels>(engine::ListChannels{}));
  std::string out;
  for (const engine::ChannelInfo& each : all.channels) out += print_channel(each, client->loop().now());
  if (options.json) out = api::answer_json(all) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_channel_create(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::NewChannel command{options.channel, options.about, options.is_public};
  const auto made = TRY(client->ask<engine::ChannelMade>(command, "making the channel at the home"));
  print_note(options.is_public ? "Whoever has the link can read it, and its home as well."
                               : "Whoever has the link can read it, and nobody else; its home cannot.");
  REQUIRE(print_out(made.channel.link + "\n"), kNoOutput, "write");
  return {};
}

Status run_channel_describe(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  const engine::DescribeChannel command{channel.channel, options.text, options.about, channel.picture};
  TRY(client->ask<engine::Nothing>(command, "telling the home"));
  return {};
}

Status run_channel_end(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  TRY(client->ask<engine::Nothing>(engine::EndChannel{channel.channel}, "telling the home"));
  return {};
}

Status run_channel_discussion(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  const engine::SetDiscussion command{channel.channel, options.text == "off" ? "" : options.text};
  TRY(client->ask<engine::Nothing>(command, "telling the home"));
  return {};
}

Status run_channel_comment(Context& context, const ChannelOptions& options) {
  const std::string text = TRY(text_given(options.text, engine::kTextSizeMax));
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  const auto link = engine::parse_group_link(channel.discussion);
  if (!link) print_note("Its owner has named no group in which it is talked about.");
  REQUIRE(link.has_value(), engine::kNoSuchChat, "a channel that is talked about in a group");
  engine::SendMessage command{link->group, text};
  command.about = engine::PostRef{channel.channel, options.post};
  const auto queued = client->ask<engine::MessageQueued>(command, "storing the message");
  if (!queued && queued.error().code == engine::kNoSuchChat) {
    print_note(
        "You are not in the group in which this channel is talked about. `godwit group join` with this link asks to "
        "be:");
    print_note(channel.discussion);
  }
  if (!queued) return queued.error();
  REQUIRE(print_out(to_hex(queued->message.id.view()) + "\n"), kNoOutput, "write");
  return client->wait_idle("sending", kWaitDefault);
}

Status run_channel_post(Context& context, const ChannelOptions& options) {
  const bool only_files = options.text.empty() && !options.files.empty();
  const std::string text = only_files ? "" : TRY(text_given(options.text, engine::kTextSizeMax));
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  client->on_notice([&](const engine::Notice& notice) {
    const auto* progress = std::get_if<engine::FileProgress>(&notice);
    if (progress == nullptr || progress->channel != channel.channel) return;
    client->show_detail(print_progress(*progress));
    if (progress->error) print_note(api::message_of(progress->error->code));
  });
  engine::Post command{channel.channel, text};
  for (const std::string& path : options.files) {
    command.files.push_back({(options.as_is ? std::string(kAsIs) : "") + absolute_path(path), {}, {}, media_of(path)});
  }
  if (command.files.empty()) {
    return print_posted(TRY(client->ask<engine::Posted>(std::move(command), "handing it to the home")));
  }
  return print_posted(
      TRY(client->ask<engine::Posted>(std::move(command), "bringing the files to the home", kTransferTime)));
}

Status run_channel_edit(Context& context, const ChannelOptions& options) {
  const std::string text = TRY(text_given(options.text, engine::kTextSizeMax));
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  const engine::EditPost command{channel.channel, options.post, text};
  return print_posted(TRY(client->ask<engine::Posted>(command, "handing it to the home")));
}

Status run_channel_delete(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  const engine::DeletePost command{channel.channel, options.post};
  return print_posted(TRY(client->ask<engine::Posted>(command, "telling the home")));
}

Status run_channel_follow(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto followed =
      TRY(client->ask<engine::ChannelFollowed>(engine::FollowChannel{link_in(options.channel)}, "asking the channel's home"));
  const engine::ChannelInfo& channel = followed.channel;
  REQUIRE(print_out(to_hex(channel.channel.view()) + "  " + safe_line(channel.name) + "\n"), kNoOutput, "write");
  return {};
}

Status run_channel_unfollow(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto channel = TRY(find_channel(*client, options.channel));
  TRY(client->ask<engine::Nothing>(engine::UnfollowChannel{channel.channel}));
  return client->wait_idle("erasing its posts", seconds(30));
}

Status run_channel_read(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto channel = TRY(find_channel(*client, options.channel));
  TRY(catch_up(*client, channel.channel));
  const auto posts = TRY(client->ask<engine::Posts>(engine::ReadChannel{channel.channel, 0, options.count}));
  std::string out;
  for (const engine::PostInfo& each : posts.posts) out += print_post(each);
  if (options.json) out = api::answer_json(posts) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  if (!posts.posts.empty() && posts.posts.back().post > channel.read) {
    TRY(client->ask<engine::Nothing>(engine::MarkChannelRead{channel.channel, posts.posts.back().post}));
  }
  if (!channel.discussion.empty() && !options.json) print_note("It is talked about in the group " + channel.discussion);
  return {};
}

Status run_channel_mute(Context& context, const ChannelOptions& options) {
  // Until the person says otherwise.
  constexpr Instant kForEver{8'000'000'000'000};
  const auto client = TRY(open_client(context, false));
  const auto channel = TRY(find_channel(*client, options.channel));
  TRY(client->ask<engine::Nothing>(engine::SetChannel{channel.channel, options.off ? Instant{0} : kForEver}));
  return {};
}

Status run_channel_report(Context& context, const ChannelOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto channel = TRY(find_channel(*client, options.channel));
  const auto made = TRY(client->ask<engine::PostReported>(engine::ReportPost{channel.channel, options.post}));
  TRY(write_report(options.file, made.report));
  print_note("Hand the file to the operator of the channel's home, who reads it with `godwit channel check-report`. It opens "
             "this one post, and does not say who you are.");
  return {};
}

Status run_channel_check_report(Context& context, const ChannelOptions& options) {
  return run_check_report(context, {{}, options.file});
}

}  // namespace godwit::cli
