#pragma once
// MLSMessage (RFC 9420 §6): the envelope around everything that travels.

#include "mls/framing.h"
#include "mls/welcome.h"

namespace godwit::mls {

/// MLSMessage; the variant's order is that of WireFormat's numbers.
struct MLSMessage {
  std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfoIn, KeyPackageIn> body;

  /// Which one.
  WireFormat wire_format() const { return static_cast<WireFormat>(body.index() + 1); }
  void encode_to(codec::Writer& writer) const;
  /// kUnsupportedVersion, kWrongWireFormat, and what the content's decoder says.
  static Result<MLSMessage> decode_from(codec::Reader& reader);
  friend bool operator==(const MLSMessage&, const MLSMessage&) = default;
};

}  // namespace godwit::mls
