#include "engine/profile_key.h"

#include <utility>

#include "codec/codec.h"
#include "codec/link_payload.h"
#include "crypto/aead.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kMagic = "godwit profile\n";
constexpr uint8_t kVersion = 1;

enum class Lock : uint8_t { kPassphrase = 1, kKeyFile = 2 };

// The header: magic, version, lock, salt, passes, memory, box of the storage key, CRC-32 over all of it. The CRC tells a
// damaged header from a wrong passphrase; the box's tag covers what stands before it.
struct Header {
  Lock lock{};
  ByteArray<crypto::kPasswordSaltSize> salt{};
  uint32_t passes = 0;
  uint32_t memory_kib = 0;
  Bytes box;
};

Bytes associated_data(const Header& header) {
  codec::Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(kVersion);
  writer.u8(static_cast<uint8_t>(header.lock));
  writer.raw(header.salt);
  writer.u32(header.passes);
  writer.u32(header.memory_kib);
  return writer.take();
}

Bytes encode(const Header& header) {
  codec::Writer writer;
  writer.raw(associated_data(header));
  writer.opaque(header.box);
  writer.u32(codec::crc32(writer.view()));
  return writer.take();
}

Result<Header> decode_body(codec::Reader& reader) {
  Header header;
  header.lock = static_cast<Lock>(TRY(reader.u8()));
  REQUIRE(header.lock == Lock::kPassphrase || header.lock == Lock::kKeyFile, kProfileDamaged,
          "a profile is locked by a passphrase or a key file");
  header.salt = TRY(codec::decode<decltype(header.salt)>(reader));
  header.passes = TRY(reader.u32());
  header.memory_kib = TRY(reader.u32());
  header.box = to_bytes(TRY(reader.opaque()));
  return header;
}

Result<Header> decode(ByteView bytes) {
  constexpr size_t kSumSize = 4;
  REQUIRE(bytes.size() > kMagic.size() + kSumSize, kProfileDamaged, "a profile header is complete");
  REQUIRE(equal(bytes.first(kMagic.size()), as_bytes(kMagic)), kProfileDamaged, "a profile header has its magic");
  codec::Reader sum(bytes.last(kSumSize));
  const ByteView body = bytes.first(bytes.size() - kSumSize);
  REQUIRE(TRY(sum.u32()) == codec::crc32(body), kProfileDamaged, "a profile header fits its checksum");
  codec::Reader reader(body.subspan(kMagic.size()));
  const uint8_t version = TRY(reader.u8());
  REQUIRE(version <= kVersion, kProfileNewer, "a profile of version 1");
  auto header = decode_body(reader);
  REQUIRE(version == kVersion && header.has_value() && reader.at_end(), kProfileDamaged,
          "a profile header is well-formed");
  return header;
}

Bytes seal(Header header, const StorageKey& key, const crypto::Secret<32>& lock_key, Random& random) {
  header.box = crypto::box_seal(lock_key, random, associated_data(header), key.reveal());
  return encode(header);
}

Result<StorageKey> open(const Header& header, const crypto::Secret<32>& lock_key) {
  auto opened = crypto::box_open(lock_key, associated_data(header), header.box);
  REQUIRE(opened.has_value(), kWrongPassphrase, "the passphrase or key file opens the profile's box");
  auto key = StorageKey::copy_of(*opened);
  crypto::wipe(*opened);
  REQUIRE(key.has_value(), kProfileDamaged, "a storage key has 32 bytes");
  return key;
}

}  // namespace

Result<Bytes> seal_by_passphrase(const StorageKey& key, std::string_view passphrase, crypto::PasswordCost cost, Random& random) {
  Header header{Lock::kPassphrase, random.bytes<crypto::kPasswordSaltSize>(), cost.passes, cost.memory_kib, {}};
  const auto lock_key = TRY(crypto::password_key(passphrase, header.salt, cost));
  return seal(std::move(header), key, lock_key, random);
}

Result<NewProfile> new_profile_by_passphrase(std::string_view passphrase, crypto::PasswordCost cost, Random& random) {
  StorageKey key = StorageKey::random(random);
  Bytes header = TRY(seal_by_passphrase(key, passphrase, cost, random));
  return NewProfile{std::move(key), std::move(header)};
}

NewProfile new_profile_by_key_file(const crypto::Secret<32>& file_key, Random& random) {
  StorageKey key = StorageKey::random(random);
  Bytes header = seal({Lock::kKeyFile, random.bytes<crypto::kPasswordSaltSize>(), 0, 0, {}}, key, file_key, random);
  return {std::move(key), std::move(header)};
}

Result<bool> wants_key_file(ByteView header) { return TRY(decode(header)).lock == Lock::kKeyFile; }

Result<StorageKey> open_by_passphrase(ByteView header_bytes, std::string_view passphrase) {
  const Header header = TRY(decode(header_bytes));
  REQUIRE(header.lock == Lock::kPassphrase, kWrongPassphrase, "this profile opens with a key file");
  auto lock_key = crypto::password_key(passphrase, header.salt, {header.passes, header.memory_kib});
  if (!lock_key) {
    REQUIRE(lock_key.error().code != crypto::kBadSize, kProfileDamaged, "a profile's Argon2id cost is within bounds");
    return lock_key.error();
  }
  return open(header, *lock_key);
}

Result<StorageKey> open_by_key_file(ByteView header_bytes, const crypto::Secret<32>& file_key) {
  const Header header = TRY(decode(header_bytes));
  REQUIRE(header.lock == Lock::kKeyFile, kWrongPassphrase, "this profile opens with a passphrase");
  return open(header, file_key);
}

}  // namespace godwit::engine
