#include "engine/log_entry.h"

#include "codec/codec.h"
#include "engine/errors.h"
#include "engine/padding.h"
#include "wire/requests.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;

Bytes associated_data(const wire::LogId& log, uint64_t epoch) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit log entry 1"));
  writer.raw(log.view());
  writer.u64(epoch);
  return writer.take();
}

}  // namespace

Bytes seal_log_entry(const LogBody& body, const crypto::AeadKey& log_key, const wire::LogId& log, uint64_t epoch,
                     Random& random) {
  codec::Writer writer;
  writer.u8(kVersion);
  writer.opaque(body.commit);
  codec::encode(writer, body.proposals);
  Bytes plaintext = writer.take();
  pad(plaintext);
  return crypto::box_seal(log_key, random, associated_data(log, epoch), plaintext);
}

Result<LogBody> open_log_entry(ByteView entry, const crypto::AeadKey& log_key, const wire::LogId& log, uint64_t epoch) {
  const auto plaintext = crypto::box_open(log_key, associated_data(log, epoch), entry);
  REQUIRE(plaintext.has_value(), kBadLogEntry, "an entry opens with the log key");
  return parse_log_body(*plaintext);
}

Result<LogBody> parse_log_body(ByteView plaintext) {
  codec::Reader reader(plaintext);
  REQUIRE(TRY(reader.u8()) == kVersion, kBadLogEntry, "an entry of version 1");
  LogBody body;
  body.commit = to_bytes(TRY(reader.opaque(wire::kEntrySizeMax)));
  body.proposals = TRY(codec::decode<std::vector<Bytes>>(reader));
  REQUIRE(is_padding(reader.rest()), kBadLogEntry, "padding is zero");
  return body;
}

}  // namespace godwit::engine
