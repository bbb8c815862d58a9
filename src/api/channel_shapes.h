#pragma once
// The table's part about channels: commands, answers and notices.

#include <array>

#include "api/errors.h"
#include "api/notice_shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::PostFileInfo> {
  static constexpr std::string_view name = "post_file";
  static constexpr std::string_view about = "A file of a post.";
  static constexpr auto fields = fields_in_order(field("id", &engine::PostFileInfo::id, "for get_file, as `message`"),
                                                 field("file", &engine::PostFileInfo::file, "what it is"));
};

template <>
struct Shape<engine::PostFile> {
  static constexpr std::string_view name = "file_to_post";
  static constexpr std::string_view about = "A file that goes with a post.";
  static constexpr auto fields = fields_in_order(
      field("source", &engine::PostFile::source, "its path on this machine, as in send_file"),
      field_or_default("name", &engine::PostFile::name, "as readers see it; left out: the last part of the path"),
      field_or_default("mime", &engine::PostFile::mime, "left out: guessed by the name"),
      field("media", &engine::PostFile::media, "of a picture, video, voice note or sticker; left out: just a file"));
};

template <>
struct Shape<engine::ReportedFile> {
  static constexpr std::string_view name = "reported_file";
  static constexpr std::string_view about = "A file that a reported post or message names.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::ReportedFile::name, "a name only"), field("size", &engine::ReportedFile::size, "bytes"),
      field("blob", &engine::ReportedFile::blob, "for `godwit-home remove blob`"));
};

template <>
struct Shape<engine::PostInfo> {
  static constexpr std::string_view name = "post_shown";
  static constexpr std::string_view about = "A post.";
  static constexpr auto fields =
      fields_in_order(field("post", &engine::PostInfo::post, "its place in the channel: counts up, with gaps"),
                      field("text", &engine::PostInfo::text, "what it says"),
                      field("posted", &engine::PostInfo::posted, "by its author's clock"),
                      field("edited", &engine::PostInfo::edited, "whether it said something else before"),
                      field("files", &engine::PostInfo::files, "what goes with it"),
                      field("spans", &engine::PostInfo::spans, "the formatting of the text"),
                      field("mentions", &engine::PostInfo::mentions, "whom the text names"));
};

template <>
struct Shape<engine::ChannelInfo> {
  static constexpr std::string_view name = "channel";
  static constexpr std::string_view about = "A channel.";
  static constexpr auto fields =
      fields_in_order(field("channel", &engine::ChannelInfo::channel, "names it"),
                      field("name", &engine::ChannelInfo::name, "as its owner calls it"),
                      field("description", &engine::ChannelInfo::description, "what it is about"),
                      field("picture", &engine::ChannelInfo::picture, "PNG or JPEG; empty: none"),
                      field("own", &engine::ChannelInfo::own, "whether this profile writes into it"),
                      field("is_public", &engine::ChannelInfo::is_public, "whether homes can read it"),
                      field("last", &engine::ChannelInfo::last, "the newest entry that was read"),
                      field("up_to_date", &engine::ChannelInfo::up_to_date,
                            "whether all was read that its home had when it was last asked, since the program started"),
                      field("withheld", &engine::ChannelInfo::withheld,
                            "entries whose content its home does not give, and that its owner has not taken away"),
                      field("link", &engine::ChannelInfo::link, "to be handed on"),
                      field("discussion", &engine::ChannelInfo::discussion,
                            "the link of the group in which it is talked about, for join_group; empty: none"),
                      field("trouble", &engine::ChannelInfo::trouble, "why nothing more comes"),
                      field("read", &engine::ChannelInfo::read,
                            "posts up to this one were seen, here or on another own device"),
                      field("unread", &engine::ChannelInfo::unread,
                            "posts that were not; 1000: or more; of an own channel none"),
                      field("newest", &engine::ChannelInfo::newest,
                            "the newest post that is here, for a list: 512 bytes of its text at most, and no small "
                            "pictures or loudnesses of its files"),
                      field("muted_until", &engine::ChannelInfo::muted_until,
                            "its posts are not told before; null: they are"));
};

