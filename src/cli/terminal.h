#pragma once
// What people see: text made safe for a terminal, times, one line of progress.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/safe_text.h"
#include "base/time.h"
#include "net/event_loop.h"

namespace godwit::cli {

/// The characters of `text` that fit into `bytes`.
std::string shortened(std::string_view text, size_t bytes);

/// "2026-11-23 22:50:01" in this machine's time zone.
std::string print_time(Instant time);
/// "22:50" in this machine's time zone.
std::string print_hour(Instant time);

/// Columns that `text` takes on a terminal.
size_t columns_of(std::string_view text);
/// Columns of the terminal behind `descriptor`; 80 if that is unknown.
size_t terminal_columns(int descriptor);

/// Writes to standard output at once. False: nobody reads any more.
bool print_out(std::string_view text);
/// Writes a line for people to standard error.
void print_note(std::string_view line);
/// Writes "godwit: ..." with the sentence of the error to standard error.
void print_error(const Error& error);

/// A line on standard error while something takes longer than a second; nothing if it is quicker.
class Progress {
 public:
  /// `what` is said after a second: "waiting for the home".
  Progress(net::EventLoop& loop, std::string what);
  /// Takes the line away again, on a terminal.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// True if the line is drawn anew, and not a line for each detail.
  bool on_terminal() const { return terminal_; }
  /// Adds a detail in brackets: how the connection stands.
  void detail(std::string text);

 private:
  void show();

  net::EventLoop& loop_;
  std::string what_;
  std::string detail_;
  Instant start_;
  bool terminal_;
  bool shown_ = false;
  net::Timer timer_;
};

}  // namespace godwit::cli
