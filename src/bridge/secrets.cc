#include "bridge/secrets.h"

#include <algorithm>

#include "bridge/errors.h"

namespace godwit::bridge {
namespace {

constexpr size_t kTextMin = 22;  // base64url of kSecretSize bytes
constexpr size_t kTextMax = 64;

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

Result<std::vector<std::string>> parse_secrets(std::string_view text) {
  std::vector<std::string> secrets;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    REQUIRE(line.size() >= kTextMin && line.size() <= kTextMax && std::all_of(line.begin(), line.end(), is_base64url),
            kBadSecret, "bridge: a secret has 22 to 64 characters of base64url");
    REQUIRE(std::find(secrets.begin(), secrets.end(), line) == secrets.end(), kBadSecret, "bridge: no secret twice");
    REQUIRE(secrets.size() < kSecretsMax, kBadSecret, "bridge: at most 16 secrets");
    secrets.emplace_back(line);
  }
  return secrets;
}

std::string print_secrets(const std::vector<std::string>& secrets) {
  std::string out =
      "# The secret paths of this bridge: the first line is for the first --home, and so on. Whoever knows one can "
      "use\n" "# the bridge; a new one makes the links handed out so far useless.\n";
  for (const std::string& secret : secrets) out += secret + "\n";
  return out;
}

std::string make_secret(Random& random) {
  const auto bytes = random.bytes<kSecretSize>();
  return to_base64url(bytes);
}

}  // namespace godwit::bridge
