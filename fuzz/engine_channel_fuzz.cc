// What a channel's owner, or whoever claims to be a reader, writes: a channel's link, what an entry says, and a report.

#include "base/assert.h"
#include "codec/link_payload.h"
#include "engine/channel_commands.h"
#include "engine/channel_content.h"
#include "engine/channel_report.h"
#include "engine/commands.h"
#include "engine/door_link.h"
#include "engine/member_info.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView bytes{data, size};
  const std::string text(as_text(bytes));
  for (const std::string& link : {text, "godwit:c#" + codec::to_link_payload(bytes)}) {
    if (const auto channel = engine::parse_channel_link(link)) {
      ASSERT(link.find(engine::to_text(*channel)) != std::string::npos);
    }
  }
  Bytes clear{1};  // of a public channel
  append(clear, bytes);
  if (const auto content = engine::open_content(clear, wire::ChannelKey{}, 9, nullptr)) {
    ASSERT(content->text.size() <= engine::kTextSizeMax && engine::is_utf8(content->text));
    ASSERT(content->beside.size() <= engine::kChannelPictureMax);
    const auto extensions = engine::extensions_of(*content);
    ASSERT(engine::check_spans(content->text, engine::spans_in(extensions, content->text)).has_value());
    ASSERT(engine::check_mentions(content->text, engine::mentions_in(extensions, content->text)).has_value());
    ASSERT(content->files.size() <= engine::kPostFilesMax);
    for (const engine::FileBody& file : content->files) {
      ASSERT(file.size <= engine::kFileSizeMax && file.name == engine::clean_file_name(file.name));
    }
    ASSERT(content->discussion.empty() || engine::parse_group_link(content->discussion).has_value());
    const bool about_post =
        content->kind == engine::ChannelContentKind::kEdit || content->kind == engine::ChannelContentKind::kDelete;
    ASSERT(!about_post || (content->post > 0 && content->post < 9));
  }
  static_cast<void>(engine::check_report(bytes));
  Bytes report = to_bytes(as_bytes("godwit report"));
  append(report, bytes);
  static_cast<void>(engine::check_report(report));
  return 0;
}
