#include "wire/requests.h"

#include "wire/variant_codec.h"

namespace godwit::wire {
namespace {

// The bounds of each kind; kinds without any take the first.
template <typename T>
Status check(const T&) {
  return {};
}

Status check_signature(const Bytes& signature) {
  REQUIRE(signature.size() == kSignatureSize, kMalformed, "wire: an Ed25519 signature has 64 bytes");
  return {};
}

Status check_delivery(uint32_t ttl_seconds, const Bytes& payload) {
  REQUIRE(payload.size() <= kPayloadSizeMax, kTooLarge, "wire: kPayloadSizeMax");
  REQUIRE(ttl_seconds <= kTtlSecondsMax, kTooLarge, "wire: kTtlSecondsMax");
  REQUIRE(ttl_seconds != 0 || payload.size() <= kFleetingSizeMax, kTooLarge, "wire: kFleetingSizeMax");
  return {};
}

Status check(const MailboxOpen& request) {
  REQUIRE(request.admission_code.size() <= kOpenCodeSizeMax, kTooLarge, "wire: kOpenCodeSizeMax");
  return check_signature(request.signature);
}

Status check(const MailboxProve& request) { return check_signature(request.signature); }

Status check(const AddressToken& request) {
  REQUIRE(request.old_days <= kOldDaysMax, kTooLarge, "wire: kOldDaysMax");
  return {};
}

Status check(const Deliver& request) { return check_delivery(request.ttl_seconds, request.payload); }

Status check(const DeliverMany& request) {
  REQUIRE(!request.recipients.empty(), kMalformed, "wire: a DeliverMany has a recipient");
  REQUIRE(request.recipients.size() <= kDeliverManyMax, kTooLarge, "wire: kDeliverManyMax");
  REQUIRE(request.recipients.size() * request.payload.size() <= kDeliverManyBytesMax, kTooLarge,
          "wire: kDeliverManyBytesMax");
  return check_delivery(request.ttl_seconds, request.payload);
}

Status check(const SelfDeliver& request) { return check_delivery(request.ttl_seconds, request.payload); }

Status check(const KeyPackagePublish& request) {
  REQUIRE(request.packages.size() <= kKeyPackagesMax, kTooLarge, "wire: kKeyPackagesMax");
  for (const Bytes& package : request.packages) {
    REQUIRE(package.size() <= kKeyPackageSizeMax, kTooLarge, "wire: kKeyPackageSizeMax");
  }
  const bool last_fits = !request.last_resort || request.last_resort->size() <= kKeyPackageSizeMax;
  REQUIRE(last_fits, kTooLarge, "wire: kKeyPackageSizeMax");
  return {};
}

Status check(const LogAppend& request) {
  REQUIRE(request.attempt < kAttemptsMax, kTooLarge, "wire: kAttemptsMax");
  REQUIRE(request.entry.size() <= kEntrySizeMax, kTooLarge, "wire: kEntrySizeMax");
  return {};
}

Status check(const PartPut& request) {
  REQUIRE(request.total > 0 && request.total <= kPartTotalMax, kTooLarge, "wire: kPartTotalMax");
  REQUIRE(request.bytes.size() <= kPartBytesMax, kTooLarge, "wire: kPartBytesMax");
  const bool within = request.offset <= request.total && request.bytes.size() <= request.total - request.offset;
  REQUIRE(within, kMalformed, "wire: a part lies within its whole");
  return {};
}

Status check(const Sealed& request) {
  REQUIRE(request.bytes.size() <= kSealedSizeMax, kTooLarge, "wire: kSealedSizeMax");
  return {};
}

Status check(const Forward& request) {
  REQUIRE(request.bytes.size() <= kSealedSizeMax, kTooLarge, "wire: kSealedSizeMax");
  return check_home_address(request.home);
}

Status check(const BlobGrant& request) {
  REQUIRE(request.chunks > 0 && request.chunks <= kBlobChunksMax, kTooLarge, "wire: kBlobChunksMax");
  return {};
}

Status check(const BlobPut& request) {
  REQUIRE(request.chunks > 0 && request.chunks <= kBlobChunksMax, kTooLarge, "wire: kBlobChunksMax");
  REQUIRE(request.bytes.size() <= kBlobChunkSize, kTooLarge, "wire: kBlobChunkSize");
  REQUIRE(request.grant.size() <= kBlobGrantSizeMax, kTooLarge, "wire: kBlobGrantSizeMax");
  REQUIRE(request.index < request.chunks, kMalformed, "wire: a chunk lies within its blob");
  const bool whole = request.bytes.size() == kBlobChunkSize;
  const bool last = request.index + 1 == request.chunks && !request.bytes.empty();
  REQUIRE(whole || last, kMalformed, "wire: only the last chunk is shorter");
  return {};
}

Status check(const NameClaim& request) {
  REQUIRE(request.card.size() <= kNameCardSizeMax, kTooLarge, "wire: kNameCardSizeMax");
  return {};
}

Status check(const ContactDeliver& request) {
  REQUIRE(request.payload.size() <= kContactRequestSizeMax, kTooLarge, "wire: kContactRequestSizeMax");
  return {};
}

Status check(const ChannelCreate& request) {
  REQUIRE(request.grant.size() <= kBlobGrantSizeMax, kTooLarge, "wire: kBlobGrantSizeMax");
  return {};
}

Status check(const ChannelAppend& request) {
  REQUIRE(request.entry.content.has_value(), kMalformed, "wire: an entry is appended with its content");
  REQUIRE(request.entry.content->size() <= kChannelContentSizeMax, kTooLarge, "wire: kChannelContentSizeMax");
  REQUIRE(request.entry.header.erases.size() <= kChannelErasesMax, kTooLarge, "wire: kChannelErasesMax");
  REQUIRE(request.entry.header.sequence > 0, kMalformed, "wire: a channel counts from 1");
  REQUIRE(request.entry.signature.size() == kSignatureSize, kMalformed, "wire: an Ed25519 signature has 64 bytes");
  return {};
}

Status check(const ChannelDrop& request) {
  REQUIRE(request.signature.size() == kSignatureSize, kMalformed, "wire: an Ed25519 signature has 64 bytes");
  return {};
}

Status check(const MeetingPut& request) {
  REQUIRE(request.index < kMeetingMessages, kTooLarge, "wire: kMeetingMessages");
  REQUIRE(request.bytes.size() <= kMeetingMessageSizeMax, kTooLarge, "wire: kMeetingMessageSizeMax");
  REQUIRE(!request.bytes.empty(), kMalformed, "wire: a message of a meeting has a byte");
  return {};
}

Status check(const MeetingGet& request) {
  REQUIRE(request.index < kMeetingMessages, kTooLarge, "wire: kMeetingMessages");
  return {};
}

Status check(const MailboxRecover& request) {
  TRY(check_signature(request.recovery_signature));
  return check_signature(request.signature);
}

Status check(const BackupPut& request) {
  REQUIRE(request.bytes.size() <= kBackupSizeMax, kTooLarge, "wire: kBackupSizeMax");
  return {};
}

Status check(const CallRoomAsk& request) {
  REQUIRE(request.text.size() <= kCallTextMax, kTooLarge, "wire: kCallTextMax");
  REQUIRE(request.streams.size() <= kCallStreamsMax, kTooLarge, "wire: kCallStreamsMax");
  for (const CallStream& each : request.streams) {
    const bool fits = each.feed > 0 && each.feed <= kCallFeedMax && each.layer <= kCallLayerMax;
    REQUIRE(fits, kMalformed, "wire: a stream is of a feed and has three layers");
  }
  const bool known = request.verb >= static_cast<uint8_t>(CallRoomVerb::kEnter) &&
                     request.verb <= static_cast<uint8_t>(CallRoomVerb::kLeave);
  REQUIRE(known && request.number > 0, kMalformed, "wire: a wish of a seat, counted from 1");
  return {};
}

Status check(const WebPushSet& request) { return check_web_push(request.subscription); }

// Whether a kind may be repeated at any later time; see is_idempotent.
struct Repeatable {
  template <typename T>
  bool operator()(const T&) const {
    return false;
  }
  bool operator()(const DeviceList&) const { return true; }
  bool operator()(const AddressList&) const { return true; }
  bool operator()(const Deliver& request) const { return request.ttl_seconds != 0; }
  bool operator()(const DeliverMany& request) const { return request.ttl_seconds != 0; }
  bool operator()(const SelfDeliver& request) const { return request.ttl_seconds != 0; }
  bool operator()(const Fetch&) const { return true; }
  bool operator()(const Acknowledge&) const { return true; }
  bool operator()(const KeyPackageTake&) const { return true; }
  bool operator()(const KeyPackageCount&) const { return true; }
  bool operator()(const LogAppend&) const { return true; }
  bool operator()(const LogRead&) const { return true; }
  bool operator()(const PartPut&) const { return true; }
  bool operator()(const PartGet&) const { return true; }
  bool operator()(const Sealed&) const { return true; }
  bool operator()(const Forward&) const { return true; }
  bool operator()(const BulletinGet&) const { return true; }
  bool operator()(const BlobPut&) const { return true; }
  bool operator()(const BlobGet&) const { return true; }
  bool operator()(const BlobLook&) const { return true; }
  bool operator()(const NameResolve&) const { return true; }
  bool operator()(const ContactDeliver&) const { return true; }
  bool operator()(const ChannelCreate&) const { return true; }
  bool operator()(const ChannelAppend&) const { return true; }
  bool operator()(const ChannelRead&) const { return true; }
  bool operator()(const ChannelLook&) const { return true; }
  bool operator()(const ChannelDrop&) const { return true; }
  bool operator()(const MeetingPut&) const { return true; }
  bool operator()(const MeetingGet&) const { return true; }
  bool operator()(const BackupGet&) const { return true; }
  bool operator()(const WebPushLook&) const { return true; }
  bool operator()(const PageLook&) const { return true; }
  bool operator()(const TurnGet&) const { return true; }
  bool operator()(const CallRoomAsk&) const { return true; }  // they are counted
};

}  // namespace

Request::Request(size_t index, void* from) { emplace_at(*this, index, from); }

Request::Request(const Request&) = default;
Request::Request(Request&&) noexcept = default;
Request& Request::operator=(const Request&) = default;
Request& Request::operator=(Request&&) noexcept = default;
Request::~Request() = default;

Bytes encode_request(const Request& request) { return detail::encode_variant(request, kFirstRequestKind); }

Result<Request> decode_request(ByteView bytes) {
  auto request = TRY(detail::decode_variant<Request, RequestVariant>(bytes, kFirstRequestKind));
  TRY(std::visit([](const auto& record) { return check(record); }, request));
  return request;
}

bool is_idempotent(const Request& request) { return std::visit(Repeatable{}, request); }

bool may_come_in_parts(const Request& request) {
  if (std::holds_alternative<PartPut>(request) || std::holds_alternative<PartGet>(request)) return false;
  return is_idempotent(request) || std::holds_alternative<KeyPackagePublish>(request);
}

}  // namespace godwit::wire
