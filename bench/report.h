#pragma once
// One table for people, one line of JSON for programs: how every program of bench/ shows its figures.

#include <optional>
#include <string>
#include <vector>

#include "bench/options.h"

namespace godwit::bench {

/// The figures of one program.
class Report {
 public:
  /// `name` is the program's, `title` says in one line what was measured and how.
  Report(std::string name, std::string title) : name_(std::move(name)), title_(std::move(title)) {}

  /// One figure. `key` names it in JSON (snake_case, unit last), `label` in the table; `note` says what it is compared
  /// with, such as "0.31 x TLS 1.3".
  void add(std::string key, std::string label, double value, std::string unit, std::string note = {});
  /// A line across the table that begins a group of rows.
  void heading(std::string text);
  /// A line of free text inside the table.
  void line(std::string text);
  /// A sentence below the table.
  void remark(std::string text);
  /// A figure that stands in JSON only.
  void add_hidden(std::string key, double value);

  /// Prints the table and appends to options.json_file. False: the file cannot be written (said on stderr).
  bool finish(const Options& options) const;

 private:
  struct Row {
    std::string key;  ///< Empty: a heading.
    std::string label;
    double value = 0;
    std::string unit;
    std::string note;
    bool hidden = false;
  };
  void print_rows() const;
  std::string json() const;

  std::string name_;
  std::string title_;
  std::vector<Row> rows_;
  std::vector<std::string> remarks_;
};

/// `value` with about three significant digits and thousands' separators: "12,300", "0.042".
std::string print_number(double value);
/// "2.41 x <what>": how many times `value` is of `reference`.
std::string times(double value, double reference, const std::string& what);
/// Prints why a figure could not be measured, in the one form that people can search for: "SKIPPED: <why>".
void print_skipped(const std::string& name, const std::string& why);

}  // namespace godwit::bench
