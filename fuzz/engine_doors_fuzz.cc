// What strangers and members write about ways into a group: a link, what somebody asks by it, what admins tell each other of him, and
// what a member asks who comes back.

#include "base/assert.h"
#include "codec/link_payload.h"
#include "engine/door_link.h"
#include "engine/group_content.h"
#include "engine/group_settings.h"

namespace {

using namespace godwit;

template <typename Body>
void try_body(ByteView bytes) {
  if (const auto body = codec::decoded<Body>(bytes)) ASSERT(equal(codec::encoded(*body), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes{data, size};
  for (const std::string& text : {std::string(as_text(bytes)), "godwit:g#" + codec::to_link_payload(bytes)}) {
    if (const auto link = engine::parse_group_link(text)) {
      ASSERT(text.find(engine::to_text(*link)) != std::string::npos);
    }
  }
  static_cast<void>(engine::parse_join_request(bytes));
  static_cast<void>(engine::parse_group_settings({{engine::kGroupSettingsExtension, to_bytes(bytes)}}));
  try_body<engine::JoinAskedBody>(bytes);
  try_body<engine::JoinSettledBody>(bytes);
  try_body<engine::ReturnAskedBody>(bytes);
  return 0;
}
