#include "engine/bundle.h"

#include "codec/codec.h"
#include "crypto/hash.h"
#include "engine/inbox.h"
#include "engine/outbox.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kMagic = "godwit bundle\n";
constexpr uint8_t kVersion = 1;
constexpr size_t kCheckSize = 8;  // finds damage; against forgers there are the envelopes

struct Body {
  uint8_t version = kVersion;
  std::vector<Parcel> parcels;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.parcels);
  }
};

ByteArray<kCheckSize> check_of(ByteView bytes) {
  const auto digest = crypto::sha256(bytes);
  ByteArray<kCheckSize> out;
  std::copy_n(digest.begin(), kCheckSize, out.begin());
  return out;
}

}  // namespace

Bytes encode_bundle(const std::vector<Parcel>& parcels) {
  Bytes out = to_bytes(as_bytes(kMagic));
  append(out, codec::encoded(Body{kVersion, parcels}));
  append(out, check_of(out));
  return out;
}

Result<std::vector<Parcel>> parse_bundle(ByteView bytes) {
  REQUIRE(bytes.size() >= kMagic.size() + 1 + kCheckSize && equal(bytes.first(kMagic.size()), as_bytes(kMagic)),
          kNotBundle, "bundle.md: a bundle starts with its name");
  REQUIRE(bytes.size() <= kBundleSizeMax, kNotBundle, "bundle.md: a bundle has at most 16 MiB");
  const ByteView checked = bytes.first(bytes.size() - kCheckSize);
  REQUIRE(equal(check_of(checked), bytes.last(kCheckSize)), kBundleDamaged,
          "bundle.md: the last 8 bytes check the others");
  const ByteView body = checked.subspan(kMagic.size());
  REQUIRE(body[0] <= kVersion, kBundleNewer, "bundle.md: version 1");
  auto parsed = codec::decoded<Body>(body);
  REQUIRE(parsed.has_value() && parsed->version == kVersion && parsed->parcels.size() <= kParcelsMax, kBundleDamaged,
          "bundle.md: version and parcels");
  for (const Parcel& parcel : parsed->parcels) {
    REQUIRE(parcel.payload.size() <= wire::kPayloadSizeMax, kBundleDamaged, "bundle.md: a parcel has at most 128 KiB");
  }
  return std::move(parsed->parcels);
}

void write_bundle(Machine& m, CommandId id, const WriteBundle& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile with an account"});
  const uint32_t bytes_max = command.bytes_max == 0 ? kBundleSizeMax : std::min(command.bytes_max, kBundleSizeMax);
  ParcelBag bag{{}, bytes_max - std::min<uint32_t>(bytes_max, 64), 0};  // 64: name, version, length and check
  for (auto& [chat_id, chat] : m.chats) {
    if (command.chat && *command.chat != chat_id) continue;
    collect_parcels(m, chat, bag);
  }
  if (command.chat && m.find_chat(*command.chat) == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  BundleWritten written{encode_bundle(bag.parcels), static_cast<uint32_t>(bag.parcels.size()), bag.left};
  m.done_then(id, std::move(written));
}

void read_bundle(Machine& m, CommandId id, const ReadBundle& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile with an account"});
  const auto parcels = parse_bundle(command.bundle);
  if (!parcels) return m.fail(id, parcels.error());
  BundleRead out;
  for (const Parcel& parcel : *parcels) {
    if (take_parcel(m, parcel.alias, parcel.payload)) {
      ++out.taken;
    } else {
      ++out.passed_over;
    }
  }
  m.done_then(id, out);
}

}  // namespace godwit::engine
