#pragma once
// Names as people write them, and what is made of them for a home (docs/protocol/chat.md, "Names").

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/aead.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// The one form of a name: small letters. 3 to 32 characters of which one at least is a letter; letters of one script (a-z, or
/// а-я and ё), digits, and single . _ - between them. A Cyrillic name has a letter that no Latin one looks like. kBadName.
Result<std::string> canonical_name(std::string_view text);

/// What is made of a name at one home: the home sees the first and the hash of the second, and neither the name nor the third.
struct NameKeys {
  wire::NameId id;            ///< of the name alone
  crypto::Secret<32> access;  ///< of name and passcode: shown to get the card
  crypto::AeadKey card;       ///< of name and passcode: opens it
  bool passcode = false;      ///< there is one
};
/// Makes them; two runs of Argon2id, about 0.2 s each. kOutOfMemory.
Result<NameKeys> name_keys(std::string_view canonical, std::string_view passcode, const wire::HomeKey& home);

}  // namespace godwit::engine
