#pragma once
// JA4, the fingerprint of a ClientHello that national filters' rules are written in: protocol, version, counts and ALPN in
// clear, then two truncated hashes over the sorted ciphers and the sorted extensions. Parrots differ in its letters.

#include <string>
#include <vector>

#include "lab/censor/tls_hello.h"

namespace godwit::lab {

/// What carried the hello; JA4's first letter.
enum class HelloCarrier : char { kTls = 't', kQuic = 'q', kDtls = 'd' };

/// The JA4 of `hello`, 36 characters. For DTLS the same rules with DTLS's version numbers.
std::string ja4(const TlsHello& hello, HelloCarrier carrier);

/// The fingerprints of ja4.txt as it was when the program was built.
std::vector<std::string> listed_ja4();

}  // namespace godwit::lab
