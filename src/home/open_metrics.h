#pragma once
// Counts as OpenMetrics text (OpenMetrics 1.0, "Text format"), which Prometheus and others read. Pure. Names, labels and their values are
// literals of ours, or names of requests and errors: nothing that came from anybody may be given here.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace godwit::home {

/// How long something took, counted by size.
struct Histogram {
  /// The upper ends, in microseconds; what takes longer is counted behind the last.
  static constexpr std::array<uint64_t, 14> kEndsUs = {100,    250,    500,     1'000,   2'500,   5'000,     10'000,
                                                       25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};
  std::array<uint64_t, kEndsUs.size() + 1> counts{};
  uint64_t sum_us = 0;

  /// One more.
  void note(uint64_t us);
};

/// Writes families one after another; each begins by family() and ends with the next.
class OpenMetrics {
 public:
  /// What the numbers of a family are.
  enum class Type : uint8_t { kCounter, kGauge, kHistogram, kInfo };
  /// A name and a value.
  using Label = std::pair<std::string_view, std::string_view>;

  /// Begins a family. `name` is snake_case and ends with `_` and `unit`, if there is one; `help` is one line.
  void family(std::string_view name, Type type, std::string_view unit, std::string_view help);
  /// A number of a counter or gauge, or the 1 of an info.
  void sample(uint64_t value, std::initializer_list<Label> labels = {});
  /// The same with a fraction: in thousandths.
  void sample_thousandths(uint64_t value);
  /// All of a histogram, in seconds.
  void histogram(const Histogram& histogram);
  /// A counter or gauge without labels, at once.
  void counter(std::string_view name, std::string_view help, uint64_t value);
  /// The same.
  void gauge(std::string_view name, std::string_view unit, std::string_view help, uint64_t value);
  /// The whole, with its end.
  std::string finish();

 private:
  void begin_line(std::string_view suffix, std::initializer_list<Label> labels);

  std::string out_;
  std::string name_;
  Type type_ = Type::kGauge;
};

}  // namespace godwit::home
