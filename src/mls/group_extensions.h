#pragma once
// What RFC 9420 itself puts into a group context: required_capabilities (§11.1) and external_senders (§12.1.8.1).

#include "codec/members.h"
#include "mls/credential.h"

namespace godwit::mls {

/// One of external_senders (RFC 9420 §12.1.8.1): somebody outside who may make proposals.
struct ExternalSender {
  Bytes signature_key;  ///< Of the suite's signature scheme: 32 bytes.
  Credential credential;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.signature_key, self.credential);
  }
  friend bool operator==(const ExternalSender&, const ExternalSender&) = default;
};

/// A required_capabilities extension; every member has to support what it names.
Extension required_capabilities_extension(const RequiredCapabilities& required);
/// An external_senders extension. A proposal names its sender by his place in the list.
Extension external_senders_extension(const std::vector<ExternalSender>& senders);
/// The external_senders of a group context, which passed check_group_context_extensions; none: empty.
std::vector<ExternalSender> external_senders(const Extensions& group_context_extensions);

/// What extensions fulfil that are to stand in a group context: no type twice, and those that we know well-formed, so
/// that nobody has to meet a malformed one later. kDuplicateExtension, kUnsupportedCredential, kBadGroupContextExtension.
Status check_group_context_extensions(const Extensions& extensions);

}  // namespace godwit::mls
