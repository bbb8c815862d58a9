// Writing letters, and the names that they have.

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "net/base64.h"
#include "net/mail_message.h"
#include "net/mail_phrases.h"

namespace godwit::net {
namespace {

constexpr size_t kUuidSize = 36;
constexpr size_t kRandomHalf = 8;
constexpr size_t kDomainMax = 255;  // RFC 1035 §2.3.4; a report is somebody else's text, and may be all "@"
constexpr size_t kBase64Line = 76;

// 8-4-4-4-12 hexadecimal digits.
std::string as_uuid(ByteView bytes) {
  std::string digits = to_hex(bytes);
  for (const size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, "-");
  return digits;
}

std::string_view one_of(const std::vector<std::string_view>& list, Random& random) {
  return list[random.below(list.size())];
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

// RFC 2047 §4.1; short ones only.
std::string encoded_word(std::string_view text) {
  return is_ascii(text) ? std::string(text) : "=?UTF-8?B?" + to_base64(as_bytes(text), 0) + "?=";
}

// RFC 5322 §3.3, in UTC: the zone would tell where somebody is.
std::string mail_date(Instant now) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const uint64_t whole = now.unix_seconds();
  const std::chrono::sys_days day{std::chrono::days{whole / 86'400}};
  const std::chrono::year_month_day date{day};
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02u %s %d %02u:%02u:%02u +0000", kDays[std::chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                static_cast<int>(date.year()), static_cast<unsigned>(whole / 3'600 % 24),
                static_cast<unsigned>(whole / 60 % 60), static_cast<unsigned>(whole % 60));
  return out;
}

std::string file_name(Random& random) {
  static constexpr const char* kStems[] = {"backup", "data", "archive", "file", "copy", "export", "save"};
  static constexpr const char* kEnds[] = {".dat", ".bin"};
  const char* stem = kStems[random.below(std::size(kStems))];
  const uint64_t number = random.below(9'000) + 1'000;
  return std::string(stem) + (random.below(2) == 0 ? "-" : "_") + std::to_string(number) +
         kEnds[random.below(std::size(kEnds))];
}

// The phrases of the letter that is answered, if it was one of ours; else those asked for.
const MailPhrases& phrases_of(const LetterDraft& draft) {
  if (!draft.answered_subject.empty()) {
    for (const MailPhrases& each : mail_phrases()) {
      for (const std::string_view subject : each.subjects) {
        if (encoded_word(subject) == draft.answered_subject) return each;
      }
    }
  }
  return phrases_for(draft.language);
}

std::string subject_of(const LetterDraft& draft, const MailPhrases& phrases, Random& random) {
  const std::string& answered = draft.answered_subject;
  if (answered.empty()) return encoded_word(one_of(phrases.subjects, random));
  std::string start = answered.substr(0, 3);
  std::transform(start.begin(), start.end(), start.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return start == "re:" ? answered : "Re: " + answered;
}

}  // namespace

LetterIds::~LetterIds() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::string LetterIds::tag_of(ByteView head) const {
  ByteArray<EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), head.data(), head.size(), out.data(), &size);
  return to_hex(ByteView(out).first(kRandomHalf));
}

std::string LetterIds::make(std::string_view domain, Random& random) const {
  const auto head = random.bytes<kRandomHalf>();
  Bytes tag;
  (void)from_hex(tag_of(head), tag);
  Bytes all = to_bytes(head);
  append(all, tag);
  return as_uuid(all) + "@" + std::string(domain);
}

bool LetterIds::is_ours(std::string_view id) const {
  if (id.size() < kUuidSize + 2 || id[kUuidSize] != '@') return false;
  std::string digits;
  for (const char c : id.substr(0, kUuidSize)) {
    if (c != '-') digits += c;
  }
  Bytes bytes;
  if (digits.size() != 4 * kRandomHalf || !from_hex(digits, bytes)) return false;
  return CRYPTO_memcmp(to_hex(ByteView(bytes).subspan(kRandomHalf)).data(),
                       tag_of(ByteView(bytes).first(kRandomHalf)).data(), 2 * kRandomHalf) == 0;
}

std::string LetterIds::find_in(std::string_view text) const {
  for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at < kUuidSize) continue;
    const std::string_view rest = text.substr(at, 1 + kDomainMax + 1);
    const size_t size = std::min(rest.find_first_of("> \t\r\n"), rest.size());
    if (size > 1 + kDomainMax) continue;
    const std::string_view id = text.substr(at - kUuidSize, kUuidSize + size);
    if (is_ours(id)) return std::string(id);
  }
  return {};
}

Bytes write_letter(const LetterDraft& draft, Random& random, Instant now) {
  const MailPhrases& phrases = phrases_of(draft);
  const bool answers = !draft.answered_subject.empty() || !draft.answered_id.empty();
  const std::string boundary = "------------" + to_base64url(random.bytes<18>());
  const std::string name = file_name(random);
  std::string text(one_of(answers ? phrases.answers : phrases.texts, random));
  std::string out = "Message-ID: <" + draft.message_id + ">\r\nDate: " + mail_date(now) + "\r\nMIME-Version: 1.0\r\n";
  out += "To: " + draft.to + "\r\nFrom: " + draft.from + "\r\nSubject: " + subject_of(draft, phrases, random) + "\r\n";
  if (!draft.answered_id.empty()) {
    out += "In-Reply-To: <" + draft.answered_id + ">\r\nReferences: <" + draft.answered_id + ">\r\n";
  }
  out += "Content-Type: multipart/mixed;\r\n boundary=\"" + boundary +
         "\"\r\n\r\nThis is a multi-part message in MIME format.\r\n--" + boundary + "\r\n";
  if (is_ascii(text)) {
    out += "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + text + "\r\n";
  } else {
    text += "\r\n";
    out += "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(as_bytes(text), kBase64Line);
  }
  out += "\r\n--" + boundary + "\r\nContent-Type: application/octet-stream; name=\"" + name +
         "\"\r\nContent-Disposition: attachment; filename=\"" + name +
         "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(draft.attachment, kBase64Line) + "\r\n--" +
         boundary + "--\r\n";
  return to_bytes(as_bytes(out));
}

}  // namespace godwit::net
