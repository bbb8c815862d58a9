// What an IMAP server says, cut into pieces at any place: the same responses, whatever the pieces.

#include "base/assert.h"
#include "net/imap_response.h"

namespace {

std::string read_all(godwit::ByteView bytes, size_t step) {
  using namespace godwit::net;
  ImapReader reader;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.subspan(at, std::min(step, bytes.size() - at)));
    for (;;) {
      auto response = reader.next();
      if (!response) return out + "!";
      if (!*response) break;
      out += (*response)->tag + " " + (*response)->text;
      for (const auto& literal : (*response)->literals) {
        ASSERT(literal.at <= (*response)->text.size());
        out += "{" + literal.bytes;
      }
      (void)imap_search(**response);
      (void)imap_code_number(**response, "UIDVALIDITY");
      const auto fetched = imap_fetch(**response);
      ASSERT(!fetched || fetched->uid != 0);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const godwit::ByteView bytes(data, size);
  ASSERT(read_all(bytes, size) == read_all(bytes, 1 + data[0] % 7));
  return 0;
}
