#include "wire/testing/samples.h"

namespace godwit::wire::testing {

namespace {

ChannelEntry sample_channel_entry() {
  ChannelHeader header{3, {}, {}, {1, 2}, true};
  header.previous.fill(51);
  header.content_hash.fill(52);
  return {header, Bytes(kSignatureSize, 53), Bytes(40, 54)};
}

WebPushSubscription sample_subscription() {
  return {"https://push.example/wake/abc?x=1", id_of<WebPushKey>(4), id_of<WebPushAuth>(55)};
}

}  // namespace

std::vector<Request> sample_requests() {
  const auto mailbox = id_of<MailboxId>(1);
  const auto key = id_of<MailboxKey>(2);
  const auto alias = id_of<Alias>(3);
  const auto token = id_of<Token>(4);
  const auto hash = id_of<TokenHash>(5);
  const auto log = id_of<LogId>(6);
  const Recipient recipient{alias, token, id_of<DeliveryId>(7)};
  const Recipient other{id_of<Alias>(8), token, id_of<DeliveryId>(9)};
  const Bytes signature(kSignatureSize, 10);
  return {
      MailboxOpen{mailbox, key, signature, Bytes(34, 11), {12}, id_of<RecoveryHash>(49)},
      MailboxProve{mailbox, key, signature},
      DeviceAdd{key, id_of<ListHead>(50), id_of<ListHead>(51)},
      DeviceRemove{key},
      DeviceList{},
      MailboxDrop{},
      AddressCreate{alias, hash, 20'000},
      AddressToken{alias, hash, 3},
      AddressRevoke{alias},
      AddressList{},
      Deliver{recipient, 86'400, Bytes(200, 13)},
      DeliverMany{{recipient, other}, 0, Bytes(5, 14)},
      SelfDeliver{id_of<DeliveryId>(15), 60, Bytes(3, 16)},
      Fetch{{17}, 4096, true},
      Acknowledge{{18}},
      KeyPackagePublish{alias, {Bytes(300, 19), Bytes(2, 20)}, Bytes(4, 21)},
      KeyPackageTake{alias, token, id_of<TakeId>(22)},
      KeyPackageCount{alias},
      LogOpen{log, 23, hash, id_of<TokenHash>(24), {25}},
      LogAppend{log, 26, 1, token, hash, hash, Bytes(70, 27)},
      LogRead{log, token, 28, 4096},
      PartPut{id_of<TransferId>(29), 1000, 30, Bytes(31, 32), 3500},
      PartGet{id_of<TransferId>(29), 33, 3500},
      Sealed{Bytes(1500, 34)},
      Forward{{id_of<HomeKey>(35), {"wss://home.example"}, {}}, Bytes(1500, 36)},
      BulletinGet{},
      BlobGrant{37},
      BlobPut{id_of<BlobId>(38), 2, 1, Bytes(40, 39), Bytes(41, 40)},
      BlobGet{id_of<BlobId>(38), 1},
      BlobLook{id_of<BlobId>(38)},
      NameClaim{id_of<NameId>(42), hash, Bytes(300, 43)},
      NameRelease{},
      NameResolve{id_of<NameId>(42), token, {44}},
      ContactDeliver{recipient, {45}, Bytes(900, 46)},
      ChannelGrant{},
      ChannelCreate{id_of<ChannelKey>(47), Bytes(48, 48)},
      ChannelAppend{id_of<ChannelId>(49), sample_channel_entry()},
      ChannelRead{id_of<ChannelId>(49), 50, 4096},
      ChannelFollow{id_of<ChannelId>(49), 50, 4096},
      ChannelLook{id_of<ChannelId>(49)},
      ChannelDrop{id_of<ChannelId>(49), signature},
      MeetingOpen{id_of<MeetingId>(42)},
      MeetingPut{id_of<MeetingId>(42), 1, Bytes(43, 44)},
      MeetingGet{id_of<MeetingId>(42), 2},
      MailboxRecover{mailbox, key, signature, id_of<MailboxKey>(45), Bytes(kSignatureSize, 46)},
      BackupPut{Bytes(47, 48)},
      BackupGet{},
      WebPushLook{},
      WebPushSet{sample_subscription()},
      WebPushDrop{},
      PageLook{},
      AdmissionGet{},
      TurnGet{},
      CallRoomOpen{},
      CallRoomAsk{id_of<CallRoomKey>(51), id_of<CallSeatKey>(52), 1, 3, Bytes(40, 53), {{54, true, 2}}},
  };
}

std::vector<Reply> sample_replies() {
  const LogEntry entry{1, 0, Bytes(40, 2)};
  return {
      Done{},
      Refused{512, 3, 4},
      Devices{{id_of<MailboxKey>(5), id_of<MailboxKey>(6)}},
      Addresses{{{id_of<Alias>(7), 8, 9, id_of<TokenHash>(10)}}},
      Delivered{{0, 512}},
      Items{{{{10}, id_of<Alias>(11), Bytes(100, 12)}, {{11}, {}, Bytes(2, 13)}}, true},
      KeyPackageTaken{Bytes(50, 14), true},
      KeyPackagesLeft{15, true},
      Conflict{entry},
      LogEntries{{entry, {2, 1, Bytes(3, 3)}}, false},
      PartState{20, 21, 1, Bytes(22, 23)},
      SealedReply{Bytes(100, 24)},
      BulletinText{Bytes(200, 25)},
      BlobGranted{Bytes(40, 26)},
      BlobChunk{27, Bytes(28, 29)},
      BlobState{30, 31},
      NameCard{Bytes(300, 32)},
      ChannelGranted{Bytes(48, 33)},
      ChannelEntries{id_of<ChannelId>(34), {sample_channel_entry()}, 4},
      ChannelState{id_of<ChannelKey>(35), 4, sample_channel_entry()},
      MeetingMessage{Bytes(32, 33)},
      Backup{Bytes(34, 35)},
      WebPushState{id_of<WebPushKey>(4), true},
      PageAddress{"https://home.example/"},
      AdmissionCode{Bytes(34, 5)},
      TurnCredentials{{"turns:home.example:443?transport=tcp"}, "1790000000:QUJD", "cGFzc3dvcmQ=", 3600},
      CallRoom{id_of<CallRoomKey>(51)},
      CallRoomSaid{Bytes(40, 6), 54, {{1, 54, true}}, {{{"turns:home.example:443"}, "1:QUJD", "cGFz", 60}}},
  };
}

}  // namespace godwit::wire::testing
