#pragma once
// A reader's copy of one post, for the operator of the channel's home: he can check that the channel's owner has signed it, and
// read this one post also of a link-only channel. It says nothing of who reports, and opens nothing else.

#include "engine/channel_content.h"
#include "engine/channel_notices.h"

namespace godwit::engine {

/// Makes a report of `entry`, which was read of the channel of `link` and has its content.
Bytes make_report(const ChannelLink& link, wire::ChannelEntry entry);
/// The reverse, with all that a report claims checked. kReportDamaged.
Result<ReportChecked> check_report(ByteView report);

}  // namespace godwit::engine
