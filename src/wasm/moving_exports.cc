// Imports and archives as a WebAssembly module of its own beside the engine: what JavaScript calls. One module does one job.
//
//   input(size)             room for what the next call is given
//   area()                  where Asyncify puts a stack that waits: two pointers, to its begin and its end, and then the stack
//   source(size, bytes, is_zip)  what the job reads is called as the input says and has so many bytes
//   entry(size, bytes, packed)   the next entry of its directory, if it is a zip file: the name is the input. 0: no more are wanted
//   fail(size)              the job is to end with the error that the input names
//   run(size)               the input is a line of the API (import_chat, archive_chats, restore_chats); gives the size of the line that answers it, at output()
//
// Input and output are wiped after use: messages stand in them.

#include <memory>
#include <optional>

#include "api/errors.h"
#include "api/program_shapes.h"
#include "api/rpc_peer.h"
#include "crypto/random_sources.h"
#include "crypto/secret.h"
#include "imports/zip_contents.h"
#include "moving/archive_chats.h"
#include "moving/chat_import.h"
#include "moving/restore_chats.h"
#include "wasm/errors.h"
#include "wasm/moving_engine.h"
#include "wasm/moving_host.h"

#define GODWIT_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace godwit::wasm {
namespace {

// Frames of the deepest call that waits take some kilobytes.
constexpr size_t kAreaSize = 512 * 1024;
// A line of the API has at most 1 MiB, in which a character may take six bytes.
constexpr size_t kBatchBytes = 128 * 1024;

struct Area {
  uint8_t* begin = nullptr;
  uint8_t* end = nullptr;
  uint8_t stack[kAreaSize] = {};
};
Area waiting_area;
Bytes input_bytes;
std::string output_text;

// What the job reads.
class GivenFile : public moving::ImportSource {
 public:
  GivenFile(std::string name, uint64_t size, bool zip) : name_(std::move(name)) {
    if (zip) contents_.emplace(name_, size);
  }
  // False: no more entries are wanted.
  bool add(std::string_view name, uint64_t size, uint64_t packed) {
    if (status_) status_ = contents_->add(name, size, packed);
    return status_.has_value();
  }
  void fail(const Error& error) { status_ = error; }
  Status check() const {
    TRY(status_);
    return contents_ ? contents_->finish() : Status{};
  }
  Result<moving::Pieces> chat() override {
    return open_file(contents_ ? static_cast<uint32_t>(contents_->chat()) : kWhole);
  }
  // A browser gives one file and nothing that lies beside it.
  Result<moving::Pieces> media(const std::string& path) override {
    const auto entry = contents_ ? contents_->find(path) : std::nullopt;
    REQUIRE(entry.has_value(), kFileGone, "a file of the export");
    return open_file(static_cast<uint32_t>(*entry));
  }
  bool has(const std::string& path) override { return contents_ && contents_->find(path); }
  std::string name() const override { return name_; }

