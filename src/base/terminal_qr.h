#pragma once
// QR codes for terminals.

#include <string>
#include <string_view>

namespace godwit {

/// `text` as a QR code, drawn black on white with half blocks whatever the terminal's colours are; each line ends with a
/// newline. Empty: it does not fit into a code.
std::string qr_for_terminal(std::string_view text);

}  // namespace godwit
