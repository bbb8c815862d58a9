#include "wasm/host_codec.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "codec/reader.h"
#include "wasm/errors.h"
#include "wasm/host_errors.h"

namespace godwit::wasm {
namespace {

void put(codec::Writer& out, std::string_view text) { out.opaque(as_bytes(text)); }
void put(codec::Writer& out, bool flag) { out.u8(flag ? 1 : 0); }

// ---- effects: one function each; those that answer return an event -------------------------------------------------

using Answer = std::optional<engine::Event>;

Answer write(codec::Writer& out, const engine::OpenPipe& effect) {
  const std::string url = web_address(effect.route);
  if (url.empty()) {
    return engine::PipeClosed{effect.pipe, {kNoSuchCarrier, "a page dials wss:// and bridge:// by the host's own name"}};
  }
  const bool home = effect.route.carrier == routes::Carrier::kWss;
  out.u8(1);
  out.u64(effect.pipe.value);
  put(out, url);
  out.opaque(effect.early);
  // The home's pin says nothing about somebody else's bridge.
  put(out, routes::pin(effect.route).has_value() || (home && effect.pin.has_value()));
  return {};
}

Answer write(codec::Writer& out, const engine::SendBytes& effect) {
  out.u8(2);
  out.u64(effect.pipe.value);
  out.opaque(effect.bytes);
  return {};
}

Answer write(codec::Writer& out, const engine::ClosePipe& effect) {
  out.u8(3);
  out.u64(effect.pipe.value);
  return {};
}

Answer write(codec::Writer& out, const engine::StoreBatch& effect) {
  out.u8(4);
  out.u64(effect.batch.value);
  out.u32(static_cast<uint32_t>(effect.changes.size()));
  for (const engine::RecordChange& change : effect.changes) {
    out.opaque(change.key);
    put(out, change.value.has_value());
    if (change.value) out.opaque(*change.value);
  }
  return {};
}

Answer write(codec::Writer& out, const engine::LoadRecords& effect) {
  out.u8(5);
  out.u64(effect.load.value);
  out.opaque(effect.first);
  out.opaque(effect.last);
  out.u32(effect.count_max);
  put(out, effect.backwards);
  return {};
}

Answer write(codec::Writer& out, const engine::ReadFile& effect) {
  out.u8(7);
  out.u64(effect.op.value);
  put(out, effect.source);
  out.u64(effect.offset);
  out.u32(effect.size);
  return {};
}

Answer write(codec::Writer& out, const engine::WriteFile& effect) {
  out.u8(8);
  out.u64(effect.op.value);
  put(out, effect.destination);
  out.opaque(effect.part.view());
  out.u64(effect.offset);
  out.opaque(effect.bytes);
  put(out, effect.durable);
  return {};
}

Answer write(codec::Writer& out, const engine::FinishFile& effect) {
  out.u8(9);
  out.u64(effect.op.value);
  put(out, effect.destination);
  out.opaque(effect.part.view());
  put(out, effect.name);
  out.u64(effect.size);
  return {};
}

Answer write(codec::Writer& out, const engine::DropFile& effect) {
  out.u8(10);
  put(out, effect.destination);
  out.opaque(effect.part.view());
  return {};
}

// A page may fetch from its own origin only, unless the other side allows it by name; and it cannot see whether an address is a
// public one, which is the condition. So there are no bulletins from the web.
Answer write(codec::Writer& /*out*/, const engine::FetchText& effect) { return engine::TextFetched{effect.url, {}}; }

Answer write(codec::Writer& /*out*/, const engine::SendSealed& effect) {
  return engine::LetterFailed{effect.letter, {kNoMail, "a page has neither SMTP nor IMAP"}};
}

// No mailbox is looked into, and there is no local network: nobody ever answers.
Answer write(codec::Writer& /*out*/, const engine::WatchMail& /*effect*/) { return {}; }
Answer write(codec::Writer& /*out*/, const engine::LanWatch& /*effect*/) { return {}; }
Answer write(codec::Writer& /*out*/, const engine::LanSend& /*effect*/) { return {}; }
Answer write(codec::Writer& /*out*/, const engine::LanClose& /*effect*/) { return {}; }

Answer write(codec::Writer& /*out*/, const engine::Tell& /*effect*/) {
  ASSERT(false);
  return {};
}

// ---- events --------------------------------------------------------------------------------------------------------

/// Reads what must be there.
class Fields {
 public:
  explicit Fields(ByteView bytes) : reader_(bytes) {}
  uint8_t u8() { return must(reader_.u8()); }
  uint32_t u32() { return must(reader_.u32()); }
  uint64_t u64() { return must(reader_.u64()); }
  Bytes bytes() { return to_bytes(must(reader_.opaque())); }
  std::string text() { return std::string(as_text(must(reader_.opaque()))); }
  std::optional<Error> error() {
    const std::string name = text();
    return name.empty() ? std::nullopt : std::optional(error_named(name));
  }
  void end() { ASSERT(reader_.at_end()); }