template <>
struct Shape<engine::ChannelMade> {
  static constexpr std::string_view name = "channel_made";
  static constexpr std::string_view about = "The channel is there.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::ChannelMade::channel, "the new one"));
};

template <>
struct Shape<engine::ChannelFollowed> {
  static constexpr std::string_view name = "channel_followed";
  static constexpr std::string_view about = "The channel is followed.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::ChannelFollowed::channel, "what it is"));
};

template <>
struct Shape<engine::Posted> {
  static constexpr std::string_view name = "posted";
  static constexpr std::string_view about = "The home has it.";
  static constexpr auto fields = fields_in_order(field("post", &engine::Posted::post, "which post"));
};

template <>
struct Shape<engine::Channels> {
  static constexpr std::string_view name = "channels";
  static constexpr std::string_view about = "Own channels and those that are followed.";
  static constexpr auto fields = fields_in_order(field("channels", &engine::Channels::channels, "all of them"));
};

template <>
struct Shape<engine::PostReported> {
  static constexpr std::string_view name = "post_reported";
  static constexpr std::string_view about = "A copy of a post for the operator of its home.";
  static constexpr auto fields =
      fields_in_order(field("report", &engine::PostReported::report, "opens this one post and nothing else"));
};

template <>
struct Shape<engine::MessageReported> {
  static constexpr std::string_view name = "message_reported";
  static constexpr std::string_view about = "A copy of a message for the operator of its author's home.";
  static constexpr auto fields =
      fields_in_order(field("report", &engine::MessageReported::report, "shows this one message and nothing else"));
};

template <>
struct Shape<engine::ReportedMessage> {
  static constexpr std::string_view name = "reported_message";
  static constexpr std::string_view about = "What a device of an account has signed.";
  static constexpr auto fields = fields_in_order(
      field("account", &engine::ReportedMessage::account, "whose device it is, as its device list shows"),
      field("device", &engine::ReportedMessage::device, "which device has signed"),
      field("home", &engine::ReportedMessage::home, "the key of the home at which the account says that it lives"),
      field("chat", &engine::ReportedMessage::chat, "for which chat it was signed"),
      field("message", &engine::ReportedMessage::message, "names it in the chat"),
      field("kind", &engine::ReportedMessage::kind, "what it is"),
      field("forwarded", &engine::ReportedMessage::forwarded, "whether its author says that others have said it"),
      field("edited", &engine::ReportedMessage::edited, "whether `text` and `posted` are of the last edit"),
      field("original", &engine::ReportedMessage::original, "of an edited one: what it said first"));
};

template <>
struct Shape<engine::ReportChecked> {
  static constexpr std::string_view name = "report_checked";
  static constexpr std::string_view about =
      "What a report proves: the holder of the channel's key, or of a device of the account, has signed it; not that "
      "others saw " "it.";
  static constexpr auto fields = fields_in_order(
      field("channel", &engine::ReportChecked::channel, "of a post; for `godwit-home remove channel`"),
      field("post", &engine::ReportChecked::post, "of a post: which"),
      field("text", &engine::ReportChecked::text, "what it says"),
      field("posted", &engine::ReportChecked::posted, "by its author's clock"),
      field("files", &engine::ReportChecked::files, "what goes with it"),
      field("message", &engine::ReportChecked::message, "of a message: who has signed it, and for which chat"));
};

template <>
struct Shape<engine::Posts> {
  static constexpr std::string_view name = "posts";
  static constexpr std::string_view about = "Posts of a channel.";
  static constexpr auto fields = fields_in_order(field("posts", &engine::Posts::posts, "oldest first"));
};

template <>
struct Shape<engine::ChannelPosted> {
  static constexpr std::string_view name = "channel_posted";
  static constexpr std::string_view about = "A post came, or one was edited, and is safe on this device's disk.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::ChannelPosted::channel, "where"),
                                                 field("post", &engine::ChannelPosted::post, "what"),
                                                 field("news", &engine::ChannelPosted::news,
                                                       "whether it is new to its reader: not his own, not an edit of "
                                                       "what he has, not there when he began to follow, not seen on "
                                                       "another own device"));
};

