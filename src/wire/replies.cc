#include "wire/replies.h"

#include "wire/errors.h"
#include "wire/variant_codec.h"
#include "wire/web_address.h"

namespace godwit::wire {

Bytes encode_reply(const Reply& reply) { return detail::encode_variant(reply, kFirstReplyKind); }

Result<Reply> decode_reply(ByteView bytes) {
  auto reply = detail::decode_variant<Reply>(bytes, kFirstReplyKind);
  REQUIRE(reply.has_value(), kMalformed, "wire: a home answers with one of its replies");
  return reply;
}

Status check_page_address(std::string_view url) {
  if (url.empty()) return {};
  REQUIRE(url.find('?') == std::string_view::npos, kMalformed, "wire: a page is found without a query");
  return check_web_address(url, kPageAddressMax);
}

ErrorCode refusal(const Refused& refused) {
  static constexpr ErrorCode kAll[] = {
      kUnknownRequest,  kMalformed,      kTooLarge,           kWrongSessionKind, kProofRefused,  kAdmissionRefused,
      kAddressRefused,  kLogRefused,     kProofOfWorkRefused, kIdTaken,          kNoSuchMailbox, kQuotaFull,
      kTooManyRequests, kUnavailable,    kNoKeyPackage,       kNobodyConnected,  kSealedRefused, kBlobRefused,
      kNoSuchBlob,      kNoSuchTransfer, kHomeUnreachable,    kNameRefused,      kNameTaken,     kHasName,
      kNoSuchChannel,   kChannelRefused, kChannelMoved,       kNoSuchMeeting,    kListMoved,     kWebPushOff,
  };
  for (const ErrorCode& code : kAll) {
    if (code.number == refused.code) return code;
  }
  return kUnknownRequest;
}

}  // namespace godwit::wire
