#include "session/noise_pattern.h"

#include <algorithm>
#include <optional>

#include "session/errors.h"

namespace godwit::session {
namespace {

/// A fundamental or deferred pattern in the notation of Noise: messages split by '/', the initiator's first. `known`
/// holds 'i' and 'r' for static keys known beforehand.
struct Row {
  std::string_view name;
  std::string_view known;
  std::string_view messages;
};

// Noise rev 34 §7.4 (one-way), §7.5 (interactive), §18.1 (deferred).
constexpr Row kRows[] = {
    {"N", "r", "e es"},
    {"K", "ir", "e es ss"},
    {"X", "r", "e es s ss"},
    {"NN", "", "e/e ee"},
    {"NK", "r", "e es/e ee"},
    {"NX", "", "e/e ee s es"},
    {"XN", "", "e/e ee/s se"},
    {"XK", "r", "e es/e ee/s se"},
    {"XX", "", "e/e ee s es/s se"},
    {"KN", "i", "e/e ee se"},
    {"KK", "ir", "e es ss/e ee se"},
    {"KX", "i", "e/e ee se s es"},
    {"IN", "", "e s/e ee se"},
    {"IK", "r", "e es s ss/e ee se"},
    {"IX", "", "e s/e ee se s es"},
    {"NK1", "r", "e/e ee es"},
    {"NX1", "", "e/e ee s/es"},
    {"X1N", "", "e/e ee/s/se"},
    {"X1K", "r", "e es/e ee/s/se"},
    {"XK1", "r", "e/e ee es/s se"},
    {"X1K1", "r", "e/e ee es/s/se"},
    {"X1X", "", "e/e ee s es/s/se"},
    {"XX1", "", "e/e ee s/es s se"},
    {"X1X1", "", "e/e ee s/es s/se"},
    {"K1N", "i", "e/e ee/se"},
    {"K1K", "ir", "e es/e ee/se"},
    {"KK1", "ir", "e/e ee se es"},
    {"K1K1", "ir", "e/e ee es/se"},
    {"K1X", "i", "e/e ee s es/se"},
    {"KX1", "i", "e/e ee se s/es"},
    {"K1X1", "i", "e/e ee s/se es"},
    {"I1N", "", "e s/e ee/se"},
    {"I1K", "r", "e es s/e ee/se"},
    {"IK1", "r", "e s/e ee se es"},
    {"I1K1", "r", "e s/e ee es/se"},
    {"I1X", "", "e s/e ee s es/se"},
    {"IX1", "", "e s/e ee se s/es"},
    {"I1X1", "", "e s/e ee s/se es"},
};

Token token_named(std::string_view name) {
  if (name == "e") return Token::kE;
  if (name == "s") return Token::kS;
  if (name == "ee") return Token::kEe;
  if (name == "es") return Token::kEs;
  if (name == "se") return Token::kSe;
  ASSERT(name == "ss");
  return Token::kSs;
}

/// Cuts the part before the next `separator` off `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

HandshakePattern pattern_of(const Row& row) {
  HandshakePattern out;
  out.initiator_static_known = row.known.find('i') != std::string_view::npos;
  out.responder_static_known = row.known.find('r') != std::string_view::npos;
  for (std::string_view messages = row.messages; !messages.empty();) {
    MessagePattern message;
    for (std::string_view tokens = cut(messages, '/'); !tokens.empty();) {
      message.push_back(token_named(cut(tokens, ' ')));
    }
    out.messages.push_back(std::move(message));
  }
  return out;
}

bool is_dh_of_first_ephemeral(Token token) { return token == Token::kEs || token == Token::kEe; }

// noise_hfs rev 1: "e1" stands after the first "e", or after the DH with it if one follows at once; "ekem1" after the
// first "ee".
Status add_hfs(HandshakePattern& pattern) {
  REQUIRE(!pattern.is_one_way(), kBadHandshake, "noise_hfs rev 1: hfs needs an answer");
  MessagePattern& first = pattern.messages.front();
  auto at = std::find(first.begin(), first.end(), Token::kE) + 1;
  if (at != first.end() && is_dh_of_first_ephemeral(*at)) ++at;
  first.insert(at, Token::kE1);
  for (MessagePattern& message : pattern.messages) {
    const auto ee = std::find(message.begin(), message.end(), Token::kEe);
    if (ee == message.end()) continue;
    message.insert(ee + 1, Token::kEkem1);
    return {};
  }
  return Error{kBadHandshake, "noise_hfs rev 1: hfs needs an ee"};
}

// Noise rev 34 §9.1: psk0 stands at the beginning of the first message, pskN at the end of the Nth.
Status add_psk(HandshakePattern& pattern, size_t place) {
  REQUIRE(place <= pattern.messages.size(), kBadHandshake, "Noise rev 34 §9.1: no such message");
  MessagePattern& message = pattern.messages[place == 0 ? 0 : place - 1];
  message.insert(place == 0 ? message.begin() : message.end(), Token::kPsk);
  return {};
}

Status add_modifier(HandshakePattern& pattern, std::string_view modifier) {
  if (modifier == "hfs") return add_hfs(pattern);
  REQUIRE(modifier.size() == 4 && modifier.starts_with("psk") && modifier[3] >= '0' && modifier[3] <= '9',
          kBadHandshake, "Noise rev 34 §8: unknown modifier");
  return add_psk(pattern, static_cast<size_t>(modifier[3] - '0'));
}

Result<NoiseHash> hash_named(std::string_view name) {
  if (name == "SHA256") return NoiseHash::kSha256;
  if (name == "SHA512") return NoiseHash::kSha512;
  if (name == "BLAKE2b") return NoiseHash::kBlake2b;
  return Error{kBadHandshake, "Noise rev 34 §8: unknown hash"};
}

}  // namespace

size_t HandshakePattern::psk_count() const {
  size_t out = 0;
  for (const MessagePattern& message : messages) {
    out += static_cast<size_t>(std::count(message.begin(), message.end(), Token::kPsk));
  }
  return out;
}

Result<NoiseProtocol> parse_protocol_name(std::string_view name) {
  std::string_view rest = name;
  REQUIRE(cut(rest, '_') == "Noise", kBadHandshake, "Noise rev 34 §8: the name starts with Noise");
  const std::string_view handshake = cut(rest, '_');
  const std::string_view dh = cut(rest, '_');
  REQUIRE(cut(rest, '_') == "ChaChaPoly", kBadHandshake, "Noise rev 34 §8: unknown cipher");
  const NoiseHash hash = TRY(hash_named(rest));

  const size_t base_size = std::min(handshake.find_first_not_of("NKXI1"), handshake.size());
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& candidate) { return candidate.name == handshake.substr(0, base_size); });
  REQUIRE(row != std::end(kRows), kBadHandshake, "Noise rev 34 §8: unknown pattern");
  NoiseProtocol out{pattern_of(*row), hash};
  bool has_hfs = false;
  for (std::string_view modifiers = handshake.substr(base_size); !modifiers.empty();) {
    const std::string_view modifier = cut(modifiers, '+');
    has_hfs = has_hfs || modifier == "hfs";
    TRY(add_modifier(out.pattern, modifier));
  }
  REQUIRE(dh == (has_hfs ? "25519+MLKEM768" : "25519"), kBadHandshake, "Noise rev 34 §8: unknown DH functions");
  return out;
}

}  // namespace godwit::session