template <>
struct Shape<engine::ChannelChanged> {
  static constexpr std::string_view name = "channel_changed";
  static constexpr std::string_view about =
      "A channel was described anew, was read or set (also on another own device), has lost posts, is not given whole by its home, or cannot be read any more.";
  static constexpr auto fields =
      fields_in_order(field("channel", &engine::ChannelChanged::channel, "the channel as it is now"));
};

template <>
struct Shape<engine::NewChannel> {
  using Answer = engine::ChannelMade;
  static constexpr std::string_view name = "new_channel";
  static constexpr std::string_view about = "Makes a channel at the own home, which the devices of this account write into.";
  static constexpr auto fields =
      fields_in_order(field("name", &engine::NewChannel::name, "1 to 64 characters"),
                      field_or_default("description", &engine::NewChannel::description, "at most 4,096 bytes"),
                      field_or_default("is_public", &engine::NewChannel::is_public,
                                       "true: the home can read it; left out: only who has the link"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNotText, engine::kTooLong, engine::kRefusedByHome};
};

template <>
struct Shape<engine::DescribeChannel> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "describe_channel";
  static constexpr std::string_view about = "Gives an own channel another name, description or picture.";
  static constexpr auto fields = fields_in_order(
      field("channel", &engine::DescribeChannel::channel, "which"),
      field("name", &engine::DescribeChannel::name, "1 to 64 characters"),
      field_or_default("description", &engine::DescribeChannel::description, "at most 4,096 bytes"),
      field_or_default("picture", &engine::DescribeChannel::picture, "PNG or JPEG, at most 64 KiB; left out: none"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull,
                                     engine::kNotText,       engine::kTooLong,         engine::kChannelGone,
                                     engine::kRefusedByHome};
};

template <>
struct Shape<engine::SetDiscussion> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_discussion";
  static constexpr std::string_view about =
      "Ties a group to an own channel, in which it is talked about. Readers come in by its link; what they say about "
      "one post is send_message with `about`.";
  static constexpr auto fields =
      fields_in_order(field("channel", &engine::SetDiscussion::channel, "which"),
                      field_or_default("link", &engine::SetDiscussion::link,
                                       "as make_group_link gave it; left out: no discussion any more"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull,
                                     engine::kLinkNotGodwit, engine::kLinkOther,       engine::kLinkDamaged,
                                     engine::kLinkNewer,     engine::kTooLong,         engine::kChannelGone,
                                     engine::kRefusedByHome};
};

template <>
struct Shape<engine::EndChannel> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "end_channel";
  static constexpr std::string_view about = "Ends an own channel with all its posts.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::EndChannel::channel, "which"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull};
};

