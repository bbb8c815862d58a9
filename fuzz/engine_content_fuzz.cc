// What a message says: written by a peer. What is taken for text is UTF-8 within its bound.

#include "base/assert.h"
#include "engine/commands.h"
#include "engine/content.h"
#include "engine/file_content.h"
#include "engine/member_info.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::engine;
  const auto content = parse_content({data, size});
  if (!content) return 0;
  ASSERT(godwit::codec::encoded(*content).size() == size);
  if (const auto text = text_of(*content)) ASSERT(text->size() <= kTextSizeMax && is_utf8(*text));
  if (const auto receipt = receipt_of(*content)) ASSERT(receipt->delivered.size() <= kContentIdsMax);
  if (const auto resend = resend_of(*content)) ASSERT(resend->ids.size() <= kContentIdsMax);
  if (const auto file = file_of(*content)) {
    ASSERT(file->size <= kFileSizeMax && file->name.find('/') == std::string::npos);
    ASSERT(!file->name.empty() && file->name.size() <= kFileNameSizeMax && is_utf8(file->name));
    ASSERT(clean_file_name(file->name) == file->name);
  }
  return 0;
}
