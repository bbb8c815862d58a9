#pragma once
// What the module of imports asks of JavaScript (web/src/engine/moving_module.ts is the other side). It is a program of its
// own beside the engine, fetched when somebody imports, and dropped afterwards. What waits for an answer stops the
// module in the middle of a call, which goes on when the answer is there (Asyncify of Binaryen), so the code reads as in a program.

#include <string>
#include <string_view>

#include "api/from_json.h"
#include "base/result.h"
#include "engine/commands.h"
#include "engine/notices.h"
#include "moving/import_source.h"
#include "moving/media_folder.h"

namespace godwit::wasm {

/// Asks the engine by its API. What the engine says; kTooLong of the engine: the line would be longer than it takes.
Result<api::Json> ask_engine(std::string_view method, const api::Json& params);

/// The same for a command that has a shape, with its answer.
template <typename Answer, typename Command>
Result<Answer> ask(const Command& command) {
  const api::Json json = TRY(ask_engine(api::Shape<Command>::name, api::to_json(command)));
  Answer out{};
  const bool fits = api::read(json, out);
  ASSERT(fits);  // the engine is of the same build
  return out;
}

/// A file that JavaScript has at hand, from its beginning. `what` is a number, or a name, that it understands; kFileGone, and what
/// unpacking fails with.
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

/// Has somebody asked to end this? kStopped.
Status look_up();
/// How many messages were looked at.
void show_messages(uint64_t messages);
/// Of a time of the wall clock here, in milliseconds: when it was, since 1970.
int64_t from_local(int64_t local_ms);
/// The error with this name, of those that JavaScript tells.
Error moving_error_named(std::string_view name);

}  // namespace godwit::wasm
