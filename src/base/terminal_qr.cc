#include "base/terminal_qr.h"

#include <qrencode.h>

#include <memory>

namespace godwit {
namespace {

/// Light modules around a code (ISO/IEC 18004 asks for 4; phones read 2, and a terminal is small).
constexpr int kQuietModules = 2;

}  // namespace

std::string qr_for_terminal(std::string_view text) {
  const std::string terminated(text);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_L), QRcode_free);
  if (code == nullptr) return {};
  const int width = code->width;
  const auto dark = [&](int row, int column) {
    if (row < 0 || column < 0 || row >= width || column >= width) return false;
    return (code->data[row * width + column] & 1) != 0;
  };
  std::string out;
  for (int row = -kQuietModules; row < width + kQuietModules; row += 2) {
    out += "\x1b[30;107m";
    for (int column = -kQuietModules; column < width + kQuietModules; ++column) {
      const bool upper = dark(row, column);
      const bool lower = dark(row + 1, column);
      out += upper && lower ? "\xe2\x96\x88" : upper ? "\xe2\x96\x80" : lower ? "\xe2\x96\x84" : " ";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace godwit
