#include "cli/terminal.h"

#include <gtest/gtest.h>

#include "base/terminal_qr.h"

namespace godwit::cli {
namespace {

TEST(terminal, a_code_is_drawn_and_too_long_a_text_is_not) {
  const std::string code = qr_for_terminal("godwit:i#abc");
  EXPECT_GT(code.size(), 100U);
  EXPECT_EQ(qr_for_terminal(std::string(4000, 'x')), "");
}

}  // namespace
}  // namespace godwit::cli
