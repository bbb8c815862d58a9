#include "cli/codes.h"

#include <unistd.h>

#include <algorithm>

#include "base/terminal_qr.h"
#include "cli/terminal.h"

namespace godwit::cli {

std::string code_that_fits(std::string_view text, int descriptor) {
  if (::isatty(descriptor) != 1) return {};
  std::string code = qr_for_terminal(text);
  // Each line has two rows of its square.
  const auto columns = 2 * static_cast<size_t>(std::count(code.begin(), code.end(), '\n'));
  return columns <= terminal_columns(descriptor) ? code : std::string();
}

std::string print_number(std::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    out += digits[i];
    if (i % 5 == 4) out += i % 20 == 19 ? '\n' : ' ';
  }
  return out;
}

}  // namespace godwit::cli
