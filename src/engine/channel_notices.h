#pragma once
// Answers and notices of channel_commands.h.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/channel_commands.h"
#include "engine/content_notices.h"
#include "engine/device_commands.h"

namespace godwit::engine {

/// A file of a post.
struct PostFileInfo {
  MessageId id;  ///< For GetFile.
  FileInfo file;
};
/// One post.
struct PostInfo {
  uint64_t post = 0;  ///< Its place: counts up, with gaps.
  std::string text;
  Instant posted;  ///< By its author's clock.
  bool edited = false;
  std::vector<PostFileInfo> files{};
  std::vector<TextSpan> spans{};
  std::vector<Mention> mentions{};
};
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
  std::string discussion{};      ///< The link of the group in which it is talked about (JoinGroup); empty: none.
  uint64_t read = 0;                        ///< Posts up to this one were seen, here or on another own device.
  uint32_t unread = 0;                      ///< Posts behind it; 1,000: or more. Of an own one none.
  std::optional<PostInfo> newest{};         ///< The newest post that is here: at most 512 bytes of its text, no thumbnails, no waveforms.
  std::optional<Instant> muted_until{};     ///< Its posts are not told before; none: they are.
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
/// Of ReportMessage.
struct MessageReported {
  Bytes report;
};
/// A file that a reported post or message names.
struct ReportedFile {
  std::string name;
  uint64_t size = 0;
  wire::BlobId blob;  ///< Names it to its home's operator, and is the right to read it.
};
/// Of a reported message: what a device of this account has signed.
struct ReportedMessage {
  AccountId account;  ///< Whose device list has the device.
  DeviceId device;
  std::string home;  ///< The key of the home at which the account said that it lives, as hexadecimal digits.
  ChatId chat;
  MessageId message;
  MessageKind kind{};
  bool forwarded = false;               ///< Its author says that he has it from somebody else.
  bool edited = false;                  ///< `text` and the time are of the last edit.
  std::optional<std::string> original;  ///< Of an edited one: what it said first, if that was signed as well.
};
/// Of CheckReport: what the holder of the channel's key, or of the device's, has signed.
struct ReportChecked {
  std::optional<wire::ChannelId> channel;  ///< Of a post.
  std::optional<uint64_t> post;            ///< Of a post.
  std::string text;
  Instant posted;  ///< By its author's clock.
  std::vector<ReportedFile> files{};
  std::optional<ReportedMessage> message{};  ///< Of a message.
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
  bool news = false;  ///< It is new to its reader: not his own, not there when he began to follow, and not seen on another own device.
};
/// A channel was described anew, was read or set (also on another own device), has lost posts, is not given whole by its home, or cannot be read any more.
struct ChannelChanged {
  ChannelInfo channel;
};

}  // namespace godwit::engine
