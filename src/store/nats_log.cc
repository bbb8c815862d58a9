#include "store/nats_log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "store/errors.h"
#include "store/log_batch.h"
#include "store/nats_library.h"

namespace godwit::store {
namespace {

constexpr int64_t kAskMs = 5'000;
// How long the servers have to say their versions; the first one answers at once.
constexpr int64_t kVersionMs = 2'000;
constexpr int64_t kNextVersionMs = 200;
// A stream of several replicas is made once its servers know each other, which takes a while after their start.
constexpr Duration kMakeStreamMax = seconds(15);
// How many messages somebody may have removed from the end of the log.
constexpr uint64_t kRemovedLastMax = 1'024;

using Message = std::unique_ptr<natsMsg, NatsDestroyer<natsMsg_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, NatsDestroyer<natsSubscription_Destroy>>;
using StreamInfo = std::unique_ptr<jsStreamInfo, NatsDestroyer<jsStreamInfo_Destroy>>;

ByteView bytes_of(const natsMsg* message) {
  return as_bytes({natsMsg_GetData(message), static_cast<size_t>(natsMsg_GetDataLength(message))});
}

Error unavailable() { return {kUnavailable, "store: most of the NATS servers answer"}; }

Error connect_error(natsStatus status) {
  if (status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED)
    return {kNoAccess, "store: the NATS servers take this home for one of theirs"};
  if (status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED || status == NATS_SECURE_CONNECTION_WANTED)
    return {kNoAccess, "store: home and NATS servers agree about TLS and know each other's certificates"};
  return unavailable();
}

Error append_error(jsErrCode code) {
  switch (static_cast<int>(code)) {
    case JSStreamWrongLastSequenceErr:
      return {kOvertaken, "store: nobody else appends to the log"};
    case JSInsufficientResourcesErr:
    case JSStorageResourcesExceededErr:
    case JSStreamStoreFailedErr:
    case JSAccountResourcesExceededErr:
      return {kDiskFull, "store: the NATS servers' disks have room"};
    default:
      return unavailable();
  }
}

// The numbers of "2.10.27" out of `"ver":"2.10.27"` or the like; nothing: there are none.
std::optional<std::array<int, 3>> version_in(std::string_view text) {
  const size_t at = text.find("\"ver\":\"");
  std::array<int, 3> out{};
  const std::string digits(at == std::string_view::npos ? text : text.substr(at + 7, 32));
  if (std::sscanf(digits.c_str(), "%d.%d.%d", &out[0], &out[1], &out[2]) != 3) return std::nullopt;
  return out;
}

// Asks every server of the cluster who it is: an account may always do that.
Status check_versions(natsConnection* connection) {
  natsInbox* inbox = nullptr;
  natsSubscription* made = nullptr;
  if (natsInbox_Create(&inbox) != NATS_OK) return unavailable();
  const std::unique_ptr<natsInbox, NatsDestroyer<natsInbox_Destroy>> named(inbox);
  if (natsConnection_SubscribeSync(&made, connection, inbox) != NATS_OK) return unavailable();
  const Subscription answers(made);
  if (natsConnection_PublishRequestString(connection, "$SYS.REQ.ACCOUNT.PING.CONNZ", inbox, "{\"limit\":1}") != NATS_OK)
    return unavailable();
  const auto wanted = version_in(kNatsVersionMin);
  size_t seen = 0;
  natsMsg* next = nullptr;
  while (natsSubscription_NextMsg(&next, answers.get(), seen == 0 ? kVersionMs : kNextVersionMs) == NATS_OK) {
    const Message answer(next);
    const auto version = version_in(as_text(bytes_of(answer.get())));
    REQUIRE(version && *version >= *wanted, kOldServer, "store: every NATS server is new enough");
    ++seen;
  }
  if (seen == 0) return unavailable();  // one that is just being started may be late
  return {};
}

}  // namespace

struct NatsLog::Connection {
  natsConnection* connection = nullptr;
  jsCtx* jet_stream = nullptr;
  NatsPlace place;
  NatsTls tls;
  std::string stream;
  std::string subject;
  size_t stream_bytes_max = SIZE_MAX;  // of one message, as the stream was set up

  ~Connection() { end(); }
  void end();
  Status connect();
  Status revive();
  Result<StreamInfo> info();
  Status make_stream(int64_t replicas);
};

void NatsLog::Connection::end() {
  jsCtx_Destroy(jet_stream);
  natsConnection_Destroy(connection);
  jet_stream = nullptr;
  connection = nullptr;
}

Status NatsLog::Connection::connect() {
  const NatsConnectOptions made = TRY(nats_connect_options(place, tls, "godwit-home"));
  if (const natsStatus status = natsConnection_Connect(&connection, made.get()); status != NATS_OK)
    return connect_error(status);
  jsOptions js;
  jsOptions_Init(&js);
  js.Wait = kAskMs;
  if (natsConnection_JetStream(&jet_stream, connection, &js) != NATS_OK) return unavailable();
  return {};
}

// The library gives up for ever on a server that has refused twice, as one may that is being set up anew.
Status NatsLog::Connection::revive() {
  if (connection != nullptr && !natsConnection_IsClosed(connection)) return {};
  end();
  return connect();
}

Result<StreamInfo> NatsLog::Connection::info() {
  TRY(revive());
  jsStreamInfo* found = nullptr;
  jsErrCode code{};
  const natsStatus status = js_GetStreamInfo(&found, jet_stream, stream.c_str(), nullptr, &code);
  if (status == NATS_OK) return StreamInfo(found);
  if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) return StreamInfo();
  const bool off = status == NATS_NO_RESPONDERS || code == JSNotEnabledErr || code == JSNotEnabledForAccountErr;
  REQUIRE(!off, kUnfitStream, "store: JetStream is on");
  return unavailable();
}