 private:
  std::string name_;
  std::optional<imports::ZipContents> contents_;
  Status status_;
};
std::optional<GivenFile> given;

void wipe(std::string& text) {
  crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  text.clear();
}

Result<api::Json> carry_out(const api::ImportChat& command) {
  ASSERT(given.has_value());
  TRY(given->check());
  BrowserImport host;
  BrowserMedia media;
  moving::ImportCounts counts;
  const moving::ImportWishes wishes{command.name, command.me, command.older_of, kBatchBytes};
  TRY(moving::import_chats(host, *given, media, wishes, counts));
  return api::to_json(api::ChatImported{counts.chats, counts.stored, counts.known, counts.media, counts.missing,
                                        counts.report.omitted, counts.report.passed_over, counts.skipped});
}

Result<api::Json> carry_out(const api::ArchiveChats& command) {
  if (given) TRY(given->check());
  const auto secret = TRY(moving::archive_secret_of(command.passphrase, command.recovery_key));
  BrowserChats chats;
  BrowserFiles files;
  BrowserArchive file(given.has_value());
  crypto::SystemRandom random;
  moving::ArchiveCounts counts;
  TRY(moving::archive_chats({chats, files, file, random}, {command.only_here}, secret, counts,
                            [](uint64_t messages) { show_messages(messages); }));
  return api::to_json(api::ChatsArchived{counts.added, counts.known, counts.files, counts.missing,
                                         counts.removed + counts.changed > 0, counts.removed, counts.changed,
                                         counts.kept});
}

Result<api::Json> carry_out(const api::RestoreChats& command) {
  ASSERT(given.has_value());
  TRY(given->check());
  const auto secret = TRY(moving::archive_secret_of(command.passphrase, command.recovery_key));
  BrowserArchive file(true);
  const auto opened = TRY(moving::open_archive(file, secret));
  BrowserChats chats;
  BrowserImport host;
  BrowserMedia media;
  moving::RestoreCounts counts;
  TRY(moving::restore_chats({chats, host, media, file}, opened, kBatchBytes, counts));
  return api::to_json(api::ChatsRestored{counts.chats.size(), counts.skipped.size(), counts.stored, counts.known,
                                         counts.files, counts.missing});
}

template <typename Command>
Result<api::Json> read_and_carry_out(const api::Json& params) {
  Command command;
  REQUIRE(api::read(params, command), api::kWrongType, "api.md: the type of each field");
  auto done = carry_out(command);
  if constexpr (requires { command.passphrase; }) {
    wipe(command.passphrase);
    wipe(command.recovery_key);
  }
  return done;
}

Result<api::Json> run_request(const api::Json& request) {
  const api::Json params = request.value("params", api::Json::object());
  const std::string method = request.value("method", std::string());
  if (method == api::Shape<api::ImportChat>::name) return read_and_carry_out<api::ImportChat>(params);
  if (method == api::Shape<api::ArchiveChats>::name) return read_and_carry_out<api::ArchiveChats>(params);
  if (method == api::Shape<api::RestoreChats>::name) return read_and_carry_out<api::RestoreChats>(params);
  return Error{api::kUnknownMethod, "api.md: the methods"};
}

std::string run_line(std::string_view line) {
  ASSERT(crypto::initialise());
  // JavaScript takes half of a surrogate pair for text, and JSON is what RFC 8259 says.
  const api::Json request = api::Json::parse(line, nullptr, false);
  if (!request.is_object() || !request.contains("id")) return api::error_line("null", {api::kNotJson, "RFC 8259"});
  const std::string id = api::dump(request["id"]);
  const Result<api::Json> done = run_request(request);
  if (!done) return api::error_line(id, done.error());
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + api::dump(*done) + "}";
}

std::string input_text(uint32_t size) {
  ASSERT(size <= input_bytes.size());
  std::string out(as_text(ByteView(input_bytes).first(size)));
  crypto::wipe(ByteSpan(input_bytes).first(size));
  return out;
}

}  // namespace

GODWIT_EXPORT(input) uint8_t* input(uint32_t size) {
  if (input_bytes.size() < size) input_bytes = Bytes(size);
  return input_bytes.data();
}

GODWIT_EXPORT(area) void* area() {
  waiting_area.begin = waiting_area.stack;
  waiting_area.end = waiting_area.stack + kAreaSize;
  return &waiting_area;
}

GODWIT_EXPORT(source) void source(uint32_t size, double bytes, int32_t is_zip) {
  given.emplace(input_text(size), static_cast<uint64_t>(bytes), is_zip != 0);
}

GODWIT_EXPORT(entry) int32_t entry(uint32_t size, double bytes, double packed) {
  ASSERT(given.has_value());
  return given->add(input_text(size), static_cast<uint64_t>(bytes), static_cast<uint64_t>(packed)) ? 1 : 0;
}

GODWIT_EXPORT(fail) void fail(uint32_t size) {
  ASSERT(given.has_value());
  given->fail(moving_error_named(input_text(size)));
}

GODWIT_EXPORT(run) uint32_t run(uint32_t size) {
  std::string line = input_text(size);
  output_text = run_line(line);
  crypto::wipe({reinterpret_cast<uint8_t*>(line.data()), line.size()});
  return static_cast<uint32_t>(output_text.size());
}

GODWIT_EXPORT(output) const char* output() { return output_text.data(); }

}  // namespace godwit::wasm
