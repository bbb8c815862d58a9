#include "net/imap_response.h"

#include <algorithm>
#include <charconv>

#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr size_t kLiteralsMax = 64;
constexpr size_t kListMax = 16;  // brackets inside brackets

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// The size of the literal that a line announces at its end: "{342}".
std::optional<size_t> announced(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const size_t begin = line.rfind('{');
  if (begin == std::string_view::npos) return std::nullopt;
  return number<size_t>(line.substr(begin + 1, line.size() - begin - 2));
}

struct Token {
  enum class Kind { kAtom, kText, kOpen, kClose, kEnd, kBad };
  Kind kind = Kind::kEnd;
  std::string value;
};

/// Cuts a response into words. BODY[HEADER.FIELDS (FROM TO)] is one word.
class Words {
 public:
  explicit Words(const ImapResponse& response) : response_(response) {}

  Token next() {
    const std::string& text = response_.text;
    while (at_ < text.size() && text[at_] == ' ' && !literal_here()) ++at_;
    if (literal_here()) return {Token::Kind::kText, response_.literals[literal_++].bytes};
    if (at_ == text.size()) return {};
    const char c = text[at_];
    if (c == '(' || c == ')') {
      ++at_;
      return {c == '(' ? Token::Kind::kOpen : Token::Kind::kClose, {}};
    }
    return c == '"' ? quoted() : atom();
  }

 private:
  bool literal_here() const { return literal_ < response_.literals.size() && response_.literals[literal_].at == at_; }

  Token quoted() {
    const std::string& text = response_.text;
    Token out{Token::Kind::kText, {}};
    for (++at_; at_ < text.size(); ++at_) {
      if (text[at_] == '"') {
        ++at_;
        return out;
      }
      if (text[at_] == '\\' && at_ + 1 < text.size()) ++at_;
      out.value += text[at_];
    }
    return {Token::Kind::kBad, {}};
  }

  Token atom() {
    const std::string& text = response_.text;
    Token out{Token::Kind::kAtom, {}};
    bool bracket = false;
    for (; at_ < text.size() && !literal_here(); ++at_) {
      const char c = text[at_];
      if (!bracket && (c == ' ' || c == '(' || c == ')' || c == '"')) break;
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
      out.value += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return out;
  }

  const ImapResponse& response_;
  size_t at_ = 0;
  size_t literal_ = 0;
};

// Passes over a list whose bracket was taken already. False: it has no end.
bool skip_list(Words& words) {
  size_t depth = 1;
  while (depth > 0) {
    const Token token = words.next();
    if (token.kind == Token::Kind::kEnd || token.kind == Token::Kind::kBad || depth > kListMax) return false;
    if (token.kind == Token::Kind::kOpen) ++depth;
    if (token.kind == Token::Kind::kClose) --depth;
  }
  return true;
}

// Name and value, in turn, up to the closing bracket.
std::optional<ImapFetch> read_items(Words& words) {
  ImapFetch out;
  for (;;) {
    const Token name = words.next();
    if (name.kind == Token::Kind::kClose) break;
    if (name.kind != Token::Kind::kAtom) return std::nullopt;
    Token value = words.next();
    if (value.kind == Token::Kind::kOpen) {
      if (!skip_list(words)) return std::nullopt;
      continue;
    }
    if (value.kind != Token::Kind::kAtom && value.kind != Token::Kind::kText) return std::nullopt;
    if (name.value == "UID") out.uid = number<uint32_t>(value.value).value_or(0);
    if (name.value == "RFC822.SIZE") out.size = number<uint64_t>(value.value);
    if (name.value.starts_with("BODY[") && value.kind == Token::Kind::kText) out.body = std::move(value.value);
  }
  if (out.uid == 0) return std::nullopt;
  return out;
}

}  // namespace

void ImapReader::feed(ByteView bytes) {
  if (done_ > 64 * 1024 && done_ > buffer_.size() / 2) {
    buffer_.erase(0, done_);
    scanned_ -= std::min(scanned_, done_);
    done_ = 0;
  }
  buffer_ += as_text(bytes);
}

Result<std::optional<ImapResponse>> ImapReader::next() {
  for (;;) {
    // A line that comes in small pieces is not read from its start each time.
    const size_t end = buffer_.find("\r\n", std::max(done_, scanned_));
    scanned_ = end == std::string::npos ? std::max(buffer_.size(), size_t{1}) - 1 : end;  // its "\r" may be here
    REQUIRE(size_ + (end == std::string::npos ? buffer_.size() : end) - done_ <= kImapResponseMax, kBadImap,
            "imap: a response is too large");
    if (end == std::string::npos) return std::optional<ImapResponse>();
    std::string_view line(buffer_.data() + done_, end - done_);
    const auto literal = announced(line);
    if (literal) {
      REQUIRE(*literal <= kImapResponseMax - std::min(kImapResponseMax, size_ + line.size()), kBadImap,
              "imap: a response is too large");
      REQUIRE(response_.literals.size() < kLiteralsMax, kBadImap, "imap: a response has too many literals");
      if (buffer_.size() - end - 2 < *literal) return std::optional<ImapResponse>();
      line = line.substr(0, line.rfind('{'));
    }
    std::string_view rest = line;
    if (!begun_) {
      const size_t space = line.find(' ');
      response_.tag = std::string(line.substr(0, space));
      REQUIRE(!response_.tag.empty(), kBadImap, "imap: a response begins with a tag");
      rest = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
      begun_ = true;
    }
    response_.text += rest;
    size_ += line.size();
    done_ = end + 2;
    if (!literal) {
      size_ = 0;
      begun_ = false;
      return std::optional<ImapResponse>(std::exchange(response_, {}));
    }
    response_.literals.push_back({response_.text.size(), buffer_.substr(done_, *literal)});
    size_ += *literal;
    done_ += *literal;
  }
}

std::optional<uint32_t> imap_code_number(const ImapResponse& response, std::string_view name) {
  const std::string begin = "[" + std::string(name) + " ";
  const size_t at = response.text.find(begin);
  if (at == std::string::npos) return std::nullopt;
  const size_t from = at + begin.size();
  const size_t end = response.text.find(']', from);
  if (end == std::string::npos) return std::nullopt;
  return number<uint32_t>(std::string_view(response.text).substr(from, end - from));
}

std::optional<std::vector<uint32_t>> imap_search(const ImapResponse& response) {
  Words words(response);
  if (response.tag != "*" || words.next().value != "SEARCH") return std::nullopt;
  std::vector<uint32_t> out;
  for (Token token = words.next(); token.kind == Token::Kind::kAtom; token = words.next()) {
    const auto value = number<uint32_t>(token.value);
    if (value) out.push_back(*value);
  }
  return out;
}

std::optional<ImapFetch> imap_fetch(const ImapResponse& response) {
  Words words(response);
  if (response.tag != "*" || !number<uint32_t>(words.next().value)) return std::nullopt;
  if (words.next().value != "FETCH" || words.next().kind != Token::Kind::kOpen) return std::nullopt;
  return read_items(words);
}

}  // namespace godwit::net
