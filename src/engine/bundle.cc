#include "engine/bundle.h"

#include "crypto/hash.h"
#include "engine/inbox.h"
#include "engine/outbox.h"
#include "wire/bundle.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr size_t kFrameSize = 64;  // name, version, lengths and check

Error bundle_error(const Error& error) {
  if (error.code == wire::kBundleNewer) return {kBundleNewer, error.rule};
  if (error.code == wire::kBundleDamaged) return {kBundleDamaged, error.rule};
  return {kNotBundle, error.rule};
}

}  // namespace

void write_bundle(Machine& m, CommandId id, const WriteBundle& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile with an account"});
  if (command.chat && m.find_chat(*command.chat) == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  const uint32_t asked = command.bytes_max == 0 ? wire::kBundleSizeMax : command.bytes_max;
  const size_t bytes_max = std::min(asked, wire::kBundleSizeMax);
  ParcelBag bag{{}, bytes_max - std::min(bytes_max, kFrameSize), 0};
  for (auto& [chat_id, chat] : m.chats) {
    if (!command.chat || *command.chat == chat_id) collect_parcels(m, chat, bag);
  }
  wire::Bundle bundle;
  if (command.requests) bundle.requests = collect_sealed(m, command.chat, bag.bytes_left);
  bundle.parcels = std::move(bag.parcels);
  const auto requests = static_cast<uint32_t>(bundle.requests.size());
  m.done_then(id, BundleWritten{wire::encode_bundle(bundle, crypto::sha256),
                                static_cast<uint32_t>(bundle.parcels.size()), bag.left, requests});
}

void read_bundle(Machine& m, CommandId id, const ReadBundle& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile with an account"});
  auto bundle = wire::parse_bundle(command.bundle, crypto::sha256);
  if (!bundle) return m.fail(id, bundle_error(bundle.error()));
  BundleRead out;
  for (const wire::Parcel& parcel : bundle->parcels) {
    const bool taken = take_parcel(m, parcel.alias, parcel.payload) == ParcelTaken::kTaken;
    ++(taken ? out.taken : out.passed_over);
  }
  for (const Bytes& reply : bundle->replies) out.answers += take_sealed_reply(m, reply) ? 1U : 0U;
  out.requests = static_cast<uint32_t>(bundle->requests.size());
  if (command.pass_on && !bundle->requests.empty()) {
    return run_errand(m, id, std::move(out), std::move(bundle->requests));
  }
  m.done_then(id, std::move(out));
}

}  // namespace godwit::engine
