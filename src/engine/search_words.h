#pragma once
// What counts as a word when people search: without case, accents and endings.

#include <string>
#include <string_view>
#include <vector>

namespace godwit::engine {

/// Bytes of a word; what is longer is cut.
constexpr size_t kWordSizeMax = 64;

/// The words of a text in their order: lower case, no accents, ё as е, full-width letters as plain ones; each character of a script
/// without blanks between words is a word.
std::vector<std::string> words_of(std::string_view text);
/// Without its ending: by the Snowball stemmer for Russian if it has Cyrillic letters, for English if it is ASCII, else as it is.
std::string stem_of(const std::string& word);

/// What was asked for.
struct SearchQuery {
  /// One word of it.
  struct Word {
    std::string word;
    std::string stem;
    bool exact = false;   ///< Of a phrase.
    bool prefix = false;  ///< It may be unfinished.
  };
  std::vector<Word> words;
  std::vector<std::vector<std::string>> phrases;
};
/// Words of a query; more than this are not looked at.
constexpr size_t kQueryWordsMax = 16;
/// Reads what a person has typed. No words: there is nothing to search for.
SearchQuery parse_query(std::string_view text);
/// True if the text has all that was asked for.
bool fits_query(const SearchQuery& query, std::string_view text);

}  // namespace godwit::engine
