#include "engine/search_words.h"

#include <libstemmer.h>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace godwit::engine {
namespace {

// Texts of the history are UTF-8; anything else is taken byte by byte and fits nothing.
char32_t take(std::string_view& text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size == 1 || text.size() < size) return text.remove_prefix(1), char32_t{first < 0x80 ? first : 0U};
  char32_t out = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) out = (out << 6) | (byte(i) & 0x3fU);
  text.remove_prefix(size);
  return out;
}

void put(std::string& out, char32_t of) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<uint8_t>(value)); };
  if (of < 0x80) return byte(of);
  if (of < 0x800) return byte(0xc0 | (of >> 6)), byte(0x80 | (of & 0x3f));
  if (of < 0x10000) return byte(0xe0 | (of >> 12)), byte(0x80 | ((of >> 6) & 0x3f)), byte(0x80 | (of & 0x3f));
  byte(0xf0 | (of >> 18)), byte(0x80 | ((of >> 12) & 0x3f)), byte(0x80 | ((of >> 6) & 0x3f)), byte(0x80 | (of & 0x3f));
}

// The letters under the accents, from U+00C0 and from U+0100 on. '*': as it is.
constexpr std::string_view kLatin1 = "aaaaaa*ceeeeiiii*nooooo**uuuuy**aaaaaa*ceeeeiiii*nooooo**uuuuy*y";
constexpr std::string_view kLatinA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkkllllllllllnnnnnnnnnoooooo**"
    "rrrrrrssssssssttttttuuuuuuuuuuuuww" "yyyzzzzzzs";

char32_t unaccented(char32_t of) {
  if (of >= 0xc0 && of < 0x100 && kLatin1[of - 0xc0] != '*') return static_cast<unsigned char>(kLatin1[of - 0xc0]);
  if (of >= 0x100 && of < 0x100 + kLatinA.size() && kLatinA[of - 0x100] != '*') {
    return static_cast<unsigned char>(kLatinA[of - 0x100]);
  }
  if (of >= 0x1ea0 && of <= 0x1ef9) {  // Vietnamese
    return of < 0x1eb8   ? U'a'
           : of < 0x1ec8 ? U'e'
           : of < 0x1ecc ? U'i'
           : of < 0x1ee4 ? U'o'
           : of < 0x1ef2 ? U'u'
                         : U'y';
  }
  return of;
}

char32_t folded(char32_t of) {
  if (of >= 0xff01 && of <= 0xff5e) of -= 0xfee0;
  if (of >= U'A' && of <= U'Z') return of + 32;
  if (of < 0x80) return of;
  if (of >= 0x660 && of <= 0x669) return U'0' + (of - 0x660);
  if (of >= 0x6f0 && of <= 0x6f9) return U'0' + (of - 0x6f0);
  if (of >= 0x400 && of <= 0x40f) of += 0x50;
  if (of >= 0x410 && of <= 0x42f) of += 0x20;
  if (of == 0x451) return 0x435;
  if (of >= 0x460 && of <= 0x4ff && of != 0x4c0 && (of & 1) == 0 && (of < 0x482 || of > 0x489)) return of + 1;
  if (of >= 0x391 && of <= 0x3a9) return of + 0x20;
  if (of == 0x3c2) return 0x3c3;
  if (of == 0xc6) return 0xe6;
  if (of == 0xd8 || of == 0xf8) return U'o';
  if (of == 0xde) return 0xfe;
  if (of == 0xd0) return 0xf0;
  if (of == 0x64a || of == 0x649) return 0x6cc;  // ي and ی are typed for one another
  if (of == 0x643) return 0x6a9;
  return unaccented(of);
}

bool is_dropped(char32_t of) {
  return (of >= 0x300 && of <= 0x36f) || (of >= 0x64b && of <= 0x652) || (of >= 0x200b && of <= 0x200f) ||
         (of >= 0x202a && of <= 0x202e) || (of >= 0x2060 && of <= 0x2069) || of == 0xad || of == 0x640;
}

