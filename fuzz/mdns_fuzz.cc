// Whatever comes from a local network, it gives a bounded number of names or an error; what is read is written the same.

#include "base/assert.h"
#include "routes/mdns.h"

using namespace godwit;
using namespace godwit::routes;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  if (const auto question = parse_mdns_question(bytes)) {
    ASSERT(question->names.size() <= kMdnsNamesMax);
    if (!question->names.empty()) {
      const auto again = parse_mdns_question(mdns_question(question->id, question->names));
      ASSERT(again.has_value() && again->names == question->names);
    }
  }
  const uint16_t id = size < 2 ? 0 : static_cast<uint16_t>(data[0] << 8 | data[1]);
  if (const auto found = parse_mdns_answer(bytes, id)) {
    ASSERT(found->size() <= kMdnsNamesMax);
    for (const MdnsFound& each : *found) ASSERT(each.port != 0);
  }
  return 0;
}
