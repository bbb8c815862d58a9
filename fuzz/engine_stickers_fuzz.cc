// A pack of stickers, as whoever likes sends it.

#include "base/assert.h"
#include "engine/content_bodies.h"
#include "engine/sticker_pack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  const ByteView bytes{data, size};
  if (const auto looked = engine::look_at_sticker(bytes)) {
    ASSERT(looked->width >= 1 && looked->width <= engine::kStickerSideMax);
    ASSERT(looked->height >= 1 && looked->height <= engine::kStickerSideMax);
  }
  Bytes labelled = to_bytes(as_bytes("godwit stickers "));
  append(labelled, bytes);
  for (const ByteView each : {bytes, ByteView(labelled)}) {
    const auto pack = engine::unpack_stickers(each);
    if (!pack) continue;
    ASSERT(!pack->stickers.empty() && pack->stickers.size() <= engine::kStickersMax);
    const auto again = engine::pack_stickers(*pack);
    ASSERT(again && equal(*again, each));
  }
  return 0;
}
