#include "archive/archive_head.h"

#include "archive/errors.h"
#include "codec/reader.h"
#include "codec/writer.h"
#include "crypto/hash.h"

namespace godwit::archive {
namespace {

constexpr std::string_view kMagic = "GODWITAR";
constexpr size_t kCheckSize = 8;
constexpr size_t kSealedKeySize = crypto::kXAeadNonceSize + crypto::kAeadKeySize + crypto::kAeadTagSize;

// All before the sealed key: what is sealed is bound to it.
Bytes front_of(const ArchiveHead& head) {
  codec::Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(head.version);
  writer.u8(static_cast<uint8_t>(head.lock));
  writer.raw(head.salt);
  writer.u32(head.cost.passes);
  writer.u32(head.cost.memory_kib);
  writer.raw(head.id);
  return writer.take();
}

// By which a changed head is told from another secret; nobody is kept from computing it.
ByteArray<kCheckSize> check_of(ByteView bytes) {
  const auto digest = crypto::sha256(bytes);
  ByteArray<kCheckSize> out{};
  std::copy(digest.begin(), digest.begin() + kCheckSize, out.begin());
  return out;
}

Result<crypto::AeadKey> lock_key(const ArchiveHead& head, ByteView secret) {
  if (head.lock == ArchiveLock::kPassphrase) return crypto::password_key(as_text(secret), head.salt, head.cost);
  const auto extracted = crypto::hkdf_extract(head.salt, secret);
  crypto::AeadKey out;
  crypto::hkdf_expand(extracted.reveal(), as_bytes("godwit archive recovery key 1"), out.fill());
  return out;
}

}  // namespace

Result<NewArchive> new_archive(ArchiveLock lock, ByteView secret, crypto::PasswordCost cost, Random& random) {
  NewArchive out;
  out.head.lock = lock;
  out.head.salt = random.bytes<crypto::kPasswordSaltSize>();
  if (lock == ArchiveLock::kPassphrase) out.head.cost = cost;
  random.fill(out.head.id);
  out.key.key = crypto::AeadKey::random(random);
  const crypto::AeadKey locked_by = TRY(lock_key(out.head, secret));
  out.head.sealed_key = crypto::box_seal(locked_by, random, front_of(out.head), out.key.key.reveal());
  return out;
}

Bytes write_head(const ArchiveHead& head) {
  Bytes out = front_of(head);
  append(out, head.sealed_key);
  append(out, check_of(out));
  ASSERT(out.size() == kHeadSize);
  return out;
}

Result<ArchiveHead> parse_head(ByteView bytes) {
  const ByteView magic = as_bytes(kMagic);
  const size_t begun = std::min(bytes.size(), magic.size());
  REQUIRE(begun > 0 && std::equal(magic.begin(), magic.begin() + static_cast<ptrdiff_t>(begun), bytes.begin()),
          kNotArchive, "an archive begins with its name");
  // A later version may have another head, and its size.
  REQUIRE(bytes.size() <= magic.size() || bytes[magic.size()] <= kArchiveVersion, kArchiveNewer, "version 2");
  REQUIRE(bytes.size() >= kHeadSize, kArchiveCut, "a head is whole");
  const ByteView checked = bytes.first(kHeadSize - kCheckSize);
  const auto check = check_of(checked);
  const ByteView stored = bytes.subspan(checked.size(), kCheckSize);
  REQUIRE(std::equal(check.begin(), check.end(), stored.begin()), kArchiveDamaged, "a head fits its check");
  codec::Reader reader(checked.subspan(magic.size()));
  ArchiveHead out;
  out.version = TRY(reader.u8());
  REQUIRE(out.version >= 1 && out.version <= kArchiveVersion, kArchiveDamaged, "version 1 or 2");
  const uint8_t lock = TRY(reader.u8());
  REQUIRE(lock == 1 || lock == 2, kArchiveNewer, "locked by a passphrase or the recovery key");
  out.lock = static_cast<ArchiveLock>(lock);
  const ByteView salt = TRY(reader.raw(out.salt.size()));
  std::copy(salt.begin(), salt.end(), out.salt.begin());
  out.cost.passes = TRY(reader.u32());
  out.cost.memory_kib = TRY(reader.u32());
  const ByteView id = TRY(reader.raw(out.id.size()));
  std::copy(id.begin(), id.end(), out.id.begin());
  out.sealed_key = to_bytes(TRY(reader.raw(kSealedKeySize)));
  return out;
}

Result<ArchiveKey> open_head(const ArchiveHead& head, ByteView secret) {
  const crypto::AeadKey locked_by = TRY(lock_key(head, secret));
  Result<Bytes> opened = crypto::box_open(locked_by, front_of(head), head.sealed_key);
  REQUIRE(opened.has_value(), kArchiveOtherKey, "the secret that it was made with");
  const auto key = crypto::SecretBuffer::adopt(std::move(*opened));
  return ArchiveKey{TRY(crypto::AeadKey::copy_of(key.reveal()))};
}

}  // namespace godwit::archive
