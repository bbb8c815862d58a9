#pragma once
// The secret paths of a bridge, one for each home it passes on to: who knows one is no stranger.

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace godwit::bridge {

/// Random bytes of a secret: 128 bits.
inline constexpr size_t kSecretSize = 16;
/// Secrets of one file at most, and so homes of one bridge.
inline constexpr size_t kSecretsMax = 16;

/// Reads a file of secrets: one a line, 22 to 64 characters of base64url; empty lines and lines that begin with # do not
/// count. kBadSecret: something else is in it, or a secret twice, or more than kSecretsMax.
Result<std::vector<std::string>> parse_secrets(std::string_view text);
/// The file's text, with a word to whoever opens it.
std::string print_secrets(const std::vector<std::string>& secrets);
/// A new one.
std::string make_secret(Random& random);

}  // namespace godwit::bridge
