#include "engine/name_text.h"

#include <algorithm>
#include <vector>

#include "crypto/hash.h"
#include "crypto/password.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr size_t kNameLettersMin = 3;
constexpr size_t kNameLettersMax = 32;
// A guess at a name on a seized disk costs this much, a guess at a name with its passcode twice.
constexpr crypto::PasswordCost kNameCost{3, 32 * 1024};

enum class LetterKind : uint8_t { kLatin, kCyrillic, kDigit, kSeparator, kOther };

LetterKind kind_of(uint32_t c) {
  if (c >= 'a' && c <= 'z') return LetterKind::kLatin;
  if ((c >= 0x430 && c <= 0x44f) || c == 0x451) return LetterKind::kCyrillic;
  if (c >= '0' && c <= '9') return LetterKind::kDigit;
  return c == '.' || c == '_' || c == '-' ? LetterKind::kSeparator : LetterKind::kOther;
}

uint32_t small(uint32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0x410 && c <= 0x42f) return c + 32;
  return c == 0x401 ? 0x451 : c;
}

// Cyrillic letters that look like Latin ones: а в е к м н о р с т у х.
bool looks_latin(uint32_t c) {
  constexpr uint32_t kAlike[] = {0x430, 0x432, 0x435, 0x43a, 0x43c, 0x43d, 0x43e, 0x440, 0x441, 0x442, 0x443, 0x445};
  return std::ranges::find(kAlike, c) != std::end(kAlike);
}

// Characters of one or two bytes; whatever else there is comes out as 0, which is no letter.
std::vector<uint32_t> characters(std::string_view text) {
  std::vector<uint32_t> out;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto first = static_cast<uint8_t>(text[at]);
    const bool two =
        (first & 0xe0) == 0xc0 && at + 1 < text.size() && (static_cast<uint8_t>(text[at + 1]) & 0xc0) == 0x80;
    if (first >= 0x80 && !two) return {0};
    uint32_t c = first;
    if (two) c = (first & 0x1fU) << 6 | (static_cast<uint8_t>(text[++at]) & 0x3fU);
    out.push_back(small(c));
  }
  return out;
}

void put_utf8(std::string& out, uint32_t c) {
  if (c >= 0x80) out.push_back(static_cast<char>(0xc0 | c >> 6));
  out.push_back(static_cast<char>(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
}

ByteArray<crypto::kPasswordSaltSize> salt_of(std::string_view label, const wire::HomeKey& home) {
  Bytes input = to_bytes(as_bytes(label));
  append(input, home.view());
  const auto digest = crypto::sha256(input);
  ByteArray<crypto::kPasswordSaltSize> salt;
  std::copy_n(digest.begin(), salt.size(), salt.begin());
  return salt;
}

crypto::Secret<32> expand(const crypto::Secret<32>& root, std::string_view label) {
  crypto::Secret<32> out;
  crypto::hkdf_expand(root.reveal(), as_bytes(label), out.fill());
  return out;
}

}  // namespace

Result<std::string> canonical_name(std::string_view text) {
  const std::vector<uint32_t> all = characters(text);
  REQUIRE(all.size() >= kNameLettersMin && all.size() <= kNameLettersMax, kBadName, "a name has 3 to 32 characters");
  size_t latin = 0;
  size_t cyrillic = 0;
  size_t unlike = 0;
  LetterKind before = LetterKind::kSeparator;
  std::string out;
  for (const uint32_t c : all) {
    const LetterKind kind = kind_of(c);
    REQUIRE(kind != LetterKind::kOther, kBadName, "a name has letters a-z or а-я, digits, and . _ -");
    REQUIRE(kind != LetterKind::kSeparator || before != LetterKind::kSeparator, kBadName, "a . _ - stands between others");
    latin += kind == LetterKind::kLatin ? 1 : 0;
    cyrillic += kind == LetterKind::kCyrillic ? 1 : 0;
    unlike += kind == LetterKind::kCyrillic && !looks_latin(c) ? size_t{1} : 0;
    before = kind;
    put_utf8(out, c);
  }
  REQUIRE(before != LetterKind::kSeparator, kBadName, "a . _ - stands between others");
  REQUIRE((latin > 0) != (cyrillic > 0), kBadName, "a name has letters of one script");
  REQUIRE(cyrillic == 0 || unlike > 0, kBadName, "a Cyrillic name has a letter that no Latin one looks like");
  return out;
}

Result<NameKeys> name_keys(std::string_view canonical, std::string_view passcode, const wire::HomeKey& home) {
  const auto by_name = TRY(crypto::password_key(canonical, salt_of("godwit name 1", home), kNameCost));
  std::string both(canonical);
  both.push_back('\0');  // no name has one
  both.append(passcode);
  const auto by_both = TRY(crypto::password_key(both, salt_of("godwit name access 1", home), kNameCost));
  crypto::wipe(ByteSpan(reinterpret_cast<uint8_t*>(both.data()), both.size()));
  NameKeys keys;
  const crypto::Secret<32> id = expand(by_name, "godwit name id 1");
  std::ranges::copy(id.reveal(), keys.id.value.begin());
  keys.access = expand(by_both, "godwit name access 1");
  keys.card = expand(by_both, "godwit name card 1");
  keys.passcode = !passcode.empty();
  return keys;
}

}  // namespace godwit::engine
