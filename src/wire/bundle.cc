#include "wire/bundle.h"

#include <algorithm>

#include "codec/members.h"
#include "wire/errors.h"
#include "wire/requests.h"

namespace godwit::wire {
namespace {

constexpr std::string_view kMagic = "godwit bundle\n";
constexpr uint8_t kParcelsOnly = 1;
constexpr uint8_t kVersion = 2;
constexpr size_t kLengthSize = 4;  // of a reply, or of all of them, at most
constexpr size_t kCheckSize = 8;   // finds damage; against forgers there is the sealing inside

struct BodyOne {
  uint8_t version = kParcelsOnly;
  std::vector<Parcel> parcels;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.parcels);
  }
};
struct BodyTwo {
  uint8_t version = kVersion;
  std::vector<Parcel> parcels;
  std::vector<SealedParcel> requests;
  std::vector<Bytes> replies;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.parcels, self.requests, self.replies);
  }
};

ByteArray<kCheckSize> check_of(ByteView bytes, BundleHash hash) {
  const auto digest = hash(bytes);
  ByteArray<kCheckSize> out{};
  std::copy_n(digest.begin(), kCheckSize, out.begin());
  return out;
}

Result<Bundle> decode_body(ByteView body) {
  REQUIRE(body[0] <= kVersion, kBundleNewer, "bundle.md: versions 1 and 2");
  if (body[0] == kParcelsOnly) {
    auto one = codec::decoded<BodyOne>(body);
    REQUIRE(one.has_value(), kBundleDamaged, "bundle.md: version and parcels");
    return Bundle{std::move(one->parcels), {}, {}};
  }
  auto two = codec::decoded<BodyTwo>(body);
  REQUIRE(two.has_value() && two->version == kVersion, kBundleDamaged, "bundle.md: version 2");
  return Bundle{std::move(two->parcels), std::move(two->requests), std::move(two->replies)};
}

Status check_bounds(const Bundle& bundle) {
  REQUIRE(bundle.parcels.size() <= kParcelsMax, kBundleDamaged, "bundle.md: at most 10,000 parcels");
  for (const Parcel& parcel : bundle.parcels) {
    REQUIRE(parcel.payload.size() <= kPayloadSizeMax, kBundleDamaged, "bundle.md: a parcel has at most 128 KiB");
  }
  const bool few = bundle.requests.size() <= kBundleRequestsMax && bundle.replies.size() <= kBundleRequestsMax;
  REQUIRE(few, kBundleDamaged, "bundle.md: at most 256 sealed requests and replies");
  for (const SealedParcel& request : bundle.requests) {
    REQUIRE(!request.bytes.empty() && request.bytes.size() <= kSealedSizeMax, kBundleDamaged,
            "bundle.md: a sealed request has at most 240 KiB");
    REQUIRE(check_home_address(request.home).has_value(), kBundleDamaged, "bundle.md: a home has an address");
  }
  for (const Bytes& reply : bundle.replies) {
    REQUIRE(reply.size() <= kBundleReplySizeMax, kBundleDamaged, "bundle.md: a sealed reply has at most 2 MiB");
  }
  return {};
}

}  // namespace

size_t replies_that_fit(size_t count, size_t bytes) {
  const size_t used = kMagic.size() + 1 + 3 * kLengthSize + kCheckSize + count * kLengthSize + bytes;
  if (count >= kBundleRequestsMax || used >= kBundleSizeMax) return 0;
  return std::min<size_t>(kBundleRequestsMax - count, (kBundleSizeMax - used) / (kLengthSize + kBundleReplySizeMax));
}

Bytes encode_bundle(const Bundle& bundle, BundleHash hash) {
  Bytes out(kMagic.begin(), kMagic.end());
  const bool parcels_only = bundle.requests.empty() && bundle.replies.empty();
  append(out, parcels_only ? codec::encoded(BodyOne{kParcelsOnly, bundle.parcels})
                           : codec::encoded(BodyTwo{kVersion, bundle.parcels, bundle.requests, bundle.replies}));
  append(out, check_of(out, hash));
  return out;
}

Result<Bundle> parse_bundle(ByteView bytes, BundleHash hash) {
  REQUIRE(bytes.size() >= kMagic.size() + 1 + kCheckSize && equal(bytes.first(kMagic.size()), as_bytes(kMagic)),
          kNotBundle, "bundle.md: a bundle starts with its name");
  REQUIRE(bytes.size() <= kBundleSizeMax, kNotBundle, "bundle.md: a bundle has at most 16 MiB");
  const ByteView checked = bytes.first(bytes.size() - kCheckSize);
  REQUIRE(equal(check_of(checked, hash), bytes.last(kCheckSize)), kBundleDamaged,
          "bundle.md: the last 8 bytes check the others");
  auto bundle = TRY(decode_body(checked.subspan(kMagic.size())));
  TRY(check_bounds(bundle));
  return bundle;
}

}  // namespace godwit::wire
