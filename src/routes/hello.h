#pragma once
// Looks of the TLS hello: to which program it seems to belong. The policy chooses (policy.h), net/ makes it.
//
// None is a browser's: OpenSSL cannot look like one. Four are those of programs that call servers from everywhere, so that who
// blocks one of them blocks these as well. A list that a censor has made of one version's hellos hits some of them at most.

#include <array>
#include <cstdint>

namespace godwit::routes {

/// The looks.
enum class HelloKind : uint8_t {
  kLean = 1,    ///< TLS 1.3 alone, as few bytes as may be. Nobody else looks like this: the last resort.
  kCurl = 2,    ///< curl with HTTP/1.1.
  kPlain = 3,   ///< A program that leaves everything to OpenSSL: s_client, Perl, Ruby, PHP, mosquitto.
  kPython = 4,  ///< Python's ssl module without a protocol: its WebSocket clients.
  kNode = 5,    ///< Node's tls module without a protocol: its WebSocket clients.
  kVaried = 6,  ///< Made up for each connection: on no list, but rare, which may be noticed as well.
};
constexpr size_t kHelloKinds = 6;

/// The looks in the order in which a device takes to them: a program's, the one that is on no list, the other programs', the lean
/// one. `seed` is the device's own and stays, so that it does not change its face without need.
constexpr std::array<HelloKind, kHelloKinds> hello_order(uint32_t seed) {
  std::array<HelloKind, 4> programs{HelloKind::kCurl, HelloKind::kPlain, HelloKind::kPython, HelloKind::kNode};
  for (uint32_t left = 4; left > 1; seed /= left--) {
    const HelloKind kept = programs[left - 1];
    programs[left - 1] = programs[seed % left];
    programs[seed % left] = kept;
  }
  return {programs[0], HelloKind::kVaried, programs[1], programs[2], programs[3], HelloKind::kLean};
}

}  // namespace godwit::routes
