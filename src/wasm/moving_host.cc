#include "wasm/moving_host.h"

#include <array>
#include <limits>
#include <memory>
#include <set>

#include "api/errors.h"
#include "api/rpc_peer.h"
#include "imports/errors.h"
#include "wasm/errors.h"

// Each gives a size, or, negative, that of the name of an error; host_take() copies what the size is of.
#define GODWIT_HOST(name) extern "C" __attribute__((import_module("moving"), import_name(#name)))
GODWIT_HOST(ask) int32_t host_ask(const char* request, uint32_t size, double limit_ms);  // 0: not in that time
GODWIT_HOST(take) void host_take(void* out);
GODWIT_HOST(open) int32_t host_open(uint32_t what, const char* name, uint32_t size);
GODWIT_HOST(read) int32_t host_read(int32_t file, uint8_t* out, uint32_t size);
GODWIT_HOST(close) void host_close(int32_t file);
GODWIT_HOST(media_begin) int32_t host_media_begin();
GODWIT_HOST(media_write) int32_t host_media_write(const uint8_t* bytes, uint32_t size);
GODWIT_HOST(media_keep) int32_t host_media_keep(const char* name, uint32_t size);
GODWIT_HOST(media_drop) int32_t host_media_drop();
GODWIT_HOST(archive_begin) void host_archive_begin();
GODWIT_HOST(archive_copy) int32_t host_archive_copy(double size);
GODWIT_HOST(archive_write) int32_t host_archive_write(const uint8_t* bytes, uint32_t size);
GODWIT_HOST(archive_cut) void host_archive_cut(double size);
GODWIT_HOST(archive_keep) int32_t host_archive_keep();
GODWIT_HOST(pause) int32_t host_pause(double ms);
GODWIT_HOST(stopped) int32_t host_stopped();
GODWIT_HOST(show) void host_show(double messages);
GODWIT_HOST(from_local) double host_from_local(double local_ms);

namespace godwit::wasm {
namespace {

constexpr size_t kPiece = 256 * 1024;
// Of the name of an error.
constexpr int32_t kNameMax = 256;

constexpr std::array kTold{
    api::kDiskFull,
    ErrorCode{902, Action::kRetryLater, "store_unavailable"},
    imports::kZipDamaged,
    imports::kZipBomb,
    kFileGone,
    kNoFiles,
    kStopped,
};

std::string taken(int32_t size) {
  std::string out(static_cast<size_t>(size), '\0');
  host_take(out.data());
  return out;
}

Error error_of(int32_t told) {
  ASSERT(told < 0 && told >= -kNameMax);
  return moving_error_named(taken(-told));
}

Status status_of(int32_t told) { return told < 0 ? Status(error_of(told)) : Status{}; }

// As the engine has said it. Its name lives as long as this module.
Error engine_error(const api::Json& error) {
  static auto& names = *new std::set<std::string>();
  ErrorCode code{0, Action::kFix, ""};
  const auto data = error.find("data");
  if (data == error.end()) return {code, "an engine answers"};
  std::string name;
  uint32_t number = 0;
  const bool fits = data->is_object() && api::read((*data)["name"], name) && api::read((*data)["code"], number) &&
                    api::read((*data)["action"], code.action);
  ASSERT(fits && number <= UINT16_MAX);
  code.number = static_cast<uint16_t>(number);
  code.name = names.insert(name).first->c_str();
  return {code, "told by the engine"};
}

}  // namespace

Error moving_error_named(std::string_view name) {
  for (const ErrorCode& each : kTold) {
    if (each.name == name) return {each, "told by the page"};
  }
  return {kFileGone, "told by the page"};
}

Result<std::optional<api::Json>> ask_engine(std::string_view method, const api::Json& params, Duration limit) {
  api::Json request;
  request["jsonrpc"] = "2.0";
  request["id"] = 0;
  request["method"] = method;
  request["params"] = params;
  const std::string line = api::dump(request);
  REQUIRE(line.size() <= api::kLineSizeMax, engine::kTooLong, "the size of a line of the API");
  const double limit_ms = limit == kNoLimit ? std::numeric_limits<double>::infinity() : static_cast<double>(limit.ms);
  const int32_t size = host_ask(line.data(), static_cast<uint32_t>(line.size()), limit_ms);
  if (size < 0) return error_of(size);
  if (size == 0) return std::optional<api::Json>();
  api::Json answer = api::Json::parse(taken(size), nullptr, false);
  ASSERT(answer.is_object());
  if (answer.contains("error")) return engine_error(answer["error"]);
  return std::optional<api::Json>(std::move(answer["result"]));
}

Result<moving::Pieces> open_file(uint32_t what, std::string_view name) {
  const int32_t opened = host_open(what, name.data(), static_cast<uint32_t>(name.size()));
  if (opened < 0) return error_of(opened);
  const auto close = [](const int32_t* file) {
    host_close(*file);
    delete file;
  };
  const std::shared_ptr<int32_t> file(new int32_t(opened), close);
  return moving::Pieces([file, piece = std::make_shared<Bytes>(kPiece)]() -> Result<ByteView> {
    const int32_t count = host_read(*file, piece->data(), static_cast<uint32_t>(piece->size()));
    if (count < 0) return error_of(count);
    ASSERT(static_cast<size_t>(count) <= piece->size());
    return ByteView(*piece).first(static_cast<size_t>(count));
  });
}

Status BrowserMedia::begin() { return status_of(host_media_begin()); }
Status BrowserMedia::write(ByteView piece) {
  return status_of(host_media_write(piece.data(), static_cast<uint32_t>(piece.size())));
}
Status BrowserMedia::keep(const std::string& name) {
  return status_of(host_media_keep(name.data(), static_cast<uint32_t>(name.size())));
}
Result<bool> BrowserMedia::keep_if_new(const std::string& name) {
  const int32_t told = host_media_keep(name.data(), static_cast<uint32_t>(name.size()));
  if (told < 0) return error_of(told);
  return told > 0;
}
void BrowserMedia::drop() { static_cast<void>(host_media_drop()); }

Result<moving::Pieces> BrowserArchive::open() {
  moving::Pieces pieces = TRY(open_file(kWhole));
  return moving::Pieces([pieces = std::move(pieces)]() -> Result<ByteView> {
    TRY(look_up());
    return pieces();
  });
}
Status BrowserArchive::begin() {
  host_archive_begin();
  return {};
}
Status BrowserArchive::copy(uint64_t size) { return status_of(host_archive_copy(static_cast<double>(size))); }
Status BrowserArchive::write(ByteView bytes) {
  TRY(look_up());
  return status_of(host_archive_write(bytes.data(), static_cast<uint32_t>(bytes.size())));
}
Status BrowserArchive::cut(uint64_t size) {
  host_archive_cut(static_cast<double>(size));
  return {};
}
Status BrowserArchive::take_place() { return status_of(host_archive_keep()); }

void pause(Duration duration) { static_cast<void>(host_pause(static_cast<double>(duration.ms))); }

Status look_up() {
  REQUIRE(host_stopped() == 0, kStopped, "somebody has asked to end this");
  return {};
}

void show_messages(uint64_t messages) { host_show(static_cast<double>(messages)); }

int64_t from_local(int64_t local_ms) { return static_cast<int64_t>(host_from_local(static_cast<double>(local_ms))); }

}  // namespace godwit::wasm
