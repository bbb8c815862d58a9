#pragma once
// Byte strings and views. What they are not: secrets live in crypto/secret.h, never here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

/// An owned byte string without a meaning of its own.
using Bytes = std::vector<uint8_t>;
/// Bytes somebody else owns; valid only while the owner lives and is unchanged.
using ByteView = std::span<const uint8_t>;
/// Writable bytes somebody else owns.
using ByteSpan = std::span<uint8_t>;
/// Exactly N bytes by value.
template <size_t N>
using ByteArray = std::array<uint8_t, N>;

/// The bytes of `text`; the view lives as long as the text.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
/// The characters of `bytes` unchecked: not necessarily UTF-8, so never shown to people as it is.
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// A copy of `view`.
inline Bytes to_bytes(ByteView view) { return Bytes(view.begin(), view.end()); }

/// Appends `tail` to `out`; `tail` must not view `out`.
inline void append(Bytes& out, ByteView tail) { out.insert(out.end(), tail.begin(), tail.end()); }

/// Compares in a time that depends on the contents: for public bytes only (crypto/secret.h for the others).
bool equal(ByteView a, ByteView b);

/// Lower-case hexadecimal digits of `bytes`.
std::string to_hex(ByteView bytes);

/// Parses hexadecimal digits, either case; false for an odd count or any other character, then `out` is unspecified.
[[nodiscard]] bool from_hex(std::string_view digits, Bytes& out);

/// URL-safe base64 without padding (RFC 4648 §5), as used in links.
std::string to_base64url(ByteView bytes);

/// Parses what to_base64url makes and nothing else: no padding, no blanks, unused bits zero. False if it is not that.
[[nodiscard]] bool from_base64url(std::string_view text, Bytes& out);

}  // namespace godwit
