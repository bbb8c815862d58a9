#pragma once
// The text by which somebody gets a mailbox at a home: what `godwit-home invite` prints and `godwit new` takes.
//
//   godwit-home:<link payload>          (codec/link_payload.h, docs/protocol/chat.md)
//
// It names nobody. It is not a contact's invite (engine/invite_link.h), though both say where a home is in the same form.

#include <string>

#include "codec/codec.h"
#include "wire/ids.h"

namespace godwit::wire {

/// A home's static X25519 public key: who the home is.
using HomeKey = OpaqueId<struct HomeKeyTag, 32>;
/// SHA-256 of a DER certificate that the TLS around a route has to show.
using CertificatePin = OpaqueId<struct CertificatePinTag, 32>;

/// Bounds of what a link may say, so that it stays something to hand over.
constexpr size_t kRoutesMax = 8;
constexpr size_t kRouteSizeMax = 256;
constexpr size_t kAdmissionCodeSizeMax = 64;

/// Where a home is and how to know it.
struct HomeAddress {
  HomeKey key;
  std::vector<std::string> routes;    ///< URIs (routes/route.h), the best one first; 1 to kRoutesMax
  std::optional<CertificatePin> pin;  ///< None: the certificate is left to the usual authorities
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.key, self.routes, self.pin);
  }
  friend bool operator==(const HomeAddress&, const HomeAddress&) = default;
};
/// kMalformed: more or longer routes than the bounds above, or none, or a character in one that no URI has.
Status check_home_address(const HomeAddress& home);

/// What a home link says.
struct HomeLink {
  HomeAddress home;
  Bytes admission_code;  ///< Empty: the home opens mailboxes by proof of work.
  friend bool operator==(const HomeLink&, const HomeLink&) = default;
};

/// The text of a link.
std::string to_text(const HomeLink& link);
/// The reverse; blanks around the text are fine. kLinkNotHome: it does not start like one; kLinkDamaged: it was changed on
/// the way; kLinkNewer: a newer version made it.
Result<HomeLink> parse_home_link(std::string_view text);

}  // namespace godwit::wire
