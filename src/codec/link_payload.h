#pragma once
// Bytes as text that people copy: base64url of the bytes and a CRC-32 over them. The CRC finds every single changed
// character (its 6 bits are one burst); it is no protection against anybody who means harm.

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::codec {

/// Characters of one payload; longer text is refused before it is decoded. 4 KiB holds every link and fits a QR code.
constexpr size_t kLinkPayloadSizeMax = 4096;

/// CRC-32 as in ISO 3309 and RFC 1952 §8 (reflected, polynomial 0xedb88320).
uint32_t crc32(ByteView bytes);

/// base64url (no padding) of `bytes` and their CRC-32, most significant byte first.
std::string to_link_payload(ByteView bytes);
/// The reverse. kBadChecksum: characters are missing, changed or foreign; ask for the text again.
Result<Bytes> from_link_payload(std::string_view text);

}  // namespace godwit::codec
