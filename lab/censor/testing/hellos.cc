#include <algorithm>

#include "lab/censor/dice.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

void put(Bytes& out, uint64_t value, size_t width) {
  for (size_t i = width; i > 0; --i) out.push_back(static_cast<uint8_t>(value >> ((i - 1) * 8)));
}

void put_vector(Bytes& out, size_t width, ByteView content) {
  put(out, content.size(), width);
  append(out, content);
}

Bytes numbers(const std::vector<uint16_t>& values) {
  Bytes out;
  for (const uint16_t value : values) put(out, value, 2);
  return out;
}

void put_extension(Bytes& out, uint16_t type, ByteView body) {
  put(out, type, 2);
  put_vector(out, 2, body);
}

Bytes in_vector(size_t width, ByteView content) {
  Bytes out;
  put_vector(out, width, content);
  return out;
}

Bytes server_name_body(const std::string& name) {
  Bytes entry{0};
  put_vector(entry, 2, as_bytes(name));
  return in_vector(2, entry);
}

Bytes hello_body(const HelloParts& parts, uint16_t version, bool dtls) {
  Bytes body;
  put(body, version, 2);
  append(body, Bytes(32, 0x5a));
  put_vector(body, 1, dtls ? Bytes() : Bytes(32, 0x33));
  if (dtls) put_vector(body, 1, Bytes());
  put_vector(body, 2, numbers(parts.ciphers));
  put_vector(body, 1, Bytes{0});
  Bytes extensions;
  if (!parts.server_name.empty()) put_extension(extensions, 0, server_name_body(parts.server_name));
  put_extension(extensions, 10, in_vector(2, numbers({0x001d, 0x0017})));
  put_extension(extensions, 13, in_vector(2, numbers({0x0403, 0x0804})));
  put_extension(extensions, 16, in_vector(2, in_vector(1, as_bytes("http/1.1"))));
  if (parts.tls13) put_extension(extensions, 43, in_vector(1, numbers({0x0304, 0x0303})));
  for (const uint16_t type : parts.extensions) put_extension(extensions, type, {});
  if (parts.padding > 0) put_extension(extensions, 21, Bytes(parts.padding, 0));
  put_vector(body, 2, extensions);
  return body;
}

}  // namespace

Bytes hello_handshake(const HelloParts& parts) {
  Bytes out{1};
  put_vector(out, 3, hello_body(parts, 0x0303, false));
  return out;
}

Bytes hello_record(const HelloParts& parts) {
  Bytes out{22, 3, 1};
  put_vector(out, 2, hello_handshake(parts));
  return out;
}

HelloParts chrome_hello(const std::string& server_name) {
  HelloParts parts;
  parts.server_name = server_name;
  parts.ciphers = {0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b};
  parts.extensions = {0x2a2a, 17613, 27};
  return parts;
}

HelloParts firefox_hello(const std::string& server_name) {
  HelloParts parts;
  parts.server_name = server_name;
  parts.extensions = {28, 34};
  return parts;
}

std::vector<Bytes> dtls_hello_parts(size_t count) {
  HelloParts parts;
  parts.server_name = "";
  parts.ciphers = {0xc02b, 0xc02f};
  parts.tls13 = false;
  const Bytes body = hello_body(parts, 0xfefd, true);
  const size_t size = (body.size() + count - 1) / count;
  std::vector<Bytes> out;
  for (size_t at = 0; at < body.size(); at += size) {
    Bytes handshake{1};
    put(handshake, body.size(), 3);
    put(handshake, 0, 2);
    put(handshake, at, 3);
    put_vector(handshake, 3, to_bytes(ByteView(body).subspan(at, std::min(size, body.size() - at))));
    Bytes record{22, 0xfe, 0xfd};
    put(record, 0, 6);
    put(record, out.size(), 2);
    put_vector(record, 2, handshake);
    out.push_back(std::move(record));
  }
  return out;
}

Bytes dtls_hello() { return dtls_hello_parts(1).front(); }

Bytes server_hello(size_t encrypted) {
  Bytes body;
  put(body, 0x0303, 2);
  append(body, Bytes(32, 0x77));
  put_vector(body, 1, Bytes(32, 0x33));
  put(body, 0x130100, 3);
  Bytes extensions;
  put_extension(extensions, 43, Bytes{3, 4});
  put_vector(body, 2, extensions);
  Bytes handshake{2};
  put_vector(handshake, 3, body);
  Bytes out{22, 3, 3};
  put_vector(out, 2, handshake);
  append(out, Bytes{20, 3, 3, 0, 1, 1});
  append(out, tls_record(23, encrypted));
  return out;
}

Bytes tls_record(uint8_t type, size_t size, uint8_t salt) {
  Bytes out{type, 3, 3};
  put_vector(out, 2, random_bytes(size, salt));
  return out;
}

Bytes random_bytes(size_t size, uint64_t seed) {
  Bytes out;
  Dice dice(seed);
  while (out.size() < size) out.push_back(static_cast<uint8_t>(dice.next() >> 24));
  return out;
}

Bytes dns_query(const std::string& name, uint16_t type) {
  Bytes out{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
  for (const std::string& label : split(name, '.')) put_vector(out, 1, as_bytes(label));
  put(out, 0, 1);
  put(out, type, 2);
  put(out, 1, 2);
  return out;
}

}  // namespace godwit::lab
