// `godwit-home bundle`: does the sealed requests that people have carried here in a bundle, and writes the answers into
// another one. Parcels in it are for people, and are passed over.

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
  auto answers = answer_sealed(place, *config, sorted.ours);
  if (!answers) return fail(answers.error(), options.file);
  wire::Bundle replies;
  for (auto& each : *answers) {
    if (each) replies.replies.push_back(std::move(*each));
  }
  // What the bundle says once more was done before, and has no answer any more.
  std::cerr << replies.replies.size() << " of " << sorted.ours.size() << " sealed requests for this home done, "
            << sorted.others << " are for other homes, " << bundle->parcels.size() << " parcels for people\n";
  const Bytes bytes = wire::encode_bundle(replies, crypto::sha256);
  const Status written = write_file(options.out, as_text(bytes), false);
  return written ? kExitDone : fail(written.error(), options.out);
}

}  // namespace godwit::home