template <>
struct Shape<engine::Post> {
  using Answer = engine::Posted;
  static constexpr std::string_view name = "post";
  static constexpr std::string_view about =
      "Writes into an own channel. Answered once its home has it, and before that its files, about which file_progress "
      "notices come; they have to stay as they are until then. It goes on after a restart.";
  static constexpr auto fields =
      fields_in_order(field("channel", &engine::Post::channel, "which"),
                      field_or_default("text", &engine::Post::text,
                                       "at most 102,400 bytes of UTF-8; may be left out if there are files"),
                      field_or_default("files", &engine::Post::files, "at most 8"),
                      field_or_default("spans", &engine::Post::spans, "the formatting of the text"),
                      field_or_default("mentions", &engine::Post::mentions, "whom the text names"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull,
                                     engine::kNotText,       engine::kTooLong,         engine::kChannelGone,
                                     engine::kRefusedByHome, engine::kFileTooLarge,    engine::kFileChanged,
                                     engine::kTransfersFull, engine::kBadMedia,        engine::kBadFormatting,
                                     kFileNoAccess};
};

template <>
struct Shape<engine::EditPost> {
  using Answer = engine::Posted;
  static constexpr std::string_view name = "edit_post";
  static constexpr std::string_view about = "Changes what a post says; its files stay.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::EditPost::channel, "which"),
                                                 field("post", &engine::EditPost::post, "which post"),
                                                 field("text", &engine::EditPost::text, "what it says from now on"),
                                                 field_or_default("spans", &engine::EditPost::spans, "its formatting"),
                                                 field_or_default("mentions", &engine::EditPost::mentions, "whom it names"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull,
                                     engine::kNotText,       engine::kTooLong,         engine::kChannelGone,
                                     engine::kRefusedByHome, engine::kNoSuchPost,      engine::kBadFormatting};
};

template <>
struct Shape<engine::DeletePost> {
  using Answer = engine::Posted;
  static constexpr std::string_view name = "delete_post";
  static constexpr std::string_view about =
      "Takes a post away, also from the home; its files end there when their 30 days are over.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::DeletePost::channel, "which"),
                                                 field("post", &engine::DeletePost::post, "which post"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNotChannelOwner, engine::kOutboxFull,
                                     engine::kNotText,       engine::kTooLong,         engine::kChannelGone,
                                     engine::kRefusedByHome, engine::kNoSuchPost};
};

template <>
struct Shape<engine::ListChannels> {
  using Answer = engine::Channels;
  static constexpr std::string_view name = "list_channels";
  static constexpr std::string_view about = "Lists own channels and those that are followed.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::FollowChannel> {
  using Answer = engine::ChannelFollowed;
  static constexpr std::string_view name = "follow_channel";
  static constexpr std::string_view about =
      "Follows a channel: its newest posts come at once, later ones by themselves.";
  static constexpr auto fields = fields_in_order(field("link", &engine::FollowChannel::link, "godwit:c#..."));
  static constexpr std::array errors{engine::kNoAccount, engine::kLinkDamaged, engine::kLinkNotGodwit,
                                     engine::kLinkNewer, engine::kChannelGone, engine::kChannelForked};
};

template <>
struct Shape<engine::UnfollowChannel> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "unfollow_channel";
  static constexpr std::string_view about = "Forgets a channel and what was read of it.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::UnfollowChannel::channel, "which"));
  static constexpr std::array errors{engine::kNoSuchChannel};
};

template <>
struct Shape<engine::ReadChannel> {
  using Answer = engine::Posts;
  static constexpr std::string_view name = "read_channel";
  static constexpr std::string_view about = "Gives posts that were read, oldest first.";
  static constexpr auto fields =
      fields_in_order(field("channel", &engine::ReadChannel::channel, "which"),
                      field_or_default("before", &engine::ReadChannel::before,
                                       "only posts before this one; 0 or left out: from the newest"),
                      field_or_default("count", &engine::ReadChannel::count, "at most so many; left out: 50"));
  static constexpr std::array errors{engine::kNoSuchChannel};
};

template <>
struct Shape<engine::MarkChannelRead> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "mark_channel_read";
  static constexpr std::string_view about =
      "Says that posts were shown. Nobody is told but the own other devices; channel_changed follows if it is new.";
  static constexpr auto fields = fields_in_order(
      field("channel", &engine::MarkChannelRead::channel, "which"),
      field("through", &engine::MarkChannelRead::through, "the newest post that was shown"));
  static constexpr std::array errors{engine::kNoSuchChannel};
};

template <>
struct Shape<engine::SetChannel> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_channel";
  static constexpr std::string_view about =
      "Changes what its reader has set for a channel; what is left out stays. Nobody else sees it; the own other "
      "devices are told.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::SetChannel::channel, "which"),
                                                 field("muted_until", &engine::SetChannel::muted_until, "0: not muted"));
  static constexpr std::array errors{engine::kNoSuchChannel};
};

template <>
struct Shape<engine::ReportPost> {
  using Answer = engine::PostReported;
  static constexpr std::string_view name = "report_post";
  static constexpr std::string_view about =
      "Copies a post for the operator of its home, who can check that its author has signed it. It does not say who "
      "reports.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::ReportPost::channel, "which"),
                                                 field("post", &engine::ReportPost::post, "which post"));
  static constexpr std::array errors{engine::kNoSuchChannel, engine::kNoSuchPost};
};

template <>
struct Shape<engine::CheckReport> {
  using Answer = engine::ReportChecked;
  static constexpr std::string_view name = "check_report";
  static constexpr std::string_view about = "Checks a report, as an operator does; needs no account.";
  static constexpr auto fields =
      fields_in_order(field("report", &engine::CheckReport::report, "as report_post or report_message gave it"));
  static constexpr std::array errors{engine::kReportDamaged};
};

}  // namespace godwit::api