bool is_letter(char32_t of) {
  if (of < 0x80) return (of >= U'a' && of <= U'z') || (of >= U'0' && of <= U'9');
  if (of < 0xc0) return of == 0xaa || of == 0xb5 || of == 0xba;
  return of != 0xd7 && of != 0xf7 && of != 0x60c && of != 0x61b && of != 0x61f && !(of >= 0x2000 && of <= 0x2bff) &&
         !(of >= 0x3000 && of <= 0x303f) && !(of >= 0xff00 && of <= 0xffef && of < 0xff10);
}

// Scripts without blanks between words.
bool stands_alone(char32_t of) {
  return (of >= 0x0e00 && of <= 0x0e7f) || (of >= 0x3040 && of <= 0x30ff) || (of >= 0x3400 && of <= 0x9fff) ||
         (of >= 0x20000 && of <= 0x3ffff);
}

struct StemmerDelete {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, StemmerDelete>;

// Making one costs far more than using it, and it remembers nothing from word to word; one thread has one.
std::string stem_by(const char* language, const std::string& word, Stemmer& stemmer) {
  if (!stemmer) stemmer.reset(sb_stemmer_new(language, "UTF_8"));
  if (!stemmer) return word;
  const auto* symbols = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* out = sb_stemmer_stem(stemmer.get(), symbols, static_cast<int>(word.size()));
  if (out == nullptr) return word;
  return {reinterpret_cast<const char*>(out), static_cast<size_t>(sb_stemmer_length(stemmer.get()))};
}

bool has_phrase(const std::vector<std::string>& words, const std::vector<std::string>& phrase) {
  return std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  while (!text.empty()) {
    const char32_t next = folded(take(text));
    if (is_dropped(next)) continue;
    if (!is_letter(next)) {
      end_word();
    } else if (stands_alone(next)) {
      end_word();
      put(word, next);
      end_word();
    } else if (next == 0xdf) {
      word += "ss";
    } else if (word.size() + 4 <= kWordSizeMax) {
      put(word, next);
    }
  }
  end_word();
  return out;
}

std::string stem_of(const std::string& word) {
  bool ascii = true;
  bool cyrillic = false;
  for (const char each : word) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x80) ascii = false;
    if (byte == 0xd0 || byte == 0xd1) cyrillic = true;
  }
  thread_local Stemmer russian;
  thread_local Stemmer english;
  if (cyrillic) return stem_by("russian", word, russian);
  return ascii ? stem_by("english", word, english) : word;
}

SearchQuery parse_query(std::string_view text) {
  SearchQuery out;
  bool quoted = false;
  const bool open_end = !text.empty() && text.back() != '"' && text.back() != ' ';
  while (true) {
    const size_t end = text.find('"');
    std::vector<std::string> words = words_of(text.substr(0, end));
    for (std::string& each : words) {
      if (out.words.size() == kQueryWordsMax) break;
      out.words.push_back({each, stem_of(each), quoted, false});
    }
    if (quoted && words.size() > 1) out.phrases.push_back(std::move(words));
    if (end == std::string_view::npos) break;
    quoted = !quoted;
    text.remove_prefix(end + 1);
  }
  if (open_end && !quoted && !out.words.empty() && !out.words.back().exact) out.words.back().prefix = true;
  return out;
}

bool fits_query(const SearchQuery& query, std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  const auto has = [&](const SearchQuery::Word& wanted) {
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i] == wanted.word || (wanted.prefix && words[i].starts_with(wanted.word))) return true;
      if (!wanted.exact && stem_of(words[i]) == wanted.stem) return true;
    }
    return false;
  };
  return std::all_of(query.words.begin(), query.words.end(), has) &&
         std::all_of(query.phrases.begin(), query.phrases.end(),
                     [&](const auto& phrase) { return has_phrase(words, phrase); });
}

}  // namespace godwit::engine
