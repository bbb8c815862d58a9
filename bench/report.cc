#include "bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace godwit::bench {
namespace {

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);  // NOLINT: the patterns are ours
  return text;
}

std::string with_separators(std::string digits) {
  for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    if (digits[static_cast<size_t>(at) - 1] != '-') digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string print_number(double value) {
  const double size = std::fabs(value);
  if (value == std::floor(value) && size < 1e15) return with_separators(format("%.0f", value));
  if (size >= 10'000) return with_separators(format("%.0f", std::round(value / 100) * 100));
  if (size >= 1'000) return with_separators(format("%.0f", std::round(value / 10) * 10));
  if (size >= 100) return format("%.0f", value);
  if (size >= 10) return format("%.1f", value);
  if (size >= 0.1) return format("%.2f", value);
  return format("%.3f", value);
}

std::string times(double value, double reference, const std::string& what) {
  return reference == 0 ? "no " + what + " to compare with" : print_number(value / reference) + " x " + what;
}

void print_skipped(const std::string& name, const std::string& why) {
  std::printf("%s\n  SKIPPED: %s\n", name.c_str(), why.c_str());
}

void Report::add(std::string key, std::string label, double value, std::string unit, std::string note) {
  rows_.push_back({std::move(key), std::move(label), value, std::move(unit), std::move(note), false});
}

void Report::heading(std::string text) { line("  " + text); }

void Report::line(std::string text) { rows_.push_back({{}, std::move(text), 0, {}, {}, false}); }

void Report::remark(std::string text) { remarks_.push_back(std::move(text)); }

void Report::add_hidden(std::string key, double value) { rows_.push_back({std::move(key), {}, value, {}, {}, true}); }

void Report::print_rows() const {
  size_t label_width = 0;
  size_t value_width = 0;
  size_t unit_width = 0;
  for (const Row& row : rows_) {
    if (row.hidden || row.key.empty()) continue;
    label_width = std::max(label_width, row.label.size());
    value_width = std::max(value_width, print_number(row.value).size());
    unit_width = std::max(unit_width, row.unit.size());
  }
  for (const Row& row : rows_) {
    if (row.hidden) continue;
    if (row.key.empty()) {
      std::printf("%s\n", row.label.c_str());
      continue;
    }
    std::printf("    %-*s  %*s %-*s", static_cast<int>(label_width), row.label.c_str(), static_cast<int>(value_width),
                print_number(row.value).c_str(), static_cast<int>(unit_width), row.unit.c_str());
    std::printf(row.note.empty() ? "%s\n" : "   %s\n", row.note.c_str());
  }
}

std::string Report::json() const {
  std::string out = "{\"bench\":" + quoted(name_);
  for (const Row& row : rows_) {
    if (!row.key.empty()) out += "," + quoted(row.key) + ":" + format("%.6g", row.value);
  }
  return out + "}\n";
}

bool Report::finish(const Options& options) const {
  std::printf("%s: %s\n", name_.c_str(), title_.c_str());
  print_rows();
  for (const std::string& remark : remarks_) std::printf("  %s\n", remark.c_str());
  std::fflush(stdout);
  if (!options.json_file) return true;
  std::FILE* file = std::fopen(options.json_file->c_str(), "ae");
  const std::string line = json();
  const bool ok = file != nullptr && std::fwrite(line.data(), 1, line.size(), file) == line.size();
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (!ok || !closed) std::fprintf(stderr, "%s: cannot write %s\n", name_.c_str(), options.json_file->c_str());
  return ok && closed;
}

}  // namespace godwit::bench
