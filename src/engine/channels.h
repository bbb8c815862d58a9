#pragma once
// Channels: writing into own ones, following others.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command NewChannel.
void new_channel(Machine& m, CommandId id, const NewChannel& command);
/// Takes the command DescribeChannel.
void describe_channel(Machine& m, CommandId id, const DescribeChannel& command);
/// Takes the command SetDiscussion.
void set_discussion(Machine& m, CommandId id, const SetDiscussion& command);
/// Takes the command EndChannel.
void end_channel(Machine& m, CommandId id, const EndChannel& command);
/// Takes the command Post.
void post(Machine& m, CommandId id, const Post& command);
/// Takes the command EditPost.
void edit_post(Machine& m, CommandId id, const EditPost& command);
/// Takes the command DeletePost.
void delete_post(Machine& m, CommandId id, const DeletePost& command);
/// Takes the command ListChannels.
void list_channels(Machine& m, CommandId id);
/// Takes the command FollowChannel.
void follow_channel(Machine& m, CommandId id, const FollowChannel& command);
/// Takes the command UnfollowChannel.
void unfollow_channel(Machine& m, CommandId id, const UnfollowChannel& command);
/// Takes the command ReadChannel.
void read_channel(Machine& m, CommandId id, const ReadChannel& command);
/// Takes the command ReportPost.
void report_post(Machine& m, CommandId id, const ReportPost& command);
/// Takes the command CheckReport.
void check_report(Machine& m, CommandId id, const CheckReport& command);

/// Another own device follows a channel, or does not any more: a field of SyncKind::kFollowed.
void take_followed(Machine& m, ByteView key, ByteView value);
/// Another own device has made a channel or come back with one, or has ended it: a field of SyncKind::kOwnChannel.
void take_own_channel(Machine& m, ByteView key, ByteView value);
/// Tells the own other devices that a channel is followed here, or what is needed to write into it.
void tell_channel(Machine& m, const Channel& channel);
/// The same of all of which nobody has told yet.
void tell_all_channels(Machine& m);

/// Does what waits; lowers `wake` to when to call again.
void pump_channels(Machine& m, Instant& wake);
/// True if nothing waits to be written into an own channel, and nobody waits for one to be found.
bool channels_idle(const Machine& m);
/// A stored one; it stands before its posts, which stay on the disk.
Status restore_channel(Machine& m, ChannelRecord record);

// ---- inside these files ---------------------------------------------------------------------------------------------

/// The channel, or null.
Channel* find_channel(Machine& m, const wire::ChannelId& id);
/// As people see it.
ChannelInfo channel_info(const Channel& channel);
/// Entries that its home blanks, as far as that is known: what takes content away comes later, so it is when all was read.
uint32_t withheld(const Channel& channel);
/// Writes a channel's record.
void put_channel(Machine& m, const Channel& channel);
/// The anonymous link to a channel's home.
Link& channel_link(Machine& m, Channel& channel);
/// Forgets a channel, and erases its posts bit by bit.
void forget_channel(Machine& m, const wire::ChannelId& id);

/// A post on this device.
struct KeptPost {
  uint64_t post = 0;
  wire::ChannelEntry entry;  ///< That says it now.
  ChannelContent content;
};
/// A post as its record has it. kProfileDamaged.
Result<KeptPost> kept_post(const ChannelLink& link, const LoadedRecord& record);
/// A post has gone: with its record goes what is known of it. settle_marks() follows.
void drop_post(Machine& m, const wire::ChannelId& id, Channel& channel, uint64_t post);
/// Where a post is kept.
Bytes post_key(const wire::ChannelId& id, uint64_t post);
/// As people see it.
PostInfo post_info(const Channel& channel, uint64_t post, const ChannelContent& content);
/// Files of a post that are being fetched, or half fetched, are wanted no more: it has gone.
void drop_post_files(Machine& m, const wire::ChannelId& id, uint64_t post);
/// Reads one post; nothing: it is not here. `done` is not called if the channel has gone meanwhile.
void load_post(Machine& m, const wire::ChannelId& id, uint64_t post,
               std::function<void(Channel&, std::optional<KeptPost>)> done);

/// Reads the newest post, and what is said of it follows.
void look_for_newest(Machine& m, const wire::ChannelId& id);
/// Reads the newest post of each channel, when the profile is read.
void load_newest_posts(Machine& m, std::function<void()> done);

/// Erases the oldest posts of a channel of somebody else if there are too many, bit by bit.
void trim_posts(Machine& m, const wire::ChannelId& id);

/// A file of a draft cannot be brought to the home: the draft is given up.
void on_post_file_failed(Machine& m, const wire::ChannelId& id, uint64_t number, const Error& why);

/// An entry was read: what this device has signed stands there, whether the answer to it has come or not.
void take_own_entry(Machine& m, Channel& channel, const wire::ChannelEntry& entry);
/// An own channel has ended, here or on another own device: it goes, and who waits for something in it is told.
void on_ended(Machine& m, const wire::ChannelId& id);
/// Appends what waits, of one own channel (channel_writing.cc).
void pump_writing(Machine& m, const wire::ChannelId& id, Instant& wake);
/// Looks and reads when it is time, of one channel (channel_reading.cc).
void pump_reading(Machine& m, const wire::ChannelId& id, Instant& wake);
/// Takes entries behind the last one that was read. kChannelForked: they cannot be.
Status take_entries(Machine& m, const wire::ChannelId& id, Channel& channel,
                    const std::vector<wire::ChannelEntry>& entries);
/// The home has sent something by itself.
void on_channel_push(Machine& m, const wire::ChannelId& id, const wire::Reply& reply);

}  // namespace godwit::engine
