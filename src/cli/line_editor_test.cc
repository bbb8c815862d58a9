#include "cli/line_editor.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(line_editor, enter_finishes_lines) {
  LineEditor editor;
  const Typed typed = editor.feed("one\rtwo\nthr");
  EXPECT_EQ(typed.lines, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(editor.text(), "thr");
}

TEST(line_editor, backspace_takes_a_whole_character) {
  LineEditor editor;
  editor.feed("a\xd0\x9f\x7f");
  EXPECT_EQ(editor.text(), "a");
  editor.feed("\x7f\x7f");
  EXPECT_EQ(editor.text(), "");
}

TEST(line_editor, the_arrows_move_and_text_goes_in_at_the_cursor) {
  LineEditor editor;
  editor.feed("ac\x1b[Db\x1b[H!\x1b[F?");
  EXPECT_EQ(editor.text(), "!abc?");
  editor.feed("\x1b[H\x1b[3~");
  EXPECT_EQ(editor.text(), "abc?");
}

TEST(line_editor, sequences_cut_in_two_and_unknown_ones_leave_no_trace) {
  LineEditor editor;
  editor.feed("x\x1b");
  editor.feed("[1;5");
  editor.feed("Cy\x1b[200~z\x1bq");
  EXPECT_EQ(editor.text(), "xyz");
}

TEST(line_editor, what_is_pasted_is_one_text_that_waits_for_enter) {
  LineEditor editor;
  EXPECT_TRUE(editor.feed("a\x1b[200~one\rtw\x03o\n\x04").lines.empty());
  EXPECT_FALSE(editor.feed("three\x1b[201~").ended);
  const Typed typed = editor.feed("\r");
  ASSERT_EQ(typed.lines.size(), 1U);
  EXPECT_EQ(typed.lines[0], "aone\ntwo\nthree");
}

TEST(line_editor, control_d_ends_only_an_empty_line) {
  LineEditor editor;
  EXPECT_FALSE(editor.feed("a\x04").ended);
  EXPECT_TRUE(editor.feed("\x15\x04").ended);
}

TEST(line_editor, control_w_takes_a_word) {
  LineEditor editor;
  editor.feed("one two  \x17");
  EXPECT_EQ(editor.text(), "one ");
}

}  // namespace
}  // namespace godwit::cli
