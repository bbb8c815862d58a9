// `godwit-home bundle`: does the sealed requests that people have carried here in a bundle, and writes the answers into
// another one. Parcels in it are for people, and are passed over.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "home/main.h"
#include "home/main_sealed.h"
#include "wire/bundle.h"

namespace godwit::home {
namespace {

struct Sorted {
  std::vector<Bytes> ours;
  size_t others = 0;
};

Sorted sort_requests(wire::Bundle& bundle, const Keys& keys) {
  Sorted out;
  for (wire::SealedParcel& request : bundle.requests) {
    if (request.home.key.value == keys.identity.public_key) {
      out.ours.push_back(std::move(request.bytes));
    } else {
      ++out.others;
    }
  }
  return out;
}

struct Done {
  wire::Bundle replies;
  size_t asked = 0;
};

// A few at a time, and no more than have room for their answers: a request is done once, and an answer that does not fit is
// lost.
Result<Done> do_requests(const Place& place, const Config& config, const std::vector<Bytes>& ours) {
  Done out;
  size_t bytes = 0;
  while (out.asked < ours.size()) {
    const size_t fit = wire::replies_that_fit(out.replies.replies.size(), bytes);
    if (fit == 0) break;
    const auto begin = ours.begin() + static_cast<ptrdiff_t>(out.asked);
    const std::vector<Bytes> some(begin, begin + static_cast<ptrdiff_t>(std::min(fit, ours.size() - out.asked)));
    auto answers = answer_sealed(place, config, some);
    if (!answers) {
      // What has been done has its answers: they are written.
      if (out.asked > 0) break;
      return answers.error();
    }
    out.asked += some.size();
    for (auto& each : *answers) {
      if (!each || each->size() > wire::kBundleReplySizeMax) continue;
      bytes += each->size();
      out.replies.replies.push_back(std::move(*each));
    }
  }
  return out;
}

}  // namespace

int run_bundle(const Place& place, const BundleOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  crypto::SystemRandom random;
  const auto keys = load_keys(place, *config, random);
  if (!keys) return kExitConfig;
  std::error_code trouble;
  const auto size = std::filesystem::file_size(options.file, trouble);
  if (trouble || size > wire::kBundleSizeMax) return fail(kExitFix, options.file + " is no bundle that can be read");
  const auto text = read_file(options.file);
  if (!text) return fail(text.error(), options.file);
  auto bundle = wire::parse_bundle(as_bytes(*text), crypto::sha256);
  if (!bundle) return fail(bundle.error(), options.file);
  const Sorted sorted = sort_requests(*bundle, *keys);
  auto done = do_requests(place, *config, sorted.ours);
  if (!done) return fail(done.error(), options.file);
  // What the bundle says once more was done before, and has no answer any more.
  std::cerr << done->replies.replies.size() << " of " << sorted.ours.size() << " sealed requests for this home done, "
            << sorted.others << " are for other homes, " << bundle->parcels.size() << " parcels for people\n";
  if (done->asked < sorted.ours.size()) {
    std::cerr << sorted.ours.size() - done->asked << " wait for another run on the same file, with another --out\n";
  }
  const Bytes bytes = wire::encode_bundle(done->replies, crypto::sha256);
  const Status written = write_file(options.out, as_text(bytes), false);
  return written ? kExitDone : fail(written.error(), options.out);
}

}  // namespace godwit::home
