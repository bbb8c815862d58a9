#pragma once
// What WhatsApp writes in place of media, and of messages that are no more, in the languages of its users.

#include <string_view>

namespace godwit::imports {

/// What a message's text says besides being text.
struct Phrase {
  std::string_view media;  ///< The name of a file; empty: none.
  std::string_view text;   ///< What is left as text.
  bool omitted = false;
  bool deleted = false;
  bool edited = false;
};

/// Reads a text as it stands after the sender. `marked`: an invisible mark stood before it, as iOS sets it before what the
/// messenger itself has written.
Phrase parse_phrase(std::string_view text, bool marked);

}  // namespace godwit::imports