 private:
  template <typename T>
  static T must(Result<T> read) {
    return std::move(read).value();
  }
  codec::Reader reader_;
};

engine::RecordsLoaded read_records(Fields& fields) {
  engine::RecordsLoaded out{engine::LoadId{fields.u64()}, {}};
  const uint32_t count = fields.u32();
  out.records.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Bytes key = fields.bytes();
    out.records.emplace_back(std::move(key), fields.bytes());
  }
  return out;
}

engine::FileRead read_file_read(Fields& fields) {
  engine::FileRead out;
  out.op = engine::FileOpId{fields.u64()};
  out.bytes = fields.bytes();
  out.size = fields.u64();
  out.version = fields.u64();
  out.error = fields.error();
  return out;
}

engine::FileWritten read_file_written(Fields& fields) {
  engine::FileWritten out;
  out.op = engine::FileOpId{fields.u64()};
  out.path = fields.text();
  out.error = fields.error();
  return out;
}

engine::Event read_fields(Fields& fields) {
  switch (fields.u8()) {
    case 1:
      return engine::PipeOpened{engine::PipeId{fields.u64()}};
    case 2: {
      const engine::PipeId pipe{fields.u64()};
      return engine::PipeBytes{pipe, fields.bytes()};
    }
    case 3: {
      const engine::PipeId pipe{fields.u64()};
      return engine::PipeClosed{pipe, error_named(fields.text())};
    }
    case 4:
      return engine::BatchStored{engine::BatchId{fields.u64()}};
    case 5: {
      const engine::BatchId batch{fields.u64()};
      return engine::BatchFailed{batch, error_named(fields.text())};
    }
    case 6:
      return read_records(fields);
    case 7:
      return engine::NetworkChanged{fields.bytes()};
    case 8:
      return read_file_read(fields);
    case 9:
      return read_file_written(fields);
    default:
      ASSERT(false);
      return engine::BatchStored{};
  }
}

}  // namespace

std::optional<engine::Event> write_effect(codec::Writer& out, const engine::Effect& effect) {
  return std::visit([&out](const auto& one) { return write(out, one); }, effect);
}

void write_line(codec::Writer& out, uint32_t peer, const std::string& line) {
  out.u8(6);
  out.u32(peer);
  put(out, line);
}

engine::Event read_event(ByteView bytes) {
  Fields fields(bytes);
  engine::Event event = read_fields(fields);
  fields.end();
  return event;
}

std::string web_address(const routes::Route& route) {
  const bool carried = route.carrier == routes::Carrier::kWss || route.carrier == routes::Carrier::kBridge;
  if (!carried || route.parameters.contains(std::string(routes::kShownName))) return {};
  routes::Route plain = route;
  plain.carrier = routes::Carrier::kWss;
  plain.parameters.clear();
  return routes::to_uri(plain);
}

Error error_named(std::string_view name) {
  const auto found = std::find_if(kHostErrors.begin(), kHostErrors.end(),
                                  [&](const ErrorCode& each) { return each.name == name; });
  return {found == kHostErrors.end() ? kHostErrors.front() : *found, "told by the page"};
}

}  // namespace godwit::wasm
