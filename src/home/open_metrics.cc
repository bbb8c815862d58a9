#include "home/open_metrics.h"

#include <algorithm>

namespace godwit::home {
namespace {

constexpr std::string_view kTypeNames[] = {"counter", "gauge", "histogram", "info"};
constexpr std::string_view kSuffixes[] = {"_total", "", "", "_info"};

// Microseconds as seconds, without zeros at the end: "0.0025", "1.0". OpenMetrics wants the point in `le`.
std::string seconds_of(uint64_t us) {
  std::string fraction = std::to_string(us % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return std::to_string(us / 1'000'000) + "." + fraction;
}

}  // namespace

void Histogram::note(uint64_t us) {
  const auto end = std::lower_bound(kEndsUs.begin(), kEndsUs.end(), us);
  ++counts[static_cast<size_t>(end - kEndsUs.begin())];
  sum_us += us;
}

void OpenMetrics::family(std::string_view name, Type type, std::string_view unit, std::string_view help) {
  name_ = name;
  type_ = type;
  out_ += "# TYPE " + name_ + " ";
  out_ += kTypeNames[static_cast<size_t>(type)];
  if (!unit.empty()) out_.append("\n# UNIT ").append(name).append(" ").append(unit);
  out_.append("\n# HELP ").append(name).append(" ").append(help).append("\n");
}

void OpenMetrics::begin_line(std::string_view suffix, std::initializer_list<Label> labels) {
  out_.append(name_).append(suffix);
  char before = '{';
  for (const auto& [name, value] : labels) {
    out_ += before;
    out_.append(name).append("=\"").append(value).append("\"");
    before = ',';
  }
  if (labels.size() != 0) out_ += '}';
  out_ += ' ';
}

void OpenMetrics::sample(uint64_t value, std::initializer_list<Label> labels) {
  begin_line(kSuffixes[static_cast<size_t>(type_)], labels);
  out_ += std::to_string(value) + "\n";
}

void OpenMetrics::sample_thousandths(uint64_t value) {
  begin_line(kSuffixes[static_cast<size_t>(type_)], {});
  out_ += seconds_of(value * 1'000) + "\n";
}

void OpenMetrics::histogram(const Histogram& histogram) {
  uint64_t so_far = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    so_far += histogram.counts[i];
    const std::string end = i < Histogram::kEndsUs.size() ? seconds_of(Histogram::kEndsUs[i]) : "+Inf";
    begin_line("_bucket", {{"le", end}});
    out_ += std::to_string(so_far) + "\n";
  }
  begin_line("_count", {});
  out_ += std::to_string(so_far) + "\n";
  begin_line("_sum", {});
  out_ += seconds_of(histogram.sum_us) + "\n";
}

void OpenMetrics::counter(std::string_view name, std::string_view help, uint64_t value) {
  family(name, Type::kCounter, "", help);
  sample(value);
}

void OpenMetrics::gauge(std::string_view name, std::string_view unit, std::string_view help, uint64_t value) {
  family(name, Type::kGauge, unit, help);
  sample(value);
}

std::string OpenMetrics::finish() { return std::move(out_) + "# EOF\n"; }

}  // namespace godwit::home
