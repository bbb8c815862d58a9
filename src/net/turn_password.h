#pragma once
// The passwords that a TURN server with a shared secret takes (draft-uberti-behave-turn-rest-00, as coturn's use-auth-secret has it):
// short-lived, made without a word to it, and known to it by the secret alone.

#include <string>
#include <string_view>

namespace godwit::net {

/// Base64 of HMAC-SHA1(secret, username). `username` is "<seconds since 1970>:<anything>"; from that time on it is refused.
/// SHA-1 is what the protocol has; nothing here rests on its collisions being hard.
std::string turn_password(std::string_view secret, std::string_view username);

}  // namespace godwit::net
