#include "cli/line_editor.h"

namespace godwit::cli {
namespace {

constexpr char ctrl(char letter) { return static_cast<char>(letter - 'A' + 1); }
bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

size_t LineEditor::before(size_t at) const {
  if (at == 0) return 0;
  --at;
  while (at > 0 && continues(text_[at])) --at;
  return at;
}

size_t LineEditor::after(size_t at) const {
  if (at >= text_.size()) return text_.size();
  ++at;
  while (at < text_.size() && continues(text_[at])) ++at;
  return at;
}

void LineEditor::insert(char byte) {
  if (text_.size() >= kLineBytesMax) return;
  text_.insert(cursor_, 1, byte);
  cursor_ += 1;
}

void LineEditor::erase_before() {
  const size_t start = before(cursor_);
  text_.erase(start, cursor_ - start);
  cursor_ = start;
}

void LineEditor::erase_word() {
  size_t start = cursor_;
  while (start > 0 && text_[start - 1] == ' ') --start;
  while (start > 0 && text_[start - 1] != ' ') --start;
  text_.erase(start, cursor_ - start);
  cursor_ = start;
}

void LineEditor::sequence() {
  if (escape_ == "[D" || escape_ == "OD") cursor_ = before(cursor_);
  if (escape_ == "[C" || escape_ == "OC") cursor_ = after(cursor_);
  if (escape_ == "[H" || escape_ == "OH" || escape_ == "[1~") cursor_ = 0;
  if (escape_ == "[F" || escape_ == "OF" || escape_ == "[4~") cursor_ = text_.size();
  if (escape_ == "[200~" || escape_ == "[201~") in_paste_ = escape_ == "[200~";
  if (escape_ == "[3~") text_.erase(cursor_, after(cursor_) - cursor_);
}

void LineEditor::control(char byte, Typed& typed) {
  switch (byte) {
    case '\r':
    case '\n':
      typed.lines.push_back(text_);
      text_.clear();
      cursor_ = 0;
      break;
    case ctrl('A'):
      cursor_ = 0;
      break;
    case ctrl('E'):
      cursor_ = text_.size();
      break;
    case ctrl('K'):
      text_.erase(cursor_);
      break;
    case ctrl('U'):
      text_.erase(0, cursor_);
      cursor_ = 0;
      break;
    case ctrl('W'):
      erase_word();
      break;
    case ctrl('H'):
    case '\x7f':
      erase_before();
      break;
    case ctrl('D'):
      if (text_.empty()) typed.ended = true;
      break;
    case ctrl('C'):
      typed.ended = true;
      break;
    case '\x1b':
      in_escape_ = true;
      escape_.clear();
      break;
    case '\t':
      insert(' ');
      break;
    default:
      break;
  }
}

Typed LineEditor::feed(std::string_view bytes) {
  Typed typed;
  for (const char byte : bytes) {
    if (typed.ended) break;
    if (in_escape_) {
      escape_ += byte;
      // ESC [ parameters final, or ESC O final (ECMA-48 §5.4); anything else is one character long.
      const bool starts = escape_.size() == 1 && (byte == '[' || byte == 'O');
      const bool goes_on = escape_.size() > 1 && byte >= ' ' && byte < '@' && escape_.size() < 16;
      if (starts || goes_on) continue;
      in_escape_ = false;
      sequence();
    } else if (in_paste_ && (byte == '\r' || byte == '\n')) {
      insert('\n');
    } else if (in_paste_ && byte != '\x1b' && byte != '\t' && static_cast<unsigned char>(byte) < 0x20) {
      continue;  // it steers nothing
    } else if (static_cast<unsigned char>(byte) < 0x20 || byte == '\x7f') {
      control(byte, typed);
    } else {
      insert(byte);
    }
  }
  return typed;
}

}  // namespace godwit::cli
