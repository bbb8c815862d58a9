#pragma once
// What a person has not seen yet, then what comes in, each once and in order; what was shown is marked as read.

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "cli/client.h"

namespace godwit::cli {

/// Feeds messages of one chat, or of all, to whoever shows them.
class Inbox {
 public:
  /// Called for each message of others, in the order of its chat, and for a group's lines if there is one chat only. False: it could not be
  /// shown, and is not marked.
  using Show = std::function<bool(const engine::ChatInfo&, const engine::Message&)>;

  /// `only`: that chat; nothing: all.
  Inbox(Client& client, std::optional<engine::ChatId> only, Show show)
      : client_(client), only_(only), show_(std::move(show)) {}

  /// Takes every notice of the client, from before open() on.
  void take(const engine::Notice& notice);
  /// Shows what is unread, then what came meanwhile; from then on take() shows at once. Stops early if `enough` says so.
  /// Errors as of Client::ask.
  Status open(const std::function<bool()>& enough);
  /// True once a message could not be shown.
  bool broken() const { return broken_; }

 private:
  void note(const engine::ChatInfo& chat);
  void show(const engine::ChatId& id, const engine::Message& message);
  Status show_unread(const engine::ChatInfo& chat, const std::function<bool()>& enough);

  Client& client_;
  std::optional<engine::ChatId> only_;
  Show show_;
  std::map<engine::ChatId, engine::ChatInfo> chats_;
  std::map<engine::ChatId, engine::Position> shown_;
  void take_message(const engine::ChatId& chat, const engine::Message& message);
  std::deque<engine::MessageReceived> waiting_;  // came before open() was through
  bool opened_ = false;
  bool broken_ = false;
};

}  // namespace godwit::cli
