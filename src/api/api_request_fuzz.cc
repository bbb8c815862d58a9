// Any line from a program: never a crash, and always either a command or a reply that is itself JSON.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/rpc_peer.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  api::RpcPeer peer;
  const api::Taken taken = peer.take(as_text({data, size}));
  if (taken.command && !taken.reply.empty()) std::abort();
  if (!taken.reply.empty() && !nlohmann::json::accept(taken.reply)) std::abort();
  if (!taken.command) return 0;
  const Error error{{1, Action::kFix, "fuzz"}, "fuzz"};
  const std::string line = peer.tell(engine::CommandFailed{taken.id, error});
  if (!line.empty() && !nlohmann::json::accept(line)) std::abort();
  if (peer.pending() != 0) std::abort();
  return 0;
}
