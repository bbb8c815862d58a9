#pragma once
// The head of a line of WhatsApp's "Export chat": date and time in the manner of the phone that wrote it.
//
//   12/31/20, 9:41 PM - Anna: text            Android
//   [31.12.20, 21:41:05] Anna: text           iOS
//
// Which of the first two numbers is the day stands nowhere: whatsapp_reader.h works it out over the whole file.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::imports {

/// What all heads of one file have in common.
struct HeadShape {
  bool bracket = false;  ///< iOS
  char separator = 0;    ///< Between the numbers of the date.
  friend bool operator==(const HeadShape&, const HeadShape&) = default;
};

/// A head, its date not yet understood.
struct LineHead {
  HeadShape shape;
  std::array<uint32_t, 3> date{};  ///< The numbers as they stand.
  bool year_first = false;         ///< The first has four digits.
  bool meridiem = false;           ///< Twelve hours, of which it says which.
  uint32_t hour = 0;               ///< 0 to 23
  uint32_t minute = 0;
  uint32_t second = 0;
  size_t size = 0;  ///< Bytes of the line that it takes; then comes "Name: text", or a notice.
};

/// The head of `line`, or nothing: then the line goes on with the message before it.
std::optional<LineHead> parse_head(std::string_view line);

/// The order of day and month.
enum class DateOrder : uint8_t { kDayFirst, kMonthFirst };

/// Milliseconds since 1970 of the wall clock, or nothing if there is no such day in this order. Years of two digits are of this
/// century; years between 1300 and 1500 are of the Persian calendar.
std::optional<int64_t> time_of(const LineHead& head, DateOrder order);

}  // namespace godwit::imports
