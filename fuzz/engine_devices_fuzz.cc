// What comes from a device that is not linked yet (links, codes, the messages of a meeting), from other own devices, and out of
// what a home keeps for the words. The first byte chooses the parser; keys are fixed, so that what is sealed opens.

#include "base/assert.h"
#include "crypto/aead.h"
#include "crypto/random_sources.h"
#include "engine/backup.h"
#include "engine/handing_over.h"
#include "engine/kept_chats.h"
#include "engine/kept_sharing.h"
#include "engine/linking_channel.h"
#include "engine/recovery_key.h"
#include "engine/sync_message.h"

namespace {

using namespace godwit;

wire::HomeAddress home() {
  wire::HomeAddress out;
  out.routes = {"wss://home.example/ws"};
  return out;
}

void open_sealed(ByteView bytes) {
  crypto::SeededRandom random(1);
  const crypto::Secret<32> key;
  const auto seal = [&](std::string_view label) { return crypto::box_seal(key, random, as_bytes(label), bytes); };
  engine::LinkKeys keys;
  if (const auto request = engine::open_request(keys, seal("godwit link request 1"))) {
    ASSERT(request->device.name.size() <= 256);
  }
  if (const auto answer = codec::decoded<engine::LinkAnswer>(bytes)) {
    const auto device = answer->devices.empty() ? ByteArray<32>{} : answer->devices.back().device_key;
    static_cast<void>(engine::open_answer(key, seal("godwit link answer 1"), device));
  }
  static_cast<void>(engine::open_sync(key, seal("godwit sync 1")));
}

void judge_lists(ByteView bytes) {
  codec::Reader reader(bytes);
  auto one = codec::decode<engine::DeviceListIn>(reader);
  auto two = codec::decode<engine::DeviceListIn>(reader);
  if (!one || !two || one->empty()) return;
  const auto account = engine::account_of(one->front().signer);
  const auto known = engine::DeviceList::validate(account, std::move(*one));
  const auto other = engine::DeviceList::validate(account, std::move(*two));
  if (!known || !other) return;
  const bool over = known->judge(*other) == engine::ListVerdict::kOutranks;
  const bool back = other->judge(*known) == engine::ListVerdict::kOutranks;
  ASSERT(!(over && back));
  ASSERT(known->judge(*known) == engine::ListVerdict::kSame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool ready = crypto::initialise();
  ASSERT(ready);
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  crypto::SeededRandom random(1);
  switch (data[0] % 5) {
    case 0:
      if (const auto offer = engine::parse_device_link(as_text(bytes))) {
        ASSERT(as_text(bytes).find(engine::to_text(*offer)) != std::string_view::npos);
      }
      static_cast<void>(engine::offer_of_code(as_text(bytes), home()));
      break;
    case 1: {
      const auto offer = engine::make_link_offer(home(), random);
      if (const auto hello = codec::decoded<engine::LinkHello>(bytes))
        static_cast<void>(engine::answer_link(offer, *hello, random));
      if (const auto reply = codec::decoded<engine::LinkReply>(bytes))
        static_cast<void>(engine::LinkAsker::begin(offer, random).finish(*reply));
      break;
    }
    case 2:
      open_sealed(bytes);
      break;
    case 3:
      judge_lists(bytes);
      break;
    default: {
      const auto words = crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>());
      const auto secrets = engine::recovery_secrets(words);
      static_cast<void>(engine::open_backup(secrets, engine::account_of(words.public_key), bytes));
      static_cast<void>(codec::decoded<engine::SyncList>(bytes));
      static_cast<void>(codec::decoded<engine::SyncNewKey>(bytes));
      static_cast<void>(codec::decoded<engine::SyncChatOffer>(bytes));
      static_cast<void>(codec::decoded<engine::SyncChatKeys>(bytes));
      static_cast<void>(codec::decoded<engine::SyncHistory>(bytes));
      static_cast<void>(codec::decoded<std::vector<engine::HandedMessage>>(bytes));
      static_cast<void>(codec::decoded<engine::SyncFieldRecord>(bytes));
      static_cast<void>(codec::decoded<engine::SyncKeptOffer>(bytes));
      static_cast<void>(codec::decoded<engine::SyncKeptWanted>(bytes));
      static_cast<void>(codec::decoded<engine::SyncKeptParcel>(bytes));
      static_cast<void>(codec::decoded<std::vector<engine::HandedKept>>(bytes));
      // What is taken for sound is stored and read again.
      if (const auto kept = codec::decoded<engine::KeptMessageRecord>(bytes); kept && engine::check_kept(*kept)) {
        const Bytes stored = codec::encoded(*kept);
        const auto again = codec::decoded<engine::KeptMessageRecord>(stored);
        ASSERT(again && codec::encoded(*again) == stored);
      }
      break;
    }
  }
  return 0;
}
