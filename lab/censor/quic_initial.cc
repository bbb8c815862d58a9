#include "lab/censor/quic_initial.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "lab/censor/cursor.h"

namespace godwit::lab {
namespace {

constexpr size_t kTag = 16;
constexpr ByteArray<20> kSaltV1 = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                   0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};  // RFC 9001 §5.2

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

ByteArray<32> hmac(ByteView key, ByteView data) {
  ByteArray<32> out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(), &size);
  return out;
}

/// HKDF-Expand-Label with an empty context (RFC 8446 §7.1), for lengths up to one hash.
Bytes expand_label(ByteView secret, std::string_view label, uint8_t length) {
  Bytes info{0, length, static_cast<uint8_t>(6 + label.size())};
  append(info, as_bytes("tls13 "));
  append(info, as_bytes(label));
  append(info, Bytes{0, 1});
  const ByteArray<32> block = hmac(secret, info);
  return Bytes(block.begin(), block.begin() + length);
}

Bytes nonce_for(const InitialKeys& keys, uint32_t number) {
  Bytes nonce = keys.iv;
  for (size_t i = 0; i < 4; ++i) nonce[11 - i] ^= static_cast<uint8_t>(number >> (8 * i));
  return nonce;
}

bool unseal(const InitialKeys& keys, uint32_t number, ByteView header, ByteView sealed, Bytes& out) {
  const Bytes nonce = nonce_for(keys, number);
  Bytes tag = to_bytes(sealed.last(kTag));
  const ByteView body = sealed.first(sealed.size() - kTag);
  out.resize(body.size());
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
  EVP_DecryptUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size()));
  EVP_DecryptUpdate(context.get(), out.data(), &size, body.data(), static_cast<int>(body.size()));
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data());
  return EVP_DecryptFinal_ex(context.get(), out.data() + size, &size) == 1;
}

Bytes seal(const InitialKeys& keys, uint32_t number, ByteView header, ByteView body) {
  const Bytes nonce = nonce_for(keys, number);
  Bytes out(body.size() + kTag);
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
  EVP_EncryptUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size()));
  EVP_EncryptUpdate(context.get(), out.data(), &size, body.data(), static_cast<int>(body.size()));
  EVP_EncryptFinal_ex(context.get(), out.data() + size, &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.data() + body.size());
  return out;
}

/// RFC 9000 §16.
uint64_t varint(Cursor& cursor) {
  const ByteView first = cursor.rest();
  if (first.empty()) return cursor.u8();
  const size_t width = size_t{1} << (first[0] >> 6);
  return cursor.number(width) & (UINT64_MAX >> (64 - (8 * width - 2)));
}

void put_varint2(Bytes& out, size_t value) {
  out.push_back(static_cast<uint8_t>(0x40 | (value >> 8)));
  out.push_back(static_cast<uint8_t>(value));
}

}  // namespace

InitialKeys initial_keys(ByteView connection_id) {
  const ByteArray<32> initial = hmac(kSaltV1, connection_id);
  const Bytes client = expand_label(initial, "client in", 32);
  return {expand_label(client, "quic key", 16), expand_label(client, "quic iv", 12),
          expand_label(client, "quic hp", 16)};
}

ByteArray<16> header_mask(const InitialKeys& keys, ByteView sample) {
  ByteArray<16> out{};
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, keys.header.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  EVP_EncryptUpdate(context.get(), out.data(), &size, sample.data(), 16);
  return out;
}

bool is_quic_initial(ByteView datagram) {
  // Long header, fixed bit, type 0; version 1.
  return datagram.size() >= 7 && (datagram[0] & 0xf0) == 0xc0 && datagram[1] == 0 && datagram[2] == 0 &&
         datagram[3] == 0 && datagram[4] == 1;
}

Bytes open_quic_initial(ByteView datagram) {
  if (!is_quic_initial(datagram)) return {};
  Cursor cursor(datagram);
  cursor.take(5);
  const ByteView destination = cursor.vector(1);
  cursor.vector(1);
  cursor.take(varint(cursor));  // token
  const uint64_t length = varint(cursor);
  if (!cursor.ok() || destination.size() > 20 || length > cursor.rest().size() || length < 20 + kTag) return {};
  const size_t number_at = datagram.size() - cursor.rest().size();
  const ByteView protected_part = cursor.take(length);

  const InitialKeys keys = initial_keys(destination);
  const ByteArray<16> mask = header_mask(keys, protected_part.subspan(4, 16));
  Bytes header = to_bytes(datagram.first(number_at));
  header[0] ^= static_cast<uint8_t>(mask[0] & 0x0f);
  const size_t number_size = static_cast<size_t>(header[0] & 3) + 1;
  uint32_t number = 0;
  for (size_t i = 0; i < number_size; ++i) {
    header.push_back(protected_part[i] ^ mask[1 + i]);
    number = number << 8 | header.back();
  }
  Bytes frames;
  if (!unseal(keys, number, header, protected_part.subspan(number_size), frames)) return {};
  return frames;
}

Bytes make_quic_initial(ByteView connection_id, uint8_t packet_number, size_t offset, ByteView crypto) {
  Bytes frames{0x06};
  put_varint2(frames, offset);
  put_varint2(frames, crypto.size());
  append(frames, crypto);
  frames.resize(std::max<size_t>(frames.size(), 1200));  // PADDING frames
  Bytes header{0xc0, 0, 0, 0, 1, static_cast<uint8_t>(connection_id.size())};
  append(header, connection_id);
  append(header, Bytes{0, 0});  // no source connection id, no token
  put_varint2(header, 1 + frames.size() + kTag);
  const size_t number_at = header.size();
  header.push_back(packet_number);
  const InitialKeys keys = initial_keys(connection_id);
  const Bytes sealed = seal(keys, packet_number, header, frames);
  const ByteArray<16> mask = header_mask(keys, ByteView(sealed).subspan(3, 16));
  header[0] ^= static_cast<uint8_t>(mask[0] & 0x0f);
  header[number_at] ^= mask[1];
  append(header, sealed);
  return header;
}

void QuicHello::collect(ByteView frames) {
  Cursor cursor(frames);
  while (!cursor.empty() && cursor.ok()) {
    const uint64_t type = varint(cursor);
    if (type == 0x00 || type == 0x01) continue;  // PADDING, PING
    if (type == 0x02 || type == 0x03) {          // ACK, RFC 9000 §19.3
      varint(cursor);
      varint(cursor);
      const uint64_t ranges = varint(cursor);
      const uint64_t numbers = 1 + 2 * std::min<uint64_t>(ranges, frames.size()) + (type == 0x03 ? 3 : 0);
      for (uint64_t i = 0; i < numbers && cursor.ok(); ++i) varint(cursor);
      continue;
    }
    if (type != 0x06) return;
    const uint64_t offset = varint(cursor);
    const ByteView data = cursor.take(varint(cursor));
    if (!cursor.ok() || offset > kBytesMax || held_ + data.size() > kBytesMax) return;
    held_ += data.size();
    pieces_.emplace(offset, to_bytes(data));
  }
}

HelloState QuicHello::add(ByteView datagram, TlsHello& out) {
  collect(open_quic_initial(datagram));
  Bytes joined;
  for (const auto& [offset, piece] : pieces_) {
    if (offset > joined.size()) break;
    const size_t known = joined.size() - offset;
    if (known < piece.size()) append(joined, ByteView(piece).subspan(known));
  }
  return parse_handshake_hello(joined, out);
}

}  // namespace godwit::lab
