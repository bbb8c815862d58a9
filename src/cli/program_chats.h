#pragma once
// The chats of this program's engine, for what reads them from their beginning to their end.

#include "cli/client.h"
#include "moving/chat_source.h"

namespace godwit::cli {

/// Asks the engine and waits. As of Client::ask.
class ProgramChats : public moving::ChatSource {
 public:
  /// `client` must outlive it.
  explicit ProgramChats(Client& client) : client_(client) {}
  Result<engine::Chats> chats() override { return client_.ask<engine::Chats>(engine::ListChats{}); }
  Result<engine::Messages> history(const engine::ReadHistory& which) override {
    return client_.ask<engine::Messages>(which, "reading");
  }
  Result<engine::Account> account() override { return client_.ask<engine::Account>(engine::ReadAccount{}); }
  Result<engine::Members> members(const engine::ChatId& chat) override {
    return client_.ask<engine::Members>(engine::ListMembers{chat});
  }

 private:
  Client& client_;
};

}  // namespace godwit::cli
