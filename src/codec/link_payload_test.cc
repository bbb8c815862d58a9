#include "codec/link_payload.h"

#include <gtest/gtest.h>

#include "codec/errors.h"

namespace godwit::codec {
namespace {

TEST(LinkPayload, crc_of_the_standard_check_string_is_cbf43926) { EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U); }

TEST(LinkPayload, text_gives_the_bytes_back) {
  const Bytes bytes = to_bytes(as_bytes("some bytes of a link"));
  const auto back = from_link_payload(to_link_payload(bytes));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, bytes);
}

TEST(LinkPayload, every_changed_character_is_refused) {
  const std::string text = to_link_payload(as_bytes("some bytes of a link"));
  for (size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      if (changed[i] == static_cast<char>(c)) continue;
      changed[i] = static_cast<char>(c);
      EXPECT_FALSE(from_link_payload(changed).has_value()) << i << " " << c;
    }
  }
}

TEST(LinkPayload, every_truncation_is_refused) {
  const std::string text = to_link_payload(as_bytes("some bytes of a link"));
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(from_link_payload(std::string_view(text).substr(0, size)).has_value()) << size;
  }
}

TEST(LinkPayload, oversize_text_is_refused_by_name) {
  const auto back = from_link_payload(std::string(kLinkPayloadSizeMax + 1, 'A'));
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, kBadChecksum);
}

}  // namespace
}  // namespace godwit::codec