Status NatsLog::Connection::make_stream(int64_t replicas) {
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  const char* subjects[] = {subject.c_str()};
  config.Name = stream.c_str();
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.Retention = js_LimitsPolicy;
  config.Discard = js_DiscardNew;
  config.Replicas = replicas;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kMakeStreamMax.ms);
  for (;;) {
    jsErrCode code{};
    const natsStatus status = js_AddStream(nullptr, jet_stream, &config, nullptr, &code);
    if (status == NATS_OK || code == JSStreamNameExistErr) return {};
    REQUIRE(code != JSStreamReplicasNotSupportedErr, kUnfitStream, "store: three NATS servers are one cluster");
    REQUIRE(code != JSNotEnabledErr && code != JSNotEnabledForAccountErr, kUnfitStream, "store: JetStream is on");
    if (code == JSStorageResourcesExceededErr) return Error{kDiskFull, "store: the NATS servers' disks have room"};
    if (std::chrono::steady_clock::now() > until) return unavailable();
    nats_Sleep(250);
  }
}

NatsLog::NatsLog(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
NatsLog::~NatsLog() = default;

Result<std::unique_ptr<NatsLog>> NatsLog::open(const NatsOptions& options) {
  auto log = TRY(connect(options, options.makes));
  REQUIRE(log != nullptr, kUnfitStream, "store: the stream that was there is there");
  return log;
}
Result<std::unique_ptr<NatsLog>> NatsLog::find(const NatsOptions& options) { return connect(options, false); }

Result<std::unique_ptr<NatsLog>> NatsLog::connect(const NatsOptions& options, bool makes) {
  auto connection = std::make_unique<Connection>();
  connection->place = options.place;
  connection->tls = options.tls;
  connection->stream = "GODWIT_" + options.place.name;
  connection->subject = "godwit." + options.place.name + ".log";
  TRY(connection->connect());
  TRY(check_versions(connection->connection));
  const int64_t replicas = options.place.servers.size() >= 3 ? 3 : 1;
  StreamInfo info = TRY(connection->info());
  if (!info && !makes) return std::unique_ptr<NatsLog>();
  if (!info) {
    TRY(connection->make_stream(replicas));
    info = TRY(connection->info());
  }
  REQUIRE(info && info->Config, kUnavailable, "store: the stream is there");
  const jsStreamConfig& is = *info->Config;
  const bool keeps = is.Retention == js_LimitsPolicy && is.Discard == js_DiscardNew && is.Storage == js_FileStorage &&
                     is.MaxAge == 0 && is.MaxMsgs <= 0 && is.MaxMsgsPerSubject <= 0 && !is.Sealed && !is.DenyDelete &&
                     (is.MaxMsgSize <= 0 || is.MaxMsgSize >= static_cast<int64_t>(kNatsPayloadMin)) && !is.NoAck;
  REQUIRE(keeps, kUnfitStream, "store: the stream keeps what it has");
  const bool is_own = is.SubjectsLen == 1 && connection->subject == is.Subjects[0] && is.Mirror == nullptr &&
                      is.SourcesLen == 0 && !is.AllowRollup && is.RePublish == nullptr;
  REQUIRE(is_own, kUnfitStream, "store: nothing but the home's log is in the stream");
  REQUIRE(is.Replicas >= replicas, kUnfitStream, "store: three servers keep the stream");
  auto log = std::unique_ptr<NatsLog>(new NatsLog(std::move(connection)));
  REQUIRE(log->message_bytes_max() >= kNatsPayloadMin, kUnfitStream, "store: NATS takes messages of 1 MiB");
  log->connection_->stream_bytes_max = is.MaxMsgSize > 0 ? static_cast<size_t>(is.MaxMsgSize) : SIZE_MAX;
  return log;
}

Result<NatsLook> NatsLog::look() {
  const StreamInfo info = TRY(connection_->info());
  if (!info || !info->Config) return unavailable();
  NatsLook look{info->State.Msgs, info->State.Bytes, static_cast<size_t>(info->Config->Replicas), 1, false};
  for (int i = 0; info->Cluster != nullptr && i < info->Cluster->ReplicasLen; ++i) {
    const jsPeerInfo* peer = info->Cluster->Replicas[i];
    if (!peer->Offline && peer->Current) ++look.replicas_well;
  }
  return look;
}

size_t NatsLog::message_bytes_max() const {
  const int64_t most = natsConnection_GetMaxPayload(connection_->connection);
  return most < 0 ? 0 : std::min(static_cast<size_t>(most), connection_->stream_bytes_max);
}

Result<uint64_t> NatsLog::append(ByteView message, uint64_t after, Duration wait) {
  TRY(connection_->revive());
  natsMsg* made = nullptr;
  if (natsMsg_Create(&made, connection_->subject.c_str(), nullptr, reinterpret_cast<const char*>(message.data()),
                     static_cast<int>(message.size())) != NATS_OK)
    return unavailable();
  const Message owned(made);
  // By hand: of the library's option 0 means "whatever is there".
  if (natsMsgHeader_Set(made, "Nats-Expected-Last-Sequence", std::to_string(after).c_str()) != NATS_OK)
    return unavailable();
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MaxWait = wait.ms;
  options.ExpectStream = connection_->stream.c_str();
  jsPubAck* acknowledged = nullptr;
  jsErrCode code{};
  if (js_PublishMsg(&acknowledged, connection_->jet_stream, made, &options, &code) != NATS_OK)
    return append_error(code);
  const uint64_t sequence = acknowledged->Sequence;
  jsPubAck_Destroy(acknowledged);
  return sequence;
}

Result<uint64_t> NatsLog::last_sequence() {
  const StreamInfo info = TRY(connection_->info());
  if (!info) return unavailable();
  return info->State.LastSeq;
}

Result<std::optional<Bytes>> NatsLog::at(uint64_t sequence) {
  TRY(connection_->revive());
  natsMsg* found = nullptr;
  jsErrCode code{};
  const natsStatus status =
      js_GetMsg(&found, connection_->jet_stream, connection_->stream.c_str(), sequence, nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSNoMessageFoundErr) return std::optional<Bytes>();
  if (status != NATS_OK) return unavailable();
  const Message owned(found);
  return std::optional(to_bytes(bytes_of(found)));
}

Status NatsLog::read_all(const Reader& reader) {
  const StreamInfo info = TRY(connection_->info());
  if (!info) return unavailable();
  const uint64_t count = info->State.Msgs;
  if (count == 0) return {};
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Ordered = true;
  options.Stream = connection_->stream.c_str();
  natsSubscription* made = nullptr;
  if (js_SubscribeSync(&made, connection_->jet_stream, connection_->subject.c_str(), nullptr, &options, nullptr) !=
      NATS_OK)
    return unavailable();
  const Subscription messages(made);
  uint64_t before = 0;
  for (uint64_t read = 0; read < count; ++read) {
    natsMsg* next = nullptr;
    if (natsSubscription_NextMsg(&next, made, kAskMs) != NATS_OK) return unavailable();
    const Message owned(next);
    jsMsgMetaData* about = nullptr;
    if (natsMsg_GetMetaData(&about, next) != NATS_OK) return unavailable();
    const uint64_t sequence = about->Sequence.Stream;
    jsMsgMetaData_Destroy(about);
    if (sequence <= before) return unavailable();
    before = sequence;
    TRY(reader(sequence, bytes_of(next)));
  }
  // A server that lags shows what is gone and not what is new: the count was its own then. And what was removed meanwhile may be missing
  // behind what it had said is gone.
  const StreamInfo after = TRY(connection_->info());
  if (!after || after->State.Msgs != count || after->State.LastSeq != info->State.LastSeq) return unavailable();
  return reads_end(before, info->State.LastSeq);
}

// The last messages may have been removed by hand; else all of them must have been seen.
Status NatsLog::reads_end(uint64_t read, uint64_t last) {
  if (last - read > kRemovedLastMax) return unavailable();
  while (++read <= last) {
    if (TRY(at(read))) return unavailable();
  }
  return {};
}

Status NatsLog::remove(uint64_t sequence) {
  TRY(connection_->revive());
  jsErrCode code{};
  const natsStatus status = js_EraseMsg(connection_->jet_stream, connection_->stream.c_str(), sequence, nullptr, &code);
  if (status == NATS_OK || status == NATS_NOT_FOUND) return {};
  if (code == JSNoMessageFoundErr || code == JSSequenceNotFoundErr) return {};
  // A message that was removed by a call whose answer was lost is refused with a general error.
  const auto there = TRY(at(sequence));
  if (there) return unavailable();
  return {};
}

Result<std::optional<NatsLook>> look_at_nats(const NatsOptions& options) {
  const auto log = TRY(NatsLog::find(options));
  if (!log) return std::optional<NatsLook>();
  NatsLook look = TRY(log->look());
  const uint64_t last = TRY(log->last_sequence());
  if (last == 0) return std::optional(look);
  const auto message = TRY(log->at(last));
  const auto batch = message ? decode_batch(*message) : std::nullopt;
  REQUIRE(batch.has_value() || !message, kCorrupted, "store: the log holds what this program wrote");
  look.is_released = batch && batch->kind == BatchKind::kReleased;
  return std::optional(look);
}

}  // namespace godwit::store
