#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <cwchar>

#include "api/messages.h"
#include "base/bytes.h"
#include "cli/files.h"

namespace godwit::cli {
namespace {

/// One character of UTF-8, or one byte that is none.
struct Character {
  size_t size;
  uint32_t code;  ///< 0xfffd if it is no UTF-8
};

Character character_at(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || size > text.size()) return {1, 0xfffd};
  if (size == 1) return {1, first};
  uint32_t code = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {1, 0xfffd};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  return {size, code};
}

bool turns_direction(uint32_t code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
         code == 0x061c;
}

std::string escaped(const char* format, uint32_t code) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), format, static_cast<unsigned>(code));
  return out.data();
}

std::string print_local(Instant time, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> out{};
  const size_t size = std::strftime(out.data(), out.size(), format, &local);
  return std::string(out.data(), size);
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = character_at(text);
    const bool control = next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0);
    if (next.code == 0xfffd) {
      out += "\xef\xbf\xbd";
    } else if (control && next.code != '\n' && next.code != '\t') {
      out += escaped("\\x%02x", next.code);
    } else if (turns_direction(next.code)) {
      out += escaped("\\u%04x", next.code);
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

std::string safe_line(std::string_view text) {
  std::string out = safe_text(text);
  for (char& each : out) {
    if (each == '\n' || each == '\t') each = ' ';
  }
  return out;
}

std::string shortened(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes));
}

std::string print_time(Instant time) { return print_local(time, "%Y-%m-%d %H:%M:%S"); }
std::string print_hour(Instant time) { return print_local(time, "%H:%M"); }

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const Character next = character_at(text);
    const int width = ::wcwidth(static_cast<wchar_t>(next.code));
    columns += width < 0 ? 1 : static_cast<size_t>(width);
    text.remove_prefix(next.size);
  }
  return columns;
}

size_t terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool print_out(std::string_view text) { return write_all(STDOUT_FILENO, as_bytes(text)); }

void print_note(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  if (!write_all(STDERR_FILENO, as_bytes(whole))) return;  // nobody to tell it to
}

void print_error(const Error& error) {
  std::string line = "godwit: ";
  line += api::message_of(error.code);
  line += " [";
  line += error.code.name;
  line += "]";
  print_note(line);
}

Progress::Progress(net::EventLoop& loop, std::string what)
    : loop_(loop),
      what_(std::move(what)),
      start_(loop.steady_now()),
      terminal_(::isatty(STDERR_FILENO) == 1),
      timer_(loop) {
  timer_.set(seconds(1), [this] { show(); });
}

Progress::~Progress() {
  if (shown_ && terminal_ && !write_all(STDERR_FILENO, as_bytes("\r\x1b[K"))) return;
}

void Progress::detail(std::string text) {
  if (text == detail_) return;
  detail_ = std::move(text);
  if (shown_) show();
}

void Progress::show() {
  std::string line = what_ + " ...";
  if (!detail_.empty()) line += " (" + detail_ + ")";
  if (!terminal_) {
    print_note(line);
    shown_ = true;
    return;
  }
  line += " " + std::to_string((loop_.steady_now() - start_).ms / 1000) + " s";
  shown_ = write_all(STDERR_FILENO, as_bytes("\r\x1b[K" + line));
  timer_.set(seconds(1), [this] { show(); });
}

}  // namespace godwit::cli
