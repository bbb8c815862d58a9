// What whoever claims to have read a message hands to an operator.

#include "base/assert.h"
#include "engine/member_info.h"
#include "engine/message_report.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView bytes{data, size};
  Bytes report = to_bytes(as_bytes("godwit message report"));
  append(report, bytes);
  for (const ByteView each : {bytes, ByteView(report)}) {
    const auto checked = engine::check_message_report(each);
    if (!checked) continue;
    ASSERT(engine::is_message_report(each) && checked->message.has_value() && !checked->channel);
    ASSERT(engine::is_utf8(checked->text) && checked->message->message != engine::MessageId{});
    ASSERT(checked->files.size() <= 1 && checked->message->home.size() == 64);
  }
  return 0;
}
