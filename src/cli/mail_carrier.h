#pragma once
// Letters by mail: what the engine's SendSealed and WatchMail ask for (net/mail.h does it).
//
// A person's mailbox is his own: only what answers a letter of this profile is removed from it, everything else stays as it is, unread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "crypto/random_sources.h"
#include "engine/effects.h"
#include "net/dial.h"
#include "net/event_loop.h"

namespace godwit::net {
class MailCarrier;
}

namespace godwit::cli {

/// Sends and fetches letters, and tells of them on the thread of its loop.
class MailCarrier {
 public:
  /// Letters whose return is noticed.
  static constexpr size_t kRememberedMax = 256;
  /// Letters that came earlier are not looked at: a sealed request by mail is good for three days.
  static constexpr Duration kDaysBack = days(4);

  /// When nothing is expected any more, what is done is still removed from the mailbox for so long.
  static constexpr Duration kLinger = seconds(20);

  /// `loop` outlives it. `dial` says how the network is used (its proxy is used here). `tell` gets LetterSent, LetterFailed and LetterCame, from the loop
  /// only, never from inside a call. `own_key` recognises what answers this profile's letters, also those of earlier runs; missing: of this run.
  MailCarrier(net::EventLoop& loop, const net::DialOptions& dial, std::function<void(engine::Event)> tell,
              std::optional<ByteArray<32>> own_key = {});
  ~MailCarrier();
  MailCarrier(const MailCarrier&) = delete;
  MailCarrier& operator=(const MailCarrier&) = delete;

  /// From now on the mailbox of this account is looked into and its letters are sent by it, or none.
  void watch(std::optional<engine::MailAccount> account);
  /// Sends a letter by the account that is watched. It fails if there is none.
  void send(engine::SendSealed letter);

 private:
  void failed(engine::LetterId letter, Error error);
  void returned(const std::string& message_id);

  net::EventLoop& loop_;
  crypto::SystemRandom random_;
  std::string proxy_;
  const std::function<void(engine::Event)> tell_;
  ByteArray<32> own_key_;
  Error no_carrier_;                            // why there is none
  std::optional<engine::MailAccount> account_;  // of the carrier
  bool watching_ = false;
  net::Timer linger_;
  std::map<std::string, engine::LetterId> letters_;  // by Message-ID
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<net::MailCarrier> carrier_;  // last: it calls back
};

}  // namespace godwit::cli
