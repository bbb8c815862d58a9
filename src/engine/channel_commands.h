#pragma once
// Commands about channels (docs/protocol/chat.md, "Channels").

#include <optional>
#include <string>
#include <vector>

#include "engine/content_notices.h"
#include "engine/ids.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Bytes of UTF-8 in a channel's description, and in its picture.
constexpr size_t kChannelDescriptionMax = 4'096;
constexpr size_t kChannelPictureMax = 64 * 1024;
/// Files of one post.
constexpr size_t kPostFilesMax = 8;
/// Bytes of what a post says and of what is shown of its files before they are fetched: one entry has to hold it.
constexpr size_t kPostSizeMax = 110'000;

/// Makes a channel at the own home, which only this device writes into. Public: whoever has its link, its readers' homes and
/// this one can read it; else only those with the link, and no home. Answered by ChannelMade. kNoAccount, kNotText, kTooLong,
/// kRefusedByHome.
struct NewChannel {
  std::string name;
  std::string description;
  bool is_public = false;
};
/// Gives an own channel another name, description or picture. Answered by Nothing once its home has it. kNoSuchChannel,
/// kNotChannelOwner, kNotText, kTooLong.
struct DescribeChannel {
  wire::ChannelId channel;
  std::string name;
  std::string description;
  Bytes picture;  ///< PNG or JPEG; empty: none.
};
/// Ties a discussion to an own channel: a link of a group (MakeGroupLink), by which readers come in as it says. What they say
/// there about a post is SendMessage with `about`. Neither home learns that the two belong together, but by who asks for both.
/// Answered by Nothing once its home has it. kNoSuchChannel, kNotChannelOwner, kLinkNotGodwit, kLinkOther, kLinkDamaged,
/// kLinkNewer, kTooLong.
struct SetDiscussion {
  wire::ChannelId channel;
  std::string link;  ///< godwit:g#...; empty: none any more.
};
/// Ends an own channel with all its posts. Answered by Nothing. kNoSuchChannel, kNotChannelOwner.
struct EndChannel {
  wire::ChannelId channel;
};
/// A file that goes with a post.
struct PostFile {
  std::string source;                ///< What the host finds it by: a path.
  std::string name{};                ///< As readers see it; empty: the last part of `source`.
  std::string mime{};                ///< Empty: guessed by the name.
  std::optional<MediaInfo> media{};  ///< None: just a file.
};
/// Writes into an own channel. Answered by Posted once its home has it, and before that all of its files, about which
/// FileProgress notices come; goes on across restarts. The files have to stay as they are until then. kNoSuchChannel,
/// kNotChannelOwner, kNotText, kTooLong, kOutboxFull, kFileTooLarge, kFileChanged, kTransfersFull, kBadMedia, kBadFormatting, or why the host cannot
/// read one.
struct Post {
  wire::ChannelId channel;
  std::string text;               ///< May be empty if there are files.
  std::vector<PostFile> files{};  ///< At most kPostFilesMax.
  std::vector<TextSpan> spans{};      ///< As of SendMessage.
  std::vector<Mention> mentions{};
};
/// Changes what a post says; its files stay. Readers see that it was. Answered by Posted. As Post, and kNoSuchPost.
struct EditPost {
  wire::ChannelId channel;
  uint64_t post = 0;
  std::string text;
  std::vector<TextSpan> spans{};  ///< All of it: what is not given is not there any more.
  std::vector<Mention> mentions{};
};
/// Takes a post away: from the home, and from those who read after that. Its files stay at the home until their 30 days are over,
/// for who has read the post before. Answered by Posted. As Post, and kNoSuchPost.
struct DeletePost {
  wire::ChannelId channel;
  uint64_t post = 0;
};
/// Answered by Channels: own ones, and those that are followed.
struct ListChannels {};
/// Follows a channel: its posts come by themselves from now on, and the newest ones at once. Its home does not learn who does.
/// Answered by ChannelFollowed. kNoAccount, kLinkDamaged, kLinkNotGodwit, kLinkNewer, kChannelGone.
struct FollowChannel {
  std::string link;
};
/// Forgets a channel and what was read of it; an own one cannot be. Answered by Nothing. kNoSuchChannel.
struct UnfollowChannel {
  wire::ChannelId channel;
};
/// Makes of a post what its home's operator can check: the author's signature over it, and of a link-only channel what opens
/// this one post and no other. Answered by PostReported. kNoSuchChannel, kNoSuchPost.
struct ReportPost {
  wire::ChannelId channel;
  uint64_t post = 0;
};
/// Checks what ReportPost or ReportMessage has made; needs no account. Answered by ReportChecked. kReportDamaged.
struct CheckReport {
  Bytes report;
};
/// The newest `count` (at most 200) posts before `before` (0: from the newest), oldest first, of those that were read. Answered by Posts.
/// kNoSuchChannel.
struct ReadChannel {
  wire::ChannelId channel;
  uint64_t before = 0;
  uint32_t count = 50;
};

/// Posts up to this one were seen: nothing is said to anybody but the own other devices. Answered by Nothing, and ChannelChanged follows if
/// that is new. kNoSuchChannel.
struct MarkChannelRead {
  wire::ChannelId channel;
  uint64_t through = 0;  ///< The newest post that was shown; more than there is: all.
};
/// Changes what its reader has set for a channel; what is left out stays as it is. Nobody else sees it, but the own other devices. Answered
/// by Nothing, followed by ChannelChanged. kNoSuchChannel.
struct SetChannel {
  wire::ChannelId channel;
  std::optional<Instant> muted_until{};  ///< 0: not muted
};

}  // namespace godwit::engine
