#pragma once
// What WhatsApp writes in place of media, and of messages that are no more, in the languages of its users.

#include <functional>
#include <string>
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

/// What of an export tells files from words, in languages that are in no table here. All of one chat are read with the same.
struct FileHints {
  std::function<bool(std::string_view name)>
      has_file;  ///< Is there a file of this name in the export? Empty: nobody knows.
  std::string
      words;  ///< What Android wrote behind a name that was surely a file's, set by parse_phrase: it does so each time.
};

/// Reads a text as it stands after the sender. `marked`: an invisible mark stood before it, as the messenger sets it before what it
/// has written itself. "NAME (words)" is a file if the words are known, if NAME is such as WhatsApp gives, or if the export has a
/// file NAME; in the last case the text stays, if the words were not seen behind a file's name before: a person may have written it.
Phrase parse_phrase(std::string_view text, bool marked, FileHints& hints);

}  // namespace godwit::imports
