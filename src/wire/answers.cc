#include "wire/answers.h"

namespace godwit::wire {
namespace {

static_assert(std::variant_size_v<ReplyVariant> <= 32, "a bit for each");

template <typename... Replies>
ReplyKinds kinds_of() {
  return ((ReplyKinds{1} << ReplyVariant(Replies{}).index()) | ...);
}

struct AnswersTo {
  template <typename T>
  ReplyKinds operator()(const T&) const {
    return kinds_of<Done>();
  }
  ReplyKinds operator()(const DeviceList&) const { return kinds_of<Devices>(); }
  ReplyKinds operator()(const AddressList&) const { return kinds_of<Addresses>(); }
  ReplyKinds operator()(const DeliverMany&) const { return kinds_of<Delivered>(); }
  ReplyKinds operator()(const Fetch&) const { return kinds_of<Items>(); }
  ReplyKinds operator()(const KeyPackageTake&) const { return kinds_of<KeyPackageTaken>(); }
  ReplyKinds operator()(const KeyPackageCount&) const { return kinds_of<KeyPackagesLeft>(); }
  ReplyKinds operator()(const LogAppend&) const { return kinds_of<Done, Conflict>(); }
  ReplyKinds operator()(const LogRead&) const { return kinds_of<LogEntries>(); }
  ReplyKinds operator()(const PartPut&) const { return kinds_of<PartState>(); }
  ReplyKinds operator()(const PartGet&) const { return kinds_of<PartState>(); }
  ReplyKinds operator()(const Sealed&) const { return kinds_of<SealedReply>(); }
  ReplyKinds operator()(const Forward&) const { return kinds_of<SealedReply>(); }
  ReplyKinds operator()(const BulletinGet&) const { return kinds_of<BulletinText>(); }
  ReplyKinds operator()(const BlobGrant&) const { return kinds_of<BlobGranted>(); }
  ReplyKinds operator()(const BlobPut&) const { return kinds_of<BlobState>(); }
  ReplyKinds operator()(const BlobGet&) const { return kinds_of<BlobChunk>(); }
  ReplyKinds operator()(const BlobLook&) const { return kinds_of<BlobState>(); }
  ReplyKinds operator()(const NameResolve&) const { return kinds_of<NameCard>(); }
  ReplyKinds operator()(const ChannelGrant&) const { return kinds_of<ChannelGranted>(); }
  ReplyKinds operator()(const ChannelRead&) const { return kinds_of<ChannelEntries>(); }
  ReplyKinds operator()(const ChannelFollow&) const { return kinds_of<ChannelEntries>(); }
  ReplyKinds operator()(const ChannelLook&) const { return kinds_of<ChannelState>(); }
  ReplyKinds operator()(const MeetingGet&) const { return kinds_of<MeetingMessage>(); }
  ReplyKinds operator()(const BackupGet&) const { return kinds_of<Backup>(); }
  ReplyKinds operator()(const WebPushLook&) const { return kinds_of<WebPushState>(); }
  ReplyKinds operator()(const PageLook&) const { return kinds_of<PageAddress>(); }
  ReplyKinds operator()(const AdmissionGet&) const { return kinds_of<AdmissionCode>(); }
  ReplyKinds operator()(const TurnGet&) const { return kinds_of<TurnCredentials>(); }
  ReplyKinds operator()(const CallRoomOpen&) const { return kinds_of<CallRoom>(); }
  ReplyKinds operator()(const CallRoomAsk&) const { return kinds_of<CallRoomSaid>(); }
};

}  // namespace

ReplyKinds answers_to(const Request& request) { return std::visit(AnswersTo{}, request) | kinds_of<Refused>(); }

bool is_among(ReplyKinds kinds, const Reply& reply) { return ((kinds >> reply.index()) & 1) != 0; }

}  // namespace godwit::wire
