#include "engine/content.h"

#include <algorithm>

#include "engine/claimed_time.h"
#include "engine/commands.h"
#include "engine/member_info.h"

namespace godwit::engine {
namespace {
constexpr uint8_t kVersion = 1;
}  // namespace

Result<Content> parse_content(ByteView plaintext) {
  REQUIRE(plaintext.size() <= kContentSizeMax, kBadContent, "a message has at most 120 KiB");
  codec::Reader reader(plaintext);
  auto content = codec::decode<Content>(reader);
  REQUIRE(content.has_value() && content->version >= kVersion, kBadContent, "a message is well-formed");
  REQUIRE(content->version > kVersion || reader.at_end(), kBadContent, "nothing follows a message of version 1");
  REQUIRE(content->sent_ms <= kSentMsMax, kBadContent, "a message was sent before the year 10000");
  REQUIRE(content->extensions.size() <= kExtensionsMax, kBadContent, "a message has at most 16 extensions");
  size_t bytes = 0;
  for (const ContentExtension& each : content->extensions) bytes += each.data.size();
  REQUIRE(bytes <= kExtensionBytesMax, kBadContent, "extensions have at most 16 KiB");
  if (content->expire_seconds) {
    const uint32_t seconds = *content->expire_seconds;
    REQUIRE(seconds >= kDisappearSecondsMin && seconds <= kDisappearSecondsMax, kBadContent,
            "messages disappear after 5 s to a year");
  }
  return content;
}

Result<std::string> text_of(const Content& content) {
  const std::string_view text = as_text(content.body);
  REQUIRE(content.kind == ContentKind::kText, kBadContent, "a text");
  REQUIRE(text.size() <= kTextSizeMax && is_utf8(text), kBadContent, "a text is at most 100 KiB of UTF-8");
  return std::string(text);
}

Result<Receipt> receipt_of(const Content& content) {
  auto receipt = TRY(body_of<Receipt>(content));
  REQUIRE(receipt.delivered.size() <= kContentIdsMax && receipt.read.size() <= kContentIdsMax, kBadContent,
          "a receipt names at most 256 messages of each kind");
  return receipt;
}

Result<Resend> resend_of(const Content& content) {
  auto resend = TRY(body_of<Resend>(content));
  REQUIRE(resend.ids.size() <= kContentIdsMax, kBadContent, "a resend names at most 256 messages");
  return resend;
}

const Bytes* find_extension(const std::vector<ContentExtension>& extensions, ExtensionId id) {
  const auto found =
      std::find_if(extensions.begin(), extensions.end(), [id](const ContentExtension& each) { return each.id == id; });
  return found == extensions.end() ? nullptr : &found->data;
}

}  // namespace godwit::engine
