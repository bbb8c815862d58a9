// The first byte says which structure the rest is: what decodes encodes to the same bytes, and the checks of it end.

#include <array>

#include "mls/errors.h"
#include "mls/group_extensions.h"
#include "mls/group_info.h"
#include "mls/mls_message.h"

using namespace godwit;
using namespace godwit::mls;

namespace {

constexpr Instant kNow{1'700'000'000'000};

// The value, if the input is one.
template <typename T>
std::optional<T> round_trip(ByteView input) {
  auto value = codec::decoded<T>(input);
  if (!value) return std::nullopt;
  ASSERT(equal(codec::encoded(*value), input));
  return std::move(value).value();
}
template <typename T>
void look(ByteView input) {
  static_cast<void>(round_trip<T>(input));
}

void look_at_key_package(ByteView input) {
  const auto in = round_trip<KeyPackageIn>(input);
  if (!in) return;
  for (const CipherSuite* suite : suites_default()) {
    const auto valid = KeyPackage::validate(*suite, *in);
    if (valid) ASSERT(valid->ref(*suite).size() == suite->hash_size());
  }
}

void look_at_leaf_node(ByteView input) {
  const auto leaf = round_trip<LeafNode>(input);
  if (!leaf) return;
  for (const CipherSuite* suite : suites_default()) {
    static_cast<void>(validate_leaf_node(*suite, *leaf, leaf->source, {Bytes(16, 1), {1}}).has_value());
  }
  static_cast<void>(check_leaf_fits_group(*leaf, leaf->extensions).has_value());
  static_cast<void>(leaf->lifetime.check(kNow).has_value());
}

void look_at_group_info(ByteView input) {
  const auto info = round_trip<GroupInfoIn>(input);
  if (info) static_cast<void>(verify_group_info(*info, Bytes(32, 1)).has_value());
}

void look_at_group_secrets(ByteView input) {
  const auto secrets = GroupSecrets::decode(input);
  if (secrets) ASSERT(equal(secrets->encode().reveal(), input));
}

// Extensions, as of a group context: required_capabilities and the others that somebody reads.
void look_at_extensions(ByteView input) {
  const auto list = round_trip<Extensions>(input);
  if (!list) return;
  static_cast<void>(check_no_duplicates(*list).has_value());
  static_cast<void>(check_leaf_fits_group(LeafNode{}, *list).has_value());
  if (check_group_context_extensions(*list)) static_cast<void>(external_senders(*list));
}

// The order is the corpus's: see mls_corpus.py.
constexpr std::array kLooks = {
    look_at_key_package,
    look_at_leaf_node,
    look<Welcome>,
    look_at_group_info,
    look_at_group_secrets,
    look<PublicMessage>,
    look<PrivateMessage>,
    look<Commit>,
    look<Proposal>,
    look<UpdatePath>,
    look<AuthenticatedContentIn>,
    look<GroupContext>,
    look<PreSharedKeyID>,
    look_at_extensions,
    look<RequiredCapabilities>,
    look<Node>,
    look<std::vector<ExternalSender>>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0 && data[0] < kLooks.size()) kLooks[data[0]](ByteView(data, size).subspan(1));
  return 0;
}
