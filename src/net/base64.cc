#include "net/base64.h"

#include <array>

namespace godwit::net {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> out{};
  for (int8_t& each : out) each = -1;
  for (size_t i = 0; i < kDigits.size(); ++i) out[static_cast<uint8_t>(kDigits[i])] = static_cast<int8_t>(i);
  return out;
}
constexpr std::array<int8_t, 256> kValues = make_values();

}  // namespace

std::string to_base64(ByteView bytes, size_t line) {
  std::string out;
  out.reserve(bytes.size() * 4 / 3 + bytes.size() / 20 + 8);
  size_t column = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 |
                           (left > 1 ? static_cast<uint32_t>(bytes[i + 1]) << 8 : 0U) |
                           (left > 2 ? static_cast<uint32_t>(bytes[i + 2]) : 0U);
    out += kDigits[group >> 18];
    out += kDigits[group >> 12 & 63];
    out += left > 1 ? kDigits[group >> 6 & 63] : '=';
    out += left > 2 ? kDigits[group & 63] : '=';
    column += 4;
    if (line != 0 && column + 4 > line) {
      out += "\r\n";
      column = 0;
    }
  }
  if (line != 0 && column != 0) out += "\r\n";
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  uint32_t group = 0;
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      if (++padding > 2) return std::nullopt;
      continue;
    }
    const int8_t value = kValues[static_cast<uint8_t>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(value);
    if (++digits % 4 != 0) continue;
    out.push_back(static_cast<uint8_t>(group >> 16));
    out.push_back(static_cast<uint8_t>(group >> 8));
    out.push_back(static_cast<uint8_t>(group));
    group = 0;
  }
  const size_t rest = digits % 4;
  if (rest == 1 || (rest + padding) % 4 != 0) return std::nullopt;
  if (rest >= 2) out.push_back(static_cast<uint8_t>(group >> (rest == 2 ? 4 : 10)));
  if (rest == 3) out.push_back(static_cast<uint8_t>(group >> 2));
  return out;
}

}  // namespace godwit::net
