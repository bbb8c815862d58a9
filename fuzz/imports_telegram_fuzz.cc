// Bytes that may be Telegram's result.json: read in pieces of two sizes they give the same messages and the same error.

#include <vector>

#include "base/assert.h"
#include "imports/characters.h"
#include "imports/media_path.h"
#include "imports/telegram_reader.h"

namespace {

using namespace godwit;

std::vector<std::string> texts_of(std::string_view text, size_t piece) {
  std::vector<std::string> out;
  imports::ImportSink sink;
  sink.chat = [&](const imports::ImportedChat& chat) { return out.push_back(chat.name), Status{}; };
  sink.message = [&](imports::ImportedMessage message) {
    ASSERT(message.text.size() <= imports::kImportedTextMax);
    ASSERT(message.sender.size() <= imports::kImportedNameMax);
    if (const auto path = imports::media_path(message.media)) ASSERT(path->find("..") != 0 && path->front() != '/');
    out.push_back(message.sender + "\n" + message.text + "\n" + message.media);
    return Status{};
  };
  imports::ImportReport report;
  size_t at = 0;
  const Status status = imports::read_telegram(
      [&] {
        const std::string_view next = text.substr(at, piece);
        at += next.size();
        return as_bytes(next);
      },
      "", sink, report);
  out.emplace_back(status ? "" : status.error().code.name);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = as_text({data, size});
  ASSERT(texts_of(text, 4096) == texts_of(text, 3));
  return 0;
}
