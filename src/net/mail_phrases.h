#pragma once
// What the letters say to whoever reads them: a few plain sentences in a few languages. They claim nothing but that a file is attached.

#include <string_view>
#include <vector>

namespace godwit::net {

/// Of one language, in UTF-8. A subject has at most 45 bytes, so that it is one encoded word (RFC 2047 §2).
struct MailPhrases {
  std::string_view language;  ///< ISO 639-1
  std::vector<std::string_view> subjects;
  std::vector<std::string_view> texts;
  std::vector<std::string_view> answers;  ///< texts of a letter that answers
};
/// All of them, English first.
const std::vector<MailPhrases>& mail_phrases();
/// Those of "ru", "ru_RU.UTF-8" and so on; English if there are none.
const MailPhrases& phrases_for(std::string_view language);

}  // namespace godwit::net
