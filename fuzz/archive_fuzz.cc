// An archive: its head; and, what follows it as it is, and sealed under a key that is known here: past the sealing.

#include "archive/archive_parts.h"
#include "base/assert.h"
#include "codec/writer.h"
#include "crypto/random_sources.h"

namespace {

using namespace godwit;

size_t parts_of(ByteView bytes, const archive::ArchiveId& id, size_t piece) {
  size_t parts = 0;
  archive::ArchiveReader reader({crypto::AeadKey()}, id, [&](const archive::ArchivePart&) {
    ++parts;
    return Status{};
  });
  while (!bytes.empty()) {
    const ByteView next = bytes.first(std::min(piece, bytes.size()));
    if (!reader.feed(next)) return parts;
    bytes = bytes.subspan(next.size());
  }
  static_cast<void>(reader.finish());
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool ready = crypto::initialise();
  ASSERT(ready);
  const ByteView bytes{data, size};
  if (const auto head = archive::parse_head(bytes)) {
    ASSERT(archive::write_head(*head) == to_bytes(bytes.first(archive::kHeadSize)));
  }
  const archive::ArchiveId id{};
  ASSERT(parts_of(bytes, id, 4096) == parts_of(bytes, id, 3));
  // As the first part, sealed as a writer would.
  if (size > 0 && size < archive::kPartSizeMax) {
    crypto::SeededRandom random(1);
    codec::Writer place;
    place.raw(as_bytes("godwit archive part 1"));
    place.raw(id);
    place.u64(0);
    const Bytes sealed = crypto::box_seal(crypto::AeadKey(), random, place.view(), bytes);
    codec::Writer part;
    part.u32(static_cast<uint32_t>(sealed.size()));
    part.raw(sealed);
    static_cast<void>(parts_of(part.view(), id, part.view().size()));
  }
  return 0;
}
