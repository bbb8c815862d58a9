#pragma once
// The WebSocket opening handshake (RFC 6455 §4), as texts.

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/http_message.h"

namespace godwit::net {

/// The longest answer to an upgrade that a client reads.
inline constexpr size_t kUpgradeResponseBytesMax = 8 * 1024;

/// The client's request (RFC 6455 §4.1): as few headers as the standard asks for, since they count against the budget of
/// an exchange and only the server sees them. `authority` is "host" or "host:port".
/// With a `protocol`: only to speak that one (§1.9).
std::string upgrade_request(std::string_view authority, std::string_view path, const ByteArray<16>& nonce,
                            std::string_view protocol = {});
/// Whether a server may switch to WebSocket for this request (RFC 6455 §4.2.1).
bool is_websocket_upgrade(const HttpRequest& request);
/// The server's answer to such a request (RFC 6455 §4.2.2).
std::string upgrade_response(const HttpRequest& request);
/// Whether `response` accepts the upgrade that `nonce` asked for (RFC 6455 §4.1, the client's checks 1 to 6).
/// kUpgradeRefused: it is an ordinary answer; kBadHttp: a 101 that breaks a rule.
Status check_upgrade_response(const HttpResponse& response, const ByteArray<16>& nonce, std::string_view protocol = {});

/// "host", "host:port" or "[v6]:port" as a Host header has it (RFC 9110 §7.2): the default port is left out.
std::string authority_of(const std::string& host, uint16_t port);

}  // namespace godwit::net
