// What stands in an opened envelope or log entry, or beside a commit, and what a welcome says: written by a peer, so anything at all.

#include "base/assert.h"
#include "codec/codec.h"
#include "engine/chat_lines.h"
#include "engine/envelope.h"
#include "engine/log_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView bytes(data, size);
  if (const auto envelope = engine::parse_envelope(bytes)) {
    ASSERT(envelope->body.size() < size);
    static_cast<void>(codec::decoded<engine::WelcomeBody>(envelope->body));
  }
  if (const auto welcome = codec::decoded<engine::WelcomeBody>(bytes)) {
    ASSERT(equal(codec::encoded(*welcome), bytes));
  }
  if (const auto body = engine::parse_log_body(bytes)) ASSERT(body->commit.size() < size);
  if (const auto note = engine::read_commit_note(bytes); note && note->version == 1) {
    ASSERT(equal(codec::encoded(*note), bytes));
  }
  return 0;
}
