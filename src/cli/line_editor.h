#pragma once
// What a person is typing: pure, fed with what the terminal sends. Arrows, Home, End, Backspace, Delete, ^A ^E ^U
// ^W ^K, and ^D at an empty line ends. Not here: the terminal itself, history of lines, completion.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::cli {

/// What came of the bytes fed so far.
struct Typed {
  std::vector<std::string> lines;  ///< finished with Enter, in order; UTF-8
  bool ended = false;              ///< ^D at an empty line, or ^C
};

/// The line and where the cursor stands in it.
class LineEditor {
 public:
  /// Bytes of one line at most; more are not taken (a message may have 100 KiB).
  static constexpr size_t kLineBytesMax = 100 * 1024;

  /// Takes what the terminal sent. Lines that are pasted between its marks are one text, and wait for Enter.
  Typed feed(std::string_view bytes);
  /// What is typed so far.
  const std::string& text() const { return text_; }
  /// Where the cursor is, in bytes of text().
  size_t cursor() const { return cursor_; }

 private:
  void control(char byte, Typed& typed);
  void sequence();
  void insert(char byte);
  void erase_before();
  void erase_word();
  size_t before(size_t at) const;
  size_t after(size_t at) const;

  std::string text_;
  size_t cursor_ = 0;
  std::string escape_;  // an escape sequence under way, without ESC
  bool in_escape_ = false;
  bool in_paste_ = false;  // between the marks
};

}  // namespace godwit::cli
