#pragma once
// Asks one name server for the addresses of one name: over HTTPS (RFC 8484), or in clear over TCP (RFC 7766). Over TCP,
// since what is blocked and forged first is UDP. Not for other folders.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/event_loop.h"
#include "routes/resolver_list.h"

namespace godwit::net {

/// One question under way. Destroying it ends it without a word.
class DnsQuestion {
 public:
  virtual ~DnsQuestion() = default;
};

/// What comes of it, from the loop only.
struct DnsEvents {
  /// Addresses of one family, as they come; may be called twice.
  std::function<void(const std::vector<routes::MappedAddress>&)> on_addresses;
  /// The end, once: all was answered, the server failed, or `limit` has passed. May destroy the question.
  std::function<void()> on_end;
};

/// Asks for both families, IPv4 first.
std::unique_ptr<DnsQuestion> ask_https(EventLoop& loop, const routes::HttpsResolver& server, const std::string& name,
                                       Duration limit, DnsEvents events);
/// The same in clear.
std::unique_ptr<DnsQuestion> ask_tcp(EventLoop& loop, const routes::TcpResolver& server, const std::string& name,
                                     Duration limit, DnsEvents events);

}  // namespace godwit::net
