#include "wasm/moving_engine.h"

#include <algorithm>

#include "api/command_shapes.h"
#include "api/errors.h"
#include "api/group_shapes.h"
#include "crypto/random_sources.h"
#include "wasm/errors.h"
#include "wasm/moving_host.h"

namespace godwit::wasm {
namespace {

// So often it is looked whether the home is there.
constexpr Duration kLook = milliseconds(500);

}  // namespace

Result<engine::Chats> BrowserChats::chats() { return ask<engine::Chats>(engine::ListChats{}); }
Result<engine::Messages> BrowserChats::history(const engine::ReadHistory& which) {
  TRY(look_up());
  return ask<engine::Messages>(which);
}
Result<engine::Account> BrowserChats::account() { return ask<engine::Account>(engine::ReadAccount{}); }
Result<engine::Members> BrowserChats::members(const engine::ChatId& chat) {
  return ask<engine::Members>(engine::ListMembers{chat});
}

Result<moving::Pieces> BrowserFiles::kept(const std::string& name) { return open_file(kMedia, name); }

bool BrowserFiles::is_connected(Duration limit) {
  for (Duration waited{};; waited = waited + kLook) {
    const auto all = ask<engine::Routes>(engine::ListRoutes{});
    if (!all) return false;
    if (std::ranges::any_of(all->routes, [](const engine::RouteInfo& each) { return each.in_use; })) return true;
    if (waited >= limit || !look_up()) return false;
    pause(kLook);
  }
}

Result<moving::FetchedFile> BrowserFiles::fetch(const engine::ChatInfo& chat, const engine::Message& message,
                                                Duration limit) {
  const std::string folder = "page:" + to_hex(crypto::SystemRandom().bytes<16>()) + "/";
  const auto saved = ask_within<engine::FileSaved>(engine::GetFile{chat.chat, message.id, folder}, limit);
  if (!saved) {
    const ErrorCode& code = saved.error().code;
    if (code == kStopped || code == api::kDiskFull) return saved.error();
    return moving::FetchedFile{};
  }
  if (!*saved) return moving::FetchedFile{{}, true};
  auto pieces = open_file(kFetched, (*saved)->path);
  if (!pieces) return moving::FetchedFile{};
  return moving::FetchedFile{std::move(*pieces), false};
}

Result<engine::ImportDone> BrowserImport::take(const engine::ImportMessages& batch) {
  TRY(look_up());
  return ask<engine::ImportDone>(batch);
}
Status BrowserImport::look_up() { return wasm::look_up(); }
int64_t BrowserImport::from_local(int64_t local_ms) { return wasm::from_local(local_ms); }
void BrowserImport::show(uint64_t messages) { show_messages(messages); }

}  // namespace godwit::wasm
