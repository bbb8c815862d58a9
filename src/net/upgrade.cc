#include "net/upgrade.h"

#include <openssl/evp.h>

#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr uint16_t kHttpsPort = 443;
constexpr size_t kNonceTextBytes = 24;  // base64 of 16 bytes

// Base64 with padding (RFC 4648 §4), as the handshake wants it.
std::string to_base64(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

// RFC 6455 §4.2.2, item 5.4: SHA-1 proves only that the server has read the request as a WebSocket handshake.
std::string accept_of(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  ByteArray<20> hash{};
  EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  return to_base64(hash);
}

// 24 characters that are the base64 of 16 bytes.
bool is_nonce(std::string_view text) {
  if (text.size() != kNonceTextBytes || !text.ends_with("==")) return false;
  ByteArray<18> decoded{};
  const int size = EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  return size == 18 && to_base64(ByteView(decoded).first(16)) == text;
}

}  // namespace

std::string authority_of(const std::string& host, uint16_t port) {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != kHttpsPort) out += ":" + std::to_string(port);
  return out;
}

std::string upgrade_request(std::string_view authority, std::string_view path, const ByteArray<16>& nonce,
                            std::string_view protocol) {
  std::string out = "GET ";
  out.append(path).append(" HTTP/1.1\r\nHost: ").append(authority);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
  out.append(to_base64(nonce));
  if (!protocol.empty()) out.append("\r\nSec-WebSocket-Protocol: ").append(protocol);
  return out.append("\r\n\r\n");
}

bool is_websocket_upgrade(const HttpRequest& request) {
  const HttpHeaders& headers = request.headers;
  return request.method == "GET" && !request.is_http10 && headers.has_token("upgrade", "websocket") &&
         headers.has_token("connection", "upgrade") && headers.count("sec-websocket-version") == 1 &&
         headers.first("sec-websocket-version") == "13" && headers.count("sec-websocket-key") == 1 &&
         is_nonce(headers.first("sec-websocket-key"));
}

std::string upgrade_response(const HttpRequest& request) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         accept_of(request.headers.first("sec-websocket-key")) + "\r\n\r\n";
}

Status check_upgrade_response(const HttpResponse& response, const ByteArray<16>& nonce, std::string_view protocol) {
  const HttpHeaders& headers = response.headers;
  REQUIRE(response.status == 101, kUpgradeRefused, "RFC 6455 §4.1: the server did not switch to WebSocket");
  REQUIRE(headers.count("upgrade") == 1 && equal_ignoring_case(headers.first("upgrade"), "websocket"), kBadHttp,
          "RFC 6455 §4.1: Upgrade is websocket");
  REQUIRE(headers.has_token("connection", "upgrade"), kBadHttp, "RFC 6455 §4.1: Connection has Upgrade");
  REQUIRE(headers.count("sec-websocket-accept") == 1 &&
              headers.first("sec-websocket-accept") == accept_of(to_base64(nonce)),
          kBadHttp, "RFC 6455 §4.1: Sec-WebSocket-Accept answers our key");
  const bool agreed = headers.count("sec-websocket-protocol") == (protocol.empty() ? 0U : 1U) &&
                      headers.first("sec-websocket-protocol") == protocol;
  REQUIRE(headers.count("sec-websocket-extensions") == 0 && agreed, kBadHttp,
          "RFC 6455 §4.1: nothing is accepted that was not offered");
  return {};
}

}  // namespace godwit::net
