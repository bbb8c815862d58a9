#pragma once
// The addresses that several sources gave for one name, in the order in which they are worth a try. A source may lie, and
// the one that answers first often does: what cannot be true goes last, and nobody's "no such name" ends the search.

#include <optional>
#include <string>
#include <vector>

#include "routes/dns_message.h"

namespace godwit::routes {

/// Who told an address. Which one was right on a network is worth remembering.
enum class AddressSource : uint8_t {
  kRoute = 1,   ///< The route itself has an address for a host.
  kHint = 2,    ///< It worked before.
  kSystem = 3,  ///< The system's resolver.
  kHttps = 4,   ///< DNS over HTTPS (RFC 8484).
  kTcp = 5,     ///< Plain DNS over TCP (RFC 7766).
};

/// What an address is good for.
enum class AddressKind : uint8_t {
  kPublic,   ///< Anywhere.
  kPrivate,  ///< In one's own network (RFC 1918, RFC 6598, RFC 4193): right for a home in the house.
  kBogus,    ///< Never the address of a name: this machine, nobody, everybody, or one that censors are known to forge.
};
/// Which it is.
AddressKind kind_of(const MappedAddress& address);
/// "192.0.2.1" or "2001:db8::1".
std::string print_address(const MappedAddress& address);
/// The reverse.
std::optional<MappedAddress> parse_address(std::string_view text);

/// True for a name that only the own network can know ("nas", "home.lan", "localhost"): nobody else is asked for it.
bool is_local_name(std::string_view name);

/// One address and who told it.
struct Candidate {
  MappedAddress address{};
  AddressSource source = AddressSource::kSystem;
  int doubt = 0;  ///< Lower ones go first: 0 public, 1 private, 2 bogus.
};

/// Addresses of one name that are tried at most.
inline constexpr size_t kCandidatesMax = 16;

/// Merges the answers.
class Candidates {
 public:
  /// `local`: the name is one of the own network, where any address may be right.
  explicit Candidates(bool local) : local_(local) {}

  /// An answer has come. Addresses that are known already keep their place.
  void add(const MappedAddress& address, AddressSource source);
  /// The next address to try, once each: public ones in the order in which they came; private ones that the system's
  /// resolver gave when `settled` (the others have answered, or had their time); bogus ones after all.
  std::optional<Candidate> next(bool settled);
  /// next(settled) would give an address of no more doubt than this.
  bool has_one(bool settled, int doubt_max) const;

 private:
  struct Entry {
    Candidate candidate;
    bool taken = false;
  };
  bool local_;
  std::vector<Entry> entries_;
};

}  // namespace godwit::routes
