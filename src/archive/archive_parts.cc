#include "archive/archive_parts.h"

#include "archive/errors.h"
#include "codec/codec.h"

namespace godwit::archive {
namespace {

constexpr uint8_t kMessages1 = 1;  // of version 1
constexpr uint8_t kFile = 2;
constexpr uint8_t kMessages = 3;
constexpr uint8_t kEnd = 255;
constexpr size_t kSealing = crypto::kXAeadNonceSize + crypto::kAeadTagSize;
constexpr size_t kSizeSize = 4;

struct End {
  uint64_t parts = 0;
  crypto::Sha256Digest hash{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.parts, self.hash);
  }
};

// A message and messages of a chat as version 1 had them.
struct Message1 {
  ArchivedMessage message;
  template <typename Self>
  static auto fields(Self& self) {
    auto& in = self.message;
    return codec::members(in.id, in.sender, in.own, in.sent_ms, in.text, in.media, in.forwarded_from, in.marks);
  }
};
struct Messages1 {
  ArchivedId chat{};
  std::string name;
  std::vector<Message1> messages;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.name, self.messages);
  }
};

Result<ArchivedMessages> messages_of(uint8_t kind, ByteView plain) {
  if (kind == kMessages) return codec::decoded<ArchivedMessages>(plain);
  auto old = TRY(codec::decoded<Messages1>(plain));
  ArchivedMessages out{old.chat, std::move(old.name), {}};
  for (Message1& each : old.messages) out.messages.push_back(std::move(each.message));
  return out;
}

// A part opens in its archive and at its place only.
Bytes bound_to(const ArchiveId& id, uint64_t number) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit archive part 1"));
  writer.raw(id);
  writer.u64(number);
  return writer.take();
}

size_t size_of(ByteView framed) {
  size_t size = 0;
  for (size_t i = 0; i < kSizeSize; ++i) size = (size << 8) | framed[i];
  return size;
}

}  // namespace

Bytes ArchiveWriter::seal(uint8_t kind, ByteView plain) {
  codec::Writer inner;
  inner.u8(kind);
  inner.raw(plain);
  ASSERT(inner.view().size() <= kPartSizeMax);
  const Bytes sealed = crypto::box_seal(key_.key, random_, bound_to(id_, place_.parts), inner.view());
  codec::Writer out;
  out.u32(static_cast<uint32_t>(sealed.size()));
  out.raw(sealed);
  return out.take();
}

Bytes ArchiveWriter::part(const ArchivePart& part) {
  const auto* messages = std::get_if<ArchivedMessages>(&part);
  Bytes out = messages != nullptr ? seal(kMessages, codec::encoded(*messages))
                                  : seal(kFile, codec::encoded(std::get<ArchivedFile>(part)));
  place_.hash.update(out);
  place_.size += out.size();
  ++place_.parts;
  return out;
}

Bytes ArchiveWriter::end() {
  crypto::Sha256 hash = place_.hash;
  return seal(kEnd, codec::encoded(End{place_.parts, hash.finish()}));
}

Status ArchiveReader::take(ByteView sealed, ByteView framed) {
  const auto opened = crypto::box_open(key_.key, bound_to(id_, place_.parts), sealed);
  REQUIRE(opened.has_value(), kArchiveDamaged, "a part is as it was sealed, and in its place");
  REQUIRE(!opened->empty(), kArchiveDamaged, "a part has a kind");
  const ByteView plain = ByteView(*opened).subspan(1);
  REQUIRE(opened->front() == kFile || !file_, kArchiveDamaged, "the pieces of a file stand together");
  if (opened->front() == kEnd) {
    const auto end = codec::decoded<End>(plain);
    crypto::Sha256 hash = place_.hash;
    REQUIRE(end.has_value() && end->parts == place_.parts && end->hash == hash.finish(), kArchiveDamaged,
            "the end knows all parts");
    ended_ = true;
    return {};
  }
  place_.hash.update(framed);
  place_.size += framed.size();
  ++place_.parts;
  if (opened->front() == kMessages || opened->front() == kMessages1) {
    auto messages = messages_of(opened->front(), plain);
    REQUIRE(messages.has_value(), kArchiveDamaged, "messages are well-formed");
    return handler_(std::move(*messages));
  }
  if (opened->front() == kFile) {
    auto file = codec::decoded<ArchivedFile>(plain);
    REQUIRE(file.has_value(), kArchiveDamaged, "a piece of a file is well-formed");
    REQUIRE(file->first ? !file_ : file_ == file->name, kArchiveDamaged, "the pieces of a file stand together");
    file_ = file->last ? std::nullopt : std::optional(file->name);
    return handler_(std::move(*file));
  }
  return Error{kArchiveNewer, "parts of kinds that this version knows"};
}

Status ArchiveReader::feed(ByteView bytes) {
  append(waiting_, bytes);
  size_t used = 0;
  while (waiting_.size() - used >= kSizeSize) {
    REQUIRE(!ended_, kArchiveDamaged, "nothing follows the end");
    const ByteView rest = ByteView(waiting_).subspan(used);
    const size_t size = size_of(rest);
    REQUIRE(size > kSealing && size <= kPartSizeMax + kSealing, kArchiveDamaged, "a part is of a size that is written");
    if (rest.size() < kSizeSize + size) break;
    TRY(take(rest.subspan(kSizeSize, size), rest.first(kSizeSize + size)));
    used += kSizeSize + size;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(used));
  return {};
}

Status ArchiveReader::finish() const {
  REQUIRE(!ended_ || waiting_.empty(), kArchiveDamaged, "nothing follows the end");
  REQUIRE(ended_, kArchiveCut, "an archive has its end");
  return {};
}

}  // namespace godwit::archive
