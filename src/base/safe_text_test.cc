#include "base/safe_text.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(safe_text, a_message_cannot_steer_the_terminal) {
  EXPECT_EQ(safe_text("a\x1b[2Jb\x07"), "a\\x1b[2Jb\\x07");
  EXPECT_EQ(safe_text("\xc2\x9b"), "\\x9b") << "CSI as one character (ECMA-48 §8.3.16)";
  EXPECT_EQ(safe_text("\xe2\x80\xae" "x"), "\\u202ex") << "right-to-left override";
  EXPECT_EQ(safe_text("line\nПривет 😀"), "line\nПривет 😀");
  EXPECT_EQ(safe_line("a\nb\tc"), "a b c");
}

TEST(safe_text, what_is_no_utf8_is_shown_as_such) {
  EXPECT_EQ(safe_text("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(safe_text("\xd0"), "\xef\xbf\xbd");
  EXPECT_EQ(safe_text("\xc0\xaf").find('/'), std::string::npos) << "overlong";
}

}  // namespace
}  // namespace godwit
