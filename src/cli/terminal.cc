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

std::string print_local(Instant time, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> out{};
  const size_t size = std::strftime(out.data(), out.size(), format, &local);
  return std::string(out.data(), size);
}

}  // namespace

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
