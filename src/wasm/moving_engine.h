#pragma once
// The engine in this browser, as imports and archives ask it.

#include "moving/chat_import.h"
#include "moving/chat_source.h"
#include "moving/file_source.h"

namespace godwit::wasm {

/// Its chats. What the engine says, kStopped.
class BrowserChats : public moving::ChatSource {
 public:
  Result<engine::Chats> chats() override;
  Result<engine::Messages> history(const engine::ReadHistory& which) override;
  Result<engine::Account> account() override;
  Result<engine::Members> members(const engine::ChatId& chat) override;
};

/// Files of its messages. kStopped, and a full disk.
class BrowserFiles : public moving::FileSource {
 public:
  Result<moving::Pieces> kept(const std::string& name) override;
  bool is_connected(Duration limit) override;
  Result<moving::FetchedFile> fetch(const engine::ChatInfo& chat, const engine::Message& message, Duration limit) override;
};

/// What takes messages in. What the engine says, kStopped.
class BrowserImport : public moving::ImportHost {
 public:
  Result<engine::ImportDone> take(const engine::ImportMessages& batch) override;
  Status look_up() override;
  int64_t from_local(int64_t local_ms) override;
  void show(uint64_t messages) override;
};

}  // namespace godwit::wasm
