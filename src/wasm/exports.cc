// The engine as a WebAssembly module: what JavaScript calls. One engine for one module; the worker that holds it makes the
// module anew when anything here ends in an abort, and the engine then goes on from what is stored.
//
//   input(size)          room for what the next call is given
//   start(size, now)     once: the input is the storage key
//   line(peer, size, now) a line of the API, of one of several programs (tabs); a peer that is new is taken in
//   leave(peer)          it says and hears nothing any more
//   event(size, now)     what the host reports (host_codec.h)
//   expire(now)          the deadline has come
//   deadline()           when to call it, in milliseconds since 1970; infinite: nothing is waited for
//   effects(now)         collects what the engine wants done; its size at output(), to be called until it is 0
//
// And of a module of its own, which is dropped afterwards with the memory that Argon2id has taken:
//
//   make_lock(size)      the input is the storage key and a passphrase; gives the size of the header at output(), 0: no memory
//   open_lock(header_size, size)  the input is a header and a passphrase; gives the size of the storage key at output(),
//                        0: another passphrase, -1: a header that is damaged or of a newer version, -2: no memory
//
// Times are milliseconds since 1970. Randomness comes from the host's random_get. Input and output are wiped after use: keys
// and messages stand in them.

#include <limits>
#include <map>
#include <memory>
#include <string>

#include "api/rpc_peer.h"
#include "base/assert.h"
#include "codec/writer.h"
#include "crypto/random_sources.h"
#include "crypto/secret.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "engine/profile_key.h"
#include "wasm/host_codec.h"

#define GODWIT_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace godwit::wasm {
namespace {

// Programs that take part: each tab is one, and so is each that was reloaded and has not left yet.
constexpr size_t kPeersMax = 64;
// Of one call of effects(): what is written after it waits for the next, so that the memory of large files is not had twice.
constexpr size_t kOutputSizeMax = 1 << 20;
// Command ids of one peer.
constexpr uint64_t kIdsOfPeer = uint64_t{1} << 32;

/// The one engine, and the programs that share it.
struct Module {
  explicit Module(engine::StorageKey key) : engine(std::move(key), {.other_looks = false}, random) {}
  crypto::SystemRandom random;
  engine::Engine engine;
  std::map<uint32_t, api::RpcPeer> peers;
  uint64_t peers_taken = 0;
  codec::Writer answers;  // lines that the engine was not asked for
};

std::unique_ptr<Module> module;
Bytes input_bytes;
Bytes output_bytes;

Instant instant(double now) { return {static_cast<int64_t>(now)}; }

// The input as it is, which is wiped when this is gone.
class Input {
 public:
  explicit Input(uint32_t size) : bytes_(input_bytes.data(), size) { ASSERT(size <= input_bytes.size()); }
  ~Input() { crypto::wipe(bytes_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ByteView view() const { return bytes_; }

 private:
  ByteSpan bytes_;
};

api::RpcPeer& peer_of(uint32_t number) {
  const auto found = module->peers.find(number);
  if (found != module->peers.end()) return found->second;
  if (module->peers.size() >= kPeersMax) module->peers.erase(module->peers.begin());  // the oldest
  const engine::CommandId first{kIdsOfPeer * ++module->peers_taken};
  return module->peers.emplace(number, api::RpcPeer(first)).first->second;
}

void tell(codec::Writer& out, const engine::Notice& notice) {
  for (auto& [number, peer] : module->peers) {
    const std::string line = peer.tell(notice);
    if (!line.empty()) write_line(out, number, line);
  }
}

void do_effect(codec::Writer& out, const engine::Effect& effect, Instant now) {
  if (const auto* said = std::get_if<engine::Tell>(&effect)) return tell(out, said->notice);
  std::optional<engine::Event> answer = write_effect(out, effect);
  if (answer) module->engine.handle_event(std::move(*answer), now);
}

}  // namespace

GODWIT_EXPORT(input) uint8_t* input(uint32_t size) {
  // Grown only: what was longer and is not wiped does not exist.
  if (input_bytes.size() < size) input_bytes = Bytes(size);
  return input_bytes.data();
}

GODWIT_EXPORT(start) void start(uint32_t size, double now) {
  const Input key(size);
  ASSERT(module == nullptr && crypto::initialise());
  module = std::make_unique<Module>(engine::StorageKey::copy_of(key.view()).value());
  module->engine.start(instant(now));
}

GODWIT_EXPORT(line) void line(uint32_t peer, uint32_t size, double now) {
  const Input text(size);
  api::Taken taken = peer_of(peer).take(as_text(text.view()));
  if (!taken.reply.empty()) write_line(module->answers, peer, taken.reply);
  if (taken.command) module->engine.handle_command(taken.id, std::move(*taken.command), instant(now));
}

GODWIT_EXPORT(leave) void leave(uint32_t peer) { module->peers.erase(peer); }

GODWIT_EXPORT(event) void event(uint32_t size, double now) {
  const Input bytes(size);
  module->engine.handle_event(read_event(bytes.view()), instant(now));
}

GODWIT_EXPORT(expire) void expire(double now) { module->engine.handle_expiry(instant(now)); }

GODWIT_EXPORT(deadline) double deadline() {
  const Instant at = module->engine.next_deadline();
  return at == kNever ? std::numeric_limits<double>::infinity() : static_cast<double>(at.ms);
}

GODWIT_EXPORT(effects) uint32_t effects(double now) {
  crypto::wipe(output_bytes);
  codec::Writer out;
  out.raw(module->answers.view());
  Bytes answered = module->answers.take();
  crypto::wipe(answered);
  while (out.view().size() < kOutputSizeMax) {
    const std::optional<engine::Effect> effect = module->engine.next_effect();
    if (!effect) break;
    do_effect(out, *effect, instant(now));
  }
  output_bytes = out.take();
  return static_cast<uint32_t>(output_bytes.size());
}

GODWIT_EXPORT(make_lock) uint32_t make_lock(uint32_t size) {
  const Input input(size);
  ASSERT(crypto::initialise() && size >= engine::StorageKey::kSize);
  const auto key = engine::StorageKey::copy_of(input.view().first(engine::StorageKey::kSize)).value();
  crypto::SystemRandom random;
  const std::string_view passphrase = as_text(input.view().subspan(engine::StorageKey::kSize));
  auto header = engine::seal_by_passphrase(key, passphrase, crypto::kPasswordCostDefault, random);
  output_bytes = header ? std::move(*header) : Bytes();
  return static_cast<uint32_t>(output_bytes.size());
}

GODWIT_EXPORT(open_lock) int32_t open_lock(uint32_t header_size, uint32_t size) {
  const Input input(size);
  ASSERT(crypto::initialise() && header_size <= size);
  const auto key = engine::open_by_passphrase(input.view().first(header_size), as_text(input.view().subspan(header_size)));
  if (!key && key.error().code == engine::kWrongPassphrase) return 0;
  if (!key) return key.error().code == crypto::kOutOfMemory ? -2 : -1;
  output_bytes = to_bytes(key->reveal());
  return static_cast<int32_t>(output_bytes.size());
}

GODWIT_EXPORT(output) const uint8_t* output() { return output_bytes.data(); }

}  // namespace godwit::wasm
