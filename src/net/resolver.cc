#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <thread>

#include "net/errors.h"
#include "routes/ip_address.h"

namespace godwit::net {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// Blocks for as long as the system's resolver likes.
Result<Endpoints> ask_system(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  int code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  if (code != 0) {
    // A machine with nothing but loopback has no address that AI_ADDRCONFIG counts.
    hints.ai_flags = 0;
    code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  }
  if (code != 0) return error_of_resolver(code);
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  Endpoints out;
  for (const addrinfo* entry = list.get(); entry != nullptr && out.size() < kEndpointsMax; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(entry->ai_addrlen);
    std::copy_n(reinterpret_cast<const uint8_t*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<uint8_t*>(endpoint.data()));
    endpoint.port(port);
    if (std::find(out.begin(), out.end(), endpoint) == out.end()) out.push_back(endpoint);
  }
  REQUIRE(!out.empty(), kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address");
  return out;
}

}  // namespace

Error error_of_resolver(int code) {
  switch (code) {
    case EAI_NONAME:
      return {kDnsNxdomain, "RFC 1034 §4.3.2: there is no such name"};
    case EAI_NODATA:
      return {kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address"};
    case EAI_MEMORY:
      return {kSystem, "net: the resolver ran out of memory"};
    default:
      return {kDnsTemporaryFailure, "RFC 1034 §5.3.3: no name server gave an answer"};
  }
}

void resolve(EventLoop& loop, const std::string& host, uint16_t port, std::function<void(Result<Endpoints>)> done) {
  asio::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error && (routes::parse_ipv4(host) || routes::parse_ipv6(host))) {
    loop.post(
        [endpoint = asio::ip::tcp::endpoint(address, port), done = std::move(done)] { done(Endpoints{endpoint}); });
    return;
  }
  try {
    std::thread([host, port, poster = loop.poster(), done]() mutable {
      const Result<Endpoints> result = ask_system(host, port);
      poster.post([result, done = std::move(done)] { done(result); });
    }).detach();
  } catch (const std::system_error&) {
    loop.post([done = std::move(done)] { done(Error{kSystem, "net: no thread for the resolver"}); });
  }
}

}  // namespace godwit::net
