#include "wire/replies.h"

#include "wire/call_room_requests.h"
#include "wire/errors.h"
#include "wire/variant_codec.h"
#include "wire/web_address.h"

namespace godwit::wire {

Bytes encode_reply(const Reply& reply) { return detail::encode_variant(reply, kFirstReplyKind); }

Bytes encode_reply(const Items& items) {
  constexpr size_t kPlace = 5;
  static_assert(std::is_same_v<std::variant_alternative_t<kPlace, ReplyVariant>, Items>);
  return detail::encode_record(items, kFirstReplyKind + kPlace);
}

Result<Reply> decode_reply(ByteView bytes) {
  auto reply = detail::decode_variant<Reply, ReplyVariant>(bytes, kFirstReplyKind);
  REQUIRE(reply.has_value(), kMalformed, "wire: a home answers with one of its replies");
  return reply;
}

Status check_page_address(std::string_view url) {
  if (url.empty()) return {};
  REQUIRE(url.find('?') == std::string_view::npos, kMalformed, "wire: a page is found without a query");
  return check_web_address(url, kPageAddressMax);
}

namespace {

// Numbers that say "not now", whatever a newer home has against it.
constexpr uint16_t kNotNowFirst = 520;
constexpr uint16_t kNotNowLast = 529;

// What may stand in a configuration of WebRTC and in a page: printable, without blanks and quotes.
bool is_plain_text(std::string_view text) {
  if (text.empty() || text.size() > kTurnTextMax) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') return false;
  }
  return true;
}

}  // namespace

Reply::Reply(size_t index, void* from) { emplace_at(*this, index, from); }

Reply::Reply(const Reply&) = default;
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(const Reply&) = default;
Reply& Reply::operator=(Reply&&) noexcept = default;
Reply::~Reply() = default;

Status check_turn_credentials(const TurnCredentials& credentials) {
  REQUIRE(!credentials.urls.empty() && credentials.urls.size() <= kTurnUrlsMax, kMalformed, "wire: kTurnUrlsMax");
  for (const std::string& url : credentials.urls) {
    const bool turn = url.starts_with("turns:") || url.starts_with("turn:");
    REQUIRE(turn && is_plain_text(url), kMalformed, "RFC 7065 §3.1: a relay's address");
  }
  REQUIRE(is_plain_text(credentials.username) && is_plain_text(credentials.password), kMalformed,
          "wire: credentials are printable");
  return {};
}

Status check_call_room_said(const CallRoomSaid& said) {
  const bool fits = said.text.size() <= kCallTextMax && said.feed <= kCallFeedMax &&
                    said.lines.size() <= kCallStreamsMax && said.relays.size() <= 1;
  REQUIRE(fits, kMalformed, "wire: kCallTextMax, kCallStreamsMax");
  for (const TurnCredentials& each : said.relays) TRY(check_turn_credentials(each));
  return {};
}

ErrorCode refusal(const Refused& refused) {
  static constexpr ErrorCode kAll[] = {
      kUnknownRequest,  kMalformed,      kTooLarge,           kWrongSessionKind, kProofRefused,  kAdmissionRefused,
      kAddressRefused,  kLogRefused,     kProofOfWorkRefused, kIdTaken,          kNoSuchMailbox, kQuotaFull,
      kTooManyRequests, kUnavailable,    kNoKeyPackage,       kNobodyConnected,  kSealedRefused, kBlobRefused,
      kNoSuchBlob,      kNoSuchTransfer, kHomeUnreachable,    kNameRefused,      kNameTaken,     kHasName,
      kNoSuchChannel,   kChannelRefused, kChannelMoved,       kNoSuchMeeting,    kListMoved,     kWebPushOff,
      kCallsOff,        kNoSuchCallRoom, kHomeFull,
  };
  for (const ErrorCode& code : kAll) {
    if (code.number == refused.code) return code;
  }
  return refused.code >= kNotNowFirst && refused.code <= kNotNowLast ? kUnavailable : kUnknownRequest;
}

}  // namespace godwit::wire
