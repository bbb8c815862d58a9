#include "cli/terminal.h"

#include <gtest/gtest.h>

#include "base/terminal_qr.h"

namespace godwit::cli {
namespace {

TEST(terminal, a_message_cannot_steer_the_terminal) {
  EXPECT_EQ(safe_text("a\x1b[2Jb\x07"), "a\\x1b[2Jb\\x07");
  EXPECT_EQ(safe_text("\xc2\x9b"), "\\x9b") << "CSI as one character (ECMA-48 §8.3.16)";
  EXPECT_EQ(safe_text("\xe2\x80\xae" "x"), "\\u202ex") << "right-to-left override";
  EXPECT_EQ(safe_text("line\nПривет 😀"), "line\nПривет 😀");
  EXPECT_EQ(safe_line("a\nb\tc"), "a b c");
}

TEST(terminal, what_is_no_utf8_is_shown_as_such) {
  EXPECT_EQ(safe_text("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(safe_text("\xd0"), "\xef\xbf\xbd");
  EXPECT_EQ(safe_text("\xc0\xaf").find('/'), std::string::npos) << "overlong";
}

TEST(terminal, a_code_is_drawn_and_too_long_a_text_is_not) {
  const std::string code = qr_for_terminal("godwit:i#abc");
  EXPECT_GT(code.size(), 100U);
  EXPECT_EQ(qr_for_terminal(std::string(4000, 'x')), "");
}

}  // namespace
}  // namespace godwit::cli
