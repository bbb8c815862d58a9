#pragma once
// Answers and notices of channel_commands.h.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/channel_commands.h"

namespace godwit::engine {

/// One channel as shown in a list.
struct ChannelInfo {
  wire::ChannelId channel;
  std::string name;
  std::string description;
  Bytes picture;
  bool own = false;
  bool is_public = false;
  uint64_t last = 0;             ///< The newest entry that was read.
  bool up_to_date = false;       ///< All that its home had when it was last asked, in this run, was read.
  uint32_t withheld = 0;         ///< Entries whose content its home does not give, and that its owner has not taken away.
  std::string link;              ///< To hand on.
  std::optional<Error> trouble;  ///< Why nothing more comes: kChannelForked, kChannelGone.
};
/// One post.
struct PostInfo {
  uint64_t post = 0;  ///< Its place: counts up, with gaps.
  std::string text;
  Instant posted;  ///< By its author's clock.
  bool edited = false;
};
/// Of NewChannel.
struct ChannelMade {
  ChannelInfo channel;
};
/// Of FollowChannel.
struct ChannelFollowed {
  ChannelInfo channel;
};
/// Of Post, EditPost and DeletePost.
struct Posted {
  uint64_t post = 0;
};
/// Of ReportPost.
struct PostReported {
  Bytes report;
};
/// Of CheckReport: what the holder of the channel's key has signed.
struct ReportChecked {
  wire::ChannelId channel;
  uint64_t post = 0;
  std::string text;
  Instant posted;  ///< By its author's clock.
};
/// Of ListChannels.
struct Channels {
  std::vector<ChannelInfo> channels;
};
/// Of ReadChannel.
struct Posts {
  std::vector<PostInfo> posts;
};
/// A post came, or one was edited; it is safe on this device's disk.
struct ChannelPosted {
  wire::ChannelId channel;
  PostInfo post;
};
/// A channel was described anew, has lost posts, is not given whole by its home, or cannot be read any more.
struct ChannelChanged {
  ChannelInfo channel;
};

}  // namespace godwit::engine
