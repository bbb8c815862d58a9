// What a message says: written by a peer. What is taken for text is UTF-8 within its bound.

#include "base/assert.h"
#include "engine/commands.h"
#include "engine/content.h"
#include "engine/content_bodies.h"
#include "engine/file_content.h"
#include "engine/member_info.h"
#include "engine/message_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::engine;
  const auto content = parse_content({data, size});
  if (!content) return 0;
  ASSERT(content->version > 1 || godwit::codec::encoded(*content).size() == size);
  if (const auto edit = edit_of(*content)) ASSERT(is_utf8(edit->text));
  if (const auto reaction = reaction_of(*content)) ASSERT(is_plain_line(reaction->reaction, kReactionSizeMax));
  if (const auto poll = poll_of(*content)) ASSERT(poll->options.size() <= kPollOptionsMax);
  if (const auto vote = vote_of(*content)) ASSERT(vote->choices.size() <= kPollOptionsMax);
  if (const auto contact = contact_of(*content)) ASSERT(is_plain_line(contact->name, kNameSizeMax));
  static_cast<void>(settings_of(*content));
  static_cast<void>(location_of(*content));
  static_cast<void>(target_of(*content));
  if (const auto history = history_of(*content, {}, false)) {
    // What is kept says again what came.
    const Content again = content_of(*history);
    ASSERT(again.id == content->id && again.extensions == content->extensions);
    const auto parsed = parse_content(godwit::codec::encoded(again));
    ASSERT(content->kind == ContentKind::kFile || parsed.has_value());
    for (const TextSpan& each : spans_in(history->extensions, history->text)) ASSERT(each.start < history->text.size());
    ASSERT(mentions_in(history->extensions, history->text).size() <= kMentionsMax);
    if (const auto preview = preview_in(history->extensions, history->text)) {
      ASSERT(history->text.find(preview->link) != std::string::npos && is_plain_line(preview->title, kPreviewTitleSizeMax));
    }
  }
  if (const auto text = text_of(*content)) ASSERT(text->size() <= kTextSizeMax && is_utf8(*text));
  if (const auto receipt = receipt_of(*content)) ASSERT(receipt->delivered.size() <= kContentIdsMax);
  if (const auto resend = resend_of(*content)) ASSERT(resend->ids.size() <= kContentIdsMax);
  if (const auto file = file_of(*content)) {
    ASSERT(file->size <= kFileSizeMax && file->name.find('/') == std::string::npos);
    ASSERT(!file->name.empty() && file->name.size() <= kFileNameSizeMax && is_utf8(file->name));
    ASSERT(clean_file_name(file->name) == file->name);
  }
  return 0;
}
