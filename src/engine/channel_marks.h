#pragma once
// What its reader has seen of a channel, and whether he is told of it: alike on all his devices, and seen by nobody else.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command MarkChannelRead.
void mark_channel_read(Machine& m, CommandId id, const MarkChannelRead& command);
/// Takes the command SetChannel.
void set_channel(Machine& m, CommandId id, const SetChannel& command);
/// Another own device has seen posts: a field of SyncKind::kChannelRead.
void take_channel_read(Machine& m, ByteView key, ByteView value);
/// Another own device has set something: a field of SyncKind::kChannelSettings.
void take_channel_settings(Machine& m, ByteView key, ByteView value);
/// A channel is new here: what was set for it before, here or on another own device, holds.
void take_channel_told_before(Machine& m, Channel& channel);

/// A post of a channel was put, for the first time or anew. True: it is new to its reader. settle_marks() follows.
bool note_post(Channel& channel, uint64_t post, const ChannelContent& content);
/// A post was erased. settle_marks() follows.
void note_post_gone(Channel& channel, uint64_t post);
/// Writes what the two above have changed, and looks for the post that is the newest now.
void settle_marks(Machine& m, const wire::ChannelId& id, Channel& channel);
/// All that its home has was read: the first time, what is here is not news.
void begin_marks(Machine& m, const wire::ChannelId& id, Channel& channel);
/// Writes the record.
void put_mark(Machine& m, Channel& channel);
/// A stored one; its channel stands before it, unless it is being forgotten. kProfileDamaged.
Status restore_channel_mark(Machine& m, ByteView key, ChannelMarkRecord record);

}  // namespace godwit::engine
