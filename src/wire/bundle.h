#pragma once
// A bundle: what people carry themselves, where no network goes (docs/protocol/bundle.md). Parcels for people, sealed
// requests for homes, and sealed replies to such requests.
//
// Not here: who reads it and what comes of it (engine/, home/). The check needs SHA-256, which wire/ may not know: whoever
// calls hands it in.

#include "codec/members.h"
#include "wire/home_link.h"
#include "wire/ids.h"

namespace godwit::wire {

/// Bytes of one bundle at most: what a program may hold in memory while it writes or reads one.
constexpr uint32_t kBundleSizeMax = 16 * 1024 * 1024;
/// Parcels in one bundle.
constexpr uint32_t kParcelsMax = 10'000;
/// Sealed requests in one bundle, and sealed replies.
constexpr uint32_t kBundleRequestsMax = 256;
/// Bytes of one sealed reply: 1 MiB of answers, padded and sealed.
constexpr uint32_t kBundleReplySizeMax = 2 * 1024 * 1024;

/// One envelope and whose it is: what a Deliver carries, without the token, since no home has to be shown anything.
struct Parcel {
  Alias alias;
  Bytes payload;  ///< at most kPayloadSizeMax
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.alias, self.payload);
  }
};
/// A sealed request and the home that it is for: the whole address, so that somebody who does not know that home can have it
/// passed on.
struct SealedParcel {
  HomeAddress home;
  Bytes bytes;  ///< at most kSealedSizeMax
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.home, self.bytes);
  }
};
/// All that a bundle may hold.
struct Bundle {
  std::vector<Parcel> parcels;
  std::vector<SealedParcel> requests;
  std::vector<Bytes> replies;
};

/// How many more sealed replies of any size fit a bundle of replies alone that has `count` of them, of `bytes` together. A home
/// does each request once: whoever asks for an answer that does not fit has lost it.
size_t replies_that_fit(size_t count, size_t bytes);

/// SHA-256, from crypto/.
using BundleHash = ByteArray<32> (*)(ByteView);

/// The bytes of a bundle: of version 1, which older programs read, if it has nothing but parcels.
Bytes encode_bundle(const Bundle& bundle, BundleHash hash);
/// The reverse. kNotBundle: it does not start like one, or is too long; kBundleDamaged: cut or changed on the way, nothing of
/// it may be used; kBundleNewer: a newer version made it.
Result<Bundle> parse_bundle(ByteView bytes, BundleHash hash);

}  // namespace godwit::wire
