// A text that may be WhatsApp's export: read in pieces of two sizes it gives the same messages, each within its bounds.

#include <string>
#include <vector>

#include "base/assert.h"
#include "imports/characters.h"
#include "imports/whatsapp_reader.h"

namespace {

using namespace godwit;

std::vector<std::string> texts_of(std::string_view text, size_t piece) {
  std::vector<std::string> out;
  imports::WhatsAppSurvey survey;
  for (size_t at = 0; at < text.size(); at += piece) survey.feed(as_bytes(text.substr(at, piece)));
  const auto form = survey.finish();
  if (!form) return out;
  imports::ImportSink sink;
  sink.message = [&](imports::ImportedMessage message) {
    ASSERT(message.text.size() <= 3 * imports::kImportedTextMax && imports::is_whole_utf8(message.text));
    ASSERT(message.sender.size() <= imports::kImportedNameMax && imports::is_whole_utf8(message.sender));
    out.push_back(message.sender + "\n" + message.text + "\n" + message.media);
    return Status{};
  };
  const auto has_file = [](std::string_view name) { return name.size() % 2 == 0; };
  imports::WhatsAppReader reader(*form, sink, "Anna", has_file);
  for (size_t at = 0; at < text.size(); at += piece) ASSERT(reader.feed(as_bytes(text.substr(at, piece))).has_value());
  ASSERT(reader.finish().has_value());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = as_text({data, size});
  ASSERT(texts_of(text, 4096) == texts_of(text, 3));
  return 0;
}
