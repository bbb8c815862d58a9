#pragma once
// The commands of `godwit channel`; commands.h for the others.

#include <string>
#include <vector>

#include "cli/commands.h"

namespace godwit::cli {

/// Of all of them. A channel is named by its name, its link, or the first digits of its id.
struct ChannelOptions {
  std::string channel;
  std::string text;  ///< "-": from standard input
  std::string about;
  std::string file;  ///< of a report; "-": standard output or input
  std::vector<std::string> files;  ///< that go with a post
  bool as_is = false;              ///< pictures keep what the camera wrote into them
  uint64_t post = 0;
  uint32_t count = 50;
  bool is_public = false;
  bool json = false;
  bool off = false;  ///< not muted any more
};
/// Prints own channels and those that are followed.
Status run_channel_list(Context& context, const ChannelOptions& options);
/// Makes one; prints its link.
Status run_channel_create(Context& context, const ChannelOptions& options);
/// Describes it anew.
Status run_channel_describe(Context& context, const ChannelOptions& options);
/// Ends it, with all its posts.
Status run_channel_end(Context& context, const ChannelOptions& options);
/// Ties the group of a link to it, in which it is talked about; "off": none any more.
Status run_channel_discussion(Context& context, const ChannelOptions& options);
/// Says something about a post in that group; prints the message's id.
Status run_channel_comment(Context& context, const ChannelOptions& options);
/// Writes into it; prints the number of the post.
Status run_channel_post(Context& context, const ChannelOptions& options);
/// Changes a post.
Status run_channel_edit(Context& context, const ChannelOptions& options);
/// Takes a post away.
Status run_channel_delete(Context& context, const ChannelOptions& options);
/// Follows one; prints its id and name.
Status run_channel_follow(Context& context, const ChannelOptions& options);
/// Forgets one.
Status run_channel_unfollow(Context& context, const ChannelOptions& options);
/// Prints its newest posts, after a look at its home; what was printed was read.
Status run_channel_read(Context& context, const ChannelOptions& options);
/// Mutes it, or not any more: whether `listen` and the page tell of its posts.
Status run_channel_mute(Context& context, const ChannelOptions& options);
/// The channel of this name, link, or first digits of its id (at least four). kNoSuchChannel, kAmbiguousName.
Result<engine::ChannelInfo> find_channel(Client& client, const std::string& wanted);
/// Whether its posts are not told of now.
bool is_muted(const engine::ChannelInfo& channel, Instant now);
/// A post in lines, with its files.
std::string print_post(const engine::PostInfo& post);
/// Writes what its home's operator can check of a post into a new file.
Status run_channel_report(Context& context, const ChannelOptions& options);
/// Checks such a file; prints channel, post and text. Needs no account.
Status run_channel_check_report(Context& context, const ChannelOptions& options);

}  // namespace godwit::cli
