#pragma once
// Channels: writing into own ones, following others.

#include "engine/machine.h"

namespace godwit::engine {

/// Take the commands.
void new_channel(Machine& m, CommandId id, const NewChannel& command);
void describe_channel(Machine& m, CommandId id, const DescribeChannel& command);
void end_channel(Machine& m, CommandId id, const EndChannel& command);
void post(Machine& m, CommandId id, const Post& command);
void edit_post(Machine& m, CommandId id, const EditPost& command);
void delete_post(Machine& m, CommandId id, const DeletePost& command);
void list_channels(Machine& m, CommandId id);
void follow_channel(Machine& m, CommandId id, const FollowChannel& command);
void unfollow_channel(Machine& m, CommandId id, const UnfollowChannel& command);
void read_channel(Machine& m, CommandId id, const ReadChannel& command);

/// Does what waits; lowers `wake` to when to call again.
void pump_channels(Machine& m, Instant& wake);
/// Stored ones. Posts come after their channels. kProfileDamaged.
Status restore_channel(Machine& m, ChannelRecord record);
Status restore_channel_post(Machine& m, ByteView key, ChannelPostRecord record);

/// As others see a channel.
ChannelInfo channel_info(const Channel& channel);
/// Appends what waits, of one own channel (channel_writing.cc).
void pump_writing(Machine& m, const wire::ChannelId& id, Instant& wake);
/// Writes a channel's record.
void put_channel(Machine& m, const Channel& channel);
/// The anonymous link to a channel's home.
Link& channel_link(Machine& m, Channel& channel);
/// Forgets a channel with its posts.
void forget_channel(Machine& m, const wire::ChannelId& id);

}  // namespace godwit::engine
