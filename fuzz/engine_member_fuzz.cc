// What a member says of himself: the extension of a leaf with the device list in it. The account and the key are taken from
// the list itself, so that valid ones get past the first checks.

#include "base/assert.h"
#include "crypto/random_sources.h"
#include "engine/member_info.h"
#include "engine/recovery_key.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  static const bool ready = crypto::initialise();
  ASSERT(ready);
  const mls::Extensions extensions = {{engine::kMemberInfoExtension, Bytes(data, data + size)}};
  engine::AccountId account;
  ByteArray<32> key{};
  if (const auto in = codec::decoded<engine::MemberInfoIn>({data, size}); in && !in->devices.empty()) {
    account = engine::account_of(in->devices.front().signer);
    key = in->devices.back().device_key;
  }
  if (const auto info = engine::validate_member(account.view(), key, extensions)) {
    ASSERT(engine::check_name(info->name).has_value());
    ASSERT(info->devices.has(key) && info->devices.continues(info->devices));
    ASSERT(engine::DeviceList::validate(account, info->devices.entries()).has_value());
  }
  return 0;
}
