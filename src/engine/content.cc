#include "engine/content.h"

#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/member_info.h"

namespace godwit::engine {
namespace {
constexpr uint8_t kVersion = 1;

// The body of a known kind; members that a later version has appended are left unread.
template <typename T>
Result<T> body_of(const Content& content) {
  codec::Reader reader(content.body);
  auto body = codec::decode<T>(reader);
  REQUIRE(body.has_value() && (content.version > kVersion || reader.at_end()), kBadContent, "a body is well-formed");
  return body;
}

}  // namespace

Result<Content> parse_content(ByteView plaintext) {
  auto content = codec::decoded<Content>(plaintext);
  REQUIRE(content.has_value() && content->version >= kVersion, kBadContent, "a message is well-formed");
  // Beyond the year 9999 a host's calendar may not follow.
  REQUIRE(content->sent_ms <= 253'402'300'799'999U, kBadContent, "a message was sent before the year 10000");
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

}  // namespace godwit::engine
