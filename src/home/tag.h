#pragma once
// Words of a home to itself, which others carry and bring back: some bytes, and a tag that only this home makes. It keeps no list
// of them. Each kind has a label of its own, so that one cannot pass for another.

#include <optional>
#include <string_view>

#include "crypto/secret.h"

namespace godwit::home {

/// The first bytes of an HMAC-SHA256 over label and body.
constexpr size_t kTagSize = 16;

/// `body` with its tag behind it.
Bytes with_tag(const crypto::Secret<32>& key, std::string_view label, Bytes body);
/// The body of what with_tag() gave; none if this key and label did not make its tag. It points into `bytes`.
std::optional<ByteView> without_tag(const crypto::Secret<32>& key, std::string_view label, ByteView bytes);

}  // namespace godwit::home
