// What somebody pastes as a link: as it stands, and as the payload of a link whose checksum fits. What is read is written
// back to the same text.

#include "base/assert.h"
#include "codec/link_payload.h"
#include "engine/invite_link.h"
#include "engine/recovery_key.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const std::string text(as_text({data, size}));
  const std::string payload = codec::to_link_payload({data, size});
  for (const std::string& link : {text, "godwit:i#" + payload}) {
    if (const auto invite = engine::parse_invite_link(link)) {
      ASSERT(link.find(engine::to_text(*invite)) != std::string::npos);
    }
  }
  for (const std::string& link : {text, "godwit-home:" + payload}) {
    if (const auto home = wire::parse_home_link(link)) ASSERT(link.find(wire::to_text(*home)) != std::string::npos);
  }
  if (const auto key = engine::parse_recovery_key(text)) {
    ASSERT(engine::parse_recovery_key(engine::recovery_key_text(*key)).has_value());
  }
  return 0;
}
