#include "moving/archive_file.h"

#include <algorithm>

#include "archive/errors.h"
#include "engine/recovery_key.h"

namespace godwit::moving {
namespace {

/// The head, and what came behind it with the same pieces.
struct Begun {
  archive::ArchiveHead head;
  Bytes rest;
};

Result<Begun> read_head(const Pieces& pieces) {
  Bytes read;
  while (read.size() < archive::kHeadSize) {
    const ByteView piece = TRY(pieces());
    if (piece.empty()) break;
    append(read, piece);
  }
  const size_t size = std::min(read.size(), archive::kHeadSize);
  Begun out{TRY(archive::parse_head(ByteView(read).first(size))), {}};
  out.rest.assign(read.begin() + static_cast<std::ptrdiff_t>(size), read.end());
  return out;
}

}  // namespace

Result<ArchiveSecret> recovery_key_secret(ByteView text) {
  const auto pair = TRY(engine::parse_recovery_key(as_text(text)));
  ArchiveSecret out;
  out.lock = archive::ArchiveLock::kRecoveryKey;
  out.secret = crypto::SecretBuffer::copy_of(pair.seed.reveal());
  out.account = engine::account_of(pair.public_key);
  return out;
}

Result<ArchiveSecret> archive_secret_of(std::string_view passphrase, std::string_view recovery_key) {
  if (passphrase.empty() && !recovery_key.empty()) return recovery_key_secret(as_bytes(recovery_key));
  REQUIRE(!passphrase.empty(), archive::kArchiveNoSecret, "a passphrase, or the recovery key");
  ArchiveSecret out;
  out.secret = crypto::SecretBuffer::copy_of(as_bytes(passphrase));
  return out;
}

Result<archive::ArchiveLock> archive_lock(ArchiveFile& file) {
  const Pieces pieces = TRY(file.open());
  return TRY(read_head(pieces)).head.lock;
}

Result<OpenArchive> open_archive(ArchiveFile& file, const ArchiveSecret& secret) {
  const Pieces pieces = TRY(file.open());
  OpenArchive out;
  out.head = TRY(read_head(pieces)).head;
  REQUIRE(out.head.lock == secret.lock, archive::kArchiveOtherLock, "a passphrase, or the recovery key");
  out.key = TRY(archive::open_head(out.head, secret.secret.reveal()));
  return out;
}

Result<archive::ArchivePlace> read_archive(ArchiveFile& file, const OpenArchive& opened,
                                           archive::ArchiveReader::Handler handler) {
  const Pieces pieces = TRY(file.open());
  const Begun begun = TRY(read_head(pieces));
  REQUIRE(begun.head.sealed_key == opened.head.sealed_key, archive::kArchiveDamaged, "the same file all the time");
  archive::ArchiveReader reader({opened.key.key.clone()}, opened.head.id, std::move(handler));
  TRY(reader.feed(begun.rest));
  TRY(each_piece(pieces, [&](ByteView piece) { return reader.feed(piece); }));
  TRY(reader.finish());
  return reader.place();
}

}  // namespace godwit::moving
