#pragma once
// What the module of imports and archives asks of JavaScript (web/src/engine/moving_module.ts is the other side). It is a program of its
// own beside the engine, fetched when somebody needs it, and dropped afterwards. What waits for an answer stops the
// module in the middle of a call, which goes on when the answer is there (Asyncify of Binaryen), so the code reads as in a program.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/from_json.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/commands.h"
#include "engine/notices.h"
#include "moving/archive_file.h"
#include "moving/import_source.h"
#include "moving/media_folder.h"

namespace godwit::wasm {

/// As long as it takes.
constexpr Duration kNoLimit{INT64_MAX};

/// Asks the engine by its API; nothing: it has not answered within `limit`. What the engine says; kTooLong of the engine: the line would
/// be longer than it takes; kStopped.
Result<std::optional<api::Json>> ask_engine(std::string_view method, const api::Json& params, Duration limit);

/// The same for a command that has a shape, with its answer.
template <typename Answer, typename Command>
Result<std::optional<Answer>> ask_within(const Command& command, Duration limit) {
  const std::optional<api::Json> json = TRY(ask_engine(api::Shape<Command>::name, api::to_json(command), limit));
  if (!json) return std::optional<Answer>();
  std::optional<Answer> out(std::in_place);
  const bool fits = api::read(*json, *out);
  ASSERT(fits);  // the engine is of the same build
  return out;
}
/// The same, however long it takes.
template <typename Answer, typename Command>
Result<Answer> ask(const Command& command) {
  std::optional<Answer> out = TRY(ask_within<Answer>(command, kNoLimit));
  ASSERT(out.has_value());
  return std::move(*out);
}

/// What open_file() opens besides entries of a zip file, which go by their number: the whole file that was lent, a file of the folder of
/// media by its name, and one that the engine has fetched by its path, which is removed when nobody reads it any more.
constexpr uint32_t kWhole = UINT32_MAX;
constexpr uint32_t kMedia = UINT32_MAX - 1;
constexpr uint32_t kFetched = UINT32_MAX - 2;
/// A file that JavaScript has at hand, from its beginning. kFileGone, and what unpacking fails with.
Result<moving::Pieces> open_file(uint32_t what, std::string_view name = {});

/// The folder of media in this browser.
class BrowserMedia : public moving::MediaFolder {
 public:
  Status begin() override;
  Status write(ByteView piece) override;
  Status keep(const std::string& name) override;
  Result<bool> keep_if_new(const std::string& name) override;
  void drop() override;
  Status sync() override { return {}; }  // what has a name is on the disk
};

/// The archive that was lent, and the one that is made, which the page takes when it is whole: nothing of it stays in this browser. Each looks up.
class BrowserArchive : public moving::ArchiveFile {
 public:
  /// `there`: one was lent.
  explicit BrowserArchive(bool there) : there_(there) {}
  Result<bool> exists() override { return there_; }
  Result<moving::Pieces> open() override;
  Status begin() override;
  Status copy(uint64_t size) override;
  Status write(ByteView bytes) override;
  Status cut(uint64_t size) override;
  Status take_place() override;

 private:
  bool there_;
};

/// Waits.
void pause(Duration duration);
/// Has somebody asked to end this? kStopped.
Status look_up();
/// How many messages were looked at.
void show_messages(uint64_t messages);
/// Of a time of the wall clock here, in milliseconds: when it was, since 1970.
int64_t from_local(int64_t local_ms);
/// The error with this name, of those that JavaScript tells.
Error moving_error_named(std::string_view name);

}  // namespace godwit::wasm
