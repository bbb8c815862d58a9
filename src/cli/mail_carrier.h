#pragma once
// Letters by mail: what the engine's SendSealed and WatchMail ask for.
//
// Nothing is sent or read in this build: every letter fails with kNoMailCarrier. Whatever carries mail stands behind this
// interface.

#include <functional>

#include "engine/effects.h"
#include "net/dial.h"
#include "net/event_loop.h"

namespace godwit::cli {

/// Sends and fetches letters on the thread of its loop, or tells it from there.
class MailCarrier {
 public:
  /// `loop` outlives it. `dial` says how the network is used (proxy, resolvers). `tell` gets LetterSent, LetterFailed and
  /// LetterCame, from the loop only, never from inside a call.
  MailCarrier(net::EventLoop& loop, net::DialOptions dial, std::function<void(engine::Event)> tell);
  ~MailCarrier();
  MailCarrier(const MailCarrier&) = delete;
  MailCarrier& operator=(const MailCarrier&) = delete;

  /// From now on the mailbox of this account is looked into, or none.
  void watch(std::optional<engine::MailAccount> account);
  /// Sends a letter by the account that is watched.
  void send(engine::SendSealed letter);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::cli
