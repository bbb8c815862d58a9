#include "cli/post_inbox.h"

#include <algorithm>
#include <utility>

#include "cli/channel_commands.h"

namespace godwit::cli {
namespace {

// The most that one ReadChannel gives; of a flood the rest stays in the channel.
constexpr uint32_t kUnreadMax = 200;

}  // namespace

void PostInbox::take(const engine::Notice& notice) {
  if (const auto* changed = std::get_if<engine::ChannelChanged>(&notice)) {
    channels_[changed->channel.channel] = changed->channel;
    return;
  }
  const auto* posted = std::get_if<engine::ChannelPosted>(&notice);
  if (posted == nullptr || !posted->news) return;
  if (opened_) return show(posted->channel, posted->post);
  waiting_.push_back(*posted);
}

void PostInbox::show(const wire::ChannelId& id, const engine::PostInfo& post) {
  const auto channel = channels_.find(id);
  if (channel == channels_.end() || broken_) return;
  uint64_t& shown = shown_[id];
  if (post.post <= shown || is_muted(channel->second, client_.loop().now())) return;
  if (!show_(channel->second, post)) {
    broken_ = true;
    return;
  }
  shown = post.post;
  client_.command(engine::MarkChannelRead{id, post.post});
}

Status PostInbox::show_unread(const engine::ChannelInfo& channel, const std::function<bool()>& enough) {
  shown_[channel.channel] = channel.read;
  if (channel.unread == 0) return {};
  // Gaps are not posts: so many are enough.
  const uint32_t count = std::min(channel.unread, kUnreadMax);
  const auto found = TRY(client_.ask<engine::Posts>(engine::ReadChannel{channel.channel, 0, count}));
  for (const engine::PostInfo& each : found.posts) {
    if (enough()) break;
    show(channel.channel, each);
  }
  return {};
}

Status PostInbox::open(const std::function<bool()>& enough) {
  const auto all = TRY(client_.ask<engine::Channels>(engine::ListChannels{}));
  for (const engine::ChannelInfo& each : all.channels) {
    channels_[each.channel] = each;
    TRY(show_unread(each, enough));
  }
  for (const engine::ChannelPosted& each : std::exchange(waiting_, {})) {
    if (!enough()) show(each.channel, each.post);
  }
  opened_ = !enough();
  return {};
}

}  // namespace godwit::cli
