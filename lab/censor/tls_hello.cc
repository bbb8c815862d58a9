#include "lab/censor/tls_hello.h"

#include <algorithm>

#include "lab/censor/cursor.h"

namespace godwit::lab {
namespace {

constexpr uint8_t kRecordHandshake = 22;
constexpr uint8_t kClientHello = 1;
constexpr uint8_t kServerHello = 2;
constexpr uint16_t kExtensionGroups = 10;
constexpr uint16_t kExtensionSignatures = 13;
constexpr uint16_t kExtensionVersions = 43;
constexpr size_t kHelloMax = 16 * 1024;  // larger ones exist in no client; a box gives up as well

std::vector<uint16_t> numbers(ByteView list) {
  std::vector<uint16_t> out;
  Cursor cursor(list);
  while (cursor.rest().size() >= 2) out.push_back(cursor.u16());
  return out;
}

void read_server_name(ByteView body, TlsHello& out) {
  Cursor list(Cursor(body).vector(2));
  const uint8_t type = list.u8();
  const ByteView name = list.vector(2);
  if (list.ok() && type == 0) out.server_name = as_text(name);
}

void read_alpn(ByteView body, TlsHello& out) {
  Cursor list(Cursor(body).vector(2));
  while (!list.empty()) {
    const ByteView name = list.vector(1);
    if (list.ok()) out.alpn.emplace_back(as_text(name));
  }
}

void read_extension(uint16_t type, ByteView body, TlsHello& out) {
  out.extensions.push_back(type);
  if (type == kExtensionServerName) read_server_name(body, out);
  if (type == kExtensionAlpn) read_alpn(body, out);
  if (type == kExtensionGroups) out.groups = numbers(Cursor(body).vector(2));
  if (type == kExtensionSignatures) out.signature_algorithms = numbers(Cursor(body).vector(2));
  if (type == kExtensionVersions) out.versions = numbers(Cursor(body).vector(1));
}

/// Reads the body of a hello that may be cut anywhere; what stands before the cut is in `out`.
void read_body(ByteView body, bool dtls, TlsHello& out) {
  Cursor cursor(body);
  out.legacy_version = cursor.u16();
  cursor.take(32);
  cursor.vector(1);            // session id
  if (dtls) cursor.vector(1);  // cookie
  out.ciphers = numbers(cursor.vector(2));
  cursor.vector(1);  // compression
  if (!cursor.ok() || cursor.empty()) return;
  Cursor extensions(cursor.rest());
  extensions.take(2);
  while (!extensions.empty()) {
    const uint16_t type = extensions.u16();
    const ByteView content = extensions.vector(2);
    if (!extensions.ok()) return;
    read_extension(type, content, out);
  }
}

bool whole_body(ByteView body, bool dtls) {
  Cursor cursor(body);
  cursor.take(34);
  cursor.vector(1);
  if (dtls) cursor.vector(1);
  cursor.vector(2);
  cursor.vector(1);
  if (!cursor.empty()) cursor.vector(2);
  return cursor.ok() && cursor.empty();
}

}  // namespace

bool TlsHello::has_extension(uint16_t type) const {
  return std::find(extensions.begin(), extensions.end(), type) != extensions.end();
}

HelloState parse_handshake_hello(ByteView handshake, TlsHello& out) {
  out = {};
  if (handshake.empty()) return HelloState::kMore;
  if (handshake[0] != kClientHello) return HelloState::kNone;
  if (handshake.size() < 4) return HelloState::kMore;
  Cursor cursor(handshake.subspan(1));
  const size_t length = cursor.number(3);
  if (length > kHelloMax) return HelloState::kNone;
  const bool whole = cursor.rest().size() >= length;
  const ByteView body = whole ? cursor.take(length) : cursor.rest();
  read_body(body, false, out);
  if (!whole) return HelloState::kMore;
  return whole_body(body, false) ? HelloState::kWhole : HelloState::kNone;
}

HelloState parse_tls_hello(ByteView stream, TlsHello& out) {
  out = {};
  Bytes handshake;
  Cursor cursor(stream);
  while (!cursor.empty() && handshake.size() <= kHelloMax) {
    const ByteView rest = cursor.rest();
    if (rest[0] != kRecordHandshake || (rest.size() > 1 && rest[1] != 3)) return HelloState::kNone;
    if (rest.size() < 5) break;
    cursor.take(3);
    const size_t length = cursor.u16();
    if (length == 0) return HelloState::kNone;
    append(handshake, cursor.take(std::min(length, cursor.rest().size())));
    const HelloState state = parse_handshake_hello(handshake, out);
    if (state != HelloState::kMore) return state;
  }
  return handshake.size() > kHelloMax ? HelloState::kNone : HelloState::kMore;
}

// One record may hold several fragments. True: there was one of a hello.
bool DtlsHello::collect(ByteView record) {
  Cursor cursor(record);
  bool any = false;
  while (!cursor.empty()) {
    const uint8_t type = cursor.u8();
    const size_t length = cursor.number(3);
    const uint16_t message = cursor.u16();
    const size_t offset = cursor.number(3);
    const ByteView body = cursor.take(cursor.number(3));
    if (!cursor.ok()) return any;
    if (type != kClientHello || length > kHelloMax || offset + body.size() > length) continue;
    if (length != length_ || message != message_) pieces_.clear();
    length_ = length;
    message_ = message;
    Bytes& piece = pieces_[offset];
    if (body.size() > piece.size()) piece = to_bytes(body);
    any = true;
  }
  return any;
}

HelloState DtlsHello::add(ByteView datagram, TlsHello& out) {
  out = {};
  Cursor cursor(datagram);
  bool any = false;
  while (!cursor.empty()) {
    if (cursor.u8() != kRecordHandshake) break;
    const uint16_t version = cursor.u16();
    if (version != 0xfefd && version != 0xfeff) break;
    cursor.take(8);  // epoch and sequence number
    const ByteView record = cursor.vector(2);
    if (!cursor.ok()) break;
    any = collect(record) || any;
  }
  if (!any) return HelloState::kNone;
  Bytes joined;
  for (const auto& [offset, piece] : pieces_) {
    if (offset > joined.size()) break;
    const size_t known = joined.size() - offset;
    if (known < piece.size()) append(joined, ByteView(piece).subspan(known));
  }
  read_body(joined, true, out);
  return joined.size() == length_ && whole_body(joined, true) ? HelloState::kWhole : HelloState::kMore;
}

HelloState parse_dtls_hello(ByteView datagram, TlsHello& out) { return DtlsHello().add(datagram, out); }

bool server_chose_tls13(ByteView stream) {
  Cursor cursor(stream);
  if (cursor.u8() != kRecordHandshake) return false;
  cursor.take(4);
  if (cursor.u8() != kServerHello) return false;
  cursor.take(3 + 34);
  cursor.vector(1);
  cursor.take(3);  // cipher suite and compression
  Cursor extensions(cursor.vector(2));
  while (!extensions.empty()) {
    const uint16_t type = extensions.u16();
    const ByteView body = extensions.vector(2);
    if (type == kExtensionVersions && body.size() == 2) return body[0] == 3 && body[1] == 4;
  }
  return false;
}

HelloFamily family_of(const TlsHello& hello) {
  const auto has_cipher = [&](uint16_t cipher) {
    return std::find(hello.ciphers.begin(), hello.ciphers.end(), cipher) != hello.ciphers.end();
  };
  const bool grease = std::any_of(hello.ciphers.begin(), hello.ciphers.end(), is_grease);
  const bool alps = hello.has_extension(17513) || hello.has_extension(17613);
  if (grease && alps) return HelloFamily::kChrome;
  if (grease && (has_cipher(0xc008) || has_cipher(0xc012) || has_cipher(0x000a))) return HelloFamily::kSafari;
  if (grease) return HelloFamily::kIos;
  if (hello.has_extension(28) && hello.has_extension(34)) return HelloFamily::kFirefox;
  return HelloFamily::kOther;
}

const char* family_name(HelloFamily family) {
  switch (family) {
    case HelloFamily::kChrome:
      return "chrome";
    case HelloFamily::kSafari:
      return "safari";
    case HelloFamily::kIos:
      return "ios";
    case HelloFamily::kFirefox:
      return "firefox";
    case HelloFamily::kOther:
      break;
  }
  return "other";
}

}  // namespace godwit::lab
